"""Says when everything runs, and where. Before that it fills an empty database."""

import os
import sys
import time
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command

django.setup()

from project.jobs import fleet  # noqa: E402  models need Django set up
from project.jobs.models import UNSETTLED, Job  # noqa: E402
from project.pages import demo  # noqa: E402

RULER = 60 * "-"
PAUSE = 0.1  # seconds between two looks
REMINDER = 15  # seconds after which it says what it waits for
WORKING = 20  # seconds that the workers get for the sample data before it is said that all runs
ANSWERING = 10  # seconds that a server has to answer
# Flower lets nobody in without a login: 401 is its "ready".
SERVERS = (
    ("the site", "PORT", "/healthz", HTTPStatus.OK),
    ("Flower", "FLOWER_PORT", "/", HTTPStatus.UNAUTHORIZED),
)


def main() -> None:
    """Load the sample data where there is none, wait until all is there, say so."""
    is_first = not get_user_model().objects.exists()
    if is_first:
        call_command("load_sample_data")
    wait()
    if is_first:
        let_work()
    sys.stdout.write("\n".join(["", *banner(), "", ""]))


def wait() -> None:
    """Wait until the site has its workers and Flower answers."""
    remind_at = time.monotonic() + REMINDER
    while missing := what_is_missing():
        if time.monotonic() > remind_at:
            sys.stdout.write(f"still waiting: {missing}\n")
            sys.stdout.flush()
            remind_at += REMINDER
        time.sleep(PAUSE)


def let_work() -> None:
    """Give the workers time for what the sample data asked of them, so that what is said last is seen last."""
    deadline = time.monotonic() + WORKING
    while time.monotonic() < deadline and Job.objects.filter(state__in=UNSETTLED).exists():
        time.sleep(PAUSE)


def what_is_missing() -> str:
    """Return what is not there yet, in words; nothing where all is."""
    for name, variable, path, expected in SERVERS:
        status, text = ask(os.environ[variable], path)
        if status != expected:
            return f"{name} answers {status or 'nothing'}: {text}"
    return "; ".join(fleet.report().problems)


def ask(port: str, path: str) -> tuple[int, str]:
    """Return a server's status and text; zero where there is no answer."""
    connection = HTTPConnection("127.0.0.1", int(port), timeout=ANSWERING)
    try:
        connection.request("GET", path, headers={"Host": urlsplit(settings.SITE_URL).netloc})  # a host that is allowed
        answer = connection.getresponse()
        return answer.status, answer.read(500).decode(errors="replace")
    except (OSError, HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()


def banner() -> list[str]:
    """Return the addresses and the login."""
    site, flower = settings.SITE_URL, f"http://localhost:{os.environ['FLOWER_PORT']}"
    addresses = {
        "the site": f"{site}/",
        "the jobs": f"{site}/jobs/",
        "kept mails": f"{site}/mail/" if settings.KEEPS_MAIL else "",
        "the admin": f"{site}/admin/",
        "Flower": f"{flower}/",
    }
    lines = [f"  {what:<12} {address}" for what, address in addresses.items() if address]
    return [RULER, "  Everything runs. Ctrl-C ends it.", "", *lines, "", *logins(), RULER]


def logins() -> list[str]:
    """Return what to log in with, where it is the login that everybody knows."""
    lines = []
    if get_user_model().objects.filter(username=demo.USERNAME).exists():
        lines.append(f"  log in as {demo.USERNAME} with the password {demo.PASSWORD}")
    if os.environ["FLOWER_BASIC_AUTH"] != f"{demo.USERNAME}:{demo.PASSWORD}":
        lines.append("  Flower takes the login of FLOWER_BASIC_AUTH")
    return lines


if __name__ == "__main__":
    main()
