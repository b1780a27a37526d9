"""The command `export_invoices`."""

import argparse
import csv
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from project.orders.exporting import table


class Command(BaseCommand):
    """Writes to the standard output."""

    help = "Write what was issued on these days as CSV, for an accountant: one row for each tax rate of each invoice."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the days."""
        for name, words in {"--from": "the first day, such as 2026-01-01", "--to": "the last one"}.items():
            parser.add_argument(name, dest=name.strip("-"), type=date.fromisoformat, required=True, help=words)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the table."""
        first, last = options["from"], options["to"]
        if first > last:
            raise CommandError(f"--from is {first} and --to is {last}; expected the first day, and then the last one.")
        csv.writer(self.stdout).writerows(table(first, last))
