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
