"""The mails of the embedded mode, which are kept instead of sent, to read. Elsewhere there are no such pages."""

from email.utils import format_datetime
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from project.notifications.messages import content_of, message_of
from project.notifications.models import Delivery
from project.notifications.replies import Deferred, Refused

PAGE = 50  # mails


@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    """List the mails, newest first."""
    mails = deliveries().defer("text", "html").order_by("-id")
    return render(
        request, "notifications/list.html", {"page": Paginator(mails, PAGE).get_page(request.GET.get("page"))}
    )


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a mail: how far it has come, both its parts, and the headers that it goes out with."""
    mail = get_object_or_404(deliveries(), pk=pk)
    return render(request, "notifications/detail.html", {"mail": mail, **head(mail)})


@require_safe
def attachment(_request: HttpRequest, pk: int, number: int) -> FileResponse:
    """Serve a mail's attachment, to keep, not to show."""
    attachments = get_object_or_404(deliveries(), pk=pk).attachments
    if number >= len(attachments):
        raise Http404
    named = attachments[number]
    try:
        content = BytesIO(content_of(named))
    except Deferred as error:
        raise Http404(str(error)) from error
    return FileResponse(content, as_attachment=True, filename=named["name"], content_type=named["type"])


def deliveries() -> QuerySet[Delivery]:
    """Return the mails to show, or 404 where they are sent to people: then they are nobody else's business."""
    if not settings.KEEPS_MAIL:
        raise Http404
    return Delivery.objects.select_related("job")


def head(mail: Delivery) -> dict[str, Any]:
    """Return the headers that a mail goes out with; or the problem, where it cannot go out."""
    if not mail.recipient:
        return {"problem": _("It cannot be sent: there is no address to send it to.")}
    try:
        return {"headers": headers(mail)}
    except Deferred:
        return {"problem": _("A file that goes along cannot be read.")}
    except (Refused, ValueError):
        return {"problem": _("It cannot be sent: the recipient's address, or the mail, is malformed.")}


def headers(mail: Delivery) -> list[tuple[str, str]]:
    """Return the headers of the message, made as it is made for the mail server.

    Raises Deferred where a file of it is gone, and Refused or ValueError where something of it is malformed.
    """
    message = message_of(mail)
    if mail.sent_at:
        message.extra_headers["Date"] = format_datetime(mail.sent_at)
    return list(message.message().items())
