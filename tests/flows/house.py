"""A copy of the repository that is started as a newcomer starts it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from contextlib import ExitStack, suppress

import psutil

from tests.support import ROOT, until

STARTING = 120  # seconds; alone on the machine it takes six
START = [sys.executable, "-m", "project.local"]


class House:
    """The copy, which may run."""

    def __init__(self, folder):
        self.folder, self.log, self.popen = folder, folder.parent / "log", None
        self.port, self.flower_port = free_ports()
        # Nothing of what this test run or its machine has set: a newcomer has set nothing.
        self.env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.env |= {"PORT": str(self.port), "FLOWER_PORT": str(self.flower_port)}

    def start(self):
        """Start it, unless it runs, and wait until it says that it does."""
        if self.popen:
            return
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(
                START, cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        until(lambda: self.popen.poll() is not None or "Everything runs" in self.said, self.said, STARTING)
        assert self.popen.poll() is None, self.said

    def end(self, number):
        """Ask it to end. Returns the seconds until nothing was left."""
        asked = time.monotonic()
        self.popen.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(STARTING)
        until(lambda: not self.processes(), self.said, STARTING)
        self.popen = None
        return time.monotonic() - asked

    def clear(self):
        """Leave nothing behind, whatever went wrong."""
        while left := self.processes():
            for process in left:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            if self.popen:
                self.popen.wait()

    @property
    def said(self):
        return self.log.read_text(errors="replace")

    def processes(self):
        return [process for process in psutil.process_iter() if self.is_ours(process)]

    def is_ours(self, process):
        try:
            return process.status() != psutil.STATUS_ZOMBIE and process.cwd().startswith(str(self.folder))
        except psutil.Error:
            return False

    def worker(self, queue):
        """Return the process that leads a queue's worker."""
        workers = [process for process in psutil.Process(self.popen.pid).children() if queue in process.cmdline()]
        return workers[0] if workers else None

    def supervisorctl(self, *words):
        command = [sys.executable, "-m", "supervisor.supervisorctl", "-c", "var/supervisord.conf", *words]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False).stdout

    def get(self, path, port=None, login=None):
        """Return the status and the text of a page."""
        request = urllib.request.Request(f"http://127.0.0.1:{port or self.port}{path}")
        if login:
            request.add_header("Authorization", "Basic " + b64encode(login.encode()).decode())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


def free_ports():
    with ExitStack() as both:
        probes = [both.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        return [probe.getsockname()[1] for probe in probes]


def copy_repository(folder):
    """Copy what is in the repository, or would be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
