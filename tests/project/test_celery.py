import pytest
import redis

from project.celery import app
from project.queues import QUEUES, route
from tests.support import python

SHOW = "from project.celery import app; print({})"


def test_only_json_is_accepted():
    assert app.conf.accept_content == app.conf.result_accept_content == ["json"]


def test_every_queue_is_known_and_no_other_is_made():
    assert [queue.name for queue in app.conf.task_queues] == list(QUEUES)
    with pytest.raises(KeyError):
        app.amqp.queues["emial"]


@pytest.mark.parametrize(("task", "queue"), [("email.welcome", {"queue": "email"}), ("celery.backend_cleanup", None)])
def test_a_route_follows_from_the_tasks_name(task, queue):
    assert route(task) == queue


@pytest.mark.parametrize("queue", QUEUES.values(), ids=QUEUES)
def test_every_queue_has_a_soft_limit_below_its_hard_one(queue):
    assert 0 < queue.soft_limit < queue.hard_limit


def test_redis_keeps_no_second_copy_of_what_a_worker_took(broker):
    with app.connection_for_read() as connection, redis.Redis(unix_socket_path=str(broker)) as client:
        queue = connection.SimpleQueue("taken")
        queue.put({})
        message = queue.get(timeout=5)
        assert not client.exists("unacked", "unacked_index", "taken")
        message.reject()
        queue.put({})
        queue.get(timeout=5)
    with redis.Redis(unix_socket_path=str(broker)) as client:
        assert client.llen("taken") == 1, "put back by whoever ends without having acknowledged it"


def test_rabbitmq_confirms_and_keeps_its_queues_on_a_quorum():
    url = "amqp://guest@127.0.0.1//"
    said = python(SHOW.format("app.conf.broker_transport_options['confirm_publish']"), BROKER_URL=url)
    assert said.strip() == "True"
    said = python(SHOW.format("{q.queue_arguments['x-queue-type'] for q in app.conf.task_queues}"), BROKER_URL=url)
    assert said.strip() == "{'quorum'}"


def test_tasks_are_acknowledged_when_they_are_done():
    assert (app.conf.task_acks_late, app.conf.task_reject_on_worker_lost) == (True, True)
    assert app.conf.worker_prefetch_multiplier == 1
