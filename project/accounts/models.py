"""Users and their profiles."""

from functools import cache
from typing import ClassVar
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth import models as auth
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from project.jobs.senders import Sender, SenderQuerySet


@cache
def time_zones() -> frozenset[str]:
    """Return the IANA's names of zones that are places, and UTC. The others (EST, Etc/GMT-1) are known to mislead."""
    places = {name for name in available_timezones() if "/" in name and not name.startswith("Etc/")}
    return frozenset(places | {"UTC"})


def validate_time_zone(name: str) -> None:
    """Refuse what is no time zone."""
    if name not in time_zones():
        raise ValidationError(_("This is no time zone. Choose one of the list, such as Europe/Berlin."))


class UserManager(auth.UserManager["User"].from_queryset(SenderQuerySet)):  # type: ignore[misc]
    """Django's, with announced bulk writes."""

    use_in_migrations = False


class User(Sender, AbstractUser):
    """Somebody with a login. The e-mail address is unique, whatever its case.

    language, time_zone: in which mails and pages are written for them.
    """

    objects: ClassVar[UserManager] = UserManager()

    email = models.EmailField(_("e-mail address"))
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message=_("Somebody has signed up with this e-mail address already."),
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
