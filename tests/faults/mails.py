"""Counts the mails that the mail server accepted against those that the rows call for."""

import hashlib
from collections import defaultdict

from django.core.files.storage import default_storage

from project.accounts.models import User
from project.blog.models import Comment
from project.notifications.mails import message_id
from project.orders.models import Invoice, Order, Refund
from tests.faults.sink import mails
from tests.faults.verdict import FILES, MISSING, PHANTOMS, TWICE

BEFORE, AFTER = 1, 5  # seconds around an acceptance in which a kill may have come before the worker had the answer
EXCUSES = ("worker's child killed", "worker killed", "worker told to end", "worker frozen for 20 s")


def count(path, given, findings):
    accepted = defaultdict(list)
    for mail in mails(path):
        for name in names_of(mail):
            accepted[name].append(mail)
    wanted = set(expected())
    findings.add(MISSING, [str(name) for name in wanted - accepted.keys()])
    findings.add(PHANTOMS, [f"mail {name}" for name in accepted.keys() - wanted])
    twice = {name: copies for name, copies in accepted.items() if len(copies) > 1}
    excused = [name for name, copies in twice.items() if all(is_excused(copy, given) for copy in copies[:-1])]
    findings.add(TWICE, [f"{name}: {shown(copies)}" for name, copies in twice.items() if name not in excused])
    other = [f"{name}: another Message-ID in a copy" for name, copies in twice.items() if len(ids(copies)) > 1]
    findings.add(TWICE, other)
    files = {subject_of(invoice): [hash_of(invoice)] for invoice in invoices()}
    sent = {name[1]: mail[0]["files"] for name, mail in accepted.items() if name[0] == "invoice"}
    wrong = [subject for subject, found in sent.items() if found != files.get(subject)]
    findings.add(FILES, [f"mail {subject!r} has another PDF than its invoice" for subject in wrong])
    findings.notes["mails accepted"] = len(mails(path))
    findings.notes["mails sent twice, a worker killed in between"] = len(excused)


def names_of(mail):
    """Return all that a mail is about, as an outsider tells: by its address and its words. Comments share a mail."""
    subject = mail["subject"]
    if subject.startswith("Welcome, "):
        return [("welcome", mail["to"])]
    if " commented on " in subject or " new comments on " in subject:
        return [("comment", mail["to"], token) for token in mail["tokens"]]
    if " was " in subject:  # an order can be reversed in many parts, in the same words
        return [("reversal", mail["id"], mail["to"])]
    return [("order" if subject.startswith("Your order") else "invoice", subject, mail["to"])]


def expected():
    """Yield what people must have got."""
    for address in User.objects.values_list("email", flat=True):
        yield "welcome", address
    for address, token in Comment.objects.values_list("post__author__email", "text"):
        yield "comment", address, token
    for number, address in Order.objects.values_list("number", "customer__email"):
        yield "order", f"Your order {number}", address
    for pk, address in Refund.objects.values_list("pk", "order__customer__email"):
        yield "reversal", message_id(f"refund:{pk}"), address
    for invoice in invoices():
        yield "invoice", subject_of(invoice), invoice.order.customer.email


def invoices():
    return Invoice.objects.select_related("series", "order__customer")


def hash_of(invoice):
    """Return what a mail's attachment is noted by; nothing where there is no file."""
    if not invoice.pdf or not default_storage.exists(invoice.pdf.name):
        return ""
    with invoice.pdf.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def subject_of(invoice):
    return f"{invoice.get_kind_display().capitalize()} {invoice}"


def ids(copies):
    return {copy["id"] for copy in copies}


def shown(copies):
    return ", ".join(f"{copy['at']:.1f}" for copy in copies)


def is_excused(mail, given):
    """Tell whether the mail's worker was hit as the mail was accepted: it may have died before it could know."""
    hits = [each for each in given if each.target == "email" and each.kind in EXCUSES]
    return any(mail["at"] - BEFORE <= each.end and each.begin <= mail["at"] + AFTER for each in hits)
