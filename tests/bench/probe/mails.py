"""Mails to people who have just signed up: asked for as jobs, or sent by Django one by one. Ours only."""

from uuid import uuid4

from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction

from project.accounts.emails import welcome
from project.accounts.models import User
from project.jobs import enqueue_many
from tasks import email
from tests.bench.probe.peer import begin, settle, timed

DJANGOS = "django.core.mail.backends.smtp.EmailBackend"


def people(count):
    names = [uuid4().hex for _ in range(count)]
    return User.objects.bulk_create(User(username=name, email=f"{name}@example.com") for name in names)


def ask(count):
    begin()
    with transaction.atomic():
        enqueue_many(email.welcome, [{"user_id": user.pk} for user in people(count)])
    settle()
    return {"asked": count}


def one_by_one(count):
    mails = [welcome(user) for user in people(count)]
    wall, cpu = timed(lambda: [send(mail) for mail in mails])
    return {"seconds": wall, "cpu": cpu}


def send(mail):
    """Send as Django's manual has it: each over a connection of its own."""
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[mail.recipient], connection=get_connection(DJANGOS))
    message.attach_alternative(mail.html, "text/html")
    message.send()
