from project.accounts.models import User


def test_a_new_user_gets_a_profile_and_a_welcome(ada, jobs):
    assert jobs() == [
        ("housekeeping.create_profile", {"user_id": ada.pk}),
        ("email.welcome", {"user_id": ada.pk}),
    ]


def test_a_changed_user_is_not_welcomed_again(ada, jobs, nothing_waits):
    nothing_waits()
    ada.first_name = "Ada"
    ada.save()
    assert jobs() == []


def test_a_loaded_fixture_causes_nothing(db, jobs):
    User(username="raw", email="raw@example.com").save_base(raw=True)
    assert jobs() == []
