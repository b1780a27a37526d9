"""The kinds of fault. Each returns whom it hit, or None where it cannot be given now."""

import signal
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.programs import send

CARDS = []
FREEZE = 20  # seconds; a heartbeat is taken for dead after 15
DYING = 1  # seconds in which a kill may show


@dataclass
class Card:
    """A kind of fault. weight: how many in a deck. needs: the server that it is about. seconds: how long it lasts."""

    kind: str
    weight: int
    give: Callable
    needs: str | None = None
    seconds: int = DYING


def card(kind, weight, **options):
    """Make a function a fault."""

    def keep(give):
        CARDS.append(Card(kind, weight, give, **options))
        return give

    return keep


@card("web process killed", 6)
def kill_web(dealer, world):
    send(signal.SIGKILL, [dealer.random.choice(world.web.tree())])
    return "web"


@card("writer killed", 2)
def kill_writer(dealer, world):
    writer = dealer.random.choice(world.writers)
    writer.kill()
    return writer.name


@card("worker's child killed", 8)
def kill_child(dealer, _world):
    queue, worker = dealer.worker()
    if not (children := worker.children()):
        return None
    send(signal.SIGKILL, [dealer.random.choice(children)])
    return queue


@card("worker killed", 4)
def kill_worker(dealer, _world):
    queue, worker = dealer.worker()
    worker.kill()
    return queue


@card("worker told to end", 2)
def tell_worker(dealer, _world):
    queue, worker = dealer.worker()
    worker.tell()
    return queue


@card("worker frozen for 20 s", 2, seconds=FREEZE)
def freeze_worker(dealer, world):
    """Freeze it while another worker takes over what it holds; it wakes up beside the other one."""
    if any(worker.frozen for worker in world.workers.values()):
        return None
    queue, worker = dealer.worker()
    worker.freeze()
    second = world.begin_worker(queue, f"{queue}-{next(world.order)}")
    world.after(FREEZE, worker.thaw)
    world.after(FREEZE + 3, second.retire)
    return queue


@card("Redis killed", 4, needs="redis")
@card("RabbitMQ killed", 2, needs="rabbitmq")
def kill_broker(_dealer, world):
    world.broker.kill()
    return "broker"


@card("Redis emptied", 4, needs="redis")
@card("RabbitMQ's queues emptied", 4, needs="rabbitmq")
def empty_broker(_dealer, world):
    if world.broker.program.frozen:
        return None
    world.broker.empty(world.workers)
    return "broker"


@card("broker frozen", 2, seconds=4)
def freeze_broker(_dealer, world):
    server = world.broker.program
    if server.frozen or not server.lives:
        return None
    server.freeze()
    world.after(4, server.thaw)
    return "broker"


@card("database connections cut", 4, needs="postgres")
def cut_connections(_dealer, world):
    world.database.cut()
    return "database"


@card("PostgreSQL stopped at once", 2, needs="postgres", seconds=3)
def crash_database(_dealer, world):
    world.database.crash()
    return "database"


@card("mail server refuses", 1, seconds=4)
def refuse_mail(_dealer, world):
    return turn_mail(world, "refuses", 4)


@card("mail server hangs", 1, seconds=6)
def hang_mail(_dealer, world):
    return turn_mail(world, "hangs", 6)


@card("mail server away", 1, seconds=4)
def leave_mail(_dealer, world):
    if hit := turn_mail(world, "away", 4):
        world.sink.leave()
        world.after(4, world.sink.come_back)
    return hit


def turn_mail(world, mode, seconds):
    if world.sink.mode != "takes":
        return None
    world.sink.turn(mode)
    world.after(seconds, lambda: world.sink.turn("takes"))
    return "mail server"


@card("disk full for media", 2, seconds=4)
def fill_disk(_dealer, world):
    world.disk.fill([world.web, world.workers["thumbnails"], world.workers["invoices"], *world.writers])
    world.after(4, world.disk.free)
    return "disk"
