"""What it was measured on, and how busy that was: a figure without it says little."""

import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from tests.bench.peers import PEERS

EVERYWHERE = ("django", "psycopg", "redis", "hiredis")


def load():
    """Return how many processes wanted to run, on average over the last minute."""
    return round(os.getloadavg()[0], 1)


def machine(world):
    """Return what was measured on."""
    packages = sorted({*EVERYWHERE, *(package for peer in PEERS.values() for package in peer.packages)})
    return {
        "at": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "processor": processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "servers": world.servers.versions(),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in packages},
    }


def processor():
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
