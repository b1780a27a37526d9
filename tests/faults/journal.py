"""The journal: what a writer was about to commit, and what became of it, apart from the database that it is to judge.

One line a transaction before it (`will`, the changes, and the witness: the row that is there if and only if it
committed), one line after it (`end`). A transaction without an end was cut off: its witness is then looked for.
"""

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

COMMIT, ROLL_BACK = "commit", "roll back"


class Journal:
    """A writer's journal: each line is one write, so that a kill leaves whole lines."""

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.name, self.count = secrets.token_hex(4), 0

    def token(self):
        """Return a word that stands nowhere else."""
        self.count += 1
        return f"token-{self.name}-{self.count}"

    def intend(self, will, witness, changes, undone=()):
        """Note what is about to happen. changes, undone: (model, token); undone ones go with a savepoint."""
        key = self.token()
        self.write({"key": key, "will": will, "witness": witness, "changes": changes, "undone": list(undone)})
        return key

    def end(self, key):
        """Note that it went as intended."""
        self.write({"key": key, "end": True})

    def write(self, line):
        os.write(self.file, json.dumps(line).encode() + b"\n")


@dataclass
class Written:
    """What all writers did. done, undone: (model, token); unsure: intents whose end is not known."""

    committed: list = field(default_factory=list)
    rolled_back: list = field(default_factory=list)
    unsure: list = field(default_factory=list)
    commits: int = 0
    rollbacks: int = 0

    def commit(self, intent):
        self.commits += 1
        self.committed += [tuple(change) for change in intent["changes"]]
        self.rolled_back += [tuple(change) for change in intent["undone"]]

    def roll_back(self, intent):
        self.rollbacks += 1
        self.rolled_back += [tuple(change) for change in intent["changes"] + intent["undone"]]


def read(folder, pattern="*.journal"):
    """Read the journals of a folder."""
    written = Written()
    for path in sorted(Path(folder).glob(pattern)):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        ended = {line["key"] for line in lines if "end" in line}
        for intent in [line for line in lines if "will" in line]:
            if intent["will"] == ROLL_BACK:
                written.roll_back(intent)
            elif intent["key"] in ended:
                written.commit(intent)
            else:
                written.unsure.append(intent)
    return written
