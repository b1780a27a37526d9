"""The app of a process that is measured: it knows one peer."""

import os
from importlib import import_module

from django.apps import AppConfig

from tests.bench.peers import PEERS


class BenchConfig(AppConfig):
    """Imports the peer when models are ready, so that workers and whoever enqueues know its task."""

    name = "tests.bench"
    label = "bench"

    def ready(self):
        self.peer = import_module(PEERS[os.environ["BENCH_PEER"]].module)
