"""The compose file, read as text: the project has no other need of a YAML parser."""

import re

import pytest

from project.queues import QUEUES
from tests.support import ROOT

TEXT = (ROOT / "compose.yaml").read_text()
BLOCK = r"^{indent}([\w-]+):(?: &([\w-]+))?[^\n]*\n((?:{indent}  .*\n|\n)*)"
MIB = 1024  # kilobytes


def blocks(text, indent):
    """Returns (name, anchor, body) of each key at this depth."""
    return re.findall(BLOCK.format(indent=indent), text, re.MULTILINE)


ANCHORS = {anchor: body for _, anchor, body in blocks(TEXT, "") if anchor}
SERVICES = {
    name: body for key, _, inner in blocks(TEXT, "") if key == "services" for name, _, body in blocks(inner, "  ")
}
ONCE = {"migrate"}  # ends when it is done


def lines(body, depth):
    """Returns the keys and values of a service, its own first, then those it takes over from anchors."""
    own = re.findall(rf"^ {{{depth}}}([\w<-]+): *(.*)$", body, re.MULTILINE)
    taken = [line for key, value in own if key == "<<" for line in lines(ANCHORS[value.lstrip("*")], 2)]
    return own + taken


def value(service, key):
    """Returns what counts: a service's own value, else the nearest anchor's; None where there is none."""
    return next((found.split(" #")[0] for name, found in lines(SERVICES[service], 4) if name == key), None)


def kilobytes(size):
    return int(size[:-1]) * {"m": MIB, "g": MIB * MIB}[size[-1]]


def test_the_workers_are_those_of_the_queues():
    assert {name for name in SERVICES if name.startswith("worker-")} == {f"worker-{queue}" for queue in QUEUES}


@pytest.mark.parametrize("queue", QUEUES)
def test_a_worker_consumes_the_queue_that_names_it(queue):
    assert value(f"worker-{queue}", "command") == f"[python, celery_worker.py, run, {queue}]"


@pytest.mark.parametrize(("name", "queue"), QUEUES.items(), ids=list(QUEUES))
def test_a_worker_may_use_the_memory_of_its_children_and_their_parent(name, queue):
    parent = 100 * MIB
    assert kilobytes(value(f"worker-{name}", "mem_limit")) >= queue.concurrency * queue.memory_per_child + parent


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_names_its_version(service):
    name, _, tag = value(service, "image").rpartition(":")
    assert name
    assert tag != "latest"


@pytest.mark.parametrize("service", SERVICES)
def test_what_ends_is_started_again(service):
    assert value(service, "restart") == ('"no"' if service in ONCE else "unless-stopped")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_a_limit_of_memory(service):
    assert kilobytes(value(service, "mem_limit"))


def test_no_port_is_open_to_other_machines():
    published = [port for service in SERVICES if (ports := value(service, "ports")) for port in ports[1:-1].split(",")]
    assert len(published) == 3
    assert [port for port in published if not port.startswith('"127.0.0.1:')] == []


def test_ports_are_written_where_the_test_above_sees_them():
    assert len(re.findall(r"ports:|network_mode:|expose:", TEXT)) == len(re.findall(r'ports: \["', TEXT)) == 3


def test_everything_of_the_site_waits_for_the_migrations_and_what_they_refuse():
    site = [service for service in SERVICES if value(service, "image") == "site:local"]
    assert len(site) == len(QUEUES) + 3
    for service in set(site) - ONCE:
        assert "migrate: {condition: service_completed_successfully}" in needs(service)


def needs(service):
    """Returns what a service depends on: its own list, else the site's."""
    body = next(body for body in (SERVICES[service], ANCHORS["site"]) if "depends_on:" in body)
    return body.split("depends_on:\n")[1]


def test_every_default_password_says_that_it_is_none():
    names = ("SECRET_KEY", "POSTGRES_PASSWORD", "FLOWER_BASIC_AUTH")
    defaults = re.findall(rf"\$\{{({'|'.join(names)}):-([^}}]*)\}}", TEXT)
    assert {name for name, _ in defaults} == set(names)
    assert [name for name, default in defaults if "own-machine-only" not in default] == []
