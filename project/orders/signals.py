"""What happens to orders and invoices. Sent inside the transaction that makes it so."""

from django.dispatch import Signal

order_placed = Signal()  # order, product_ids
order_paid = Signal()  # order, product_ids
order_reversed = Signal()  # order, product_ids, refund: the whole or a part
invoice_rendered = Signal()  # invoice
