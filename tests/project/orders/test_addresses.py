"""The billing address: asked for before the first order, kept, changed."""

import pytest

from project.catalog.models import Product
from project.jobs.models import Job
from project.orders.models import BillingAddress, Order
from tests.support import ADDRESS

FORM = ADDRESS | {"company": "", "vat_id": ""}


def ordered(client, quantity="2"):
    """Order without an address. Returns where that leads."""
    return client.post("/shop/lamp/", {"quantity": quantity}).url


def test_the_first_order_asks_for_the_address_and_is_placed_then(client, lamp, bob):
    client.force_login(bob)

    asked = ordered(client)
    page = client.get(asked).content.decode()
    answer = client.post(asked, FORM, follow=True)

    order = Order.objects.get()
    assert asked == "/orders/address/?product=lamp&quantity=2"
    assert "Your order is placed then: 2 × Lamp." in page
    assert "Save and order 2 × Lamp</button>" in page
    assert answer.redirect_chain == [(f"/orders/{order.number}/", 302)]
    assert order.buyer["name"] == "A Customer"
    assert order.lines.get().quantity == 2


def test_asking_for_the_address_takes_nothing_and_causes_no_job(client, lamp, bob):
    client.force_login(bob)
    before = Job.objects.count()

    ordered(client)

    assert (Job.objects.count(), Product.objects.get().stock) == (before, 5)


def test_the_second_order_does_not_ask(client, lamp, ada):
    client.force_login(ada)

    assert ordered(client).startswith("/orders/")
    assert Order.objects.count() == 1


def test_what_is_sold_out_meanwhile_is_told(client, lamp, bob):
    client.force_login(bob)
    asked = ordered(client)
    Product.objects.update(stock=0)

    answer = client.post(asked, FORM, follow=True)

    assert answer.redirect_chain == [("/shop/lamp/", 302)]
    assert "Lamp is sold out" in answer.content.decode()
    assert BillingAddress.objects.filter(user=bob).exists()


@pytest.mark.parametrize("wish", ["?product=lamp&quantity=x", "?product=lamp", "?product=lamp&quantity=-1"])
def test_a_wish_that_makes_no_sense_orders_nothing(client, lamp, bob, wish):
    client.force_login(bob)

    assert ">Save</button>" in client.get(f"/orders/address/{wish}").content.decode()
    assert client.post(f"/orders/address/{wish}", FORM).url == "/shop/lamp/"
    assert not Order.objects.exists()


@pytest.mark.parametrize("wish", ["", "?product=nothing&quantity=1", "?product=%00"])
def test_the_address_alone_is_saved(client, bob, wish):
    client.force_login(bob)

    assert ">Save</button>" in client.get(f"/orders/address/{wish}").content.decode()
    assert client.post(f"/orders/address/{wish}", FORM).url == "/orders/"
    assert str(BillingAddress.objects.get()) == "billing address of bob"


def test_the_address_is_shown_and_changed(client, ada):
    client.force_login(ada)

    page = client.get("/orders/address/").content.decode()
    client.post("/orders/address/", FORM | {"city": "Bonn"})

    assert "Ada Lovelace" in page
    assert BillingAddress.objects.get().city == "Bonn"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 301),
        ("name", "Ada\r\nBcc: somebody@example.com"),
        ("city", "a\x0bb"),
        ("street", "a\x07\nb"),
        ("country", "XX"),
        ("country", ""),
        ("vat_id", "FR12345678901"),
        ("vat_id", "DE1"),
    ],
)
def test_what_no_invoice_could_show_is_refused_at_its_field(client, bob, field, value):
    client.force_login(bob)

    answer = client.post("/orders/address/", FORM | {field: value})

    assert list(answer.context["form"].errors) == [field]
    assert not BillingAddress.objects.exists()


@pytest.mark.parametrize("name", ["Ж" * 300, "محمد بن سلمان", "王小明", 'O\'Neil "Jr" <b>', "Ærøskøbing-Ångström"])
def test_any_name_is_taken(client, bob, name):
    client.force_login(bob)

    client.post("/orders/address/", FORM | {"name": name, "vat_id": "de 123 456 789", "street": "a\r\nb"})

    party = BillingAddress.objects.get().party()
    assert (party.name, party.address, party.vat_id) == (name, ("a", "b"), "DE123456789")


def test_nobody_s_address_is_not_asked_for(client, db):
    assert client.get("/orders/address/").url == "/accounts/login/?next=/orders/address/"
