import csv
import io
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from project.catalog.models import Product
from project.orders import invoices
from project.orders.exporting import harmless
from project.orders.frozen import from_json
from project.orders.models import Invoice
from project.orders.placing import Item, place
from project.orders.refunding import cancel
from tests.support import with_address


@pytest.fixture
def order(bob, lamp):
    """An order with two rates, of somebody whose name is a formula."""
    with_address(bob, name="=HYPERLINK(1)")
    book = Product.objects.create(name="Book", slug="book", price=Decimal(2000), tax_rate=Decimal(7), stock=1)
    made = place(bob, [Item(lamp, 1), Item(book, 1)])
    invoices.issue(made)
    return made


def exported(first=None, last=None):
    today, out = timezone.localdate(), io.StringIO()
    call_command("export_invoices", "--from", str(first or today), "--to", str(last or today), stdout=out)
    return list(csv.DictReader(out.getvalue().splitlines()))


def test_a_row_for_each_rate(order):
    invoice = Invoice.objects.get()
    rows = exported()
    assert [(row["number"], row["rate"], row["net"], row["tax"], row["gross"]) for row in rows] == [
        (str(invoice), "7.0", "2000.00", "140.00", "2140.00"),
        (str(invoice), "19.0", "10.00", "1.90", "11.90"),
    ]
    assert {(row["kind"], row["currency"], row["country"], row["order"]) for row in rows} == {
        ("invoice", "EUR", "DE", order.number)
    }


def test_no_cell_is_a_formula(order):
    assert {row["buyer"] for row in exported()} == {"'=HYPERLINK(1)"}


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_no_cell_with_somebody_s_words_is_a_formula(ada, lamp, sign):
    ada.billing_address.name = ada.billing_address.vat_id = f"{sign}1"
    ada.billing_address.save()
    lamp.name = f"{sign}1"
    lamp.save()
    invoices.issue(place(ada, [Item(lamp, 1)]))
    [row] = exported()
    assert row["buyer"] == row["vat_id"] == f"'{sign}1"
    assert not [cell for cell in row.values() if cell.startswith(sign)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lamp;=1+1", "Lamp;'=1+1"),
        ("Lamp;-1;@x", "Lamp;'-1;'@x"),
        (";＝1", ";'＝1"),
        ('Lamp; "=1+1', "Lamp; \"'=1+1"),
        ("Lamp\n=1", "Lamp\n'=1"),
        ("Lamp\t+1", "Lamp\t'+1"),
        ("\t=1", "'\t'=1"),
        ("Lamp; red, 1+1=2; 5-7 W", "Lamp; red, 1+1=2; 5-7 W"),
    ],
)
def test_nor_is_what_follows_where_a_spreadsheet_may_split(text, expected):
    assert harmless(text) == expected


def test_a_credit_note_is_negative_and_refers(order):
    note = invoices.issue_credit_note(cancel(order))
    rows = [row for row in exported() if row["kind"] == "credit note"]
    assert [(row["number"], row["refers_to"], row["gross"]) for row in rows] == [
        (str(note), str(note.refers_to), "-2140.00"),
        (str(note), str(note.refers_to), "-11.90"),
    ]


def test_amounts_have_points_in_every_language(order):
    with translation.override("de"):
        assert exported()[0]["gross"] == "2140.00"


def test_only_what_was_issued_on_these_days(order):
    today, day = timezone.localdate(), timedelta(days=1)
    assert len(exported(today - day, today + day)) == 2
    assert exported(today + day, today + 9 * day) == exported(today - 9 * day, today - day) == []


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"])
def test_the_days_are_the_seller_s(ada, lamp, settings, zone):
    settings.SELLER_TIME_ZONE = zone
    issued = from_json(invoices.issue(place(ada, [Item(lamp, 1)])).content).issued_on
    first, day = datetime.now(ZoneInfo(zone)).date(), timedelta(days=1)
    assert issued == first
    assert len(exported(first, first)) == len(exported(first - day, first)) == len(exported(first, first + day)) == 1
    assert exported(first - 9 * day, first - day) == exported(first + day, first + 9 * day) == []


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", ""])
def test_a_day_that_is_none_is_refused(db, day):
    with pytest.raises(CommandError, match="invalid"):
        call_command("export_invoices", "--from", day, "--to", "2026-01-01")


def test_days_the_wrong_way_round_are_refused(db):
    with pytest.raises(CommandError, match="--from is 2026-02-01 and --to is 2026-01-01"):
        exported("2026-02-01", "2026-01-01")
