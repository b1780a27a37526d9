import re
from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from project.catalog.templatetags.money import money
from project.figures import charts
from project.figures.numbers import ago, change, compact

DAYS = [f"{number} Nov" for number in range(1, 31)]
EVIL = '<script>alert(1)</script> & "quoted"'


def euros(amount):
    return money(amount, "EUR")


def words(chart):
    return BeautifulSoup(chart, "html.parser")


def test_a_bar_for_each_day_says_its_value():
    chart = words(charts.bars("Revenue", DAYS, [Decimal(number) for number in range(30)], euros))
    titles = [each.text for each in chart.select(".bar title")]
    assert len(titles) == 30
    assert titles[:2] == ["1 Nov: €0.00", "2 Nov: €1.00"]
    assert chart.svg["role"] == "img"
    assert chart.svg["aria-label"] == "Revenue"


def test_the_heights_of_bars_are_as_their_values():
    chart = words(charts.bars("Revenue", DAYS[:3], [Decimal(1), Decimal(2), Decimal(4)], euros))
    heights = [float(each["height"]) for each in chart.select(".bar rect")]
    assert heights[1] / heights[0] == pytest.approx(2, rel=0.01)
    assert heights[2] / heights[0] == pytest.approx(4, rel=0.01)


def test_a_few_days_are_named_below():
    chart = words(charts.bars("Revenue", DAYS, [Decimal(1)] * 30, euros))
    assert len(chart.select(".axis.x text")) == charts.DATES


def test_each_of_several_numbers_has_its_line():
    chart = words(charts.lines("Orders", DAYS, list(range(30)), [5] * 30))
    assert [len(line["d"].split()) > 30 for line in chart.select(".series path")] == [True, True]


def test_the_best_is_at_the_top_and_long_names_are_cut():
    chart = words(charts.ranking("Best", ["A name that is too long", "Cup"], [Decimal(9), Decimal(3)], euros))
    tops = [float(each["y"]) for each in chart.select(".bar rect")]
    assert [each.text for each in chart.select(".bar title")] == ["Cup: €3.00", "A name that is too long: €9.00"]
    assert tops[0] > tops[1]
    assert "A name that is…" in [each.text for each in chart.select(".axis.y text")]


def test_products_of_one_name_have_a_bar_each():
    chart = words(charts.ranking("Best", ["Cup", "Cup"], [Decimal(9), Decimal(3)], euros))
    assert len(chart.select(".bar rect")) == len(chart.select(".axis.y text")) == 2


def test_a_chart_brings_no_script_and_no_style_and_nothing_that_people_wrote_is_markup():
    chart = charts.ranking(EVIL, [EVIL], [Decimal(1)], euros)
    assert not re.search(r"<script|<style|style=|on\w+=|href|<!--|<\?", chart)
    assert words(chart).select_one(".bar title").text == f"{EVIL}: €1.00"


@pytest.mark.parametrize("unwritable", ["\0", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_what_xml_cannot_hold_is_left_out(unwritable):
    name = f"Red{unwritable} cup"
    chart = words(charts.ranking(name, [name], [Decimal(9)], euros))
    assert chart.svg["aria-label"] == "Red cup"
    assert chart.select_one(".bar title").text == "Red cup: €9.00"
    assert "Red cup" in [each.text for each in chart.select(".axis.y text")]


def test_of_nothing_there_is_no_chart():
    assert charts.bars("Revenue", DAYS, [Decimal(0)] * 30, euros) == ""
    assert charts.lines("Orders", DAYS, [0] * 30, [0] * 30) == ""
    assert charts.ranking("Best", [], [], euros) == ""


@given(st.floats(min_value=0.001, max_value=1e15))
def test_an_axis_reaches_the_most_in_a_few_round_steps(most):
    ticks = charts.axis(most)
    assert ticks[0] == 0
    assert ticks[-2] < most <= ticks[-1] * (1 + 1e-6)
    assert 2 <= len(ticks) <= charts.STEPS + 1


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", ["0.005", "0", "950", "1.5K", "2M"]), ("de", ["0,005", "0", "950", "1.500", "2\N{NO-BREAK SPACE}Mio."])],
)
def test_an_axis_is_written_as_the_reader_writes(language, expected):
    with translation.override(language):
        assert [compact(number) for number in (0.005, 0, 950, 1500, 2_000_000)] == expected


@pytest.mark.parametrize(
    ("language", "currency", "expected"),
    [
        ("en", "EUR", "€1,234.50"),
        ("de", "EUR", "1.234,50 €"),
        ("en", "JPY", "¥1,234"),
        ("de", "JPY", "1.234 ¥"),
        ("en", "BHD", "BHD 1,234.500"),
        ("de", "BHD", "1.234,500 BHD"),
        ("en", "AFN", "AFN 1,234.50"),  # Unicode gives it no decimals, ISO 4217 and so our invoices two
    ],
)
def test_sums_are_written_as_the_reader_writes_them(language, currency, expected):
    with translation.override(language):
        assert money(Decimal("1234.500"), currency).replace("\N{NO-BREAK SPACE}", " ") == expected


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (12, 10, "+20%"),
        (5, 10, "-50%"),
        (10, 10, "0%"),
        (0, 10, "-100%"),
        (3, 0, "new"),
        (0, 0, ""),
        (1, 1000, "-100%"),
    ],
)
def test_a_change_is_in_per_cent_and_nothing_is_divided_by_zero(now, before, expected):
    assert change(now, before) == change(Decimal(now), Decimal(before)) == expected


@pytest.mark.parametrize(
    ("age", "expected"), [(0.4, "now"), (3.2, "3 seconds ago"), (70, "70 seconds ago"), (100, "2 minutes ago")]
)
def test_how_long_ago_is_said_in_words(age, expected):
    assert ago(timedelta(seconds=age)) == expected
