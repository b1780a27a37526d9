"""Issued invoices stay as they are: the model says no, and the database does, whoever asks it."""

import pytest
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, transaction

from project.orders import guards, invoices
from project.orders.models import Invoice, Order
from project.orders.models.invoices import Frozen
from project.orders.placing import Item, place
from project.orders.refunding import cancel

COLUMNS = [field.column for field in Invoice._meta.concrete_fields if field.name not in ("id", "pdf")]
VALUES = {
    "content": "'x'",
    "kind": "'credit note'",
    "sha256": "'x'",
    "previous_sha256": "'x'",
    "due_date": "'2020-01-01'",
}


@pytest.fixture
def invoice(ada, lamp):
    return invoices.issue(place(ada, [Item(lamp, 2)]))


def sql(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        lambda invoice: invoice.save(),
        lambda invoice: invoice.save(update_fields=["gross"]),
        lambda invoice: invoice.save(update_fields=["gross", "pdf"]),
        lambda invoice: invoice.delete(),
        lambda _: Invoice.objects.update(gross=0),
        lambda _: Invoice.objects.all().update_and_announce(gross=0),
        lambda invoice: Invoice.objects.bulk_update([invoice], ["gross"]),
        lambda _: Invoice.objects.all().delete(),
        lambda invoice: invoice.order.invoices.all().delete(),
    ],
)
def test_the_model_neither_changes_nor_deletes_an_invoice(invoice, change):
    before = Invoice.objects.values().get()
    with pytest.raises(Frozen, match="expected a refund, whose credit note reverses"):
        change(invoice)
    assert Invoice.objects.values().get() == before


@pytest.mark.parametrize("column", COLUMNS)
def test_the_database_changes_no_column(invoice, column):
    value = VALUES.get(column, "99" if column != "issued_at" else "'2020-01-01'")
    with pytest.raises(DatabaseError, match=guards.WORDS):
        sql(f"UPDATE orders_invoice SET {column} = {value}")


@pytest.mark.parametrize(
    "statement", ["DELETE FROM orders_invoice", "UPDATE orders_invoice SET content = content || 'x'"]
)
def test_the_database_says_why(invoice, statement):
    with pytest.raises(DatabaseError, match=guards.WORDS):
        sql(statement)


def test_a_file_s_name_is_set_once(invoice):
    sql("UPDATE orders_invoice SET pdf = 'one.pdf'")
    for name in ("two.pdf", ""):
        with pytest.raises(DatabaseError, match=guards.WORDS):
            sql(f"UPDATE orders_invoice SET pdf = '{name}'")
    with pytest.raises(Frozen):
        Invoice.objects.get().save(update_fields=["pdf"])


def test_an_order_with_an_invoice_cannot_be_deleted_from_under_it(invoice):
    with pytest.raises(DatabaseError):
        sql("DELETE FROM orders_invoice")
    with pytest.raises(DatabaseError):
        invoice.order.delete()
    assert Order.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_the_table_is_not_truncated(invoice):
    with pytest.raises(DatabaseError, match=guards.WORDS):
        sql("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE orders_invoice CASCADE")


@pytest.mark.django_db(transaction=True)
def test_flush_empties_the_database_and_leaves_the_guards(invoice):
    call_command("flush", interactive=False, verbosity=0)
    assert not Invoice.objects.exists()
    assert guards.are_up(DEFAULT_DB_ALIAS)


def test_a_migration_puts_up_what_is_missing(db):
    guards.take_down(DEFAULT_DB_ALIAS)
    assert not guards.are_up(DEFAULT_DB_ALIAS)
    call_command("migrate", "orders", verbosity=0)
    assert guards.are_up(DEFAULT_DB_ALIAS)


NO_GUARDS = {
    "sqlite": ["DROP TRIGGER {0}_{1}", "CREATE TRIGGER {0}_{1} BEFORE UPDATE ON {0} WHEN 0 BEGIN SELECT 1; END"],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION {0}_guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ],
}


@pytest.mark.parametrize("name", ["update", "delete", "insert"])
def test_a_guard_of_the_same_name_that_guards_nothing_is_found_and_mended(invoice, name):
    for statement in NO_GUARDS[connection.vendor]:
        sql(statement.format("orders_invoice", name))
    assert not guards.are_up(DEFAULT_DB_ALIAS)
    guards.put_up(DEFAULT_DB_ALIAS)
    assert guards.are_up(DEFAULT_DB_ALIAS)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's triggers cannot be switched off")
@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE orders_invoice DISABLE TRIGGER orders_invoice_guard",
        "ALTER TABLE orders_invoice ENABLE REPLICA TRIGGER orders_invoice_guard",
        """CREATE OR REPLACE TRIGGER orders_invoice_guard BEFORE UPDATE ON orders_invoice FOR EACH ROW
        WHEN (false) EXECUTE FUNCTION orders_invoice_guard()""",
    ],
)
def test_a_guard_that_is_not_asked_is_found(invoice, change):
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql(change)
    assert not guards.are_up(DEFAULT_DB_ALIAS)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no REPLACE")
@pytest.mark.parametrize("same", [["id"], ["series_id", "number"], ["order_id", "kind"], ["refund_id"]])
def test_no_other_takes_an_invoice_s_place(invoice, same):
    invoices.issue_credit_note(cancel(invoice.order))
    before = list(Invoice.objects.values())
    others = {"id": 99, "series_id": 98, "number": 97, "order_id": 96, "content": "{}"}
    row = before["refund_id" in same] | {name: value for name, value in others.items() if name not in same}
    columns, marks = ",".join(f'"{name}"' for name in row), ",".join(["%s"] * len(row))
    values = [str(value) if value is not None else None for value in row.values()]
    with pytest.raises(DatabaseError, match=guards.WORDS), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT OR REPLACE INTO orders_invoice ({columns}) VALUES ({marks})", values)
    assert list(Invoice.objects.values()) == before
