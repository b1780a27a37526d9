"""The queues: one line each, and the only place that names them.

A queue's name is also the name of its task module, of its test module, of its compose service
(`worker-NAME`) and of what its worker consumes. Routes derive from it: `email.welcome` goes to `email`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How one queue is worked.

    soft_limit, hard_limit: seconds a job may run. The soft one raises in the task, which can still tidy up; the
        hard one kills the process. Without them one hung mail server or one hostile picture holds a worker for ever.
    concurrency: jobs at once in one worker, each in a process of its own.
    threads: jobs at once in a worker of this queue alone, where it runs them in threads of one process: for work that
        waits for the network. Nobody can stop a thread: such work sees to it itself that it ends within the limits.
    prefetch: messages that are taken ahead for each of these. More than one where jobs are short, else the processes
        wait for messages as long as they work; one where they are long, so that the next waits where any worker can
        take it.
    jobs_per_child: jobs after which a worker's process is replaced, against leaks in C libraries. Not smaller: at 100
        the restarts cost half of the throughput.
    memory_per_child: kilobytes of resident memory after which it is replaced; looked at between jobs.
    """

    soft_limit: int
    hard_limit: int
    concurrency: int = 1
    threads: int = 0
    prefetch: int = 1
    jobs_per_child: int = 1000
    memory_per_child: int = 400_000


QUEUES = {
    "email": Queue(soft_limit=45, hard_limit=60, concurrency=2, threads=20),
    "thumbnails": Queue(soft_limit=90, hard_limit=120, jobs_per_child=200, memory_per_child=600_000),
    "statistics": Queue(soft_limit=45, hard_limit=60, prefetch=4),
    "invoices": Queue(soft_limit=240, hard_limit=300),
    "housekeeping": Queue(soft_limit=45, hard_limit=60, prefetch=4),
}


def route(name: str, *_: object, **__: object) -> dict[str, str] | None:
    """Tell Celery the queue of a task: the first word of its name."""
    queue = name.split(".", maxsplit=1)[0]
    return {"queue": queue} if queue in QUEUES else None
