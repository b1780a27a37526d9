from celery.worker import state

from project.jobs.hands import Hands


def test_the_hands_of_a_worker_are_its_processes_and_itself():
    class Child:
        pid = 4711

    class Pool:
        _pool = type("Inner", (), {"_pool": [Child(), object()]})()

    assert 4711 in Hands(Pool()).processes()
    assert Hands(None).jobs() == set()
    assert Hands(None).running() is False
    assert Hands(None).taken() >= 0


class Request:
    id = "a job's"
    name = "email.welcome"


def test_a_job_is_in_hand_while_the_first_of_its_two_messages_runs():
    first, second = Request(), Request()
    state.task_accepted(first)
    state.task_accepted(second)
    state.task_ready(second)
    try:
        assert Hands(None).jobs() == {"a job's"}
    finally:
        state.task_ready(first)


def test_what_changes_while_it_is_read_is_read_again(monkeypatch):
    class Changing(list):
        reads = 0

        def __iter__(self):
            self.reads += 1
            if self.reads == 1:
                raise RuntimeError("Set changed size during iteration")
            return super().__iter__()

    first = Request()
    monkeypatch.setattr(state, "active_requests", Changing([first]))
    assert Hands(None).jobs() == {"a job's"}
