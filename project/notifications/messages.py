"""A delivery as the message that goes out."""

from django.core.files.storage import storages
from django.core.mail import EmailMultiAlternatives

from project.notifications.choices import unsubscribe_url
from project.notifications.models import Delivery
from project.notifications.replies import Deferred, Refused


def message_of(delivery: Delivery) -> EmailMultiAlternatives:
    """Return the message of a delivery, with the files that it names."""
    to = checked(delivery.recipient)
    message = EmailMultiAlternatives(delivery.subject, delivery.text, to=[to], headers=headers_of(delivery))
    message.attach_alternative(delivery.html, "text/html")
    for each in delivery.attachments:
        message.attach(each["name"], content_of(each), each["type"])
    return message


def checked(address: str) -> str:
    """Return an address that a mail server can be asked to write to.

    Raises Refused, where Django would make another address of it: letters beyond ASCII before the @ it would write like
    a name's, and what cannot be seen it drops, or makes a blank.
    """
    local, _, domain = address.rpartition("@")
    if not local or not domain or not local.isascii() or not address.isprintable():
        raise Refused("The recipient's address is malformed; expected name@domain, the name in ASCII")
    return address


def content_of(attachment: dict[str, str]) -> bytes:
    """Return the bytes of a file that goes along. Raises Deferred: it is the storage that is away, no mail server."""
    try:
        with storages[attachment["storage"]].open(attachment["file"]) as file:
            return bytes(file.read())
    except OSError as error:
        raise Deferred(f"{attachment['file']} cannot be read: {type(error).__name__}") from error


def headers_of(delivery: Delivery) -> dict[str, str]:
    """Return the headers that are not the letter's own: nobody's absence note answers, and who had enough can say so.

    RFC 3834 for Auto-Submitted, RFC 8058 for the two of List-Unsubscribe; X-Auto-Response-Suppress is Exchange's.
    """
    headers = {
        "Message-ID": delivery.message_id,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if link := unsubscribe_url(delivery.recipient, delivery.kind):
        headers["List-Unsubscribe"] = f"<{link}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
