"""Mails. All are slow: they wait for the mail server."""

from project.accounts import emails as account_emails
from project.accounts.models import User
from project.blog import emails as blog_emails
from project.blog.models import Post
from project.jobs import task
from project.jobs.policies import MAIL
from project.notifications.mails import deliver
from project.orders import emails as order_emails
from project.orders import reminders
from project.orders.models import Invoice, Order, Refund, Reminder


@task(queue="email", slow=True, policy=MAIL)
def welcome(*, user_id: int) -> None:
    """Greet a new user, unless there is no address to write to.

    Idempotent: the delivery is keyed by the user; a second run sends nothing.
    Gives up: after 8 attempts, about 6 hours; the job is then `failed`.
    """
    if not User.objects.filter(pk=user_id, email="").exists():
        deliver(lambda: account_emails.welcome(User.objects.get(pk=user_id)), key=f"welcome:{user_id}")


@task(queue="email", slow=True, policy=MAIL)
def notify_post_author(*, post_id: int) -> None:
    """Tell the author of a post about its new comments, all in one mail, but not about their own.

    Idempotent: each comment is in one mail, and keeps which. Of a post that is gone it says nothing.
    Gives up: after 8 attempts, about 6 hours; the job is then `failed`.
    """
    if post := Post.objects.select_related("author").filter(pk=post_id).first():
        blog_emails.tell_author(post)


@task(queue="email", slow=True, policy=MAIL)
def confirm_order(*, order_id: int) -> None:
    """Confirm an order to the customer.

    Idempotent: the delivery is keyed by the order; a second run sends nothing.
    Gives up: after 8 attempts, about 6 hours; the job is then `failed`.
    """
    orders = Order.objects.select_related("customer")
    deliver(lambda: order_emails.confirmation(orders.get(pk=order_id)), key=f"order:{order_id}:placed")


@task(queue="email", slow=True, policy=MAIL)
def announce_reversal(*, refund_id: int) -> None:
    """Tell the customer that an order, or a part of it, was cancelled or refunded.

    Idempotent: the delivery is keyed by the refund; a second run sends nothing.
    Gives up: after 8 attempts, about 6 hours; the job is then `failed`.
    """
    refunds = Refund.objects.select_related("order__customer")
    deliver(lambda: order_emails.reversal(refunds.get(pk=refund_id)), key=f"refund:{refund_id}")


@task(queue="email", slow=True, policy=MAIL)
def send_invoice(*, invoice_id: int) -> None:
    """Send an invoice or a credit note to the customer.

    Idempotent: the delivery is keyed by the invoice; a second run sends nothing.
    Gives up: after 8 attempts, about 6 hours; the job is then `failed`.
    """
    invoices = Invoice.objects.select_related("order__customer", "series")
    deliver(lambda: order_emails.invoice(invoices.get(pk=invoice_id)), key=f"invoice:{invoice_id}")


@task(queue="email", slow=True, policy=MAIL)
def remind_of_invoice(*, reminder_id: int) -> None:
    """Remind the customer of an invoice, unless it was paid or reversed meanwhile, or they were just reminded.

    Idempotent: the delivery is keyed by the reminder; a second run sends nothing.
    Gives up: after 8 attempts, about 6 hours; the job is then `failed`.
    """
    reminder = Reminder.objects.select_related("invoice__order__customer", "invoice__series").get(pk=reminder_id)
    if reminders.is_due(reminder):
        deliver(lambda: order_emails.reminder(reminder), key=reminders.key_of(reminder))
