import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from project.catalog.models import DailySales, DailyTotal, Product
from project.figures import views
from project.figures.models import Check
from project.figures.reading import BEST, CHARTED
from project.jobs import control
from project.jobs.models import Job, State


def page_of(client, query="", language="en"):
    cache.clear()
    answer = client.get(f"/statistics/{query}", headers={"accept-language": language})
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def text(node):
    return " ".join(node.get_text(" ").split())


def card(page, key):
    return page.find(id=key).parent


def rows(page, key):
    return [[text(cell) for cell in row.select("th, td")] for row in card(page, key).select("tbody tr")]


def test_revenue_of_each_day_is_a_chart_and_a_table_beside_that_of_the_period_before(client, lamp, sold):
    sold(lamp, "1030.00", days=1)
    sold(lamp, "515.00", days=31)
    revenue = card(page_of(client), "revenue-EUR")
    assert text(revenue.select_one(".total")) == "Revenue €1,030.00 +100% €515.00 in the period before"
    assert "€1,030.00" in "".join(title.text for title in revenue.select(".bar title"))
    assert len(revenue.select(".bar")) == len(revenue.select("tbody tr")) == 30
    assert revenue.svg["aria-label"] == revenue.select_one("caption").text == "Revenue in EUR"


def test_a_period_and_the_one_before_begin_and_end_where_they_should(client, lamp, sold):
    for days, amount in ((0, 1), (6, 10), (7, 100), (13, 1000), (14, 10_000)):
        sold(lamp, amount, days=days)
    page = page_of(client, "?days=7")
    total = "Revenue €11.00 -99% €1,100.00 in the period before"
    assert text(card(page, "revenue-EUR").select_one(".total")) == total
    assert [row[3] for row in rows(page, "revenue-EUR")] == ["€10.00", *["€0.00"] * 5, "€1.00"]
    assert [row[1:] for row in rows(page, "orders")] == [["1", "1"], *[["0", "0"]] * 5, ["1", "1"]]
    assert rows(page, "best-EUR") == [["Lamp", "2", "4", "€11.00"]]


def test_today_is_compared_as_far_as_it_has_come_and_that_is_said(client, lamp, sold):
    sold(lamp, "5.00")
    sold(lamp, "10.00", days=7)
    page = page_of(client, "?days=7")
    assert "today until now, those of the period before whole" in text(page.main)
    assert text(card(page, "revenue-EUR").select_one(".change")) == "-50%"


def test_days_without_sales_are_zero(client, lamp, sold):
    sold(lamp, "10.00", days=2, orders=3, units=4)
    found = rows(page_of(client, "?days=7"), "revenue-EUR")
    assert [row[1:] for row in found] == [["0", "0", "€0.00"]] * 4 + [["3", "4", "€10.00"]] + [["0", "0", "€0.00"]] * 2


def test_currencies_are_not_added_up_and_the_shops_own_comes_first(client, lamp, sold):
    sold(lamp, 5000, currency="JPY", orders=9)
    sold(lamp, "1.055", currency="BHD")
    sold(lamp, "10.00")
    page = page_of(client)
    assert [each["id"] for each in page.select("h2[id^=revenue]")] == ["revenue-EUR", "revenue-JPY", "revenue-BHD"]
    totals = [text(each.select_one("strong")) for each in page.select(".card:has(h2[id^=revenue])")]
    assert totals == ["€10.00", "¥5,000", "BHD\N{NO-BREAK SPACE}1.055".replace("\N{NO-BREAK SPACE}", " ")]
    assert text(card(page, "orders").select_one("strong")) == "11"


def test_many_currencies_are_lines_of_a_table(client, lamp, sold):
    for currency in ("EUR", "USD", "GBP", "CHF", "SEK"):
        sold(lamp, "1234.50", currency=currency)
    page = page_of(client)
    assert len(page.select("h2[id^=revenue]")) == CHARTED
    assert [text(row.th) for row in card(page, "others").select("#others-scroll tbody tr")] == ["SEK", "USD"]


def test_the_best_products_lead_to_their_pages(client, lamp, sold):
    desk = Product.objects.create(name="Desk <b>", slug="desk", price=1)
    sold(lamp, "10.00", days=0)
    for days in (1, 2):
        DailySales.objects.create(
            product=desk,
            day=timezone.now().date() - timedelta(days=days),
            currency="EUR",
            orders=2,
            units=3,
            revenue=Decimal("7.50"),
            as_of=timezone.now(),
        )
    page = page_of(client)
    assert rows(page, "best-EUR") == [["Desk <b>", "4", "6", "€15.00"], ["Lamp", "1", "2", "€10.00"]]
    assert card(page, "best-EUR").select_one("tbody a")["href"] == "/shop/desk/"


def test_of_many_products_the_best_are_shown(client, lamp, sold, nothing_waits):
    made = Product.objects.bulk_create(Product(name=f"P{n}", slug=f"p{n}", price=1) for n in range(50))
    figures = {"day": timezone.now().date(), "currency": "EUR", "orders": 1, "units": 1, "as_of": timezone.now()}
    DailySales.objects.bulk_create(DailySales(product=each, revenue=n, **figures) for n, each in enumerate(made))
    DailyTotal.objects.create(revenue=1225, **figures)
    found = rows(page_of(client), "best-EUR")
    assert [row[0] for row in found] == [f"P{number}" for number in range(49, 49 - BEST, -1)]


def test_of_products_that_sold_alike_the_older_one_comes_first(client, db, ago):
    figures = {"currency": "EUR", "orders": 1, "units": 1, "as_of": timezone.now()}
    made = [Product.objects.create(name=name, slug=name, price=1) for name in "BCA"]
    for each in reversed(made):
        DailySales.objects.create(product=each, day=ago(0), revenue=10, **figures)
    DailyTotal.objects.create(day=ago(0), revenue=30, **figures)
    assert [row[0] for row in rows(page_of(client), "best-EUR")] == ["B", "C", "A"]
    lines = b"".join(client.get("/statistics/products.csv").streaming_content).decode().splitlines()
    assert [line[0] for line in lines[1:]] == ["B", "C", "A"]


def test_posts_and_comments_of_each_day(client, written):
    written(2, 30)
    written(1, 0, days=7)
    page = page_of(client, "?days=7")
    assert rows(page, "writing")[-1][1:] == ["30", "2"]
    totals = [text(each) for each in card(page, "writing").select(".total")]
    assert totals == ["Posts 2 +100% 1 in the period before", "Comments 30 new 0 in the period before"]


def test_what_was_sold_before_and_no_more_is_said(client, lamp, sold):
    sold(lamp, "10.00", days=31)
    revenue = card(page_of(client), "revenue-EUR")
    assert text(revenue.select_one(".total")) == "Revenue €0.00 -100% €10.00 in the period before"
    assert "Nothing in these days yet." in text(revenue)
    assert not revenue.svg


def test_of_nothing_there_is_a_sentence_and_no_chart(client, db):
    page = page_of(client)
    assert "Nothing was sold in these days yet" in text(page.main)
    assert not page.main.svg


@pytest.mark.parametrize("days", ["", "0", "-7", "31", "x", "9" * 400, "7;", "%00", "٧"])
def test_days_that_cannot_be_chosen_show_the_usual_ones(client, db, days):
    assert text(page_of(client, f"?days={days}").select_one("[aria-current=page][href^='?']")) == "30 days"


def test_it_fetches_itself_anew_with_the_same_days(client, db):
    for days, seconds in ((7, 5), (30, 5), (90, 30), (365, 30)):
        live = page_of(client, f"?days={days}").find(id="live")
        assert live["hx-get"] == f"/statistics/?days={days}"
        assert live["hx-trigger"] == f"every {seconds}s, visibilitychange from:document"


def test_a_day_is_that_of_the_zone_that_is_named(client, lamp, sold, settings):
    settings.STATISTICS_TIME_ZONE = "Pacific/Kiritimati"
    there = datetime.now(UTC) + timedelta(hours=14)
    sold(lamp, "10.00", days=there.date())
    page = page_of(client, "?days=7")
    assert "Days in Pacific/Kiritimati" in text(page.main)
    assert rows(page, "revenue-EUR")[-1] == [f"{there:%-d %b %Y}", "1", "2", "€10.00"]


def test_the_reader_reads_it_in_their_language(client, lamp, sold):
    sold(lamp, "1234.50", orders=1200)
    page = page_of(client, language="de")
    assert text(card(page, "revenue-EUR").select_one(".total")) == "Umsatz 1.234,50 € neu 0,00 € im Zeitraum davor"
    assert text(card(page, "orders").select_one("strong")) == "1.200"
    assert "Stand: " in text(page.main)


def test_it_is_as_of_the_oldest_change_that_is_not_counted_yet(client, db):
    def waiting(seconds, **values):
        at = timezone.now() - timedelta(seconds=seconds)
        Job.objects.create(**{"task": "x", "queue": "statistics", "key": "sales", "created_at": at} | values)

    waiting(500, state=State.SUCCEEDED)
    waiting(500, queue="email")
    waiting(500, key="")
    assert float(page_of(client).select_one("time[data-age]")["data-age"]) < 40
    waiting(40)
    waiting(50, state=State.RUNNING, lease_until=timezone.now())
    age = float(page_of(client).select_one("time[data-age]")["data-age"])
    assert 50 <= age < 60


def test_it_is_as_of_the_oldest_recount_that_was_given_up_until_somebody_sees_to_it(client, db):
    at = timezone.now() - timedelta(seconds=500)
    Job.objects.create(task="x", queue="statistics", key="sales", created_at=at, state=State.FAILED)
    Job.objects.create(task="x", queue="email", key="x", created_at=at - timedelta(days=1), state=State.FAILED)
    assert 500 <= float(page_of(client).select_one("time[data-age]")["data-age"]) < 540
    control.discard(Job.objects.filter(queue="statistics"), actor="ada", reason="counted by hand")
    assert float(page_of(client).select_one("time[data-age]")["data-age"]) < 40


def test_what_was_drawn_is_kept_for_a_while_and_says_of_when_it_is(client, lamp, sold, monkeypatch):
    monkeypatch.setattr(views, "KEPT", 1e6)
    sold(lamp, "10.00")
    first = page_of(client)
    sold(lamp, "90.00", days=1)
    time.sleep(1)
    again, german = (
        BeautifulSoup(client.get("/statistics/", headers={"accept-language": language}).content, "html.parser")
        for language in ("en", "de")
    )
    assert text(card(again, "revenue-EUR")) == text(card(first, "revenue-EUR"))
    assert float(again.select_one("time[data-age]")["data-age"]) >= 1
    assert text(card(german, "revenue-EUR").strong) == "100,00 €"


def test_the_last_check_is_said(client, db):
    Check.objects.create(subjects=200, drifted=3)
    page = page_of(client)
    assert "3 of 200 checked figures had drifted, and were counted anew." in text(page.select_one(".error"))
    Check.objects.create(subjects=1200, drifted=0)
    page = page_of(client)
    assert "1,200 figures checked, none had drifted." in text(page.main)
    assert not page.select(".error")


def test_headings_are_in_order_and_what_scrolls_can_be_reached(client, lamp, sold):
    sold(lamp, "10.00")
    page = page_of(client)
    assert [each.name for each in page.select("h1, h2, h3")] == ["h1"] + ["h2"] * 4
    assert {each["tabindex"] for each in page.select(".scroll")} == {"0"}
    names = [each["id"] for each in page.select("[id]")]
    assert len(names) == len(set(names))


def test_more_rows_make_no_more_queries(client, lamp, sold):
    def queries():
        Job.objects.count()  # what was gathered is inserted before it
        with CaptureQueriesContext(connection) as seen:
            page_of(client, "?days=365")
        return len(seen)

    sold(lamp, "10.00")
    few = queries()
    for number in range(12):
        product = Product.objects.create(name=f"Lamp {number}", slug=f"lamp-{number}", price=1)
        sold(product, "10.00", days=number + 1)
    assert queries() == few == 6
