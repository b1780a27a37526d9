"""Tasks whose second run would show: the project's own look first whether their work is done, and would hide it.

Only armed processes know them.
"""

from django.utils import timezone

from project.audit.models import AuditEntry
from project.jobs import settling, task


@task(queue="housekeeping")
def add(*, order_id):
    """Add a line about an order. Not idempotent: that is what it is for."""
    write("add", order_id)


@task(queue="invoices", slow=True)
def add_slowly(*, order_id):
    """Add a line likewise, outside the transaction but for the writing."""
    with settling():
        write("add_slowly", order_id)


def write(action, order_id):
    AuditEntry.objects.create(at=timezone.now(), actor="tally", action=action, target=f"orders.order:{order_id}")
