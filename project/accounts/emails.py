"""The mails of this app."""

from project.accounts.models import User
from project.notifications.mails import Mail, compose


def welcome(user: User) -> Mail:
    """Greet somebody who signed up."""
    return compose("accounts/emails/welcome", to=user.email, subject=f"Welcome, {user}", context={"user": user})
