"""The mails of the embedded mode, which are kept instead of sent, to read. Elsewhere there are no such pages."""

from email.utils import format_datetime
from io import BytesIO

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from project.notifications.messages import content_of, message_of
from project.notifications.models import Delivery
from project.notifications.replies import Deferred

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
    return render(request, "notifications/detail.html", {"mail": mail, "headers": headers(mail)})


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


def headers(mail: Delivery) -> list[tuple[str, str]]:
    """Return the headers of the message, made as it is made for the mail server; none where a file of it is gone."""
    try:
        message = message_of(mail)
    except Deferred:
        return []
    if mail.sent_at:
        message.extra_headers["Date"] = format_datetime(mail.sent_at)
    return list(message.message().items())
