"""The mails that were kept instead of sent, to read. Elsewhere than in embedded mode there are no such pages."""

from io import BytesIO

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from project.notifications import kept


@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    """List the mails, newest first."""
    if not settings.KEEPS_MAIL:
        raise Http404
    return render(request, "notifications/list.html", {"mails": kept.newest(), "most": kept.MOST})


@require_safe
def detail(request: HttpRequest, name: str, index: int) -> HttpResponse:
    """Show a mail."""
    mail = kept_mail(name, index)
    text, html = mail.message.get_body(("plain",)), mail.message.get_body(("html",))
    context = {
        "mail": mail,
        "headers": mail.message.items(),
        "text": text.get_content() if text else "",
        "html": html.get_content() if html else "",
        "attachments": [part.get_filename("attachment") for part in mail.message.iter_attachments()],
    }
    return render(request, "notifications/detail.html", context)


@require_safe
def attachment(_request: HttpRequest, name: str, index: int, number: int) -> FileResponse:
    """Serve a mail's attachment, to keep, not to show."""
    parts = list(kept_mail(name, index).message.iter_attachments())
    if number >= len(parts):
        raise Http404
    part = parts[number]
    content = part.get_payload(decode=True)
    return FileResponse(
        BytesIO(content if isinstance(content, bytes) else b""),
        as_attachment=True,
        filename=part.get_filename("attachment"),
        content_type=part.get_content_type(),
    )


def kept_mail(name: str, index: int) -> kept.Kept:
    """Return a kept mail, or 404."""
    mail = kept.find(name, index) if settings.KEEPS_MAIL else None
    if mail is None:
        raise Http404
    return mail
