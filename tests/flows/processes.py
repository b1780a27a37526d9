"""Processes of a stack: each in a session of its own, its output in a file, ended whatever happens."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

TAIL = 15  # lines of a log that a failure shows
PATIENCE = 10  # seconds for a process to end by itself
# The kernel ends the process when the tests' own is killed and can tidy up nothing.
WITH_ME = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []


class Process:
    """One started program. `inherited`: file descriptors that it may use."""

    def __init__(self, name, command, *, log, env, inherited=()):
        self.name, self.command, self.log, self.env, self.inherited = name, command, Path(log), env, inherited
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.popen = subprocess.Popen(
                [*WITH_ME, *self.command],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=self.inherited,
                start_new_session=True,
            )

    @property
    def lives(self):
        return self.popen.poll() is None

    def tail(self):
        lines = self.log.read_text(errors="replace").splitlines()[-TAIL:]
        state = "runs" if self.lives else f"ended with {self.popen.returncode}"
        return "\n".join([f"--- {self.name} ({state}), {self.log}", *lines])

    def freeze(self):
        self.to_all(signal.SIGSTOP)

    def thaw(self):
        self.to_all(signal.SIGCONT)

    def kill(self):
        self.to_all(signal.SIGKILL)
        self.popen.wait()

    def to_all(self, number):
        """Signal the process and its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, number)


def stop(process):
    """End a process as an operator would; by force what does not end in time, and the children left behind."""
    process.popen.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.popen.wait(PATIENCE)
    process.kill()


def kill(processes):
    """End processes at once: nothing of theirs is needed any more."""
    for process in processes:
        process.kill()
