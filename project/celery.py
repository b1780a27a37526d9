"""The Celery app. Each setting names the failure it prevents."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from kombu import Queue as BrokerQueue

from project.jobs import transport
from project.queues import QUEUES, route

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

OVER_AMQP = settings.BROKER_URL.startswith("amqp")

transport.install()
app = Celery("project")
app.conf.update(
    broker_url=settings.BROKER_URL,
    # Queues ---------------------------------------------------------------------------------------------------------
    # Quorum queues, because a classic one on RabbitMQ loses what its node had not yet written.
    task_queues=[
        BrokerQueue(name, routing_key=name, queue_arguments={"x-queue-type": "quorum"} if OVER_AMQP else None)
        for name in QUEUES
    ],
    task_routes=[route],
    # A misspelt queue must be an error, not a queue that nobody works.
    task_create_missing_queues=False,
    task_default_queue="housekeeping",
    # The nameless exchange leads to the queue that a message's routing key names: there is no binding to lose.
    task_default_exchange="",
    # Messages -------------------------------------------------------------------------------------------------------
    # JSON only: unpickling a message is running whatever code its writer chose.
    task_serializer="json",
    accept_content=["json"],
    result_serializer="json",
    result_accept_content=["json"],
    # No second publish try here: the row is safe, and the publisher has its own back-off.
    task_publish_retry_policy={"max_retries": 0, "interval_start": 0},
    # Seconds. Without it a broker that does not answer holds a connection attempt for minutes.
    broker_connection_timeout=2,
    broker_transport_options={
        # RabbitMQ without confirms says "ok" to messages that it loses when it dies.
        "confirm_publish": True,
        "read_timeout": 5,
        "write_timeout": 5,
    }
    if OVER_AMQP
    else {
        # Only this bounds a frozen Redis: without it a publish hangs for as long as Redis does.
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        # No second copy of each message until it is acknowledged, and so no visibility timeout that runs jobs twice:
        # what a dead worker took along the ledger finds.
        "ack_emulation": False,
        # One list for each queue: which job goes first the ledger says, and Redis looks into four where one will do.
        "priority_steps": [0],
    },
    # Workers --------------------------------------------------------------------------------------------------------
    # Acknowledged at the end, so that a worker that dies does not take the message along; likewise its child.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    # A failed job is settled in the ledger; giving its message back would run it again at once, for ever.
    task_acks_on_failure=True,
    task_acks_on_timeout=True,
    # One message in hand: the next ones stay where a free worker can take them. Queues of short jobs have more.
    worker_prefetch_multiplier=1,
    # By default a worker gives up for good after 100 tries to reach its broker.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # A job whose connection was lost comes back, and its copy claims nothing: stopping it would be a death for nothing.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    # TERM waits so many seconds for running jobs, then gives them back; a supervisor's KILL would come later.
    worker_soft_shutdown_timeout=4.0,
    # Our logs, not Celery's.
    worker_hijack_root_logger=False,
    # Flower turns events on while it runs; sending them to nobody took a third of a worker's main process.
    worker_send_task_events=False,
    # Celery would write "started" before our check of the kept connection, and fail where the database restarted.
    task_track_started=False,
    # Results --------------------------------------------------------------------------------------------------------
    # Kept only for tasks that ask for it (`keep_result`): a row more for each job that nobody reads is waste.
    task_ignore_result=True,
    result_backend="project.jobs.results:Backend",
    result_extended=True,
    result_expires=7 * 24 * 3600,
    # Celery closes Django's connection around every task, which costs four small jobs: keep it for this many tasks.
    # `project/jobs/execution.py` checks its health instead.
    CELERY_DB_REUSE_MAX=1_000_000_000,
)


@setup_logging.connect(dispatch_uid="project.celery.keep_logging")
def keep_logging(**_: Any) -> None:
    """Keep Django's logging: while this signal has a receiver, Celery sets up none of its own."""
