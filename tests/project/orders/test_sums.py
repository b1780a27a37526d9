from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from project.orders.models import OrderLine
from project.orders.sums import sums, tax_of

RATES = st.sampled_from([Decimal(0), Decimal(7), Decimal(19), Decimal("5.5")])
LINES = st.lists(
    st.builds(
        OrderLine,
        quantity=st.integers(1, 999),
        unit_price=st.decimals("0.01", "99999", places=2),
        tax_rate=RATES,
    ),
    max_size=30,
)


def test_tax_is_rounded_half_up_once_a_rate():
    lines = [OrderLine(quantity=1, unit_price=Decimal("0.05"), tax_rate=Decimal("10.0")) for _ in range(3)]
    assert sums(lines).tax == Decimal("0.02"), "0.015 up, not three times 0.005"


def test_half_a_cent_goes_up():
    assert tax_of(Decimal("0.05"), Decimal(10)) == Decimal("0.01")


@given(LINES)
def test_gross_is_net_and_tax_and_the_rates_add_up(lines):
    total = sums(lines)
    assert total.gross == total.net + total.tax
    assert total.net == sum(line.quantity * line.unit_price for line in lines)
    assert total.tax == sum(rate.tax for rate in total.rates)
    assert all(abs(rate.tax - rate.net * rate.rate / 100) <= Decimal("0.005") for rate in total.rates)
