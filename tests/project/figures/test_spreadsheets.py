import csv

import pytest

from project.catalog.models import Product


def table(client, name, query=""):
    answer = client.get(f"/statistics/{name}.csv{query}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines()))


def test_totals_of_each_day(client, lamp, sold, ago):
    sold(lamp, "1030.5", days=3, orders=2, units=5)
    sold(lamp, "5000", currency="JPY")
    assert table(client, "totals", "?days=7") == [
        {"day": ago(3).isoformat(), "currency": "EUR", "orders": "2", "units": "5", "revenue": "1030.50"},
        {"day": ago(0).isoformat(), "currency": "JPY", "orders": "1", "units": "2", "revenue": "5000"},
    ]


def test_only_the_days_that_were_asked_for(client, lamp, sold):
    sold(lamp, "10.00", days=7)
    assert table(client, "totals", "?days=7") == []
    assert len(table(client, "totals", "?days=30")) == len(table(client, "totals")) == 1


def test_all_products_with_their_sums(client, lamp, sold):
    desk = Product.objects.create(name="Größe; “L”, 帽子", slug="desk", price=1)
    sold(lamp, "10.10")
    sold(desk, "10.10", days=1)
    sold(desk, "10.20", days=2)
    assert [(row["product"], row["orders"], row["revenue"]) for row in table(client, "products")] == [
        ("Größe; “L”, 帽子", "2", "20.30"),
        ("Lamp", "1", "10.10"),
    ]


def test_every_product_on_every_day(client, lamp, sold, ago):
    sold(lamp, "1.055", currency="BHD", days=1)
    assert [list(row.values()) for row in table(client, "sales")] == [
        [ago(1).isoformat(), "Lamp", "BHD", "1", "2", "1.055"]
    ]


def test_posts_and_comments(client, written, ago):
    written(2, 30)
    assert table(client, "writing") == [{"day": ago(0).isoformat(), "posts": "2", "comments": "30"}]


@pytest.mark.parametrize("name", ["products", "sales"])
@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", "+1", "-1", "@x", "\t1", "＝1"])
def test_no_cell_is_a_formula(client, lamp, sold, name, formula):
    Product.objects.update(name=formula)
    sold(lamp, "10.00")
    assert [row["product"] for row in table(client, name)] == [f"'{formula}"]


@pytest.mark.parametrize("name", ["products", "sales"])
@pytest.mark.parametrize("product", ["Lamp;=1+1", "Lamp;=1+1;", 'Lamp";"=1+1', "=1;=1"])
def test_nor_where_a_spreadsheet_splits_at_semicolons(client, lamp, sold, name, product):
    Product.objects.update(name=product)
    sold(lamp, "10.00")
    lines = b"".join(client.get(f"/statistics/{name}.csv").streaming_content).decode().splitlines()
    assert not [cell for line in lines for cell in line.split(";") if cell.strip('"').startswith("=")]
    assert not [cell for row in csv.reader(lines, delimiter=";") for cell in row if cell.startswith("=")]


def test_it_is_the_same_in_every_language(client, lamp, sold):
    sold(lamp, "1030.50")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    assert [row["revenue"] for row in table(client, "totals")] == ["1030.50"]


def test_it_is_a_file_that_says_its_days(client, db, ago):
    answer = client.get("/statistics/sales.csv?days=90")
    assert answer["Content-Disposition"] == f'attachment; filename="sales-{ago(89)}-{ago(0)}.csv"'
    assert answer.streaming


@pytest.mark.parametrize("days", ["", "0", "31", "x", "%00"])
def test_days_that_cannot_be_chosen_are_refused(client, db, days):
    answer = client.get(f"/statistics/sales.csv?days={days}")
    assert answer.status_code == 400
    assert answer.content == b"days is not understood; expected one of 7, 30, 90, 365.\n"


def test_a_table_that_is_none_is_not_found(client, db):
    assert client.get("/statistics/secrets.csv").status_code == 404
