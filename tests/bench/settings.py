"""A peer's settings: as little of Django as it needs, and what its manual says for production."""

import os

from django.core.exceptions import ImproperlyConfigured
from environ import Env

from tests.bench.peers import PEERS

PEER = PEERS[os.environ["BENCH_PEER"]]
if PEER.is_ours:
    raise ImproperlyConfigured("BENCH_PEER is ours, which has the project's settings; expected a peer.")

SECRET_KEY = "bench-" + 44 * "x"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", *PEER.apps, "tests.bench"]
DATABASES = {
    # Kept between jobs and looked at before use, as the project has it: what closes it is the peer's own doing.
    "default": Env.db_url_config(os.environ["DATABASE_URL"]) | {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {  # as the project has it
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
vars().update(PEER.settings(os.environ["BROKER_URL"]))
