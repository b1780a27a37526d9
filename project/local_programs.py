"""What runs in the embedded mode, written as supervisor's configuration."""

import io
import os
import shlex
from configparser import RawConfigParser
from urllib.parse import urlsplit

from django.conf import settings

from project import environment
from project.queues import QUEUES

Section = dict[str, object]

PATIENCE = 5  # seconds to end by oneself; supervisor looks once a second, Redis comes after: all is over within ten
SUPERVISORCTL = {"username": "local", "password": "local"}  # it warns where there is none; the socket is the user's own

# In a container one may be root: then supervisor and each worker say so at length, unless told that it is known.
AS_ROOT: Section = {
    "user": "root",
    "environment": """PYTHONWARNINGS="ignore:You're running the worker with superuser\"""",
}


def configuration(*, port: int, flower_port: int, redis: str | None) -> str:
    """Return the configuration. redis: the server to start, if any."""
    site = {"web": web(port), **workers(), "flower": flower(flower_port), "ready": "-m project.local_ready"}
    sections: dict[str, Section] = {"supervisord": supervisor()}
    sections |= control()
    if redis:
        sections["program:redis"] = program(broker(redis)) | {"priority": 1}  # the first to start, the last to stop
    for name, words in site.items():
        sections[f"program:{name}"] = program(f"python {words}")
    # `ready` says its piece and ends.
    sections["program:ready"] |= {"autorestart": "false", "startsecs": 0}
    sections["group:site"] = {"programs": ",".join(site), "priority": 2}  # one group, so stopped at the same time
    return written(sections)


def web(port: int) -> str:
    """Return the words that start the site."""
    return (
        f"-m gunicorn project.wsgi --bind 127.0.0.1:{port} --worker-class gthread --threads 8"
        " --graceful-timeout 3 --no-control-socket --log-level warning"
    )


def workers() -> dict[str, str]:
    """Return the words that start each worker, by its name."""
    return {f"worker-{queue}": f"celery_worker.py run {queue}" for queue in QUEUES}


def flower(port: int) -> str:
    """Return the words that start Flower. Its login comes by the environment, where `ps` does not show it."""
    return f"-m celery --quiet -A celery_worker flower --address=127.0.0.1 --port={port} --read-only --max-tasks=10000"


def broker(redis: str) -> str:
    """Return the command that starts Redis: on a socket of its own, without a port, keeping all on disk."""
    folder = settings.VAR / "redis"
    folder.mkdir(exist_ok=True)
    words = [redis, "--port", "0", "--unixsocket", urlsplit(settings.BROKER_URL).path, "--unixsocketperm", "700"]
    # No snapshot beside the log: an older Redis, should the next start find one, cannot read a newer one's.
    words += ["--dir", str(folder), "--appendonly", "yes", "--save", "", "--loglevel", "warning"]
    return shlex.join(words).replace("%", "%%")


def program(command: str) -> Section:
    """Return the section of one program."""
    return {
        "command": command,
        "autorestart": "true",
        "startsecs": 5,  # what dies earlier does not start at all: it is tried again ever more slowly
        "startretries": 10,
        "stopwaitsecs": PATIENCE,
        # A TERM that reached a worker's child would kill the job that it runs; what is late is killed whole.
        "stopasgroup": "false",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": "NONE",
        "stdout_events_enabled": "true",  # heard by project/local_output.py
    }


def supervisor() -> Section:
    """Return the section of supervisor itself."""
    section: Section = {
        "logfile": "/dev/null",
        "logfile_maxbytes": 0,
        "loglevel": "warn",
        "pidfile": settings.VAR / "supervisord.pid",
        "nocleanup": "true",
    }
    return section | (AS_ROOT if os.getuid() == 0 else {})


def control() -> dict[str, Section]:
    """Return the sections that let `supervisorctl` in, and our own code, which names each line of output."""
    socket = environment.socket_path(settings.VAR / "supervisor.sock")
    factory = "supervisor.rpcinterface_factory"
    return {
        "unix_http_server": {"file": socket, "chmod": "0700", **SUPERVISORCTL},
        "supervisorctl": {"serverurl": f"unix://{socket}", **SUPERVISORCTL},
        "rpcinterface:supervisor": {factory: "supervisor.rpcinterface:make_main_rpcinterface"},
        "rpcinterface:output": {factory: "project.local_output:name_lines"},
    }


def written(sections: dict[str, Section]) -> str:
    """Return the sections as text."""
    parser, text = RawConfigParser(), io.StringIO()
    parser.read_dict(sections)
    parser.write(text)
    return text.getvalue()
