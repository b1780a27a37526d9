"""The invoice for machines: Factur-X 1.0, which is ZUGFeRD 2, in the profile EN 16931, as CII D22B has it.

The names beginning with BT are the terms of EN 16931. Who reads it: https://fnfe-mpe.org/factur-x/factur-x_en/
"""

from collections.abc import Iterator
from functools import partial
from xml.etree import ElementTree as ET

from django_countries.data import COUNTRIES

from project.orders import cii
from project.orders.cii import day, node, percent, plain, ram
from project.orders.content import Content, Line, Party, RateSum

NAME = "factur-x.xml"  # as the standard demands
PROFILE = "urn:cen.eu:en16931:2017"
TYPES = {"invoice": "380", "credit note": "381"}  # UNTDID 1001
PIECE = "C62"  # UN/ECE recommendation 20
TRANSFER, SEPA = "30", "58"  # UNTDID 4461
REASON_CODES = {"AE": "VATEX-EU-AE"}
DELIVERY = "ApplicableHeaderTradeDelivery/ActualDeliverySupplyChainEvent"
MORE_PREFIXES = ("EL", "XI")  # Greece and Northern Ireland, in VAT ids
DECIMALS = 2  # rules BR-DEC-01 to 28

money = partial(cii.money, decimals=DECIMALS)


def fits(content: Content) -> bool:
    """Return whether EN 16931 can say the amounts: it has two decimals, where a dinar has three."""
    amounts = [line.net for line in content.lines] + [
        amount for rate in content.rates for amount in (rate.net, rate.tax)
    ]
    return all(amount == round(amount, DECIMALS) for amount in amounts)


def xml_of(content: Content) -> bytes:
    """Return the XML: the same bytes for the same content."""
    if not fits(content):
        raise ValueError(f"{content.number} has amounts of three decimals; EN 16931 has two: ask `fits` before.")
    root = node(
        "rsm:CrossIndustryInvoice",
        node("rsm:ExchangedDocumentContext", ram("GuidelineSpecifiedDocumentContextParameter/ID", PROFILE)),
        node(
            "rsm:ExchangedDocument",
            ram("ID", content.number),
            ram("TypeCode", TYPES[content.kind]),
            ram("IssueDateTime", day(content.issued_on)),
        ),
        node(
            "rsm:SupplyChainTradeTransaction",
            *(line_of(number, line) for number, line in enumerate(content.lines, start=1)),
            agreement(content),
            ram(f"{DELIVERY}/OccurrenceDateTime", day(content.delivered_on)),
            ram("ApplicableHeaderTradeSettlement", *settlement(content)),
        ),
    )
    xml: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return xml


def line_of(number: int, line: Line) -> ET.Element:
    """Return one line (BG-25)."""
    return ram(
        "IncludedSupplyChainTradeLineItem",
        ram("AssociatedDocumentLineDocument/LineID", str(number)),
        ram("SpecifiedTradeProduct/Name", line.description),
        ram("SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount", plain(line.unit_price)),
        ram("SpecifiedLineTradeDelivery", ram("BilledQuantity", str(line.quantity), unitCode=PIECE)),
        ram(
            "SpecifiedLineTradeSettlement",
            ram(
                "ApplicableTradeTax",
                ram("TypeCode", "VAT"),
                ram("CategoryCode", line.category),
                ram("RateApplicablePercent", percent(line.rate)),
            ),
            ram("SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount", money(line.net)),
        ),
    )


def agreement(content: Content) -> ET.Element:
    """Return who sells to whom (BG-4, BG-7), and the seller's number of the order (BT-14)."""
    return ram(
        "ApplicableHeaderTradeAgreement",
        party("SellerTradeParty", content.seller),
        party("BuyerTradeParty", content.buyer),
        ram("SellerOrderReferencedDocument/IssuerAssignedID", content.order),
    )


def party(role: str, who: Party) -> ET.Element:
    """Return a seller or buyer. The format has three lines of address: what is more joins the third."""
    first, second, *rest = (*who.address, "", "")
    return ram(
        role,
        ram("Name", who.name),
        ram(
            "PostalTradeAddress",
            ram("PostcodeCode", who.postcode),
            ram("LineOne", first),
            ram("LineTwo", second),
            ram("LineThree", ", ".join(filter(None, rest))),
            ram("CityName", who.city),
            ram("CountryID", who.country),
        ),
        ram("URIUniversalCommunication", ram("URIID", who.email, schemeID="EM")),
        ram("SpecifiedTaxRegistration", ram("ID", registration(who.vat_id), schemeID="VA")),
    )


def registration(vat_id: str) -> str:
    """Return the VAT id where the format can say it: with a country's prefix (BR-CO-09). Others are on the PDF only."""
    return vat_id if vat_id[:2] in COUNTRIES or vat_id[:2] in MORE_PREFIXES else ""


def settlement(content: Content) -> Iterator[ET.Element]:
    """Return how it is paid, the tax of each rate (BG-23), the terms, the sums (BG-22) and what is reversed (BG-3)."""
    yield ram("PaymentReference", content.number)
    yield ram("InvoiceCurrencyCode", content.currency)
    if content.iban and content.kind == "invoice":
        yield ram(
            "SpecifiedTradeSettlementPaymentMeans",
            ram("TypeCode", SEPA if content.currency == "EUR" else TRANSFER),
            ram("PayeePartyCreditorFinancialAccount/IBANID", content.iban.replace(" ", "")),
        )
    yield from map(tax, content.rates)
    if content.refers_to:  # nothing is due: it says in words what becomes of the amount (BT-20)
        yield ram("SpecifiedTradePaymentTerms/Description", f"Credited against {content.refers_to.number}")
    else:
        yield ram("SpecifiedTradePaymentTerms/DueDateDateTime", day(content.due_on))
    yield ram(
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        ram("LineTotalAmount", money(content.net)),
        ram("TaxBasisTotalAmount", money(content.net)),
        ram("TaxTotalAmount", money(content.tax), currencyID=content.currency),
        ram("GrandTotalAmount", money(content.gross)),
        ram("DuePayableAmount", money(content.gross)),
    )
    if content.refers_to:
        yield ram(
            "InvoiceReferencedDocument",
            ram("IssuerAssignedID", content.refers_to.number),
            ram("FormattedIssueDateTime", day(content.refers_to.issued_on, "qdt")),
        )


def tax(rate: RateSum) -> ET.Element:
    """Return what falls under one rate."""
    return ram(
        "ApplicableTradeTax",
        ram("CalculatedAmount", money(rate.tax)),
        ram("TypeCode", "VAT"),
        ram("ExemptionReason", rate.reason),
        ram("BasisAmount", money(rate.net)),
        ram("CategoryCode", rate.category),
        ram("ExemptionReasonCode", REASON_CODES.get(rate.category, "")),
        ram("RateApplicablePercent", percent(rate.rate)),
    )
