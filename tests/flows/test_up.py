"""Somebody takes a copy of the repository and starts it, uses it, ends it, and starts it again."""

import signal
import subprocess

import psutil
import pytest

from tests.flows.house import START, House, copy_repository, free_ports
from tests.support import until

pytestmark = pytest.mark.flow

ENDING = 10  # seconds


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy, in a folder whose name has a space."""
    folder = tmp_path_factory.mktemp("up") / "a copy"
    copy_repository(folder)
    made = House(folder)
    yield made
    made.clear()


@pytest.fixture
def house(copy):
    copy.start()
    return copy


def test_the_site_answers_with_the_sample_data(house):
    assert house.get("/")[0] == 200
    assert "Print: Dawn" in house.get("/shop/")[1]
    assert "log in as demo with the password demo-password" in house.said


def test_each_line_names_who_said_it(house):
    for name in ("redis", "web", "worker-email", "worker-housekeeping", "ready"):
        assert any(line.startswith(name) and " | " in line for line in house.said.splitlines()), house.said


@pytest.mark.parametrize("path", ["/", "/workers", "/tasks", "/broker", "/api/workers", "/api/tasks"])
def test_flower_lets_in_nobody_without_the_login(house, path):
    assert house.get(path, house.flower_port)[0] == 401
    assert house.get(path, house.flower_port, "demo:wrong")[0] == 401
    assert house.get(path, house.flower_port, "demo:demo-password")[0] == 200


@pytest.mark.parametrize(("used", "variable"), [("port", "PORT"), ("flower_port", "FLOWER_PORT")])
def test_a_second_start_says_which_port_is_in_use(house, used, variable):
    other = dict(zip(("PORT", "FLOWER_PORT"), map(str, free_ports()), strict=True))
    env = house.env | other | {variable: str(getattr(house, used))}

    second = subprocess.run(START, cwd=house.folder, env=env, capture_output=True, text=True, check=False)

    assert second.returncode == 1
    in_the_way = f"port {getattr(house, used)} cannot be used: Address already in use"
    assert second.stderr == f"make up: {in_the_way}. Choose another one with the variable {variable}.\n"


def test_a_second_start_on_other_ports_is_refused_too(house):
    env = house.env | dict(zip(("PORT", "FLOWER_PORT"), map(str, free_ports()), strict=True))

    second = subprocess.run(START, cwd=house.folder, env=env, capture_output=True, text=True, check=False)

    assert second.returncode == 1
    assert "an earlier start still runs" in second.stderr


def test_a_worker_that_dies_is_started_again_and_leaves_no_child(house):
    until(lambda: "RUNNING" in house.supervisorctl("status", "site:worker-invoices"), house.said)
    leader = house.worker("invoices")
    children = leader.children()

    leader.kill()

    assert psutil.wait_procs(children, timeout=ENDING)[1] == []
    until(lambda: house.worker("invoices") not in (None, leader), house.said)


def test_it_ends_in_time_though_a_worker_is_frozen(house):
    house.worker("statistics").suspend()

    assert house.end(signal.SIGTERM) < ENDING
    assert not (house.folder / "var" / "redis.sock").exists()


def test_it_starts_again_with_what_was_there_and_ends_at_ctrl_c(house):
    house.end(signal.SIGINT)

    house.start()

    assert "Sample data is loaded" not in house.said
    assert "Print: Dawn" in house.get("/shop/")[1]
    assert house.end(signal.SIGINT) < ENDING
