"""Invoices issued before their content was frozen get it from the rows as they are now, once and for the last time."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db import migrations

from project.orders.content import Content, Line, Party, RateSum, Reference
from project.orders.frozen import digest, to_json

CENT = Decimal("0.01")  # until now every amount had two decimals


def freeze(apps, _editor):
    Order, Invoice = apps.get_model("orders", "Order"), apps.get_model("orders", "Invoice")
    for order in Order.objects.select_related("customer").iterator(1000):
        order.buyer = buyer_of(order.customer)
        order.save(update_fields=["buyer"])
        if order.status in ("cancelled", "refunded"):
            reverse(apps, order)
    for series in apps.get_model("orders", "InvoiceSeries").objects.all():
        previous = ""
        found = Invoice.objects.filter(series=series).select_related("order", "series", "refers_to__series")
        for invoice in found.order_by("number").iterator(1000):
            invoice.content, invoice.previous_sha256 = to_json(content_of(invoice)), previous
            previous = invoice.sha256 = digest(previous, invoice.content)
            invoice.refund = invoice.order.refunds.first() if invoice.kind == "credit note" else None
            invoice.save()


def buyer_of(user):
    """They had no address yet: the country is the seller's, whose tax they paid."""
    name = f"{user.first_name} {user.last_name}".strip() or user.username
    return {
        "name": name, "address": [], "postcode": "", "city": "", "country": settings.SELLER["country"],
        "vat_id": "", "email": user.email,
    }


def reverse(apps, order):
    note = order.invoices.filter(kind="credit note").first()
    refund = apps.get_model("orders", "Refund").objects.create(order=order, at=note.issued_at if note else order.placed_at)
    RefundLine = apps.get_model("orders", "RefundLine")
    RefundLine.objects.bulk_create(
        RefundLine(refund=refund, line=line, quantity=line.quantity) for line in order.lines.all()
    )


def content_of(invoice):
    lines = tuple(
        Line(
            description=line.description, quantity=line.quantity, unit_price=line.unit_price.quantize(CENT),
            net=(line.quantity * line.unit_price).quantize(CENT), category=category(line.tax_rate), rate=line.tax_rate,
        )
        for line in invoice.order.lines.order_by("id")
    )
    buyer = invoice.order.buyer | {"name": invoice.buyer_name or invoice.order.buyer["name"], "address": ()}
    buyer["email"] = invoice.buyer_email or buyer["email"]
    seller = {name: value for name, value in settings.SELLER.items() if name != "iban"}
    origin = invoice.refers_to
    return Content(
        kind=invoice.kind, number=number_of(invoice), order=invoice.order.number, issued_on=invoice.issued_at.date(),
        due_on=invoice.due_date, delivered_on=invoice.order.placed_at.date(), currency=invoice.order.currency,
        seller=Party(**seller | {"address": tuple(seller["address"])}), buyer=Party(**buyer),
        lines=lines, rates=rates_of(lines),
        net=abs(invoice.net).quantize(CENT), tax=abs(invoice.tax).quantize(CENT), gross=abs(invoice.gross).quantize(CENT),
        refers_to=Reference(number=number_of(origin), issued_on=origin.issued_at.date()) if origin else None,
        iban=settings.SELLER["iban"],
    )


def category(rate):
    return "S" if rate else "Z"


def number_of(invoice):
    return f"{invoice.series.prefix}{invoice.number:05d}"


def rates_of(lines):
    nets = defaultdict(Decimal)
    for line in lines:
        nets[line.rate] += line.net
    return tuple(
        RateSum(category=category(rate), rate=rate, net=net, tax=(net * rate / 100).quantize(CENT, ROUND_HALF_UP))
        for rate, net in sorted(nets.items())
    )


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0003_refunds_and_frozen_content'),
    ]

    operations = [
        migrations.RunPython(freeze, migrations.RunPython.noop, elidable=True),
    ]
