"""Counts the mails that the mail server accepted against those that the rows call for."""

from collections import defaultdict
from pathlib import Path

from project.accounts.models import User
from project.blog.models import Comment
from project.orders.models import Invoice, Order
from tests.faults.sink import mails
from tests.faults.verdict import FILES, MISSING, PHANTOMS, TWICE

BEFORE, AFTER = 1, 5  # seconds around an acceptance in which a kill may have come before the commit
EXCUSES = ("worker's child killed", "worker killed", "worker told to end", "worker frozen for 20 s")


def count(path, given, findings):
    accepted = defaultdict(list)
    for mail in mails(path):
        accepted[name_of(mail)].append(mail)
    wanted = set(expected())
    findings.add(MISSING, [str(name) for name in wanted - accepted.keys()])
    findings.add(PHANTOMS, [f"mail {name}" for name in accepted.keys() - wanted])
    twice = {name: copies for name, copies in accepted.items() if len(copies) > 1}
    excused = [name for name, copies in twice.items() if all(is_excused(copy, given) for copy in copies[:-1])]
    findings.add(TWICE, [f"{name}: {shown(copies)}" for name, copies in twice.items() if name not in excused])
    other = [f"{name}: another Message-ID in a copy" for name, copies in twice.items() if len(ids(copies)) > 1]
    findings.add(TWICE, other)
    files = {subject_of(invoice): [Path(invoice.pdf.name).stem] for invoice in invoices()}
    sent = {name[1]: mail[0]["files"] for name, mail in accepted.items() if name[0] == "invoice"}
    wrong = [subject for subject, found in sent.items() if found != files.get(subject)]
    findings.add(FILES, [f"mail {subject!r} has another PDF than its invoice" for subject in wrong])
    findings.notes["mails accepted"] = sum(map(len, accepted.values()))
    findings.notes["mails sent twice, a worker killed in between"] = len(excused)


def name_of(mail):
    """Return what a mail is about, as an outsider tells: by its address and its words."""
    subject = mail["subject"]
    if subject.startswith("Welcome, "):
        return "welcome", mail["to"]
    if " commented on " in subject:
        return "comment", mail["to"], mail["tokens"][0]
    return "order" if subject.startswith("Your order") else "invoice", subject, mail["to"]


def expected():
    """Yield what people must have got."""
    for address in User.objects.values_list("email", flat=True):
        yield "welcome", address
    for address, token in Comment.objects.values_list("post__author__email", "text"):
        yield "comment", address, token
    for number, address, status in Order.objects.values_list("number", "customer__email", "status"):
        yield "order", f"Your order {number}", address
        if status in ("cancelled", "refunded"):
            yield "order", f"Your order {number} was {status}", address
    for invoice in invoices():
        yield "invoice", subject_of(invoice), invoice.order.customer.email


def invoices():
    return Invoice.objects.select_related("series", "order__customer")


def subject_of(invoice):
    return f"{invoice.get_kind_display().capitalize()} {invoice}"


def ids(copies):
    return {copy["id"] for copy in copies}


def shown(copies):
    return ", ".join(f"{copy['at']:.1f}" for copy in copies)


def is_excused(mail, given):
    """Tell whether the mail's worker, or its database, was hit between "accepted" and the commit."""
    hits = [each for each in given if each.target == "database" or (each.target == "email" and each.kind in EXCUSES)]
    return any(mail["at"] - BEFORE <= each.end and each.begin <= mail["at"] + AFTER for each in hits)
