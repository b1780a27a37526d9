"""The command `render_missing`."""

import argparse
from time import sleep
from typing import Any

from django.core.management.base import BaseCommand

from project.photos import missing

BAR = 40  # characters
PAUSE = 0.5  # seconds between two looks


class Command(BaseCommand):
    """Has the workers draw what the specs say and photos lack, and shows how far they are."""

    help = (
        "Draw in the background what photos lack, after a change of project/photos/specs.py. It can be interrupted: "
        "the workers go on, and a further run asks only for the rest."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take what may be chosen."""
        parser.add_argument("--no-wait", action="store_true", help="only ask for it, and leave it to the workers")

    def handle(self, *_args: Any, no_wait: bool, **_options: Any) -> None:
        """Ask for what is missing, then show the progress until nothing more is to be drawn."""
        asked = 0
        for number in missing.ask():
            asked += number
            self.stdout.write(f"Jobs asked for: {asked}")
        now = missing.progress()
        if not no_wait:
            now = self.wait()
        lack = now.photos - now.complete
        self.stdout.write(f"Photos that are complete: {now.complete} of {now.photos}; jobs that wait: {now.asked}.")
        if lack and not now.asked:
            self.stdout.write(f"{lack} could not be drawn; /jobs/?state=failed says why.")

    def wait(self) -> missing.Progress:
        """Draw the bar until no job is left. Returns the last progress."""
        while (now := missing.progress()).asked:
            self.bar(now)
            sleep(PAUSE)
        self.bar(now)
        self.stdout.write("")
        return now

    def bar(self, now: missing.Progress) -> None:
        """Draw the bar over the one before."""
        filled = BAR * now.complete // max(1, now.photos)
        line = f"\r[{'#' * filled}{'.' * (BAR - filled)}] {now.complete}/{now.photos} photos, {now.asked} jobs wait   "
        self.stdout.write(line, ending="")
        self.stdout.flush()
