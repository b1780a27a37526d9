"""An order is placed, paid, cancelled, refunded: mails, invoices without gap, stock and statistics follow."""

import io
import secrets
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from pypdf import PdfReader

from project.catalog.models import DailySales, Product, ProductStatistics
from project.orders.models import Invoice, InvoiceSeries, Order, OrderLine
from tests.flows.mailbox import html_of, text_of
from tests.support import ADDRESS

pytestmark = pytest.mark.flow


@pytest.fixture
def customer(stack):
    return stack.visitor("customer").give_address()


@pytest.fixture
def lamp(stack):
    slug = f"lamp-{secrets.token_hex(4)}"
    return stack.insert(Product(name="Lamp", slug=slug, price=Decimal("19.99"), tax_rate=Decimal(19), stock=50))


@pytest.fixture
def order(stack, customer, lamp):
    """Three lamps, ordered: 59.97 net, 11.39 tax, 71.36 gross."""
    return place(stack, customer, lamp, 3)


def place(stack, customer, product, quantity):
    page = customer.submit(f"/shop/{product.slug}/", quantity=quantity)
    return stack.rows(Order).get(number=page.path.split("/")[2])


def press(customer, order, what):
    customer.submit(f"/orders/{order.number}/", to=f"/orders/{order.number}/{what}/")


def invoice_of(stack, order, kind="invoice"):
    return stack.rows(Invoice, order=order, kind=kind).select_related("series").get()


def mail_with(stack, customer, subject):
    (mail,) = [mail for mail in stack.mailbox.to(customer.email) if mail["Subject"] == subject]
    return mail


def text_of_pdf(content):
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def sold(stack, product):
    """Return orders, units and revenue by the statistics, and stock."""
    counted = stack.rows(ProductStatistics, product=product).values_list("orders", "units", "revenue").first()
    return *(counted or (0, 0, Decimal(0))), stack.rows(Product).get(pk=product.pk).stock


def assert_numbers_without_gap(stack):
    for series in stack.rows(InvoiceSeries):
        numbers = sorted(stack.rows(Invoice, series=series).values_list("number", flat=True))
        assert numbers == list(range(1, series.next_number)), series.prefix


def test_the_order_is_confirmed_by_mail(stack, customer, order):
    stack.settle()
    mail = mail_with(stack, customer, f"Your order {order.number}")
    for body in (text_of(mail), html_of(mail)):
        assert order.number in body
        assert "71.36" in body


def test_the_invoice_has_the_next_number_and_its_mail_the_pdf(stack, customer, order):
    stack.settle()
    invoice = invoice_of(stack, order)
    mail = mail_with(stack, customer, f"Invoice {invoice}")
    (attached,) = mail.iter_attachments()
    download = customer.get(f"/orders/{order.number}/{invoice}.pdf")
    assert (invoice.net, invoice.tax, invoice.gross) == (Decimal("59.97"), Decimal("11.39"), Decimal("71.36"))
    assert (download.status, download.type) == (200, "application/pdf")
    assert attached.get_filename() == f"{invoice}.pdf"
    assert attached.get_content() == download.content
    text = text_of_pdf(download.content)
    assert [word for word in (str(invoice), order.number, "59.97", "11.39", "71.36") if word not in text] == []
    assert_numbers_without_gap(stack)


def test_the_invoice_is_nobody_elses_business(stack, customer, order):
    stack.settle()
    path = f"/orders/{order.number}/{invoice_of(stack, order)}.pdf"
    assert customer.get(path).status == 200
    assert stack.visitor("stranger").get(path).status == 404
    assert stack.stranger().get(path).path == "/accounts/login/"
    stack.settle()


def test_the_statistics_follow(stack, customer, lamp, order):
    place(stack, customer, lamp, 2)
    stack.settle()
    day = stack.rows(DailySales, product=lamp).get()
    assert sold(stack, lamp) == (2, 5, Decimal("99.95"), 45)
    assert (day.day, day.units, day.revenue) == (order.placed_at.date(), 5, Decimal("99.95"))


@pytest.mark.parametrize("presses", [["cancel"], ["pay", "refund"]])
def test_what_is_reversed_is_credited_and_put_back(stack, customer, lamp, order, presses):
    stack.settle()
    for each in presses:
        press(customer, order, each)
    stack.settle()
    invoice, credit_note = invoice_of(stack, order), invoice_of(stack, order, "credit note")
    assert (credit_note.refers_to_id, credit_note.gross) == (invoice.pk, -invoice.gross)
    assert sold(stack, lamp) == (0, 0, Decimal(0), 50)
    assert not stack.rows(DailySales, product=lamp).exists()
    (attached,) = mail_with(stack, customer, f"Credit note {credit_note}").iter_attachments()
    text = text_of_pdf(attached.get_content())
    assert [word for word in ("Credit note", str(invoice), "71.36") if word not in text] == []
    assert_numbers_without_gap(stack)


def test_the_first_order_asks_for_the_address(stack, lamp):
    newcomer = stack.visitor("newcomer")
    asked = newcomer.submit(f"/shop/{lamp.slug}/", quantity=2)
    assert asked.path == "/orders/address/"
    wish = f"/orders/address/?product={lamp.slug}&quantity=2"
    page = newcomer.submit(wish, **ADDRESS)
    stack.settle()
    order = stack.rows(Order).get(customer__username=newcomer.name)
    assert page.path == f"/orders/{order.number}/"
    assert ADDRESS["name"] in invoice_of(stack, order).content
    assert stack.rows(Product).get(pk=lamp.pk).stock == 48


def test_a_part_is_refunded_and_credited(stack, customer, lamp, order):
    stack.settle()
    press(customer, order, "pay")
    line = stack.rows(OrderLine).get(order=order)
    customer.submit(f"/orders/{order.number}/refund/part/", **{f"line-{line.pk}": 1, "reason": "broken"})
    stack.settle()
    note = invoice_of(stack, order, "credit note")
    assert (note.net, note.gross) == (Decimal("-19.99"), Decimal("-23.79"))
    assert stack.rows(Order).get(pk=order.pk).status == "paid"
    assert sold(stack, lamp) == (1, 2, Decimal("39.98"), 48)
    assert stack.rows(DailySales, product=lamp).get().revenue == Decimal("39.98")
    mail_with(stack, customer, f"Your order {order.number} was reversed in part")
    mail_with(stack, customer, f"Credit note {note}")


def test_orders_at_the_same_time_get_numbers_without_gap(stack, customer, lamp):
    with ThreadPoolExecutor(10) as threads, stack.second_worker("invoices"):
        with stack.broker_frozen():
            pages = list(threads.map(lambda _: customer.submit(f"/shop/{lamp.slug}/", quantity=1), range(10)))
        stack.settle()
    invoices = stack.rows(Invoice, order__customer__username=customer.name)
    assert len({page.path for page in pages}) == 10
    assert len(set(invoices.values_list("series", "number"))) == 10
    assert sold(stack, lamp) == (10, 10, Decimal("199.90"), 40)
    assert_numbers_without_gap(stack)
