"""One run: start everything, deal faults while writers commit, wait for quiet, count the facts."""

import platform
import sys
import time
from collections import Counter
from importlib.metadata import version

import django
from django.conf import settings
from django.core.management import call_command

from tests.faults.dealing import Dealer
from tests.faults.world import World

INTERVAL = 2.0  # seconds between two faults
STILL = 4.0  # seconds at the end of the commits without a new fault
SITE = 0.05  # share of the commits that comes through the site
DIRECT = 2  # writers that save directly


def run(options):
    """Make a run. Returns its result; see `verdict`."""
    with World(options) as world:
        say("starting the servers")
        world.start_servers()
        django.setup()
        call_command("migrate", verbosity=0)
        from tests.faults import quiet  # noqa: PLC0415  models are ready only now

        say("starting site, workers and writers")
        world.start_site(settings.QUEUES)
        begin = time.time() + 2  # they need as long
        world.start_writers(writers(options, world.site, begin))
        world.wait("the workers", quiet.workers_ready)
        given = deal(world, begin + options.seconds)
        say("waiting for quiet")
        seconds = quiet.wait(world, max(fault.end for fault in given))
        say("counting")
        return result(world, given, seconds)


def say(what):
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")


def writers(options, site, begin):
    """Return the options of each writer by its name."""
    from tests.faults.goods import make  # noqa: PLC0415  models are ready only now

    rate, times = options.commits / options.seconds, {"begin": begin, "end": begin + options.seconds}
    direct = {"rate": rate * (1 - SITE) / DIRECT, **times}
    visits = {"rate": rate * SITE, "site": {"site": site, **make()}, **times}
    return {"visitors": visits} | {f"writer-{number}": direct for number in range(1, DIRECT + 1)}


def deal(world, until):
    """Deal faults until the writers end. Returns the faults."""
    say("dealing faults")
    dealer, due = Dealer(world), time.time()
    while (now := time.time()) < until:
        if due <= now < until - STILL:
            dealer.deal(until - now)
            due = now + INTERVAL
        world.tick()
    return dealer.given


def result(world, given, seconds):
    from tests.faults import count  # noqa: PLC0415  models are ready only now

    made = count.everything(world, given).result(seconds)
    made["faults"] = dict(sorted(Counter(fault.kind for fault in given).items()))
    made["notes"] |= {"seed": world.options.seed, "starts": sum(program.starts for program in world.programs)}
    made["versions"] = versions(world)
    return made


def versions(world):
    names = ("django", "celery", "kombu", "redis", "psycopg")
    return {"python": platform.python_version(), **{name: version(name) for name in names}, **world.versions()}
