"""The same invoice from HTML, by Django's templates and WeasyPrint."""

from pathlib import Path

from django.template import Context, Engine
from weasyprint import HTML

from project.orders.pdf import shown

TEMPLATE = Engine().from_string(Path(__file__).with_name("invoice.html").read_text())


def invoice(said):
    return HTML(string=TEMPLATE.render(Context(shown(said)))).write_pdf(pdf_variant="pdf/a-3b")
