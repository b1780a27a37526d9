import pytest
from django.db import IntegrityError, transaction

from project.accounts.models import Profile, User


def test_a_profile_always_exists(ada):
    assert not Profile.objects.exists()
    assert ada.profile.date_joined == ada.date_joined
    assert str(Profile.objects.get()) == "profile of ada"


def test_an_address_is_unique_whatever_its_case(ada):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("eve", "ADA@example.com")
