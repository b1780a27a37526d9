from uuid import uuid4

import pytest
from kombu import Connection, Producer

from project.jobs import task
from project.jobs.asks import Message
from project.jobs.messages import send
from project.queues import QUEUES


@task(queue="statistics", bundle=2)
def together() -> None:
    """Do nothing."""


@pytest.fixture
def taken():
    """Another transport than Redis: sends messages by it, and takes those of a queue."""
    with Connection("memory://") as connection:
        for name in QUEUES:
            connection.SimpleQueue(name).clear()

        def there_and_back(queue, *messages):
            send(Producer(connection), messages)
            simple = connection.SimpleQueue(queue)
            found = [simple.get(block=False) for _ in range(simple.qsize())]
            for each in found:
                each.ack()
            return found

        yield there_and_back


def message(name, queue):
    return Message(str(uuid4()), name, queue)


def test_by_any_transport_a_message_carries_the_id_and_nothing_else(taken):
    asked = message("email.welcome", "email")
    (found,) = taken("email", asked)
    assert (found.headers["id"], found.headers["task"]) == (asked.id, "email.welcome")
    assert found.decode()[:2] == [[], {}]
    assert not {"ignore_result", "jobs"} & found.headers.keys()


def test_by_any_transport_a_bundle_has_one_message_that_names_its_jobs(taken):
    asked = [message("test_messages.together", "statistics") for _ in range(3)]
    first, second = taken("statistics", *asked)
    assert first.headers["jobs"] == [asked[0].id, asked[1].id]
    assert (second.headers["id"], "jobs" in second.headers) == (asked[2].id, False)


def test_jobs_of_a_task_that_has_moved_to_another_queue_share_no_message(taken):
    old, new = message("test_messages.together", "email"), message("test_messages.together", "statistics")
    (found,) = taken("email", old, new)
    assert (found.headers["id"], "jobs" in found.headers) == (old.id, False)
