"""The addresses that mail providers post to. Anymail reads what they say, and checks that it is they who say it."""

from collections.abc import Iterable

from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern


def routes(providers: Iterable[str]) -> list[URLPattern]:
    """Return the addresses of these providers, such as `mailgun/tracking/`.

    Raises ImproperlyConfigured for one that is unknown, or whose key to check its signature is missing.
    """
    if not providers:
        return []
    from anymail.urls import urlpatterns  # noqa: PLC0415  all of its providers are loaded with it

    known = {str(route.pattern): route for route in urlpatterns if str(route.pattern).endswith("/tracking/")}
    return [checked(known, provider) for provider in providers]


def checked(known: dict[str, URLPattern], provider: str) -> URLPattern:
    """Return the address of a provider, when it can check who posts."""
    route = known.get(f"{provider}/tracking/")
    if route is None:
        names = ", ".join(name.partition("/")[0] for name in known)
        raise ImproperlyConfigured(f"MAIL_EVENTS names {provider!r}; expected some of {names}.")
    # Made here once, because it raises where its key is missing: at the start, not when the first event comes.
    route.callback.view_class()  # type: ignore[attr-defined]
    return route
