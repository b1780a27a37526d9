"""The page that a link in a mail leads to: what an address receives, with nobody logged in."""

from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from project.notifications import choices
from project.notifications.forms import ChoicesForm


# The link itself is the authority: a mail program's button brings neither a cookie nor a CSRF token.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """Show and change what an address receives; unsubscribe at once where a mail program asks for it.

    GET changes nothing: programs that look for evil in mails follow every link. https://www.rfc-editor.org/rfc/rfc8058
    """
    try:
        address, kind = choices.read_token(token)
    except BadSignature:
        return render(request, "notifications/bad_link.html", status=404)
    if request.POST.get("List-Unsubscribe") == "One-Click":
        choices.unsubscribe(address, kind)
        return HttpResponse(_("You are unsubscribed."), content_type="text/plain; charset=utf-8")
    data = request.POST if request.method == "POST" else None
    form = ChoicesForm(data, initial={"kinds": choices.chosen(address)})
    if form.is_valid():
        choices.choose(address, form.cleaned_data["kinds"])
    context = {"form": form, "address": address, "kind": choices.KINDS.get(kind), "is_saved": form.is_valid()}
    return render(request, "notifications/choices.html", context)
