import pytest

from project.catalog.models import Product


def test_the_shop_lists_products_with_net_price_tax_and_stock(client, lamp):
    page = client.get("/shop/").content.decode()

    assert "€10.00" in page
    assert "plus 19 % VAT" in page
    assert "5 in stock" in page


def test_the_shop_says_what_is_sold_out(client, lamp):
    Product.objects.update(stock=0)

    assert "Sold out" in client.get("/shop/").content.decode()


def test_the_list_takes_the_same_number_of_queries_for_many(client, photo, work, django_assert_max_num_queries):
    work()
    for number in range(10):
        Product.objects.create(name=f"Lamp {number}", slug=f"lamp-{number}", price=1, photo=photo)

    with django_assert_max_num_queries(3):
        page = client.get("/shop/").content.decode()

    assert page.count("<img") == 10


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 40, "%00"])
def test_a_bad_page_number_shows_some_page(client, lamp, number):
    assert client.get(f"/shop/?page={number}").status_code == 200


def test_many_products_come_in_pages(client, db):
    for number in range(30):
        Product.objects.create(name=f"Lamp {number:02}", slug=f"lamp-{number}", price=1)

    page = client.get("/shop/?page=2").content.decode()

    assert "Lamp 29" in page
    assert "Lamp 00" not in page
    assert "Page 2 of 2" in page


@pytest.mark.parametrize("page", ["product", "productstatistics", "dailysales", "dailytotal"])
def test_the_admin_shows_the_catalog(admin_client, lamp, page):
    assert admin_client.get(f"/admin/catalog/{page}/").status_code == 200


PRODUCT = {"name": "Cup", "slug": "cup", "price": "1", "tax_rate": "19", "currency": "EUR", "stock": "5"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("currency", "eur"), ("currency", "ZZZ"), ("currency", "€"), ("currency", "XAU"), ("currency", ""),
     ("tax_rate", "-19"), ("tax_rate", "100.1"), ("tax_rate", "999.9"), ("price", "-1"), ("price", "0.005")],
)  # fmt: skip
def test_the_admin_takes_no_product_that_no_invoice_can_show(admin_client, field, value):
    answer = admin_client.post("/admin/catalog/product/add/", PRODUCT | {field: value})
    assert list(answer.context["adminform"].form.errors) == [field]
    assert not Product.objects.exists()


@pytest.mark.parametrize("values", [{}, {"currency": "JPY"}, {"tax_rate": "0"}, {"tax_rate": "100"}])
def test_the_admin_takes_a_product(admin_client, values):
    assert admin_client.post("/admin/catalog/product/add/", PRODUCT | values).status_code == 302
    assert Product.objects.exists()
