"""Read by mypy alone: each wrong call must be an error, or its `type: ignore` is one."""

from datetime import UTC, datetime

from project.accounts.models import User
from project.jobs import enqueue
from tasks import email


def right(user: User) -> None:
    enqueue(email.welcome, user_id=1)
    enqueue(email.welcome, about=user, user_id=1)


def wrong(user: User) -> None:
    enqueue(email.welcome)  # type: ignore[call-arg]
    enqueue(email.welcome, user=1)  # type: ignore[call-arg]
    enqueue(email.welcome, user_id="1")  # type: ignore[arg-type]
    enqueue(email.welcome, user_id=1, at=datetime.now(UTC))  # type: ignore[call-arg]
    enqueue(email.welcome, about=1, user_id=1)  # type: ignore[arg-type]
    enqueue(right, user=user)  # type: ignore[arg-type]
