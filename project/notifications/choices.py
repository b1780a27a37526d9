"""What people choose to receive, and whom nobody writes to.

Both belong to an address, not to a user: a link in a mail speaks for its address alone, with nobody logged in.
"""

from collections.abc import Collection

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from project.notifications.addresses import normal
from project.notifications.models import Suppression, Unsubscription

# Kinds of mail and what people read of them. All others concern an order or the account, and can only be received.
KINDS: dict[str, Promise] = {
    "comment": _("Comments on what you wrote"),
}

# Its links do not expire: an old mail can be unsubscribed from too.
signer = signing.Signer(salt="notifications.choices")


def unsubscribe_url(recipient: str, kind: str) -> str:
    """Return the link that needs no login, for the page and for the mail program's button; '' for what one must get."""
    if kind not in KINDS:
        return ""
    return settings.SITE_URL + reverse("mail:choices", args=[signer.sign_object([normal(recipient), kind])])


def read_token(token: str) -> tuple[str, str]:
    """Return the address and the kind that a link was made for. Raises BadSignature where it is none of ours."""
    address, kind = signer.unsign_object(token)
    return address, kind


def withheld_because(recipient: str, kind: str) -> str:
    """Return why a mail of this kind is not sent to this address; '' where it is."""
    address = normal(recipient)
    suppression = Suppression.objects.filter(address=address).first()
    if suppression is not None:
        return f"the address is on the suppression list: {suppression.reason} since {suppression.since:%Y-%m-%d}"
    if kind in KINDS and Unsubscription.objects.filter(address=address, kind=kind).exists():
        return f"unsubscribed from {kind} mails"
    return ""


def chosen(address: str) -> list[str]:
    """Return the kinds that the address receives."""
    refused = set(Unsubscription.objects.filter(address=normal(address)).values_list("kind", flat=True))
    return [kind for kind in KINDS if kind not in refused]


def choose(address: str, kinds: Collection[str]) -> None:
    """Receive these kinds, and no others of those that can be chosen."""
    with transaction.atomic():
        for kind in KINDS:
            if kind in kinds:
                Unsubscription.objects.filter(address=normal(address), kind=kind).delete()
            else:
                unsubscribe(address, kind)


def unsubscribe(address: str, kind: str) -> None:
    """Receive no more of a kind. Once or often is the same."""
    Unsubscription.objects.get_or_create(address=normal(address), kind=kind)


def suppress(address: str, reason: Suppression.Reason, source: str) -> None:
    """Write to the address no more. The first reason stays: it says since when."""
    Suppression.objects.get_or_create(address=normal(address), defaults={"reason": reason, "source": source[:200]})
