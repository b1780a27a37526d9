import os
import subprocess
import sys

import psycopg
import pytest

from tests.flows.left_out import leave_out
from tests.support import ROOT

URL = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")


@pytest.mark.flow
def test_the_tests_without_other_processes_pass_on_postgresql():
    try:
        psycopg.connect(URL, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        leave_out("unit tests on PostgreSQL", str(error))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "tests/project",
        "tests/receivers",
        "tests/tasks",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        command, env={**os.environ, "DATABASE_URL": URL}, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-5000:]
