"""What an audit entry says of one change."""

import json
from typing import Any, TypedDict

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils import timezone
from uuid_utils.compat import uuid7

from project.audit.actors import actor
from project.audit.models import Action, AuditEntry
from project.jobs.senders import Sender
from project.jobs.trail import name_of

# Their rows are records themselves, counted from others, or no business of anyone's.
LEFT_OUT = {"admin", "audit", "contenttypes", "django_celery_results", "figures", "jobs", "migrations", "sessions"}
RECORDS = {"notifications.delivery"}
COUNTED = {
    "blog.dailywriting",
    "blog.poststatistics",
    "catalog.dailysales",
    "catalog.dailytotal",
    "catalog.productstatistics",
}
SECRET = ("password", "secret", "token")  # in a field's name
LONGEST = 200  # characters of a value that are kept
MASK = "***"


class Change(TypedDict):
    """The arguments of the job that writes the entry. entry_id makes a second run write nothing."""

    entry_id: str
    at: str
    actor: str
    action: str
    target: str
    changes: dict[str, list[Any]]


def is_audited(model: type[Model]) -> bool:
    """Tell whether changes of the model are kept. Migrations' models are not: they are of another time."""
    meta = model._meta
    return (
        meta.app_label not in LEFT_OUT and meta.label_lower not in RECORDS | COUNTED and model.__module__ != "__fake__"
    )


def change(instance: Model, action: Action) -> Change:
    """Describe what is happening to the object now, and by whom."""
    return Change(
        entry_id=str(uuid7()),
        at=timezone.now().isoformat(),
        actor=actor(),
        action=action.value,
        target=name_of(instance),
        changes=fields(instance, action),
    )


def fields(instance: Model, action: Action) -> dict[str, list[Any]]:
    """Return field -> [before, after], ready for JSON, with secrets masked."""
    if action is Action.CHANGED and isinstance(instance, Sender):
        pairs = instance.changed()
    else:
        values = {field.attname: field.value_from_object(instance) for field in instance._meta.concrete_fields}
        gone = action is Action.DELETED
        pairs = {name: (value, None) if gone else (None, value) for name, value in values.items()}
    return {name: [shown(name, value) for value in pair] for name, pair in pairs.items()}


def shown(name: str, value: Any) -> Any:
    """Return the value as JSON keeps it: masked where secret, cut where long."""
    if value is not None and any(word in name for word in SECRET):
        return MASK
    value = json.loads(Encoder().encode(value))
    return value[:LONGEST] + "…" if isinstance(value, str) and len(value) > LONGEST else value


class Encoder(DjangoJSONEncoder):
    """JSON for whatever a field holds: what it does not know (a file) becomes its text."""

    def default(self, o: Any) -> Any:
        """Encode what JSON itself cannot."""
        try:
            return super().default(o)
        except TypeError:
            return str(o)


def record(entry: Change) -> None:
    """Write the entry, once."""
    values = {name: value for name, value in entry.items() if name != "entry_id"}
    AuditEntry.objects.get_or_create(id=entry["entry_id"], defaults=values)
