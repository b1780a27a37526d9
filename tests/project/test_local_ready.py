import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from project import local_ready
from project.jobs.models import Job, State


class Flower(BaseHTTPRequestHandler):
    """Answers as Flower does to somebody without a login."""

    def do_GET(self):
        self.send_response(401)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def flower():
    with HTTPServer(("127.0.0.1", 0), Flower) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def nobody():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture(autouse=True)
def here(monkeypatch, settings, live_server, flower):
    settings.SITE_URL = f"http://localhost:{live_server.thread.port}"
    monkeypatch.setenv("PORT", str(live_server.thread.port))
    monkeypatch.setenv("FLOWER_PORT", str(flower))
    monkeypatch.setenv("FLOWER_BASIC_AUTH", "demo:demo-password")


def test_a_site_that_does_not_answer_is_missing(monkeypatch, nobody):
    monkeypatch.setenv("PORT", str(nobody))
    assert local_ready.what_is_missing().startswith("the site answers nothing: ")


def test_a_flower_that_lets_everybody_in_is_not_ready(monkeypatch, live_server):
    monkeypatch.setenv("FLOWER_PORT", str(live_server.thread.port))
    assert local_ready.what_is_missing().startswith("Flower answers 200: ")


def test_a_queue_without_a_worker_is_missing():
    assert local_ready.what_is_missing().startswith("no worker for email")


def test_the_banner_waits_for_what_the_sample_data_caused_but_not_for_ever(ada, monkeypatch):
    monkeypatch.setattr(local_ready, "WORKING", 0.2)
    began = time.monotonic()
    local_ready.let_work()
    assert time.monotonic() - began >= 0.2

    Job.objects.update(state=State.SUCCEEDED)
    monkeypatch.setattr(local_ready, "WORKING", 60)
    local_ready.let_work()
    assert time.monotonic() - began < 60


def test_the_banner_has_the_addresses_and_the_login(django_user_model, settings, flower):
    django_user_model.objects.create_user("demo", "demo@example.com")
    said = "\n".join(local_ready.banner())
    for path in ("/", "/jobs/", "/mail/", "/admin/"):
        assert f" {settings.SITE_URL}{path}\n" in said
    assert f"http://localhost:{flower}/" in said
    assert "log in as demo with the password demo-password" in said


def test_the_banner_has_no_login_that_nobody_has_and_no_mails_that_are_not_kept(monkeypatch, settings):
    settings.KEEPS_MAIL = False
    monkeypatch.setenv("FLOWER_BASIC_AUTH", "ada:sesame")
    said = "\n".join(local_ready.banner())
    assert "log in as" not in said
    assert "sesame" not in said
    assert "Flower takes the login of FLOWER_BASIC_AUTH" in said
    assert "/mail/" not in said
