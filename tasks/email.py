"""Mails. All are slow: they wait for the mail server."""

from project.accounts import emails as account_emails
from project.accounts.models import User
from project.blog import emails as blog_emails
from project.blog.models import Comment
from project.jobs import task
from project.jobs.policies import MAIL
from project.notifications.mails import deliver
from project.orders import emails as order_emails
from project.orders.models import Invoice, Order


@task(queue="email", slow=True, policy=MAIL)
def welcome(*, user_id: int) -> None:
    """Greet a new user.

    Idempotent: the delivery is keyed by the user; a second run sends nothing.
    Gives up: after 8 attempts, about 5 hours; the job is then `failed`.
    """
    deliver(account_emails.welcome(User.objects.get(pk=user_id)), key=f"welcome:{user_id}")


@task(queue="email", slow=True, policy=MAIL)
def notify_post_author(*, comment_id: int) -> None:
    """Tell the author of a post about one comment, but not about their own.

    Idempotent: the delivery is keyed by the comment; a second run sends nothing. Of one that is gone it says nothing.
    Gives up: after 8 attempts, about 5 hours; the job is then `failed`.
    """
    comment = Comment.objects.select_related("author", "post__author").filter(pk=comment_id).first()
    if comment and comment.author != comment.post.author:
        deliver(blog_emails.new_comment(comment), key=f"comment:{comment_id}")


@task(queue="email", slow=True, policy=MAIL)
def confirm_order(*, order_id: int) -> None:
    """Confirm an order to the customer.

    Idempotent: the delivery is keyed by the order; a second run sends nothing.
    Gives up: after 8 attempts, about 5 hours; the job is then `failed`.
    """
    order = Order.objects.select_related("customer").get(pk=order_id)
    deliver(order_emails.confirmation(order), key=f"order:{order_id}:placed")


@task(queue="email", slow=True, policy=MAIL)
def announce_reversal(*, order_id: int) -> None:
    """Tell the customer that an order was cancelled or refunded.

    Idempotent: the delivery is keyed by the order; a second run sends nothing.
    Gives up: after 8 attempts, about 5 hours; the job is then `failed`.
    """
    order = Order.objects.select_related("customer").get(pk=order_id)
    deliver(order_emails.reversal(order), key=f"order:{order_id}:reversed")


@task(queue="email", slow=True, policy=MAIL)
def send_invoice(*, invoice_id: int) -> None:
    """Send an invoice or a credit note to the customer.

    Idempotent: the delivery is keyed by the invoice; a second run sends nothing.
    Gives up: after 8 attempts, about 5 hours; the job is then `failed`.
    """
    invoice = Invoice.objects.select_related("order__customer", "series").get(pk=invoice_id)
    deliver(order_emails.invoice(invoice), key=f"invoice:{invoice_id}")
