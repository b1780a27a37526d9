"""Sign-up and profile; login and logout are Django's own."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from project.accounts.forms import ProfileForm, ReaderForm, SignUpForm
from project.accounts.models import User
from project.accounts.requests import SignedIn
from project.jobs import jobs_of
from project.notifications import choices
from project.notifications.forms import ChoicesForm


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password1", "password2")
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make somebody a user, and log them in."""
    if request.user.is_authenticated:
        return redirect("accounts:profile")
    newcomer = User(
        language=translation.get_language()
    )  # LocaleMiddleware's choice: what the browser asks for, of what there is
    form = SignUpForm(request.POST if request.method == "POST" else None, instance=newcomer)
    user = new_user(form) if form.is_valid() else None
    if user is None:
        return render(request, "accounts/signup.html", {"form": form})
    login(request, user)
    messages.success(request, _("Welcome, %(user)s.") % {"user": user})
    return redirect("accounts:profile")


def new_user(form: SignUpForm) -> User | None:
    """Save the user. None where somebody with the same name or address was quicker: the form then says so."""
    try:
        with transaction.atomic():
            user: User = form.save()
    except IntegrityError:
        form.full_clean()
        return None
    return user


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: SignedIn) -> HttpResponse:
    """Show and change one's own profile, and how mails and pages are written for one."""
    mine, data = request.user.profile, request.POST if request.method == "POST" else None
    forms = ProfileForm(data, instance=mine), ReaderForm(data, instance=request.user)
    if all(form.is_valid() for form in forms):
        for form in forms:
            form.save()
        translation.activate(request.user.language)
        messages.success(request, _("Your profile is saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"forms": forms, "jobs": jobs_of(request.user, mine)})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def mail(request: SignedIn) -> HttpResponse:
    """Show and change what one receives by mail."""
    data, address = request.POST if request.method == "POST" else None, request.user.email
    form = ChoicesForm(data, initial={"kinds": choices.chosen(address)})
    if form.is_valid():
        choices.choose(address, form.cleaned_data["kinds"])
        messages.success(request, _("Your choice is saved."))
        return redirect("accounts:mail")
    return render(request, "accounts/mail.html", {"form": form})
