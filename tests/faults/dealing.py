"""Deals faults as cards: a shuffled deck of all kinds, then another one, so that each kind comes up."""

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.faults.faults import CARDS, FREEZE


@dataclass
class Fault:
    """A fault that was given: what, to whom, from when to when."""

    kind: str
    target: str
    begin: float
    end: float


class Dealer:
    """Deals faults to a world."""

    def __init__(self, world):
        self.world, self.given, self.deck = world, [], []
        self.random = random.Random(world.options.seed)
        here = (None, world.options.broker, world.options.database)
        self.cards = [card for card in CARDS if card.needs in here]
        self.shuffle_in(self.cards)
        self.deck.sort(key=lambda card: card.seconds < FREEZE)  # in a short run it must come early to come at all

    def shuffle_in(self, cards):
        self.random.shuffle(cards)
        self.deck += cards

    def deal(self, seconds_left):
        """Deal the next card that can be dealt: the long ones only while there is time to see their end."""
        if len(self.deck) < len(self.cards):
            self.shuffle_in([card for card in self.cards for _ in range(card.weight)])
        for number, card in enumerate(self.deck):
            if card.seconds <= seconds_left and (target := card.give(self, self.world)):
                del self.deck[number]
                self.note(Fault(card.kind, target, time.time(), time.time() + card.seconds))
                return

    def note(self, fault):
        """Keep it, and write it down for who reads the logs."""
        self.given.append(fault)
        with open(self.world.folder / "faults.log", "a") as file:
            file.write(f"{datetime.fromtimestamp(fault.begin, UTC):%H:%M:%S.%f} {fault.kind}: {fault.target}\n")

    def worker(self):
        """Choose a worker that is not frozen. Returns its queue and it."""
        awake = [queue for queue, worker in self.world.workers.items() if worker.lives and not worker.frozen]
        queue = self.random.choice(awake)
        return queue, self.world.workers[queue]
