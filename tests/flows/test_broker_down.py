"""The broker is frozen, then killed: visitors notice nothing, and nothing is lost."""

import time
from statistics import median

import pytest

from project.blog.models import Comment
from project.jobs.models import Job, State

pytestmark = [pytest.mark.flow, pytest.mark.parametrize("stack", ["embedded"], indirect=True)]

BLOCKS, COMMENTS = 5, 10
NO_WAIT = 2.5  # seconds; a request that talked to the frozen broker would take its 5 seconds of socket timeout


@pytest.fixture
def comment(stack):
    """Posts one comment and returns the seconds that the answer took."""
    reader = stack.visitor("reader")
    post = reader.submit("/blog/new/", title="Storm", body="The broker shakes.").path
    token = reader.get(post).form(post).select_one("[name=csrfmiddlewaretoken]")["value"]
    stack.settle()

    def post_comment():
        begun = time.perf_counter()
        answer = reader.post(post, {"text": "Hold on.", "csrfmiddlewaretoken": token}, opener=reader.staying)
        seconds = time.perf_counter() - begun
        assert answer.status == 302, answer.text
        return seconds

    return post_comment


@pytest.fixture
def broker(stack):
    """The broker's process; it runs again at the end, whatever happens."""
    yield stack.broker
    stack.broker.thaw()
    if not stack.broker.lives:
        stack.broker.start()


def waiting(stack):
    return stack.rows(Job, state=State.WAITING).count()


def test_a_frozen_broker_slows_no_request(stack, comment, measured):
    """Blocks take turns, and each comment finds idle workers.

    The ratio is mostly below 1: with the broker up, publisher and workers begin while the answer is on its way.
    """
    seconds = {"up": [], "frozen": []}
    for _ in range(BLOCKS):
        for _ in range(COMMENTS):
            seconds["up"].append(comment())
            stack.wait_until("the comment's jobs are done", lambda: not stack.unsettled())
        with stack.broker_frozen():
            seconds["frozen"] += [comment() for _ in range(COMMENTS)]
            assert waiting(stack) >= 3 * COMMENTS
        stack.settle()
    up, frozen = median(seconds["up"]), median(seconds["frozen"])
    measured(f"POST of a comment: {up * 1e3:.1f} ms, broker frozen {frozen * 1e3:.1f} ms, ratio {frozen / up:.2f}")
    assert frozen / up < 2
    assert max(seconds["frozen"]) < NO_WAIT


def test_what_a_dead_broker_did_not_take_is_done_when_it_is_back(stack, broker, comment):
    before = stack.rows(Comment).count()
    broker.freeze()
    comment()
    stack.wait_until("the publisher gave up a try", lambda: "publish_failed" in stack.web.log.read_text())
    broker.kill()
    comment()
    assert waiting(stack) >= 6
    broker.start()
    stack.settle()
    assert stack.rows(Comment).count() == before + 2
