"""Claim, then send: two workers never send one mail at once, and what became of it is known whoever dies.

The claim is committed before the connection opens. A worker that dies between the server's "accepted" and our commit
leaves a note of it (`accepted`). Where it died before even that was written nobody can tell what became of the mail:
the next attempt sends it again with the same Message-ID, or, where MAIL_AT_MOST_ONCE says so, gives it up.
"""

import time
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, QuerySet
from django.db.models.functions import Now

from project.jobs import LeaseLost, current_job, patiently, settling
from project.jobs.clock import database_time
from project.jobs.failures import gives_up
from project.jobs.models import Job
from project.jobs.models import State as JobState
from project.jobs.policies import GiveUp, RetryLater
from project.notifications import accepted, choices, connections, messages
from project.notifications.models import Delivery
from project.notifications.replies import Unclear, judge

log = structlog.get_logger(__name__)

State = Delivery.State
OPEN = (State.WAITING, State.SENDING, State.FAILED)
LONGEST = timedelta(seconds=90)  # a sending without a job that takes longer is dead, as a job without a lease is
SURE = 1.0  # seconds after a claim; a worker that is ended gives back what it has after four
IN_FLIGHT = 60.0  # seconds until one looks again whether another one has sent it


def send(delivery: Delivery, *, settles: bool = True) -> None:
    """Send a mail, unless it is at its end. settles: whether the running job is done with it.

    Raises what `replies.judge` makes of the mail server's words, RetryLater where another one is sending it.
    """
    if delivery.state not in OPEN:
        return
    begun = time.monotonic()
    said = claim(delivery)
    if said is None and (reason := choices.withheld_because(delivery.recipient, delivery.kind)):
        log.info("mail_withheld", delivery=delivery.pk, reason=reason)
        end: dict[str, Any] = {"state": State.WITHHELD, "error": reason}
    else:
        end = {"state": State.SENT, "sent_at": Now(), "error": "", **(said or hand_over(delivery, begun))}
    # A database that is away just now would otherwise have the mail sent again.
    patiently(lambda: finish(delivery, settles=settles, **end))
    accepted.forget(accepted.path_of(delivery))


def hand_over(delivery: Delivery, claimed: float) -> dict[str, str]:
    """Hand a claimed mail to the mail server. Returns what it said. claimed: when, by `time.monotonic`."""
    path = accepted.path_of(delivery)
    try:
        with accepted.page_at(path) as page:
            still_ours = partial(stay_away_if_lost, delivery, claimed)
            return connections.hand_over(messages.message_of(delivery), page, still_ours)
    except LeaseLost as error:
        if settings.MAIL_AT_MOST_ONCE:
            note_failure(delivery, error)  # else who has the job now would give up a mail that did not go out
        accepted.forget(path)
        raise
    except Exception as error:  # noqa: BLE001  what it is `judge` says
        verdict = note_failure(delivery, error)
        accepted.forget(path)
        raise verdict from None  # what the mail server said may name people


def stay_away_if_lost(delivery: Delivery, claimed: float) -> None:
    """Raise LeaseLost where another one may be sending a mail by now: this process was frozen, or is being ended.

    claimed: when this attempt was, by `time.monotonic`; of a young one nobody need be asked.
    """
    is_old = time.monotonic() - claimed > SURE
    if is_old and delivery.job_id is not None and not patiently(lambda: is_in_flight(delivery)):
        raise LeaseLost(f"attempt {delivery.attempts} no longer holds mail {delivery.pk}: it was not sent")


def send_all(deliveries: Sequence[Delivery]) -> None:
    """Send the mails of one job. One that is refused for good keeps none of the others; then raises as `send` does."""
    refused: list[GiveUp] = []
    for delivery in deliveries:
        try:
            send(delivery, settles=delivery is deliveries[-1] and not refused)
        except GiveUp as error:
            refused.append(error)
    if refused:
        raise refused[0]


def claim(delivery: Delivery) -> dict[str, str] | None:
    """Make the mail this attempt's. Returns None; or, where the last one was accepted before it died, what was told.

    That one is then to be finished in its stead, and was a mail's last.
    Raises RetryLater, LeaseLost where the job is no longer ours, or GiveUp where the mail may be sent already and must
    not be twice.
    """
    if delivery.state == State.SENDING and is_in_flight(delivery):
        raise RetryLater("Another worker is sending this mail", after=IN_FLIGHT)
    # Only now: who may still be sending may still note it.
    if delivery.state == State.SENDING and (told := accepted.told(delivery)):
        log.info("mail_accepted_before", delivery=delivery.pk, attempt=delivery.attempts)
        return told
    holder, path = mine(), accepted.path_of(delivery)
    ours = Delivery.objects.filter(pk=delivery.pk, state=delivery.state, attempts=delivery.attempts)
    if holder["job_id"]:
        ours = ours.filter(Exists(held(**holder)))
    if delivery.state == State.SENDING and settings.MAIL_AT_MOST_ONCE:
        error = Unclear("The worker that was sending it died: it may have been accepted")
        if ours.update(state=State.FAILED, error=str(error), **holder):
            accepted.forget(path)
        raise error
    if not ours.update(state=State.SENDING, attempts=F("attempts") + 1, claimed_at=Now(), **holder):
        raise too_late(delivery, **holder)
    if delivery.state == State.SENDING:
        accepted.forget(path)  # only now: until then the attempt before may still be answered
    delivery.attempts, delivery.job_id, delivery.claim = delivery.attempts + 1, holder["job_id"], holder["claim"]
    return None


def too_late(delivery: Delivery, job_id: UUID | None, claim: int) -> Exception:
    """Return what to raise where somebody was faster: with this very job, or with another one."""
    if job_id and not held(job_id, claim).exists():
        return LeaseLost(f"the job no longer holds mail {delivery.pk}")
    return RetryLater("Another worker has just claimed this mail", after=IN_FLIGHT)


def is_in_flight(delivery: Delivery) -> bool:
    """Tell whether who claimed a mail may still be sending it: the ledger knows whether its job is still held."""
    if delivery.job_id is None:
        return bool(delivery.claimed_at and delivery.claimed_at > database_time() - LONGEST)
    return held(delivery.job_id, delivery.claim).exists()


def held(job_id: UUID, claim: int) -> "QuerySet[Job]":
    """Return the job, while a claim of it holds."""
    return Job.objects.filter(pk=job_id, claims=claim, state=JobState.RUNNING)


def mine() -> dict[str, Any]:
    """Return what a mail's row says of the running job."""
    job = current_job()
    return {"job_id": job.id, "claim": job.claims} if job else {"job_id": None, "claim": 0}


def note_failure(delivery: Delivery, error: Exception) -> Exception:
    """Keep what went wrong. Returns what to raise."""
    verdict = judge(error)
    state = State.FAILED if gives_up(verdict.error) else State.WAITING
    said = {"answer": verdict.answer} if verdict.answer else {}
    this = Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, attempts=delivery.attempts)
    patiently(lambda: this.update(state=state, error=f"{type(verdict.error).__name__}: {verdict.error}", **said))
    return verdict.error


def finish(delivery: Delivery, *, settles: bool, **changes: object) -> None:
    """Note the end of this attempt, with that of the running job. Raises LeaseLost where another one has taken over."""
    with settling() if settles else nullcontext(), transaction.atomic():
        fenced = Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts, state=State.SENDING)
        if not fenced.update(**changes):
            raise LeaseLost(f"attempt {delivery.attempts} no longer holds mail {delivery.pk}")
