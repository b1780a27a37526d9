import base64
import json
import os
import signal
import subprocess

import pytest
import redis
from django.db import OperationalError, connection, transaction

from project.celery import app
from project.jobs import enqueue, task
from project.jobs.asks import Message
from project.jobs.models import Job
from project.jobs.publisher import Publisher, flush, mark_published, publisher
from tests.support import database_url, python, redis_binary, until

pytestmark = pytest.mark.django_db(transaction=True)


@task(queue="housekeeping")
def note(*, secret: str = "") -> None:
    """Do nothing."""


@pytest.fixture
def queue(broker):
    """Reads the broker's messages of a queue."""
    client = redis.Redis(unix_socket_path=str(broker))
    client.flushall()
    yield lambda: [json.loads(message) for message in client.lrange("housekeeping", 0, -1)]
    client.close()


@pytest.fixture
def fragile(tmp_path):
    """A broker that the test may stop and kill: its process, and a client."""
    path = str(tmp_path / "fragile.sock")
    before = app.conf.broker_url
    command = [redis_binary(), "--port", "0", "--unixsocket", path, "--save", "", "--dir", str(tmp_path)]
    servers = []

    def start():
        servers.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        return servers[-1]

    app.conf.broker_url = f"redis+socket://{path}"
    yield start, redis.Redis(unix_socket_path=path)
    publisher.close()
    app.conf.broker_url = before
    for server in servers:
        server.kill()
        server.wait()


def ask(**kwargs):
    with transaction.atomic():
        return enqueue(note, **kwargs)


def published():
    return Job.objects.filter(task__endswith=".note", published_at__isnull=False).count()


def test_the_message_carries_the_id_and_nothing_else(queue):
    job_id = ask(secret="ada@example.com")
    until(queue, "a message in the broker")
    [message] = queue()
    assert message["headers"]["id"] == message["properties"]["correlation_id"] == str(job_id)
    assert message["headers"]["task"] == "test_publisher.note"
    assert json.loads(base64.b64decode(message["body"]))[:2] == [[], {}]
    assert "ignore_result" not in message["headers"], "the task says whether its result is kept"
    assert "ada@example.com" not in json.dumps(message)


def test_the_row_is_marked(queue):
    ask()
    until(lambda: published() == 1, "the row marked as published")
    assert Job.objects.get(task="test_publisher.note").state == "waiting"


def test_it_is_idle_when_all_is_sent_and_marked(queue):
    ask()
    until(lambda: publisher.is_idle, "nothing left")
    assert (len(queue()), published()) == (1, 1)


def test_what_has_run_by_then_is_not_marked(queue):
    job_id = ask()
    Job.objects.filter(id=job_id).update(claims=1, sends=1)
    until(lambda: publisher.is_idle, "nothing left")
    assert published() == 0, "it waits again, and is to be told of anew"


def test_all_of_a_transaction_are_published_once_each(queue):
    with transaction.atomic():
        ids = {str(enqueue(note)) for _ in range(1200)}
    until(lambda: published() == 1200, "all rows marked")
    assert sorted(message["headers"]["id"] for message in queue()) == sorted(ids)


def test_what_is_rolled_back_is_not_published(queue):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue(note)
        raise ZeroDivisionError
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            enqueue(note)
            raise ZeroDivisionError
        kept = enqueue(note)
    until(lambda: published() == 1, "the kept one marked")
    assert [message["headers"]["id"] for message in queue()] == [str(kept)]


def test_a_save_does_not_wait_for_a_frozen_broker_and_its_message_follows(fragile):
    start, client = fragile
    server = start()
    until(lambda: answers(client), "the broker up")
    ask()
    until(lambda: published() == 1, "the first one published")
    os.kill(server.pid, signal.SIGSTOP)
    ask()  # would never return if it waited: the broker wakes up only afterwards
    assert published() == 1
    os.kill(server.pid, signal.SIGCONT)
    until(lambda: published() == 2, "the second one published")


def test_what_a_dead_broker_refused_is_published_when_it_is_back(fragile):
    start, client = fragile
    ask()
    ask()
    assert published() == 0
    start()
    until(lambda: published() == 2, "both published")
    assert client.llen("housekeeping") == 2


def test_an_end_does_not_wait_for_a_frozen_broker(fragile):
    start, client = fragile
    server = start()
    until(lambda: answers(client), "the broker up")
    ask()
    until(lambda: published() == 1, "the first one published")
    os.kill(server.pid, signal.SIGSTOP)
    ask()
    thread = publisher._thread
    publisher.close()  # would never return if it waited
    assert published() == 1
    os.kill(server.pid, signal.SIGCONT)
    until(lambda: not thread.is_alive(), "the thread ended")


def test_a_process_that_ends_publishes_what_is_left(queue, broker):
    python(ASK, DATABASE_URL=database_url(), BROKER_URL=f"redis+socket://{broker}")
    assert len([message for message in queue() if message["headers"]["task"] == "housekeeping.create_profile"]) == 1


def test_a_forked_child_publishes_for_itself(queue, broker):
    code = ASK + "import os\nif (child := os.fork()) == 0:\n" + indent(ASK_AGAIN) + "os.waitpid(child, 0)\n"
    python(code, DATABASE_URL=database_url(), BROKER_URL=f"redis+socket://{broker}", PYTHONWARNINGS="ignore")
    assert len([message for message in queue() if message["headers"]["task"] == "housekeeping.create_profile"]) == 2


def test_more_than_memory_is_for_stays_in_the_ledger(fragile, caplog):
    small = Publisher(bound=2)
    most = 0
    for _ in range(200):  # the broker is down, and some come while the thread tries
        small.put([Message("0198c0de-0000-7000-8000-000000000000", "test_publisher.note", "housekeeping")] * 2)
        most = max(most, len(small._messages))
    assert most == 2
    assert "publisher_full" in caplog.text
    small.close()


def test_a_fork_waits_until_the_thread_is_in_no_library(queue):
    publisher.hold()
    ask()
    assert queue() == []
    publisher.let_go()
    until(lambda: published() == 1, "published when the fork was over")


def test_the_end_of_a_workers_child_publishes_what_is_left(queue):
    ask()
    flush()
    assert len(queue()) == 1


def test_a_mark_that_fails_does_no_harm(caplog):
    def away(*_):
        raise OperationalError("gone")

    with connection.execute_wrapper(away):
        mark_published([Message("0198c0de-0000-7000-8000-000000000000", "a.b", "email")])
    assert "mark_failed" in caplog.text


def answers(client):
    try:
        return client.ping()
    except redis.ConnectionError:
        return False


def indent(code):
    return "".join(f"    {line}\n" for line in code.splitlines())


ASK = """
from django.db import OperationalError, connection, transaction
from project.jobs import enqueue
from tasks.housekeeping import create_profile
with transaction.atomic():
    enqueue(create_profile, user_id=1)
"""
ASK_AGAIN = """
from django.db import connections
connections.close_all()
with transaction.atomic():
    enqueue(create_profile, user_id=2)
from project.jobs.publisher import publisher
publisher.close()
os._exit(0)
"""
