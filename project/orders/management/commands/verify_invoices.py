"""The command `verify_invoices`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from project.orders.models import Invoice
from project.orders.verifying import faults


class Command(BaseCommand):
    """Exits with 1 where something is wrong."""

    help = "Check every invoice: numbers without gap, hashes and their chain, sums, XML, PDF. Says what is wrong."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Check all, one after the other."""
        count = 0
        for count, fault in enumerate(faults(), start=1):  # noqa: B007  how many there were is said at the end
            self.stdout.write(fault)
        self.stdout.write(f"Invoices and credit notes: {Invoice.objects.count()}; what is wrong with them: {count}")
        if count:
            sys.exit(1)
