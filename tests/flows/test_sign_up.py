"""Somebody signs up: a profile at once, a welcome by mail; and comes back later."""

import pytest

from project.accounts.models import Profile, User
from project.notifications.mails import message_id
from tests.flows.mailbox import html_of, text_of

pytestmark = pytest.mark.flow


def test_a_profile_is_there_at_once(stack):
    visitor = stack.visitor("ada")
    page = visitor.get("/accounts/")
    profile = stack.rows(Profile, user__username=visitor.name).get()
    assert visitor.name in page.text
    assert profile.date_joined == profile.user.date_joined
    stack.settle()
    assert stack.rows(Profile, user=profile.user).count() == 1


def test_a_welcome_arrives_once_in_text_and_html(stack):
    visitor = stack.visitor("ada")
    stack.settle()
    (mail,) = stack.mailbox.to(visitor.email)
    user = stack.rows(User, username=visitor.name).get()
    assert mail["Subject"] == f"Welcome, {visitor.name}"
    assert mail["Message-ID"] == message_id(f"welcome:{user.pk}")
    assert visitor.name in text_of(mail)
    assert visitor.name in html_of(mail)
    assert stack.url in text_of(mail)


def test_who_logs_out_can_come_back(stack):
    visitor = stack.visitor("ada")
    visitor.submit("/accounts/", to="/accounts/logout/")
    assert visitor.get("/accounts/").path == "/accounts/login/"
    page = visitor.submit("/accounts/login/", username=visitor.name, password=visitor.password)
    assert page.path == "/accounts/"
    assert visitor.email in page.text
    stack.settle()
