"""The home page, and the site's icon."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what this is and where to go."""
    return render(request, "pages/home.html")


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """Lead to the icon: browsers ask for it here wherever a page does not name one, as the admin's do not."""
    return redirect(static("pages/icon.svg"))
