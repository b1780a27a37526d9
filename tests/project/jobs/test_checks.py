from django.db.models.signals import post_save

from project.blog.models import Post, PostStatistics
from project.jobs.checks import senders_save_in_a_transaction


def test_the_project_has_no_sender_that_saves_outside_a_transaction():
    assert list(senders_save_in_a_transaction()) == []


def test_a_sender_that_saves_outside_a_transaction_is_found():
    def hear(**_): ...

    post_save.connect(hear, sender=PostStatistics)
    try:
        [warning] = senders_save_in_a_transaction()
    finally:
        post_save.disconnect(hear, sender=PostStatistics)
    assert warning.obj is PostStatistics
    assert "Derive it from project.jobs.senders.Sender" in warning.hint


def test_a_sender_that_derives_from_the_base_is_right():
    assert Post not in [warning.obj for warning in senders_save_in_a_transaction()]
