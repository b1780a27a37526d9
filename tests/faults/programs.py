"""Programs under supervision: what dies is started again, and nothing is signalled that was not started here."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil

from tests.support import ROOT

MARK = "FAULTS_FOLDER"  # in the environment of all that is started here, and so of all that these start
PAUSE = 0.3  # seconds between a death and the new start
OVERDUE = 15  # seconds in which a program that was told to end may do so
# The kernel ends a program whose starter was killed and can tidy up nothing.
WITH_ME = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []


class Program:
    """One program, started again and again. `user`: whom it runs as."""

    def __init__(self, name, command, *, folder, env, inherited=(), user=None):
        self.name, self.command, self.env, self.inherited, self.user = name, command, env, inherited, user
        self.log = folder / f"{name}.log"
        self.wanted, self.starts, self.died_at, self.told_at, self.frozen = True, 0, None, None, []
        self.start()

    def start(self):
        own = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        with open(self.log, "ab") as log:
            self.popen = subprocess.Popen(
                [*WITH_ME, *self.command],
                env=self.env,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=self.inherited,
                start_new_session=True,
                **own,
            )
        self.process = psutil.Process(self.popen.pid)
        self.starts, self.died_at, self.told_at = self.starts + 1, None, None

    @property
    def lives(self):
        return self.popen.poll() is None

    def look(self):
        """Start it again if it died, and kill it if it was told to end and does not."""
        if self.lives:
            if self.told_at and time.monotonic() - self.told_at > OVERDUE:
                send(signal.SIGKILL, self.tree())
            return
        self.died_at = self.died_at or time.monotonic()
        if self.wanted and time.monotonic() - self.died_at > PAUSE:
            self.start()

    def children(self):
        with suppress(psutil.Error):
            return self.process.children(recursive=True)
        return []

    def tree(self):
        return [self.process, *self.children()]

    def kill(self):
        """Kill it alone: children stay as they would when the kernel takes their parent."""
        send(signal.SIGKILL, [self.process])

    def tell(self):
        """Tell it to end."""
        self.told_at = time.monotonic()
        send(signal.SIGTERM, [self.process])

    def retire(self):
        """Tell it to end, for good."""
        self.wanted = False
        self.tell()

    def freeze(self):
        self.frozen = self.tree()
        send(signal.SIGSTOP, self.frozen)

    def thaw(self):
        send(signal.SIGCONT, self.frozen)
        self.frozen = []


def python(*words):
    return [sys.executable, *words]


def send(number, processes):
    """Signal processes, as far as they are still the same: numbers are given out anew, to anybody."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)  # looks at the time of the creation first


def left(folder):
    """Return all that was started for a run and still lives, by the mark in its environment."""
    return [process for process in psutil.process_iter() if is_marked(process, folder)]


def is_marked(process, folder):
    try:
        return process.pid != os.getpid() and process.environ().get(MARK) == str(folder)
    except psutil.Error:
        return False


def end(programs, folder):
    """End everything at once: nothing is needed any more."""
    for program in programs:
        program.wanted = False
        send(signal.SIGKILL, program.tree())
    for _ in range(3):  # a process that forks meanwhile leaves a child that the first look missed
        send(signal.SIGKILL, left(folder))
    for program in programs:
        program.popen.wait()
