"""What a fresh process measures, or prepares: `python -m tests.bench.probe WHAT COUNT`. It prints JSON."""

import json
import os
import sys
import time

import django
from django.db import transaction
from django.db.models.signals import post_save

BLOCK = 50  # saves of one kind in a row: bare and announced alternate, so that both meet the same minutes
PACE = 50  # jobs a second where latency is measured


def main():
    django.setup()
    what, count = sys.argv[1], int(sys.argv[2])
    from django.apps import apps  # noqa: PLC0415  apps are ready only now

    config = apps.get_app_config("bench")
    probe = Probe(config.peer, config.get_model("Thing"), config.get_model("Bare"))
    json.dump(getattr(probe, what)(count), sys.stdout)


class Probe:
    """One peer, and the row that is saved with and without its job."""

    def __init__(self, peer, thing, bare):
        self.peer, self.thing, self.bare = peer, thing, bare
        self.settle = getattr(peer, "settle", lambda: None)
        post_save.connect(self.on_thing_saved, sender=thing)
        self.variant = os.environ["BENCH_PEER"]

    def on_thing_saved(self, instance, **_):
        if self.variant != "ours-many":
            self.peer.enqueue(instance.pk)

    def save(self, count):
        """Measure saves, each in a transaction of its own. Returns microseconds for each block of them."""
        self.block(self.bare, 20)
        self.block(self.thing, 20)
        blocks = [(self.block(self.bare), self.block(self.thing)) for _ in range(count // BLOCK)]
        bare, announced = zip(*blocks, strict=True)
        return {"bare": [wall for wall, _ in bare], "with": [wall for wall, _ in announced]} | {
            "bare_cpu": [cpu for _, cpu in bare],
            "with_cpu": [cpu for _, cpu in announced],
        }

    def block(self, model, count=BLOCK):
        """Return microseconds a save: what the saver waits, and what the process computes, its threads included."""
        wall, cpu = time.perf_counter(), time.process_time()
        for value in range(count):
            with transaction.atomic():
                model(value=value).save()
        wall = time.perf_counter() - wall
        self.settle()
        return wall / count * 1e6, (time.process_time() - cpu) / count * 1e6

    def storm(self, count):
        """Measure many saves in one transaction. Returns seconds: until it has ended, and of processor."""
        self.block(self.bare, 20)
        self.block(self.thing, 20)
        bare, bare_cpu = self.one_transaction(self.bare, count)
        announced, announced_cpu = self.one_transaction(self.thing, count)
        return {"bare": bare, "with": announced, "bare_cpu": bare_cpu, "with_cpu": announced_cpu}

    def one_transaction(self, model, count):
        wall, cpu = time.perf_counter(), time.process_time()
        with transaction.atomic():
            self.write(model, count)
        wall = time.perf_counter() - wall
        self.settle()
        return wall, time.process_time() - cpu

    def write(self, model, count):
        rows = [model(value=value) for value in range(count)]
        if self.variant == "ours-bulk":
            model.objects.bulk_create(rows)
            return
        for row in rows:
            row.save()
        if self.variant == "ours-many" and model is self.thing:
            self.peer.fill([row.pk for row in rows])

    def fill(self, count):
        """Let jobs wait. Returns their number."""
        getattr(self.peer, "leave_mark", lambda: None)()
        rows = self.bare.objects.bulk_create(self.bare(value=value) for value in range(count))
        if hasattr(self.peer, "fill"):
            self.peer.fill([row.pk for row in rows])
        else:
            with transaction.atomic():
                for row in rows:
                    self.peer.enqueue(row.pk)
        self.settle()
        return count

    def pace(self, count):
        """Save evenly, PACE times a second. Returns when each transaction had committed, by the row's number."""
        committed = {}
        began = time.perf_counter()
        for number in range(count):
            time.sleep(max(0.0, began + number / PACE - time.perf_counter()))
            with transaction.atomic():
                row = self.thing(value=number)
                # Noted before the hook behind it publishes.
                transaction.on_commit(lambda row=row: committed.update({row.pk: time.time()}))
                row.save()
        self.settle()
        return committed


if __name__ == "__main__":
    main()
