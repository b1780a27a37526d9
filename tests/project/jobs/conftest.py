"""What tests of the ledger share: the broker, emptied, as a client of it and as the publisher see it."""

import pytest
import redis

from project.jobs.messages import collect, connect


@pytest.fixture
def broker_client(broker):
    broker_client = redis.Redis(unix_socket_path=str(broker))
    broker_client.flushall()
    yield broker_client
    broker_client.close()


@pytest.fixture
def producer(broker_client):
    producer = connect()
    yield producer
    collect(producer)
