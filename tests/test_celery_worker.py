import gc
import re
import signal
import subprocess
import sys
from copy import deepcopy

import pytest
from celery.worker.consumer import Consumer

import celery_worker
from project.celery import app
from project.queues import QUEUES
from tests.support import ROOT, python


@pytest.fixture
def conf():
    names = (
        "worker_concurrency",
        "worker_max_tasks_per_child",
        "worker_max_memory_per_child",
        "broker_transport_options",
    )
    before = {name: deepcopy(app.conf[name]) for name in names}
    yield app.conf
    app.conf.update(before)


def test_a_worker_is_named_for_its_queue():
    assert celery_worker.worker_arguments(["email"])[:4] == ["-Q", "email", "-n", "email@%h"]


def test_a_worker_for_all_queues_says_so():
    assert "all@%h" in celery_worker.worker_arguments(list(QUEUES))


def test_options_go_to_celery():
    assert celery_worker.worker_arguments(["email", "invoices"], ["-c", "3"])[-2:] == ["-c", "3"]


def test_all_in_one_runs_jobs_in_threads_unless_told_otherwise():
    words = celery_worker.worker_arguments(list(QUEUES), ["-c", "3"], all_in_one=True)
    assert words[-4:] == ["-P", "threads", "-c", "3"]
    assert "-P" not in celery_worker.worker_arguments(list(QUEUES))


def test_the_help_says_what_threads_cannot_do(capsys):
    with pytest.raises(SystemExit):
        celery_worker.main(["run", "--help"])
    assert "Nobody can stop a thread" in " ".join(capsys.readouterr().out.split())


def test_a_worker_that_starts_freezes_what_was_loaded():
    before = gc.get_freeze_count()
    celery_worker.freeze()
    frozen = gc.get_freeze_count()
    gc.unfreeze()
    assert frozen > before


def test_a_worker_loads_neither_pages_nor_celerys_other_commands():
    needless = {"flower", "prompt_toolkit", "project.urls", "PIL", "typst"}
    assert python(f"import celery_worker, sys; print({needless} & {{*sys.modules}})").strip() == "set()"


def test_a_worker_takes_the_settings_of_its_queue(conf):
    celery_worker.take_settings(conf=conf, options={"queues": ["thumbnails"]})
    assert (conf.worker_concurrency, conf.worker_max_tasks_per_child) == (1, 200)
    assert conf.worker_max_memory_per_child == 600_000


@pytest.mark.parametrize(("queue", "share"), [("email", 0.0), ("invoices", 0.0), ("statistics", 0.5)])
def test_where_messages_are_taken_ahead_they_are_taken_together(conf, queue, share):
    celery_worker.take_settings(conf=conf, options={"queues": [queue]})
    assert conf.broker_transport_options["refill"] == share
    celery_worker.take_settings(conf=conf, options={"queues": [queue], "prefetch_multiplier": 8})
    assert conf.broker_transport_options["refill"] == 0.75


def test_mails_are_sent_in_threads_by_a_worker_of_their_own(conf):
    assert celery_worker.worker_arguments(["email"])[-2:] == ["-P", "threads"]
    celery_worker.take_settings(conf=conf, options={"queues": ["email"], "pool": celery_worker.threads.TaskPool})
    assert conf.worker_concurrency == QUEUES["email"].threads
    celery_worker.take_settings(conf=conf, options={"queues": ["email"], "pool": None})
    assert conf.worker_concurrency == QUEUES["email"].concurrency


def test_a_worker_for_several_queues_takes_the_sum(conf):
    celery_worker.take_settings(conf=conf, options={"queues": None})
    assert conf.worker_concurrency == sum(queue.concurrency for queue in QUEUES.values())


def test_no_queue_is_made_for_delays():
    assert not [step for step in Consumer.Blueprint.default_steps if "delayed" in step]


def test_an_unknown_queue_is_refused_with_the_known_ones(capsys):
    with pytest.raises(SystemExit):
        celery_worker.main(["run", "emial"])
    assert "there is no queue emial; expected one or more of email, thumbnails" in capsys.readouterr().err


@pytest.mark.django_db
def test_status_shows_the_queues_and_fails_where_nobody_works(capsys):
    assert celery_worker.main(["status"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("queue ")
    assert "problem: no worker for email" in out


@pytest.mark.django_db
def test_a_queue_is_paused_and_resumed_with_a_reason_that_status_shows(capsys):
    assert celery_worker.main(["pause", "queue", "email", "--reason", "the provider moves"]) == 0
    celery_worker.main(["status"])
    assert re.search(r"paused: queue email since 2\d{3}-.* by \w+: the provider moves\n", capsys.readouterr().out)
    assert celery_worker.main(["resume", "queue", "email", "--reason", "it has moved"]) == 0
    assert celery_worker.main(["resume", "queue", "email", "--reason", "it has moved"]) == 0
    assert capsys.readouterr().out.splitlines() == ["queue email is resumed", "queue email is resumed, as before"]


@pytest.mark.django_db
def test_what_is_not_there_is_not_paused(capsys):
    assert celery_worker.main(["pause", "queue", "emial", "--reason", "a look"]) == 1
    assert "There is no queue 'emial' to pause; expected one of email" in capsys.readouterr().err


def test_run_starts_a_worker_that_ends_when_told(broker, tmp_path):
    command = [sys.executable, "celery_worker.py", "run", "email", "--", "-c", "1", "-P", "solo"]
    environment = {
        "BROKER_URL": f"redis+socket://{broker}",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db",
        "PATH": "/usr/bin:/bin",
    }
    worker = subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    try:
        assert next(line for line in worker.stderr if "ready." in line)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    finally:
        worker.kill()
        worker.stderr.close()
