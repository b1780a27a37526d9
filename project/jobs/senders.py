"""The base of models whose signals enqueue jobs."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Self, TypeVar

from django.db import models, router, transaction
from django.db.models.signals import post_save
from django.db.transaction import mark_for_rollback_on_error

from project.jobs.errors import JobsError

Model = TypeVar("Model", bound="Sender")

AS_IT_IS = frozenset((int, bool, float, type(None)))  # types that no field need be asked about: most fields hold one


class SenderQuerySet(models.QuerySet[Model]):
    """Bulk writes that are announced like saves: Django sends no signal for them.

    The jobs that follow are inserted in one statement. `update` announces nothing still: it is what hot paths and
    Django itself use.
    """

    def bulk_create(self, objs: Iterable[Model], *args: Any, **kwargs: Any) -> list[Model]:
        """Insert the objects and send `post_save` for each. Raises JobsError where conflicts would be passed over."""
        if kwargs.get("ignore_conflicts") or kwargs.get("update_conflicts"):
            raise JobsError(
                f"bulk_create of {self.model.__name__} was told to pass over conflicts, and nobody could say then "
                "which rows are new; expected neither ignore_conflicts nor update_conflicts. Save them one by one."
            )
        with transaction.atomic(savepoint=False):
            made = super().bulk_create(objs, *args, **kwargs)
            self.announce(made, created=True)
        return made

    def bulk_update(self, objs: Iterable[Model], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Update the objects' fields and send `post_save` for each."""
        objs = list(objs)
        with transaction.atomic(savepoint=False):
            updated = super().bulk_update(objs, fields, batch_size)
            self.announce(objs, created=False)
        return updated

    def update_and_announce(self, **values: Any) -> int:
        """Update all rows, and send `post_save` for each with what it was before. It reads them twice."""
        with transaction.atomic(savepoint=False):
            before = {row.pk: row for row in self.select_for_update()}
            rows: models.QuerySet[Model] = models.QuerySet(self.model, using=self.db).filter(pk__in=before)
            updated = rows.update(**values)
            changed = list(rows)
            for row in changed:
                row.loaded = before[row.pk].loaded
            self.announce(changed, created=False)
        return updated

    def announce(self, rows: Iterable[Model], *, created: bool) -> None:
        """Send for each row what a save of it would have sent."""
        for row in rows:
            post_save.send(self.model, instance=row, created=created, raw=False, update_fields=None, using=self.db)
            row.remember()


class Sender(models.Model):
    """A model that saves and sends its signals inside one transaction.

    Django sends `post_save` when an autocommitted save has ended already: a job written by its receiver would then not
    be atomic with the change. (`post_delete` Django itself sends inside.)

    loaded: the values that the database was last known to hold, by attribute name; empty for a new object.
    """

    loaded: Mapping[str, Any] = MappingProxyType({})

    objects = SenderQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        """Make the object from its row and remember the row."""
        instance = super().from_db(db, field_names, values, **options)
        instance.loaded = dict(zip(field_names, values, strict=False))
        return instance

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        """Save and send the signals as one transaction."""
        using = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        if transaction.get_connection(using).in_atomic_block:
            with mark_for_rollback_on_error(using):  # all of `atomic` that is needed here, for a third of its time
                super().save_base(*args, **kwargs)
        else:
            with transaction.atomic(using=using, savepoint=False):
                super().save_base(*args, **kwargs)
        self.remember(kwargs.get("update_fields"))

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: "models.QuerySet[Self] | None" = None,
    ) -> None:
        """Read the row again, or some fields of it, and remember them. Django reads so what was not read at first."""
        names = None if fields is None else frozenset(fields)
        super().refresh_from_db(using, names, from_queryset)
        self.remember(names)

    def remember(self, names: Collection[str] | None = None) -> None:
        """Take the present values for those of the database; a file by its name, as the database has it.

        names: of the fields that were written or read; none: all.
        """
        here = self.__dict__
        known = {
            field.attname: value if type(value := here[field.attname]) in AS_IT_IS else field.get_prep_value(value)
            for field in self._meta.concrete_fields
            if field.attname in here and (names is None or field.name in names or field.attname in names)
        }
        self.loaded = known if names is None else {**self.loaded, **known}

    def before_and_now(self, name: str) -> list[Any]:
        """Return the value that an attribute had in the database and the one that it has now, each once."""
        return list(dict.fromkeys([self.loaded.get(name, getattr(self, name)), getattr(self, name)]))

    def may_differ(self, *names: str) -> bool:
        """Return whether one of these attributes has another value than in the database, or than can be known.

        It cannot be known where a value was given to an object that was read without that column.
        """
        now = self.__dict__
        return any(name in now and (name not in self.loaded or now[name] != self.loaded[name]) for name in names)

    def changed(self) -> dict[str, tuple[Any, Any]]:
        """Return the loaded fields whose value is another one now: (before, after) by attribute name."""
        now = self.__dict__
        return {
            name: (before, now[name]) for name, before in self.loaded.items() if name in now and now[name] != before
        }
