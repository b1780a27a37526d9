"""What was issued before contents were frozen."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor

from project.orders import guards
from project.orders.frozen import from_json
from project.orders.models import Invoice, Order
from project.orders.verifying import faults

OLD, NEW = [("orders", "0002_frozen_buyer")], [("orders", "0005_once_and_for_all")]


def migrate(to):
    executor = MigrationExecutor(connection)
    executor.migrate(to)
    return executor.loader.project_state(to).apps


@pytest.fixture
def old(transactional_db):
    """The tables as they were; afterwards they are as they are now."""
    guards.take_down(DEFAULT_DB_ALIAS)
    yield migrate(OLD)
    migrate(NEW)
    guards.put_up(DEFAULT_DB_ALIAS)


def test_it_is_frozen_chained_and_found_right(old, bob, lamp):
    order = old.get_model("orders", "Order").objects.create(
        number="OLD", customer_id=bob.pk, status="refunded", currency="EUR", total=Decimal("23.80")
    )
    old.get_model("orders", "OrderLine").objects.create(
        order=order, product_id=lamp.pk, description="Lamp", quantity=2, unit_price=10, tax_rate=19
    )
    amounts = {"net": Decimal(20), "tax": Decimal("3.80"), "gross": Decimal("23.80")}
    first = None
    for prefix, kind, sign in (("INV-2025-", "invoice", 1), ("CN-2025-", "credit note", -1)):
        series = old.get_model("orders", "InvoiceSeries").objects.create(prefix=prefix, next_number=2)
        sums = {name: sign * amount for name, amount in amounts.items()}
        mine = {"order": order, "series": series, "kind": kind, "refers_to": first, "due_date": date(2025, 1, 1)}
        first = old.get_model("orders", "Invoice").objects.create(
            **mine, **sums, number=1, buyer_name="Bob", buyer_email="old@example.com"
        )

    migrate(NEW)
    guards.put_up(DEFAULT_DB_ALIAS)

    invoice, note = Invoice.objects.order_by("pk")
    assert (from_json(invoice.content).buyer.name, from_json(note.content).buyer.email) == ("Bob", "old@example.com")
    assert note.refund == Order.objects.get().refunds.get()
    assert all("no PDF" in fault for fault in faults())
