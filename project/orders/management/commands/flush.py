"""The command `flush`, Django's own, which would be refused where there are invoices."""

from typing import Any

from django.core.management.commands import flush
from django.db import transaction

from project.orders import guards


class Command(flush.Command):
    """Empties the whole database, invoices too: that is what it is for, and it asks first."""

    def handle(self, **options: Any) -> None:
        """Empty it with the guards down; they are up again at its end, or it has not happened."""
        using = options["database"]
        with transaction.atomic(using):
            guards.take_down(using)
            super().handle(**options)
            guards.put_up(using)
