"""Sign-up and profile; login and logout are Django's own."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from project.accounts.forms import ProfileForm, SignUpForm
from project.accounts.models import User
from project.accounts.requests import SignedIn
from project.jobs import jobs_of


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password1", "password2")
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make somebody a user, and log them in."""
    if request.user.is_authenticated:
        return redirect("accounts:profile")
    form = SignUpForm(request.POST if request.method == "POST" else None)
    user = new_user(form) if form.is_valid() else None
    if user is None:
        return render(request, "accounts/signup.html", {"form": form})
    login(request, user)
    messages.success(request, f"Welcome, {user}.")
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
    """Show and change one's own profile."""
    mine = request.user.profile
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=mine)
    if form.is_valid():
        form.save()
        messages.success(request, "Your profile is saved.")
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form, "jobs": jobs_of(request.user, mine)})
