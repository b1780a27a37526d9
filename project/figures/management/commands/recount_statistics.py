"""The command `recount_statistics`."""

import argparse
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from project.counting import today
from project.figures import recounting


class Command(BaseCommand):
    """Counts here, not by way of jobs, and shows how far it is where somebody looks."""

    help = (
        "Count all statistics anew from orders, posts and comments: after a change of STATISTICS_TIME_ZONE, or where "
        "rows were changed past the site. It can be interrupted: a further run within a day goes on where it was."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the first day."""
        words = "count only what has something on this day or later, such as 2026-01-31, and all posts"
        parser.add_argument("--from", dest="since", type=day, metavar="DATE", help=words)

    def handle(self, *_args: Any, since: date | None, **_options: Any) -> None:
        """Count."""
        run = recounting.begin(since)
        if run.stage:
            self.stdout.write(f"Goes on behind {run.stage} {run.position}, where a run was cut short.")
        try:
            total = self.count(run)
        except KeyboardInterrupt:
            raise CommandError("Interrupted; run it again to go on.", returncode=130) from None
        self.stdout.write(f"Counted: {total} products, posts and days.")

    def count(self, run: Any) -> int:
        """Count, and draw the bar on a terminal. Returns of how many subjects the figures are right now."""
        with tqdm(disable=None, unit="") as bar:  # None: quiet where the output is no terminal
            for progress in recounting.go_on(run):
                bar.total = progress.total
                bar.n = progress.done
                bar.set_description(progress.kind)  # draws it
        return progress.total


def day(text: str) -> date:
    """Read a day. Raises what argparse shows."""
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}; expected a day such as 2026-01-31") from error
    if found > today():
        raise argparse.ArgumentTypeError(f"{text}; expected a day that has begun, up to {today()}")
    return found
