"""The mails of this app."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from project.accounts.models import User
from project.notifications.mails import Mail, compose


def welcome(user: User) -> Mail:
    """Greet somebody who signed up."""
    return compose(
        "accounts/emails/welcome",
        to=user,
        kind="welcome",
        subject=format_lazy(_("Welcome, {user}"), user=user),
        context={"user": user},
    )
