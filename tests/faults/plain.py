"""The control: jobs as Django's and Celery's manuals have them, `transaction.on_commit(task.delay)`.

All settings of Celery's that make it safer are in force: acknowledged late, back when a worker is lost, retried.
"""

from celery import current_app, shared_task
from django.conf import settings
from django.db import close_old_connections, transaction

RETRIED = {"autoretry_for": (Exception,), "max_retries": 10, "retry_backoff": 1, "retry_backoff_max": 8}


def replace_the_seam():
    """Put the plain forms in the place of ours, before receivers and tasks are imported."""
    from project.jobs import enqueueing, registry  # noqa: PLC0415  models are ready only now

    enqueueing.enqueue = enqueue
    registry.register_with_celery = register


def enqueue(task, **asked):
    """Publish with the commit. What only the project's own seam understands is left out."""
    kwargs = {name: value for name, value in asked.items() if name in task.signature.parameters}
    transaction.on_commit(lambda: current_app.tasks[task.name].apply_async(kwargs=kwargs, retry=True))


def register(made):
    """Let Celery run the function itself."""
    limits = settings.QUEUES[made.queue]

    def run(**kwargs):
        close_old_connections()
        if made.slow:
            return made.function(**kwargs)
        with transaction.atomic():
            return made.function(**kwargs)

    shared_task(
        name=made.name,
        ignore_result=not made.keep_result,
        soft_time_limit=limits.soft_limit,
        time_limit=limits.hard_limit,
        **RETRIED,
    )(run)
