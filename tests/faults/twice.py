"""Counts the mails that went out twice, and says what a run can show."""

import sys
from collections import Counter, defaultdict
from statistics import median

from tests.faults.chance import at_least, highest
from tests.faults.report import row
from tests.faults.sink import mails

LIMIT = 1 / 1000  # of the mails in flight at a kill
CHANCE = 0.05  # how unlikely what was found must be under the limit to speak against it
LATE = 0.2  # seconds; the next attempt comes later
HITS, IN_FLIGHT = "kills that hit a worker which was sending", "mails in flight at these"
DOUBLES, UNEXCUSED, LOST = (
    "mails sent again that had been accepted before the kill",
    "    without a kill (0)",
    "mails lost (0)",
)


def count(world):
    """Compare what the mail server noted with the rows. Returns the table's cells by their headings."""
    from project.jobs.models import Attempt  # noqa: PLC0415  models are ready only now
    from project.notifications.models import Delivery  # noqa: PLC0415  as above

    accepted = defaultdict(list)
    for mail in mails(world.journal):
        accepted[mail["id"]].append(mail["at"])
    again = [(each, at) for each, copies in accepted.items() for at in sorted(copies)[:-1]]
    late = [(each, at) for each, at in again if is_late(each, at, world.kills)]
    wanted = dict(Delivery.objects.values_list("message_id", "job_id"))
    sent = Delivery.objects.filter(attempts=1, state="sent").values_list("message_id", "sent_at")
    windows = [1000 * (at.timestamp() - accepted[each][0]) for each, at in sent if each in accepted]
    deaths = Counter(Attempt.objects.filter(outcome="died").values_list("job_id", flat=True))
    unexcused = [each for each, copies in accepted.items() if len(copies) - 1 > deaths[wanted.get(each)]]
    logs = "".join(worker.log.read_text() for worker in world.senders)
    return {
        "kills": len(world.kills),
        HITS: world.hits,
        IN_FLIGHT: sum(len(mails) for _, mails in world.kills),
        "of these known by a note to be accepted": logs.count("mail_accepted_before"),
        "accepted by the server when their worker was dead, and sent again": len(late),
        DOUBLES: len(again) - len(late),
        UNEXCUSED: len(unexcused),
        LOST: len(wanted.keys() - accepted.keys()),
        "mails": len(wanted),
        "milliseconds from accepted to the end of the job, median": f"{median(windows):.1f}",
    }


def is_late(message_id, at, kills):
    """Tell whether the server accepted a mail after its worker was killed: nobody was there who could have noted it.

    The kernel takes some milliseconds to end a process, and only then the server hears of it.
    """
    return any(killed < at < killed + LATE and message_id in hit for killed, hit in kills)


def told(cells):
    """Print the table. Returns the exit code."""
    doubles, in_flight = cells[DOUBLES], cells[IN_FLIGHT]
    cells["doubles per 1,000 such kills"] = f"{1000 * doubles / cells[HITS]:.2f}"
    cells["doubles per 1,000 mails in flight"] = f"{1000 * doubles / in_flight:.2f}"
    cells["    and under, by 95 %"] = f"{1000 * highest(doubles) / in_flight:.2f}"
    sys.stdout.write("\n".join(row(heading, [cell]) for heading, cell in cells.items()) + "\n")
    exceeded = at_least(doubles, LIMIT * in_flight) < CHANCE
    if exceeded:
        sys.stdout.write(f"\nFAILED: more than {1000 * LIMIT:g} in 1,000 mails in flight, beyond chance.\n")
    if cells[UNEXCUSED] or cells[LOST]:
        sys.stdout.write("\nFAILED: what must be 0 is not.\n")
    return 1 if exceeded or cells[UNEXCUSED] or cells[LOST] else 0
