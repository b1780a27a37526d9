"""Every message comes once more, when all is done. The last file: a copy would also mend what was lost."""

import pytest

from project.jobs.models import Job

pytestmark = pytest.mark.flow

KEPT = ("id", "state", "claims", "attempts", "deaths", "finished_at")


def ledger(stage):
    return sorted(stage.rows(Job).values_list(*KEPT))


def test_copies_of_all_messages_claim_nothing(aftermath):
    before, refusals, sent = ledger(aftermath), aftermath.refusals(), aftermath.mailbox.message_ids()
    copies = aftermath.send_copies()
    aftermath.wait_until("every copy refused", lambda: aftermath.refusals() >= refusals + copies, seconds=30)
    assert (ledger(aftermath), aftermath.mailbox.message_ids()) == (before, sent)
