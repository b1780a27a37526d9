import hashlib
import io
from decimal import Decimal

import pytest
from pypdf import PdfReader

from project.accounts.models import User
from project.orders import invoices, pdf
from project.orders.models import Invoice, Order, OrderLine
from tests.support import database_url, python

HOSTILE = [
    '#eval("1")',
    '#panic("no") #read("/etc/passwd")',
    "*bold* _italic_ `raw` $x^2$",
    "<label> @reference",
    r"back\slash \u{41} \#",
    "\"double\" 'single'",
    '"}], "gross": "0.00',
    "= heading",
    "// comment /* more",
    "Größe Übermaß, 5 €",
]


@pytest.fixture
def order(ada):
    return Order.objects.create(number="ORDER1", customer=ada, currency="EUR", total=0)


@pytest.fixture
def issue(order, lamp):
    """Issues the invoice of an order with these lines: (description, quantity, unit price, tax rate)."""

    def issued(*lines):
        for description, quantity, price, rate in lines:
            line = OrderLine(order=order, product=lamp, description=description, quantity=quantity)
            line.unit_price, line.tax_rate = Decimal(price), Decimal(rate)
            line.save()
        return invoices.issue(order)

    return issued


def pages_of(invoice):
    return PdfReader(io.BytesIO(pdf.render(invoice))).pages


def text_of(invoice):
    return "\n".join(page.extract_text() for page in pages_of(invoice))


def chairs(count):
    return [(f"Chair {number}", 1, "10.00", "19.0") for number in range(1, count + 1)]


def test_it_shows_who_what_and_when(issue, ada):
    ada.first_name, ada.last_name = "Ada", "Lovelace"
    invoice = issue(("Lamp", 1, "10.00", "19.0"))
    shown = text_of(invoice)
    for fact in ("Invoice\n", f"Number {invoice}", f"Issued {invoice.issued_at:%Y-%m-%d}", f"Due {invoice.due_date}"):
        assert fact in shown
    assert "Order ORDER1" in shown
    assert "Ada Lovelace\nada@example.com" in shown


def test_it_shows_the_lines_and_the_sums_of_each_tax_rate(issue):
    shown = text_of(issue(("Lamp", 150, "10.00", "19.0"), ("Book", 3, "5.00", "7.0"))).splitlines()
    assert "Lamp 150 10.00 19 % 1,500.00" in shown
    assert "Book 3 5.00 7 % 15.00" in shown
    sums = ["Net 1,515.00", "Tax 7 % on 15.00 1.05", "Tax 19 % on 1,500.00 285.00", "Total EUR 1,801.05"]
    assert shown[shown.index("Net 1,515.00") :][:4] == sums


def test_what_the_customer_changes_later_changes_no_invoice(issue, ada):
    invoice = issue(("Lamp", 1, "10.00", "19.0"))
    before = pdf.render(invoice)
    User.objects.update(first_name="Augusta", email="augusta@example.com")
    assert pdf.render(Invoice.objects.get(pk=invoice.pk)) == before


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_wrote_is_shown_literally_and_never_run(issue, ada, hostile):
    ada.first_name = hostile
    invoice = issue((hostile, 1, "10.00", "19.0"))
    shown = text_of(invoice).splitlines()
    assert hostile in shown
    assert f"{hostile} 1 10.00 19 % 10.00" in shown


def test_a_word_longer_than_its_column_goes_over_several_lines(issue):
    shown = text_of(issue(("W" * 200, 1, "10.00", "19.0"))).splitlines()
    broken = [line for line in shown if set(line) == {"W"}]
    assert len(broken) > 1
    assert "".join(broken) == "W" * 200


def test_200_lines_go_over_several_numbered_pages_with_the_header_on_each(issue):
    pages = [page.extract_text() for page in pages_of(issue(*chairs(200)))]
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        assert "Description Quantity Unit price Tax Net EUR" in page
        assert f"Page {number} of {len(pages)}" in page
    rows = [
        line.removesuffix(" 1 10.00 19 % 10.00")
        for page in pages
        for line in page.splitlines()
        if line.startswith("Chair")
    ]
    assert rows == [f"Chair {number}" for number in range(1, 201)]


@pytest.mark.parametrize("count", range(27, 37))
def test_the_sums_never_stand_on_a_page_without_a_line(issue, count):
    last = pages_of(issue(*chairs(count)))[-1].extract_text()
    assert f"Chair {count} " in last
    assert f"Net {count * 10}.00" in last
    assert "Total EUR" in last


def test_a_credit_note_shows_negative_amounts_and_what_it_reverses(issue, order):
    invoice = issue(("Lamp", 2, "10.00", "19.0"))
    shown = text_of(invoices.issue_credit_note(order))
    assert "Credit note\n" in shown
    assert f"Reverses {invoice}\n" in shown
    assert "Lamp -2 10.00 19 % -20.00\nNet -20.00\nTax 19 % on -20.00 -3.80\nTotal EUR -23.80\n" in shown
    assert "Due" not in shown


def test_an_invoice_reverses_nothing(issue):
    assert "Reverses" not in text_of(issue(*chairs(1)))


def test_all_fonts_are_embedded(issue):
    fonts = [font for page in pages_of(issue(*chairs(40))) for font in page["/Resources"]["/Font"].values()]
    descriptors = [font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts]
    assert descriptors
    assert all({"/FontFile2", "/FontFile3"} & set(descriptor) for descriptor in descriptors)


def test_it_says_its_title_language_and_date_to_machines(issue):
    invoice = issue(*chairs(1))
    document = PdfReader(io.BytesIO(pdf.render(invoice)))
    assert document.metadata.title == f"Invoice {invoice}"
    assert document.metadata.creation_date.date() == invoice.issued_at.date()
    assert document.trailer["/Root"]["/Lang"] == "en"


@pytest.mark.django_db(transaction=True)
def test_the_same_invoice_gives_the_same_bytes_in_every_process(issue):
    invoice = issue(*chairs(3))
    here = {hashlib.sha256(pdf.render(invoice)).hexdigest() for _ in range(2)}
    code = f"""
import hashlib
from project.orders import pdf
from project.orders.models import Invoice
print(hashlib.sha256(pdf.render(Invoice.objects.get(pk={invoice.pk}))).hexdigest())"""
    assert here == {python(code, DATABASE_URL=database_url()).strip()}


def test_importing_the_module_does_not_import_the_library():
    assert python("import sys, project.orders.pdf\nprint('typst' in sys.modules)").strip() == "False"
