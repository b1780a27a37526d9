from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from project.catalog.currencies import decimals, unit
from project.orders.sums import nets, sums, tax

CENT = Decimal("0.01")
RATES = st.sampled_from([("Z", Decimal(0)), ("S", Decimal(7)), ("S", Decimal(19)), ("S", Decimal("5.5"))])
CURRENCIES = st.sampled_from(["JPY", "EUR", "BHD"])


@st.composite
def lines(draw):
    """A currency and lines in it: (category, rate, quantity, unit price)."""
    currency = draw(CURRENCIES)
    prices = st.decimals(1, 9999, places=decimals(currency))
    line = st.tuples(RATES, st.integers(1, 99), prices)
    return currency, [(*rate, quantity, price) for rate, quantity, price in draw(st.lists(line, min_size=1))]


def of(lines):
    return nets((category, rate, quantity * price) for category, rate, quantity, price in lines)


def test_tax_is_rounded_half_up_once_a_rate():
    three = [("S", Decimal(10), 1, Decimal("0.05"))] * 3
    assert sums(of(three), CENT).tax == Decimal("0.02"), "0.015 up, not three times 0.005"


def test_half_a_unit_goes_up():
    assert tax(Decimal("0.05"), Decimal(10), CENT) == CENT
    assert tax(Decimal(5), Decimal(10), unit("JPY")) == 1
    assert tax(Decimal("0.005"), Decimal(10), unit("BHD")) == Decimal("0.001")


@given(lines())
def test_gross_is_net_and_tax_and_the_rates_add_up(given):
    currency, some = given
    total = sums(of(some), unit(currency))
    assert total.gross == total.net + total.tax
    assert total.net == sum(quantity * price for _, _, quantity, price in some)
    assert total.tax == sum(rate.tax for rate in total.rates)
    assert all(abs(rate.tax - rate.net * rate.rate / 100) <= unit(currency) / 2 for rate in total.rates)
    assert len({(rate.category, rate.rate) for rate in total.rates}) == len(total.rates)


@given(lines())
def test_every_amount_has_the_currency_s_decimals(given):
    currency, some = given
    total = sums(of(some), unit(currency))
    amounts = [total.net, total.tax, total.gross, *(part for rate in total.rates for part in (rate.net, rate.tax))]
    assert {-amount.as_tuple().exponent for amount in amounts} == {decimals(currency)}


@given(lines(), st.randoms(use_true_random=False))
def test_parts_in_whatever_order_and_size_come_to_the_whole(given, random):
    """Each part's tax is within one unit of its own rounded tax, and never has another sign."""
    currency, some = given
    smallest = unit(currency)
    units = [line for line in some for _ in range(line[2])]
    random.shuffle(units)
    done, parts = [], []
    while units:
        taken, units = units[: (cut := random.randint(1, len(units)))], units[cut:]
        part = [(category, rate, 1, price) for category, rate, _, price in taken]
        parts.append(sums(of(part), smallest, before=of(done)))
        done += part
    whole = sums(of(some), smallest)
    for amount in ("net", "tax", "gross"):
        assert sum(getattr(part, amount) for part in parts) == getattr(whole, amount)
    rates = [rate for part in parts for rate in part.rates]
    assert all(abs(rate.tax - tax(rate.net, rate.rate, smallest)) <= smallest for rate in rates)
    assert all(rate.tax >= 0 for rate in rates)
