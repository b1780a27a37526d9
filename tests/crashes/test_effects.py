"""What orders led to, though processes died at every step: told by the facts, not by the ledger."""

from collections import Counter

import pytest

from project.accounts.models import User
from project.audit.models import AuditEntry
from project.catalog.models import Product, ProductStatistics
from project.jobs.models import Job
from project.notifications.mails import message_id
from project.orders.invoices import name_of
from project.orders.models import Invoice, Order
from tests.crashes.points import AUDIT, BY_NAME

pytestmark = pytest.mark.flow

NEVER = "to-be-inserted"


def test_what_was_not_committed_never_was(aftermath):
    customers = aftermath.rows(User).exclude(username=NEVER).values_list("username", flat=True)
    orders = aftermath.rows(Order)
    assert sorted(orders.values_list("customer__username", flat=True)) == sorted(customers)
    assert not aftermath.rows(Job, id=aftermath.died_at(BY_NAME["to be inserted"])).exists()
    assert aftermath.rows(Product).get().stock == aftermath.lamp.stock - orders.count()


def test_each_order_has_one_invoice_and_the_numbers_have_no_gap(aftermath):
    invoices = aftermath.rows(Invoice)
    orders = sorted(aftermath.rows(Order).values_list("id", flat=True))
    assert sorted(invoices.values_list("order", flat=True)) == orders
    assert sorted(invoices.values_list("number", flat=True)) == list(range(1, len(orders) + 1))


def test_each_invoice_has_its_whole_file_and_there_is_no_other(aftermath):
    named = sorted(aftermath.rows(Invoice).values_list("pdf", flat=True))
    files = [name for name in aftermath.files() if ".writing-" not in name]  # swept when they are an hour old
    assert files == named
    for name in files:
        assert name_of((aftermath.media / name).read_bytes()) == name


def test_each_mail_is_accepted_once(aftermath):
    keys = [f"order:{order.pk}:placed" for order in aftermath.rows(Order)]
    keys += [f"invoice:{invoice.pk}" for invoice in aftermath.rows(Invoice)]
    assert Counter(aftermath.mailbox.message_ids()) == Counter(map(message_id, keys))


def test_notes_of_mails_are_gone_but_the_one_that_the_worker_did_not_live_to_remove(aftermath):
    left = [path.name for path in (aftermath.folder / "notes").iterdir()]
    assert len(left) == 1
    assert aftermath.died_at(BY_NAME["mail settled"]) in left[0]


def test_the_statistics_are_those_of_the_orders(aftermath):
    orders = aftermath.rows(Order).count()
    counted = aftermath.rows(ProductStatistics).get()
    assert (counted.orders, counted.units, counted.revenue) == (orders, orders, orders * aftermath.lamp.price)


def test_each_change_has_one_audit_entry(aftermath):
    asked = [job.kwargs["entry_id"] for job in aftermath.rows(Job, task=AUDIT)]
    written = [str(entry.pk) for entry in aftermath.rows(AuditEntry).exclude(actor="tally")]
    assert sorted(written) == sorted(asked)


@pytest.mark.parametrize("action", ["add", "add_slowly"])
def test_what_would_show_if_it_were_done_twice_is_done_once(aftermath, action):
    written = aftermath.rows(AuditEntry, actor="tally", action=action).values_list("target", flat=True)
    assert sorted(written) == sorted(f"orders.order:{order.pk}" for order in aftermath.rows(Order))


def test_no_job_is_asked_for_twice_by_a_run_that_came_twice(aftermath):
    asked = Counter((job.task, job.about) for job in aftermath.rows(Job).exclude(about=""))
    assert set(asked.values()) == {1}
    assert set(Counter(task for task, _ in asked).values()) == {aftermath.rows(Order).count()}
