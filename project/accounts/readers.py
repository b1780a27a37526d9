"""Pages follow who reads them."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation


class ReaderMiddleware:
    """Sets the language and the time zone that the user chose. Strangers keep what their browser asks for, and UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as the reader reads."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        # Not put back: LocaleMiddleware, around this, says in the answer's headers what is active, and sets it anew for
        # each request.
        translation.activate(request.user.language)
        request.LANGUAGE_CODE = request.user.language
        with timezone.override(request.user.time_zone):
            return self.get_response(request)
