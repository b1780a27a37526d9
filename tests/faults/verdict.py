"""What was found, under the headings of the table."""

from collections import defaultdict

UNDONE = "committed changes whose work is not done"
PHANTOMS = "rolled-back changes whose work was done"
INVOICES = "invoices per order other than 1; gaps and doubles in numbers"
VERIFIED = "faults that verify_invoices finds"
STATISTICS = "statistics that differ from a recount"
MISSING = "mails missing"
TWICE = "mails sent twice, without a worker killed between accepted and commit"
FILES = "renditions and PDFs missing, torn or orphaned"
LEFT = "jobs left waiting or running at the end"
QUIET = "seconds from the last fault to quiet"
HEADINGS = (UNDONE, PHANTOMS, INVOICES, VERIFIED, STATISTICS, MISSING, TWICE, FILES, LEFT)
LOSSES = (UNDONE, INVOICES, STATISTICS, MISSING, FILES)  # what a job that was lost leaves behind
LONGEST = 60  # seconds to quiet
SHOWN = 5  # examples of each heading


class Findings:
    """Faults of the product, by heading; each one said in words."""

    def __init__(self):
        self.found, self.notes = defaultdict(list), {}

    def add(self, heading, sentences):
        self.found[heading] += sentences

    def result(self, seconds):
        """Return what a table shows, as JSON takes it."""
        return {
            "counted": {heading: len(self.found[heading]) for heading in HEADINGS},
            "examples": {heading: self.found[heading][:SHOWN] for heading in HEADINGS if self.found[heading]},
            "quiet": seconds,
            "notes": self.notes,
        }


def holds(result):
    """Tell whether all is as it must be."""
    return not any(result["counted"].values()) and result["quiet"] < LONGEST


def lost(result):
    """Return how much was lost."""
    return sum(result["counted"][heading] for heading in LOSSES)
