import io
import re
import sys
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from project.orders import einvoice, pdf
from project.orders.cii import NAMESPACES
from tests.contents import BUYER, REVERSE_CHARGE, SELLER, content, credit_note, goods
from tests.facturx_rules import faults

LONG = replace(BUYER, name="N" * 300, address=("Floor 1", "House 2", "Street 3", "Quarter 4"), vat_id="", postcode="")
VALID = {
    "one line": content(),
    "500 lines": content(*goods(500)),
    "several rates, 0 % among them": content(("a", 1, "0.05", "7"), ("b", 3, "33.33", "19"), ("c", 1, "2", "0")),
    "reverse charge": content(("a", 2, "100.00", "AE")),
    "credit note": credit_note(("a", 2, "100.00", "19")),
    "credit note, reverse charge": credit_note(("a", 2, "100.00", "AE")),
    "yen": content(("a", 3, "333", "10"), ("b", 1, "5", "8"), currency="JPY", decimals=0),
    "dinars that have no fils": content(("a", 2, "1.25", "10"), ("b", 1, "5.5", "0"), currency="BHD", decimals=3),
    "dollars": content(currency="USD"),
    "no IBAN": content(iban=""),
    "a long name, many lines of address, no postcode": content(buyer=LONG),
    "a tax number without a country's prefix": content(buyer=replace(BUYER, country="US", vat_id="12-3456789")),
    "odd signs": content(("<b>&\x00\x1b\ufffe ]]> 🙂", 1, "1", "19"), buyer=replace(BUYER, name='"Ω" & <Söhne>')),
}
WRONG = {
    "BR-CO-15": replace(content(), gross=Decimal("11.91")),
    "BR-CO-10": replace(content(), net=Decimal("10.01"), gross=Decimal("11.91")),
    "BR-S-09": replace(content(), rates=(replace(content().rates[0], tax=Decimal("5.00")),)),
    "BR-AE-02": content(("a", 1, "1", "AE"), seller=replace(SELLER, vat_id="")),
    "XSD": content(buyer=replace(BUYER, country="")),
    "InvoiceCurrencyCode": content(currency="EURO"),
}
CURRENCIES = {"EUR": 2, "JPY": 0, "BHD": 3}


def find(xml, path):
    found = ET.fromstring(xml).findall(f".//{path}", NAMESPACES)
    return [element.text for element in found]


@pytest.mark.parametrize("what", VALID)
def test_the_schema_and_the_rules_have_nothing_against_it(what, capsys):
    found = faults(einvoice.xml_of(VALID[what]))
    with capsys.disabled():
        sys.stdout.write(f"\nFactur-X EN 16931, XSD and schematron: {what}: {len(found)} faults ")
    assert found == []


@pytest.mark.parametrize("rule", WRONG)
def test_what_is_wrong_is_refused_by_the_same_rules(rule):
    assert [fault for fault in faults(einvoice.xml_of(WRONG[rule])) if rule in fault]


def test_reverse_charge_says_why_by_code_and_in_words():
    xml = einvoice.xml_of(content(("a", 1, "10", "AE"), ("b", 1, "10", "19")))
    assert find(xml, "ram:ExemptionReasonCode") == ["VATEX-EU-AE"]
    assert find(xml, "ram:ExemptionReason") == [REVERSE_CHARGE]


@pytest.mark.parametrize(
    ("vat_id", "said"),
    [("GB123456789", True), ("XI123456789", True), ("EL123456789", True), ("CHE123456789", True), ("123456789", False),
     ("12-3456789", False), ("ZZ1", False), ("gb123456789", False)],
)  # fmt: skip
def test_it_says_a_vat_id_that_has_a_country_s_prefix_and_the_pdf_every_one(vat_id, said):
    sold = content(buyer=replace(BUYER, vat_id=vat_id))
    xml = einvoice.xml_of(sold)
    assert find(xml, "ram:BuyerTradeParty/ram:SpecifiedTaxRegistration/ram:ID") == ([vat_id] if said else [])
    assert faults(xml) == []
    [page] = PdfReader(io.BytesIO(pdf.render(sold))).pages
    assert f"VAT number of the customer: {vat_id}" in page.extract_text()


def test_it_says_when_and_to_where_to_pay():
    xml = einvoice.xml_of(content())
    assert find(xml, "ram:DueDateDateTime/udt:DateTimeString") == ["20261226"]
    assert find(xml, "ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode") == ["58"]
    assert find(xml, "ram:IBANID") == ["DE02120300000000202051"]
    assert find(einvoice.xml_of(content(currency="USD")), "ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode") == [
        "30"
    ]


def test_a_credit_note_names_its_original_and_asks_for_nothing():
    xml = einvoice.xml_of(credit_note())
    assert find(xml, "rsm:ExchangedDocument/ram:TypeCode") == ["381"]
    assert find(xml, "ram:InvoiceReferencedDocument/ram:IssuerAssignedID") == ["INV-2026-00007"]
    assert find(xml, "ram:FormattedIssueDateTime/qdt:DateTimeString") == ["20261102"]
    assert find(xml, "ram:Description") == ["Credited against INV-2026-00007"]
    assert find(xml, "ram:IBANID") == find(xml, "ram:DueDateDateTime/udt:DateTimeString") == []


def test_an_address_of_many_lines_loses_none():
    xml = einvoice.xml_of(VALID["a long name, many lines of address, no postcode"])
    buyer = "ram:BuyerTradeParty/ram:PostalTradeAddress/"
    assert [find(xml, buyer + f"ram:Line{n}") for n in ("One", "Two", "Three")] == [
        ["Floor 1"],
        ["House 2"],
        ["Street 3, Quarter 4"],
    ]
    assert find(xml, buyer + "ram:PostcodeCode") == []


def test_what_xml_cannot_hold_is_replaced():
    [name] = find(einvoice.xml_of(VALID["odd signs"]), "ram:SpecifiedTradeProduct/ram:Name")
    assert name == "<b>&\ufffd\ufffd\ufffd ]]> 🙂"


def test_amounts_of_three_decimals_have_no_e_invoice_and_their_pdf_none_inside():
    dinars = content(("a", 1, "1.234", "10"), currency="BHD", decimals=3)
    assert not einvoice.fits(dinars)
    with pytest.raises(ValueError, match="three decimals"):
        einvoice.xml_of(dinars)
    assert PdfReader(io.BytesIO(pdf.render(dinars))).attachments == {}


def test_the_same_content_gives_the_same_bytes():
    assert einvoice.xml_of(content(*goods(3))) == einvoice.xml_of(content(*goods(3)))


@st.composite
def contents(draw):
    currency, decimals = draw(st.sampled_from([*CURRENCIES.items()]))
    price = st.decimals(0, 999999, places=decimals)
    rate = st.sampled_from(["19", "7", "5.5", "0", "AE"])
    lines = draw(st.lists(st.tuples(st.integers(1, 9999), price, rate), min_size=1, max_size=40))
    numbered = [(f"Item{n}:", *line) for n, line in enumerate(lines)]
    return draw(st.sampled_from([content, credit_note]))(*numbered, currency=currency, decimals=decimals)


@settings(max_examples=25, deadline=None)
@given(contents())
def test_xml_and_pdf_say_every_number_as_the_row_does(said):
    reader = PdfReader(io.BytesIO(pdf.render(said)))
    assert numbers_of_pdf("\n".join(page.extract_text() for page in reader.pages), said) == numbers_of(said)
    assert ("factur-x.xml" in reader.attachments) == einvoice.fits(said)
    if einvoice.fits(said):
        [xml] = reader.attachments["factur-x.xml"]
        assert xml == einvoice.xml_of(said)
        assert numbers_of_xml(ET.fromstring(xml)) == numbers_of(said)


def numbers_of(said):
    due = [] if said.refers_to else [said.due_on]
    of = [said.refers_to.issued_on] if said.refers_to else []
    return {
        "lines": [(line.quantity, line.unit_price, line.rate, line.net) for line in said.lines],
        "rates": [(rate.rate, rate.net, rate.tax) for rate in said.rates],
        "sums": [said.net, said.tax, said.gross],
        "dates": [said.issued_on, said.delivered_on, *due, *of],
        "numbers": [said.number, said.order, *([said.refers_to.number] if of else [])],
    }


def numbers_of_pdf(text, said):
    rates = re.findall(r"^Tax (\S+) %(?: \(reverse charge\))? on (\S+) (\S+)$", text, re.MULTILINE)
    [net], [gross] = (
        re.findall(r"^Net (\S+)$", text, re.MULTILINE),
        re.findall(rf"^Total.* {said.currency} (\S+)$", text, re.MULTILINE),
    )
    dates = re.findall(r"^(?:Issued|Delivered|Due|of) (\d+ \w+ \d{4})$", text, re.MULTILINE)
    return {
        "lines": [
            tuple(map(decimal, row)) for row in re.findall(r"^Item\d+: (\S+) (\S+) (\S+) % (\S+)$", text, re.MULTILINE)
        ],
        "rates": [tuple(map(decimal, rate)) for rate in rates],
        "sums": [decimal(net), sum(decimal(tax) for _, _, tax in rates), decimal(gross)],
        "dates": [datetime.strptime(f"{date} Z", "%d %B %Y %z").date() for date in dates],
        "numbers": re.findall(r"^(?:Number|Order|Reverses) (\S+)$", text, re.MULTILINE),
    }


def numbers_of_xml(root):
    def texts(path, within=root):
        return [element.text for element in within.findall(f".//{path}", NAMESPACES)]

    line = ("ram:BilledQuantity", "ram:ChargeAmount", "ram:RateApplicablePercent", "ram:LineTotalAmount")
    rate = ("ram:RateApplicablePercent", "ram:BasisAmount", "ram:CalculatedAmount")
    [settlement] = root.findall(".//ram:ApplicableHeaderTradeSettlement", NAMESPACES)
    [sums] = root.findall(".//ram:SpecifiedTradeSettlementHeaderMonetarySummation", NAMESPACES)
    dates = [*texts("udt:DateTimeString"), *texts("qdt:DateTimeString")]
    totals = ("TaxBasisTotalAmount", "TaxTotalAmount", "GrandTotalAmount")
    assert texts("ram:LineTotalAmount", sums) == texts("ram:TaxBasisTotalAmount", sums)
    assert texts("ram:DuePayableAmount", sums) == texts("ram:GrandTotalAmount", sums)
    return {
        "lines": [
            tuple(decimal(texts(path, each)[0]) for path in line)
            for each in root.findall(".//ram:IncludedSupplyChainTradeLineItem", NAMESPACES)
        ],
        "rates": [
            tuple(decimal(texts(path, each)[0]) for path in rate)
            for each in settlement.findall("ram:ApplicableTradeTax", NAMESPACES)
        ],
        "sums": [decimal(texts(f"ram:{name}", sums)[0]) for name in totals],
        "dates": [datetime.strptime(f"{date}Z", "%Y%m%d%z").date() for date in dates],
        "numbers": texts("rsm:ExchangedDocument/ram:ID") + texts("ram:IssuerAssignedID"),
    }


def decimal(text):
    return Decimal(text.replace(",", ""))
