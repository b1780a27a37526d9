"""Users and their profiles."""

from typing import ClassVar

from django.contrib.auth import models as auth
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from project.jobs.senders import Sender, SenderQuerySet


class UserManager(auth.UserManager["User"].from_queryset(SenderQuerySet)):  # type: ignore[misc]
    """Django's, with announced bulk writes."""

    use_in_migrations = False


class User(Sender, AbstractUser):
    """Somebody with a login. The e-mail address is unique, whatever its case."""

    objects: ClassVar[UserManager] = UserManager()

    email = models.EmailField("e-mail address")

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message="Somebody has signed up with this e-mail address already.",
            )
        ]

    @cached_property
    def profile(self) -> "Profile":
        """The profile; made now where its job has not run yet, so it always exists."""
        return Profile.of(self)


class Profile(Sender):
    """What a user tells of themselves."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+")
    bio = models.TextField(blank=True, max_length=2000)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["Profile"]]

    def __str__(self) -> str:
        return f"profile of {self.user}"

    @classmethod
    def of(cls, user: User) -> "Profile":
        """Return the user's profile, made if there is none yet."""
        return cls.objects.get_or_create(user=user, defaults={"date_joined": user.date_joined})[0]
