"""Each kind of damage is done to the table behind the model's back, and has to be found."""

import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, QuerySet

from project.jobs.models import Job
from project.orders import einvoice, guards, invoices, pdf
from project.orders.frozen import digest, from_json, to_json
from project.orders.models import Invoice, InvoiceSeries, OrderLine, RefundLine
from project.orders.placing import Item, pay, place
from project.orders.refunding import refund


@pytest.fixture
def invoice(ada, lamp, nothing_waits):
    """The second of three invoices; the first has a credit note over a half of it."""
    orders = [place(ada, [Item(lamp, quantity)]) for quantity in (2, 1, 1)]
    for each in orders[:2]:
        pay(each)
    note = invoices.issue_credit_note(refund(orders[0], {orders[0].lines.get().pk: 1}))
    for each in (note, *map(invoices.issue, orders)):
        invoices.render(each)
    nothing_waits()
    return orders[1].invoices.get()


def credit_too_much(invoice):
    damage(invoice.order.customer.orders.last().invoices.last(), gross=-99)


def note():
    return Invoice.objects.get(kind="credit note")


def verified():
    """Return the exit code, and what was said but for the count."""
    out, code = io.StringIO(), 0
    try:
        call_command("verify_invoices", stdout=out)
    except SystemExit as end:
        code = end.code
    return code, out.getvalue().splitlines()


def damage(invoice, **values):
    """Change an invoice as somebody would who may change the database itself."""
    guards.take_down(DEFAULT_DB_ALIAS)
    QuerySet(Invoice).filter(pk=invoice.pk).update(**values)
    guards.put_up(DEFAULT_DB_ALIAS)


def rewrite(invoice, **values):
    """Change the content, and the hash with it."""
    text = to_json(replace(from_json(invoice.content), **values))
    damage(invoice, content=text, sha256=digest(invoice.previous_sha256, text))


def test_all_is_well(invoice):
    code, said = verified()
    assert (code, said) == (0, ["Invoices and credit notes: 4; what is wrong with them: 0"])


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda it: damage(it, content=it.content.replace("Lamp", "Lump")), "its hash is not that of its content"),
        (lambda it: damage(it, content="{}"), "its content cannot be read (TypeError)"),
        (lambda it: damage(it, content="no"), "its content cannot be read (JSONDecodeError)"),
        (lambda it: rewrite(it, order="X"), "its order is"),
        (lambda it: rewrite(it, number="X"), "-00002 in the row and X in the content"),
        (lambda it: rewrite(it, kind="credit note"), "its kind is invoice in the row and credit note in the content"),
        (lambda it: damage(it, net=1), "its net is 1.000 in the row and 10.00 in the content"),
        (lambda it: damage(it, tax=1), "its tax is 1.000 in the row and 1.90 in the content"),
        (lambda it: damage(it, issued_at="2020-01-01T00:00Z"), "its day of issue is 2020-01-01 in the row"),
        (lambda it: damage(note(), refers_to=it), "-00002 in the row and INV-"),
        (lambda it: damage(note(), refund=refund(it.order)), "its refund is of another order"),
        (lambda _: RefundLine.objects.update(quantity=2), "its units are not those of its refund"),
        (lambda it: damage(it, gross=1), "its gross is 1.000 in the row and 11.90 in the content"),
        (lambda it: damage(it, due_date="2020-01-01"), "its due date is 2020-01-01 in the row"),
        (lambda it: rewrite(it, gross=Decimal(1)), "net, tax and gross are not the sums over the rates"),
        (lambda it: rewrite(it, lines=()), "the lines do not add up to the net sums of the rates"),
        (
            lambda it: rewrite(it, rates=(replace(from_json(it.content).rates[0], tax=Decimal(1)),)),
            "the tax of a rate is not that of its net sum",
        ),
        (
            lambda it: rewrite(it, lines=(replace(from_json(it.content).lines[0], quantity=2),)),
            "a line is not quantity times price",
        ),
        (lambda it: damage(it, previous_sha256="x"), "its predecessor's hash is not that of number 1"),
        (lambda it: damage(it, number=7), "after number 1 comes 3"),
        (lambda _: InvoiceSeries.objects.update(next_number=F("next_number") + 1), "3, and it goes on with 5"),
        (lambda it: damage(it, pdf=""), "it has no PDF, and no job that would render it waits"),
        (lambda it: default_storage.delete(it.pdf.name), "its PDF is not in the media"),
        (lambda it: default_storage.save(it.pdf.name, ContentFile(b"%PDF-no")), "the XML in its PDF is another one"),
        (lambda _: RefundLine.objects.update(quantity=3), "3 units of line"),
        (credit_too_much, "23.800 were invoiced and 99.000 credited"),
        (lambda _: guards.take_down(DEFAULT_DB_ALIAS), "The triggers that keep invoices as they are are not there"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(invoice, harm, words):
    harm(invoice)
    code, said = verified()
    assert code == 1
    assert any(words in line for line in said), said
    assert said[-1] == f"Invoices and credit notes: 4; what is wrong with them: {len(said) - 1}"


def test_an_invoice_in_place_of_another_breaks_the_chain_after_it(invoice):
    rewrite(invoice, order=invoice.order.number.lower())
    assert any("00003: its predecessor's hash is not that of number 2" in line for line in verified()[1])


def test_what_is_yet_to_be_rendered_is_not_wrong(ada, lamp, run):
    place(ada, [Item(lamp, 1)])
    run(Job.objects.get(task="invoices.issue_invoice"))
    assert verified()[0] == 0


def test_an_order_reversed_whole_whose_notes_are_too_small_is_found(invoice):
    first = Invoice.objects.filter(kind="invoice").first()
    first.order.status = "refunded"
    first.order.save()
    assert any("23.800 were invoiced and 11.900 credited" in line for line in verified()[1])
    assert OrderLine.objects.count() == 3


def test_an_invoice_that_no_e_invoice_can_say_needs_none(ada, lamp, nothing_waits):
    lamp.currency, lamp.price = "BHD", Decimal("1.055")
    lamp.save()
    invoices.render(invoices.issue(place(ada, [Item(lamp, 1)])))
    nothing_waits()
    assert verified()[0] == 0


@pytest.mark.parametrize("gross", ["Infinity", "1E+400", "sNaN"])
def test_what_cannot_be_checked_hides_nothing_that_comes_after_it(invoice, gross):
    damage(invoice, content=invoice.content.replace('"gross":"11.90"', f'"gross":"{gross}"'))
    damage(Invoice.objects.get(number=3), due_date="2020-01-01")
    said = verified()[1]
    assert any("00002: it cannot be checked" in line for line in said)
    assert any("00003: its due date is 2020-01-01 in the row" in line for line in said)


def test_a_file_that_cannot_be_read_hides_nothing_that_comes_after_it(invoice):
    default_storage.delete(invoice.pdf.name)
    Path(default_storage.path(invoice.pdf.name)).mkdir()
    default_storage.delete(Invoice.objects.get(number=3).pdf.name)
    said = verified()[1]
    assert any("00002: it cannot be checked (IsADirectoryError)" in line for line in said)
    assert any("00003: its PDF is not in the media" in line for line in said)


def test_a_pdf_that_shows_other_sums_than_its_xml_is_found(invoice):
    content = from_json(invoice.content)
    made = pdf.announced(pdf.typeset(replace(content, gross=Decimal("99.99")), einvoice.xml_of(content)))
    default_storage.save(invoice.pdf.name, ContentFile(made))
    assert any("00002: its PDF is not the one that was rendered" in line for line in verified()[1])


@pytest.mark.parametrize("secret", ["of today", "of yesterday"])
def test_an_old_pdf_that_would_be_rendered_otherwise_now_is_not_wrong(invoice, settings, secret):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "of today", ["of yesterday"]
    content = from_json(invoice.content)
    made = pdf.announced(pdf.typeset(replace(content, iban="as it was"), einvoice.xml_of(content)))
    damage(invoice, pdf=default_storage.save(invoices.name_of(made, secret), ContentFile(made)))
    assert verified()[0] == 0


def test_a_new_key_of_the_site_makes_no_pdf_wrong(invoice, settings):
    settings.SECRET_KEY = "new"
    assert verified()[0] == 0


def test_the_last_invoice_of_a_series_is_missed(invoice):
    guards.take_down(DEFAULT_DB_ALIAS)
    last = Invoice.objects.filter(kind="invoice").last()
    QuerySet(Invoice).filter(pk=last.pk).delete()
    guards.put_up(DEFAULT_DB_ALIAS)
    InvoiceSeries.objects.filter(pk=last.series_id).update(next_number=last.number)
    assert verified()[1][0] == f"order {last.order}: it has no invoice, and no job that would issue it waits"


def test_what_is_not_issued_and_waits_for_no_job_is_missed(invoice, ada, lamp, nothing_waits):
    order, made = place(ada, [Item(lamp, 1)]), refund(invoice.order)
    assert verified()[0] == 0
    nothing_waits()
    assert verified()[1][:2] == [
        f"order {order}: it has no invoice, and no job that would issue it waits",
        f"order {invoice.order}: refund {made.pk} has no credit note, and no job that would issue it waits",
    ]


def test_a_job_about_another_order_or_refund_issues_nothing_of_this_one(invoice, ada, lamp):
    place(ada, [Item(lamp, 1)])
    refund(invoice.order)
    Job.objects.filter(task="invoices.issue_invoice").update(kwargs={"order_id": 0})
    Job.objects.filter(task="invoices.issue_credit_note").update(kwargs={"refund_id": 0})
    assert len(verified()[1]) == 3
