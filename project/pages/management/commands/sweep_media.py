"""The command `sweep_media`."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from project.pages.sweeping import sweep


class Command(BaseCommand):
    """Does now what a schedule does every night."""

    help = "Remove stored files that no row names and that are older than an hour."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take what may be chosen."""
        parser.add_argument("--dry-run", action="store_true", help="only say which files they are")

    def handle(self, *_args: Any, dry_run: bool, **_options: Any) -> None:
        """Remove them and say which they were."""
        strays = sweep(dry_run=dry_run)
        for name in strays:
            self.stdout.write(name)
        self.stdout.write(
            f"Files that no row names: {len(strays)}" + (", left where they are." if dry_run else ", removed.")
        )
