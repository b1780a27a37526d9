"""Many order at once, and workers are killed meanwhile: the invoices' numbers have neither gap nor double."""

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal

import psutil
import pytest

from project.catalog.models import Product
from project.jobs.models import UNSETTLED, Attempt, Job, Outcome, State
from project.orders.models import Invoice, InvoiceSeries
from tests.flows.facts import POLL
from tests.flows.servers import run_python
from tests.flows.stack import SERVE, Stack, running

pytestmark = pytest.mark.flow

CLIENTS, EACH = 20, 10
KILLS, BETWEEN = 6, 0.7  # seconds between two


class Few(Stack):
    """A site whose only worker issues invoices."""

    def start_processes(self):
        bound = self.socket.fileno()
        self.web = self.begin("web", *SERVE, "-b", f"fd://{bound}", inherited=[bound])
        self.worker = self.begin("invoices", "celery_worker.py", "run", "invoices")

    def is_ready(self):
        return self.stranger().get("/healthz").status == 200

    def is_done(self):
        return not self.rows(Job, queue="invoices", state__in=UNSETTLED).exists()


@pytest.fixture(params=["embedded", "postgres"])
def stack(request, django_db_blocker):
    """One of its own: its numbers begin with 1, and what the killed left behind disturbs no other story."""
    with running(Few, request.param, django_db_blocker) as made:
        yield made


@pytest.fixture
def crowd(stack):
    return stack.visitor("crowd").give_address()


@pytest.fixture
def lamp(stack):
    slug = f"lamp-{secrets.token_hex(4)}"
    return stack.insert(Product(name="Lamp", slug=slug, price=Decimal("19.99"), tax_rate=Decimal(19), stock=999))


def kill_meanwhile(stack, orders):
    """Kill whoever issues invoices a few times while it does: the whole worker at first, then its children."""
    kills = 0
    while kills < KILLS and not (all(each.done() for each in orders) and stack.is_done()):
        time.sleep(POLL)
        if stack.rows(Job, queue="invoices", state=State.RUNNING).exists():
            kill(stack.worker, whole=not kills)
            kills += 1
            time.sleep(BETWEEN)
            bring_back(stack.worker)


def kill(worker, *, whole):
    if whole:
        worker.kill()
        worker.start()
        return
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(worker.popen.pid).children()[:1]:
            child.kill()


def bring_back(worker):
    """Do as a supervisor does: a worker whose children die before they have begun ends too."""
    if not worker.lives:
        worker.start()


def order(crowd, path, fields):
    answers = [crowd.post(path, fields, opener=crowd.staying).status for _ in range(EACH)]
    assert answers == [302] * EACH


def test_200_orders_of_20_clients_get_200_numbers_though_workers_are_killed(stack, crowd, lamp, measured):
    path, begin = f"/shop/{lamp.slug}/", time.monotonic()
    (token,) = crowd.get(path).form(path).select("input[type=hidden][name]")
    fields = {token["name"]: token["value"], "quantity": 1}
    with ThreadPoolExecutor(CLIENTS) as threads:
        orders = [threads.submit(order, crowd, path, fields) for _ in range(CLIENTS)]
        kill_meanwhile(stack, orders)
        [each.result() for each in orders]
    mine = stack.rows(Invoice, order__customer__username=crowd.name)
    stack.wait_until("every invoice is issued and rendered", stack.is_done)
    deaths = stack.rows(Attempt, outcome=Outcome.DIED).count()

    assert deaths, "no kill hit a worker that had a job"
    assert stack.rows(Product).get(pk=lamp.pk).stock == 999 - CLIENTS * EACH
    assert mine.values("order").distinct().count() == mine.count() == CLIENTS * EACH
    assert list(mine.order_by("number").values_list("number", flat=True)) == list(range(1, CLIENTS * EACH + 1))
    assert stack.rows(InvoiceSeries).get().next_number == CLIENTS * EACH + 1
    run_python("manage.py", "verify_invoices", env=stack.environment)
    measured(f"{stack.lane}: {mine.count()} invoices, {deaths} jobs' workers killed, {time.monotonic() - begin:.1f} s")
