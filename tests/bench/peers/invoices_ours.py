"""The project's invoices, and for who has none inside, the PDF by itself."""

import os

from project.orders import pdf

invoice = pdf.render if os.environ["BENCH_PEER"] == "ours-einvoice" else pdf.typeset
