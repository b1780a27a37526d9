"""What this program changes in the processes that it starts: a switch of the test, not of the product."""

import os

from django.apps import AppConfig

SHORT = {"base": 1.0, "cap": 8.0}  # seconds; a mail's own waits are minutes to hours, and a run has one minute


class FaultsConfig(AppConfig):
    """Comes first among the apps, so that receivers and tasks are imported when the seam is replaced."""

    name = "tests.faults"

    def ready(self):
        from project.jobs import policies  # noqa: PLC0415  apps are ready only now

        for name, value in SHORT.items():
            object.__setattr__(policies.MAIL, name, value)
        if os.environ.get("FAULTS_PLAIN") == "true":
            from tests.faults import plain  # noqa: PLC0415  as above

            plain.replace_the_seam()
