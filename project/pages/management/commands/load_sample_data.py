"""The command `load_sample_data`."""

from typing import Any

from django.core.management.base import BaseCommand

from project.accounts.models import User


class Command(BaseCommand):
    """Fills an empty database, so that there is something to see and something for the workers to do."""

    help = "Write the sample data, unless there are users already."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the sample data and say so, or say why not."""
        if User.objects.exists():
            self.stdout.write("There are users already: no sample data is loaded.")
            return
        from project.pages import samples  # noqa: PLC0415  it brings an image library, which most starts do not need

        samples.load()
        self.stdout.write("Sample data is loaded.")
