"""What a run of the fault program for mails can show: against values that tables of Poisson's distribution have."""

import pytest

from tests.faults.chance import at_least, at_most, highest


@pytest.mark.parametrize(("found", "bound"), [(0, 2.996), (1, 4.744), (2, 6.296), (10, 16.962)])
def test_the_95_percent_bound(found, bound):
    assert highest(found) == pytest.approx(bound, abs=0.001)


def test_what_is_likely():
    assert at_most(0, 1) == pytest.approx(0.3679, abs=0.0001)
    assert at_least(0, 1) == 1
    assert at_least(3, 0.3) == pytest.approx(0.0036, abs=0.0001)
