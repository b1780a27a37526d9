"""System checks: what would make the seam lie is an error at start."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core import checks
from django.db.models import Model
from django.db.models.signals import post_delete, post_save

from project.jobs.senders import Sender


@checks.register
def senders_save_in_a_transaction(**_: Any) -> Iterable[checks.CheckMessage]:
    """Find models of ours whose receivers would enqueue after the save has ended."""
    for model in apps.get_models():
        if is_ours(model) and not issubclass(model, Sender) and has_receivers(model):
            yield checks.Warning(
                f"{model._meta.label} has receivers but saves outside a transaction, so enqueue would refuse.",
                hint="Derive it from project.jobs.senders.Sender.",
                obj=model,
                id="jobs.W001",
            )


def is_ours(model: type[Model]) -> bool:
    """Tell whether the model is one of the project's apps."""
    return model.__module__.startswith("project.")


def has_receivers(model: type[Model]) -> bool:
    """Tell whether a receiver is connected to this very model; one that hears every sender does not count."""
    return any(
        receivers and key[1] == id(model)
        for signal in (post_save, post_delete)
        for receivers in [signal.receivers]
        for key, *_ in receivers
    )
