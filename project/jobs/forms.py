"""Which jobs the list shows."""

from django import forms
from django.conf import settings
from django.db.models import QuerySet

from project.jobs.models import Job, State

LOOKUPS = {"state": "state", "queue": "queue", "task": "task", "before": "id__lt"}


def queues() -> list[tuple[str, str]]:
    """Return the queues to choose from."""
    return [("", "any"), *((name, name) for name in settings.QUEUES)]


class JobFilter(forms.Form):
    """What to look for.

    before: the id of a job; those asked for earlier are shown. A page so costs the same, however long the ledger.
    """

    state = forms.ChoiceField(choices=[("", "any"), *((state.value, state.value) for state in State)], required=False)
    queue = forms.ChoiceField(choices=queues, required=False)
    task = forms.CharField(max_length=120, required=False, widget=forms.TextInput({"list": "tasks"}))
    before = forms.UUIDField(required=False)

    def jobs(self) -> QuerySet[Job]:
        """Return what was asked for, newest first; nothing where that cannot be understood."""
        if not self.is_valid():
            return Job.objects.none()
        asked = {LOOKUPS[name]: value for name, value in self.cleaned_data.items() if value}
        return Job.objects.filter(**asked).order_by("-id")
