"""What happens to orders and invoices. Sent inside the transaction that makes it so."""

from django.dispatch import Signal

order_placed = Signal()  # order, product_ids
order_paid = Signal()  # order, product_ids
order_cancelled = Signal()  # order, product_ids
order_refunded = Signal()  # order, product_ids
invoice_rendered = Signal()  # invoice
