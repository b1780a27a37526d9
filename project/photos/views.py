"""The pages of photographs. Originals are never served."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from project.jobs import jobs_of
from project.photos import missing
from project.photos.addresses import NAMES, version
from project.photos.forms import PhotoForm, ReplaceForm
from project.photos.models import Photo, Rendition

if TYPE_CHECKING:
    from project.accounts.requests import SignedIn

PAGE = 24  # photos
FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def photo_list(request: HttpRequest) -> HttpResponse:
    """List the photos, newest first."""
    photos = Photo.objects.select_related("owner").prefetch_related("renditions")
    page = Paginator(photos, PAGE).get_page(request.GET.get("page"))
    progress = missing.progress() if request.user.is_staff else None
    return render(request, "photos/list.html", {"page": page, "progress": progress})


@require_POST
@staff_member_required(login_url="accounts:login")  # type: ignore[untyped-decorator]
def draw_missing(request: HttpRequest) -> HttpResponse:
    """Have drawn what all photos lack, as `manage.py render_missing` does."""
    messages.success(request, f"Jobs asked for: {sum(missing.ask())}.")
    return redirect("photos:list")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: "SignedIn") -> HttpResponse:
    """Take a photo."""
    posted = request.method == "POST"
    form = PhotoForm(request.POST, request.FILES) if posted else PhotoForm()
    if form.is_valid():
        photo = Photo(owner=request.user, **form.cleaned_data)
        photo.save()
        return redirect(photo)
    return render(request, "photos/new.html", {"form": form})


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a photo."""
    photo = get_object_or_404(Photo.objects.select_related("owner"), pk=pk)
    return show(request, photo, ReplaceForm())


def show(request: HttpRequest, photo: Photo, form: ReplaceForm) -> HttpResponse:
    """Render the photo's page."""
    jobs = jobs_of(photo) if request.user.is_authenticated else []
    return render(request, "photos/detail.html", {"photo": photo, "form": form, "jobs": jobs})


@require_POST
@login_required
def replace(request: "SignedIn", pk: int) -> HttpResponse:
    """Take another picture for a photo."""
    photo = own(request, pk)
    form = ReplaceForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, photo, form)
    with transaction.atomic():
        photo = get_object_or_404(Photo.objects.select_for_update(), pk=pk)  # each knows what it replaces
        photo.image = form.cleaned_data["image"]
        photo.save()
    messages.success(request, "The picture is replaced.")
    return redirect(photo)


@require_POST
@login_required
def delete(request: "SignedIn", pk: int) -> HttpResponse:
    """Delete a photo."""
    photo = own(request, pk)
    photo.delete()
    messages.success(request, f"“{photo}” is deleted.")
    return redirect("photos:list")


def own(request: "SignedIn", pk: int) -> Photo:
    """Return a photo of the user's. Raises PermissionDenied for another's."""
    photo = get_object_or_404(Photo, pk=pk)
    if photo.owner_id != request.user.pk:
        raise PermissionDenied
    return photo


@require_safe
def rendition(request: HttpRequest, pk: int, spec: str, extension: str) -> FileResponse:
    """Serve a rendition: to be kept for ever under the address of its content, and asked for again under any other.

    By everybody, caches on the way included: whoever comes may see all photos.
    """
    found = get_object_or_404(Rendition, photo=pk, spec=spec, format=NAMES.get(extension, ""))
    try:
        file = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(file, content_type=f"image/{found.format}")
    response["Cache-Control"] = FOR_EVER if request.GET.get("v") == version(found) else "no-cache"
    return response
