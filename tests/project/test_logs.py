import json

from tests.support import python_stderr

LOG = """
import logging, structlog
structlog.get_logger("ours").info("job_failed", job=1)
logging.getLogger("theirs").warning("old %s", "style")
try: 1 / 0
except ZeroDivisionError: structlog.get_logger("ours").exception("broke")
"""


def test_json_has_one_event_a_line_of_ours_and_of_others():
    ours, theirs, broke = (json.loads(line) for line in python_stderr(LOG, LOG_FORMAT="json").splitlines())
    assert (ours["event"], ours["job"], ours["level"], ours["logger"]) == ("job_failed", 1, "info", "ours")
    assert (theirs["event"], theirs["level"]) == ("old style", "warning")
    assert broke["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert "timestamp" in ours


def test_columns_are_for_people():
    lines = python_stderr(LOG, LOG_FORMAT="columns").splitlines()
    assert "[info     ] job_failed [ours] job=1" in lines[0]
    assert "ZeroDivisionError: division by zero" in lines[-1]


def test_a_link_to_unsubscribe_is_masked_for_it_says_an_address():
    said = "import logging; logging.getLogger('django').warning('Not Found: %s', '/mail/choices/WyJhIl0:x/')"

    assert "Not Found: /mail/choices/***/" in python_stderr(said, LOG_FORMAT="columns")
