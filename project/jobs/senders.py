"""The base of models whose signals enqueue jobs."""

from collections.abc import Collection
from typing import Any, Self

from django.db import models, router, transaction


class Sender(models.Model):
    """A model that saves and sends its signals inside one transaction.

    Django sends `post_save` when an autocommitted save has ended already: a job written by its receiver would then not
    be atomic with the change. (`post_delete` Django itself sends inside.)

    loaded: the values that the database was last known to hold, by attribute name; empty for a new object.
    """

    loaded: dict[str, Any]

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loaded = {}

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        """Make the object from its row and remember the row."""
        instance = super().from_db(db, field_names, values, **options)
        instance.loaded = dict(zip(field_names, values, strict=False))
        return instance

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        """Save and send the signals as one transaction."""
        using = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        with transaction.atomic(using=using):
            super().save_base(*args, **kwargs)
        self.remember()

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Read the row again and remember it."""
        super().refresh_from_db(*args, **kwargs)
        self.remember()

    def remember(self) -> None:
        """Take the present values for those of the database; a file by its name, as the database has it."""
        here = self.__dict__
        fields = (field for field in self._meta.concrete_fields if field.attname in here)
        self.loaded = {field.attname: field.get_prep_value(here[field.attname]) for field in fields}

    def changed(self) -> dict[str, tuple[Any, Any]]:
        """Return the loaded fields whose value is another one now: (before, after) by attribute name."""
        now = self.__dict__
        return {
            name: (before, now[name]) for name, before in self.loaded.items() if name in now and now[name] != before
        }
