import hashlib
import io
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from pypdf import PdfReader

from project.orders import pdf
from tests.contents import BUYER, REVERSE_CHARGE, content, credit_note, goods
from tests.support import python

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


def pages_of(shown):
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf.render(shown))).pages]


def text_of(shown):
    return "\n".join(pages_of(shown))


def chairs(count):
    return [(f"Chair {number}", 1, "10.00", "19") for number in range(1, count + 1)]


def test_it_shows_who_what_and_when():
    shown = text_of(content())
    for fact in ("Invoice\n", "Number INV-2026-00042", "Issued 25 November 2026", "Delivered 23 November 2026"):
        assert fact in shown
    assert "Due 26 December 2026\nOrder 7K3QX9PM2A" in shown
    assert "Ada Lovelace\n12 St James’s Square\nSW1Y 4JH London\nGB\n" in shown
    assert (
        "Lampenhaus Müller GmbH · Torstraße 12 · 10119 Berlin\nVAT DE123456789 · rechnung@lampenhaus.example" in shown
    )


def test_it_says_how_to_pay():
    shown = text_of(content())
    assert (
        "Please pay EUR 11.90 by 26 December 2026.\nIBAN DE02 1203 0000 0000 2020 51, reference INV-2026-00042" in shown
    )
    assert "IBAN" not in text_of(content(iban=""))


def test_it_shows_the_lines_and_the_sums_of_each_tax_rate():
    shown = text_of(content(("Lamp", 150, "10.00", "19"), ("Book", 3, "5.00", "5.5"))).splitlines()
    assert "Lamp 150 10.00 19 % 1,500.00" in shown
    assert "Book 3 5.00 5.5 % 15.00" in shown
    sums = ["Net 1,515.00", "Tax 5.5 % on 15.00 0.83", "Tax 19 % on 1,500.00 285.00", "Total EUR 1,800.83"]
    assert shown[shown.index("Net 1,515.00") :][:4] == sums


@pytest.mark.parametrize(("currency", "decimals", "total"), [("JPY", 0, "13,580"), ("BHD", 3, "13,579.500")])
def test_amounts_have_as_many_decimals_as_their_currency(currency, decimals, total):
    shown = text_of(content(("Lamp", 1, "12345", "10"), currency=currency, decimals=decimals))
    assert f"Total {currency} {total}" in shown


def test_reverse_charge_is_told_with_the_customers_number():
    shown = text_of(content(("Lamp", 1, "10", "AE"), ("Book", 1, "10", "19")))
    assert f"{REVERSE_CHARGE}\nVAT number of the customer: GB123456789" in shown
    assert "Tax 0 % (reverse charge) on 10.00 0.00\nTax 19 % on 10.00 1.90" in shown


def test_a_credit_note_shows_what_it_reverses_and_asks_for_nothing():
    shown = text_of(credit_note(("Lamp", 2, "10.00", "19")))
    assert "Credit note\nNumber CN-2026-00003" in shown
    assert "Reverses INV-2026-00007\nof 2 November 2026\n" in shown
    assert "Lamp 2 10.00 19 % 20.00\nNet 20.00\nTax 19 % on 20.00 3.80\nTotal credited EUR 23.80\n" in shown
    assert "The amount is credited to you against INV-2026-00007." in shown
    assert not {"Due", "pay", "IBAN"} & set(shown.split())
    assert "Reverses" not in text_of(content())


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_wrote_is_shown_literally_and_never_run(hostile):
    shown = text_of(content((hostile, 1, "10.00", "19"), buyer=replace(BUYER, name=hostile))).splitlines()
    assert hostile in shown
    assert f"{hostile} 1 10.00 19 % 10.00" in shown


def test_a_name_of_300_letters_and_a_word_longer_than_its_column_go_over_several_lines():
    shown = text_of(content(("W" * 200, 1, "10.00", "19"), buyer=replace(BUYER, name="N" * 300))).splitlines()
    for letter, count in (("W", 200), ("N", 300)):
        broken = [line for line in shown if set(line) == {letter}]
        assert len(broken) > 1
        assert "".join(broken) == letter * count


def test_500_lines_go_over_several_numbered_pages_with_the_header_on_each():
    pages = pages_of(content(*chairs(500)))
    assert len(pages) > 10
    for number, page in enumerate(pages, start=1):
        assert "Description Quantity Unit price Tax Net EUR" in page
        assert f"Page {number} of {len(pages)}" in page
    rows = [line.split(" 1 10")[0] for page in pages for line in page.splitlines() if line.startswith("Chair")]
    assert rows == [f"Chair {number}" for number in range(1, 501)]


def test_each_page_hands_the_sum_so_far_to_the_next():
    pages = pages_of(content(*chairs(100)))
    lines = 0
    for before, after in pairwise(pages):
        lines += before.count("Chair")
        assert f"Carried forward {lines * 10:,}.00" in before
        assert f"Brought forward {lines * 10:,}.00" in after
    assert "Brought forward" not in pages[0]
    assert "Carried forward" not in pages[-1]


# From where all is on one page to where several lines are on the next.
@pytest.mark.parametrize("count", range(19, 29))
def test_the_sums_never_stand_on_a_page_without_a_line(count):
    last = pages_of(content(*chairs(count)))[-1]
    assert f"Chair {count} " in last
    assert f"Net {count * 10}.00" in last
    assert "Total EUR" in last


def test_the_same_content_gives_the_same_bytes_in_every_process():
    here = {hashlib.sha256(pdf.render(content(*goods(30)))).hexdigest() for _ in range(2)}
    code = """
import hashlib
from project.orders import pdf
from tests.contents import content, goods
print(hashlib.sha256(pdf.render(content(*goods(30)))).hexdigest())"""
    assert here == {python(code).strip()}


def test_importing_the_module_does_not_import_the_libraries():
    code = "import sys, project.orders.pdf\nprint({'typst', 'pikepdf', 'fontTools'} & set(sys.modules))"
    assert python(code).strip() == "set()"


def test_metadata_of_a_new_typst_that_has_no_place_for_ours_is_refused():
    with pytest.raises(ValueError, match="expected it once"):
        pdf.with_factur_x("<x:xmpmeta/>")


def test_an_amount_is_never_in_powers_of_ten():
    assert pdf.money(Decimal("1E+3")) == "1,000"
