"""Orders, what was reversed of them, and the invoices for both."""

from project.orders.models.addresses import BillingAddress
from project.orders.models.invoices import Invoice, InvoiceSeries, Reminder
from project.orders.models.orders import Order, OrderLine
from project.orders.models.refunds import Refund, RefundLine

__all__ = ["BillingAddress", "Invoice", "InvoiceSeries", "Order", "OrderLine", "Refund", "RefundLine", "Reminder"]
