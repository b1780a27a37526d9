"""Counts what can be seen in the tables of the domain; the ledger is not asked."""

from collections import Counter

from django.apps import apps
from django.db.models import Count

from project.accounts.models import Profile, User
from project.audit.models import AuditEntry
from project.blog.models import Comment, Post
from project.catalog.models import Product
from project.orders.models import Invoice, InvoiceSeries, Order, OrderLine
from project.photos.models import Photo, Rendition
from tests import figures
from tests.faults.sink import TOKEN
from tests.faults.verdict import INVOICES, PHANTOMS, STATISTICS, UNDONE

AUDITED = (User, Profile, Post, Comment, Product, Photo, Rendition, Order, OrderLine, Invoice)


def resolve(written):
    """Find out what became of the transactions that were cut off, from the rows that they would have left."""
    for intent in written.unsure:
        (written.commit if is_there(intent) else written.roll_back)(intent)


def is_there(intent):
    lookups = dict(intent["witness"])
    return apps.get_model(lookups.pop("model")).objects.filter(**lookups).exists()


def count(written, findings):
    audit(written, findings)
    profiles = set(Profile.objects.values_list("user", flat=True))
    users = set(User.objects.values_list("id", flat=True))
    findings.add(UNDONE, [f"user {pk} has no profile" for pk in users - profiles])
    invoices(findings)
    findings.add(STATISTICS, figures.differences())


def audit(written, findings):
    """Each change has one entry, with the change's token as a new value; each row has one of its creation."""
    tokens, created, deleted = Counter(), Counter(), set()
    for target, action, changes in AuditEntry.objects.values_list("target", "action", "changes"):
        model = target.partition(":")[0]
        after = " ".join(str(pair[1]) for pair in changes.values())
        tokens.update({(model, token) for token in TOKEN.findall(after)})
        created.update([target] if action == "created" else [])
        deleted.update([target] if action == "deleted" else [])
    wanted = {(model.lower(), token) for model, token in written.committed}
    unwanted = {(model.lower(), token) for model, token in written.rolled_back}
    findings.add(UNDONE, [f"{tokens[each]} audit entries of {each}" for each in wanted if tokens[each] != 1])
    findings.add(PHANTOMS, [f"an audit entry of {each}" for each in unwanted if tokens[each]])
    rows = {f"{model._meta.label_lower}:{pk}" for model in AUDITED for pk in model.objects.values_list("pk", flat=True)}
    findings.add(UNDONE, [f"{created[row]} audit entries: {row} created" for row in rows if created[row] != 1])
    ours = {row for row in created if row.partition(":")[0] in {model._meta.label_lower for model in AUDITED}}
    findings.add(PHANTOMS, [f"audit entry: {row} created" for row in ours - rows - deleted])


def invoices(findings):
    kinds = Counter(Invoice.objects.values_list("order", "kind"))
    for pk, number, status, refunds in Order.objects.values_list("pk", "number", "status", Count("refunds")):
        wanted = {"invoice": 1, "credit note": refunds}
        found = {kind: kinds[pk, kind] for kind in wanted}
        findings.add(INVOICES, [f"{status} order {number} has {found}"] if found != wanted else [])
    for series in InvoiceSeries.objects.all():
        numbers = sorted(series.invoices.values_list("number", flat=True))
        if numbers != list(range(1, series.next_number)):
            findings.add(INVOICES, [f"{series} has {numbers} and goes on with {series.next_number}"])
