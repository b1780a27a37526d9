"""What is saved, and what its jobs change."""

import os

from django.db import models

from tests.bench.peers import PEERS

if PEERS[os.environ["BENCH_PEER"]].is_ours:
    from project.jobs.senders import Sender as Base
else:
    from django.db.models import Model as Base


class Thing(Base):
    """ran_at: the clock when its job began, seconds; it has no index, so that the job's UPDATE is one of one row."""

    value = models.IntegerField(default=0)
    runs = models.IntegerField(default=0)
    ran_at = models.FloatField(null=True)

    class Meta:
        app_label = "bench"

    def __str__(self):
        return f"thing {self.pk}"


class Bare(models.Model):
    """The same row as Django's own model, that nobody listens to: what a save costs without a job."""

    value = models.IntegerField(default=0)
    runs = models.IntegerField(default=0)
    ran_at = models.FloatField(null=True)

    class Meta:
        app_label = "bench"
        managed = False
        db_table = "bench_thing"

    def __str__(self):
        return f"bare {self.pk}"


class Category(models.Model):
    """What is counted of the items of one category."""

    items = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    average = models.FloatField(default=0.0)

    class Meta:
        app_label = "bench"

    def __str__(self):
        return f"category {self.pk}"


class Item(Base):
    """What is saved many times; each save asks for a recount of its category."""

    category = models.IntegerField(db_index=True)
    price = models.IntegerField()

    class Meta:
        app_label = "bench"

    def __str__(self):
        return f"item {self.pk}"


class Recount(models.Model):
    """One run of a recount, and how long it worked."""

    seconds = models.FloatField()

    class Meta:
        app_label = "bench"

    def __str__(self):
        return f"recount {self.pk}"
