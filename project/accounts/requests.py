"""What views know of a request."""

from django.http import HttpRequest

from project.accounts.models import User


class SignedIn(HttpRequest):
    """A request behind `login_required`: for type checkers, which cannot see that its user is one."""

    user: User
