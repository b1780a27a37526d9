import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from supervisor import events
from supervisor.states import ProcessStates

from project import local_output
from tests.support import ROOT, until

BURST = 20_000  # lines of each of two programs
SPEAKER = f"for i in range({BURST}): print(f'line {{i}} – ünïcödé', flush=i % 3 == 0)"

CONFIGURATION = """
[supervisord]
logfile = /dev/null
logfile_maxbytes = 0
loglevel = warn
nocleanup = true
user = {user}
pidfile = {folder}/supervisord.pid
[unix_http_server]
file = {folder}/s.sock
username = local
password = local
[rpcinterface:output]
supervisor.rpcinterface_factory = project.local_output:name_lines
[program:one]
command = {python} {folder}/speaker.py
redirect_stderr = true
stdout_logfile = NONE
stdout_events_enabled = true
[program:two]
command = {python} {folder}/speaker.py
redirect_stderr = true
stdout_logfile = NONE
stdout_events_enabled = true
"""


@pytest.fixture
def supervisor():
    """What supervisor hands over; its events are its own."""
    received = []
    receiver = SimpleNamespace(receive=lambda number, frame: received.append(number))
    local_output.name_lines(SimpleNamespace(options=SimpleNamespace(signal_receiver=receiver)))
    yield received
    events.clear()
    local_output.unfinished.clear()


@pytest.fixture
def process():
    """A process, as its events know it."""
    return SimpleNamespace(config=SimpleNamespace(name="web"), pid=7, group=None, backoff=0)


@pytest.fixture
def say(supervisor, process):
    return lambda data: events.notify(events.ProcessLogStdoutEvent(process, process.pid, data))


def test_each_line_stands_behind_its_name(say, capfdbinary):
    say(b"one\ntwo\n")
    assert capfdbinary.readouterr().out.splitlines() == [b"web                 | one", b"web                 | two"]


def test_a_line_waits_for_its_end_though_it_is_cut_inside_a_character(say, capfdbinary):
    say("grü".encode()[:-1])
    assert capfdbinary.readouterr().out == b""
    say("grün\n".encode()[3:])
    assert capfdbinary.readouterr().out.decode().endswith("| grün\n")


def test_what_a_program_said_last_is_written_when_it_ends(say, process, capfdbinary):
    say(b"no end")
    events.notify(events.ProcessStateStoppedEvent(process, ProcessStates.STOPPING))
    events.notify(events.ProcessStateExitedEvent(process, ProcessStates.RUNNING))
    assert capfdbinary.readouterr().out == b"web                 | no end\n"


def test_a_program_that_is_given_up_is_named(supervisor, process, capfdbinary):
    events.notify(events.ProcessStateFatalEvent(process, ProcessStates.BACKOFF))
    assert b"web does not start" in capfdbinary.readouterr().out


def test_a_closed_terminal_ends_everything(supervisor):
    before = signal.getsignal(signal.SIGHUP)
    try:
        events.notify(events.SupervisorRunningEvent())
        signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert supervisor == [signal.SIGTERM]


def test_a_terminal_that_is_gone_stops_nothing(say, monkeypatch):
    with open("/dev/full", "wb", buffering=0) as gone:
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=gone))
        say(b"one\n")


def test_supervisor_loses_no_line_of_a_burst(tmp_path_factory):
    folder = tmp_path_factory.mktemp("burst")
    (folder / "speaker.py").write_text(f"{SPEAKER}\nimport sys, time; sys.stdout.flush(); time.sleep(600)\n")
    (folder / "supervisord.conf").write_text(
        CONFIGURATION.format(folder=folder, python=sys.executable, user=os.getuid())
    )
    command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(folder / "supervisord.conf")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        until(lambda: (folder / "log").read_text().count(f"line {BURST - 1} ") == 2, "both said all", 120, 0.5)
    finally:
        server.terminate()
        server.wait()

    said = (folder / "log").read_text().splitlines()
    for name in ("one", "two"):
        mine = [line.partition(" | ")[2] for line in said if line.startswith(f"{name} ")]
        assert mine == [f"line {number} – ünïcödé" for number in range(BURST)]
