from decimal import Decimal

import pytest
from django.core.files.storage import default_storage

from project.catalog.models import Product
from project.jobs.models import Job
from project.orders import invoices, placing, refunding
from project.orders.models import Invoice, Order, Reminder


@pytest.fixture
def order(ada, lamp):
    return placing.place(ada, [placing.Item(lamp, 2)])


def test_a_product_s_page_shows_price_stock_and_what_was_sold(client, lamp, order, work):
    work()

    page = client.get("/shop/lamp/").content.decode()

    assert "plus 19 % VAT" in page
    assert "3 in stock" in page
    assert "2 units in 1 order, €20.00 net" in page
    assert "as of" in page


def test_an_order_is_placed_and_shown_with_its_jobs(client, lamp, ada):
    client.force_login(ada)

    answer = client.post("/shop/lamp/", {"quantity": "2"}, follow=True)

    order = Order.objects.get()
    assert answer.redirect_chain == [(f"/orders/{order.number}/", 302)]
    assert {job.task for job in answer.context["jobs"]} >= {"email.confirm_order", "invoices.issue_invoice"}
    assert "€23.80" in answer.content.decode()


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000000", "abc", "", "a\0b", "9" * 5000, "6", "1.5"])
def test_a_bad_quantity_is_refused_at_its_field_and_causes_no_job(client, lamp, ada, quantity):
    client.force_login(ada)
    before = Job.objects.count()

    answer = client.post("/shop/lamp/", {"quantity": quantity})

    assert list(answer.context["form"].errors) == ["quantity"]
    assert "aria-invalid" in answer.content.decode()
    assert Job.objects.count() == before
    assert not Order.objects.exists()


def test_a_product_that_is_sold_out_is_refused_at_the_field_and_causes_no_job(client, lamp, ada):
    Product.objects.update(stock=0)
    client.force_login(ada)
    before = Job.objects.count()

    page = client.post("/shop/lamp/", {"quantity": "1"}).content.decode()

    assert "Lamp is sold out." in page
    assert Job.objects.count() == before


def test_an_order_of_nobody_leads_to_the_login_and_causes_no_job(client, lamp):
    before = Job.objects.count()

    assert client.post("/shop/lamp/", {"quantity": "1"}).url == "/accounts/login/?next=/shop/lamp/"
    assert Job.objects.count() == before


@pytest.mark.parametrize("slug", ["unknown", "%00", "x" * 3000])
def test_an_unknown_product_is_not_found(client, ada, slug):
    client.force_login(ada)

    assert client.get(f"/shop/{slug}/").status_code == 404
    assert client.post(f"/shop/{slug}/", {"quantity": "1"}).status_code == 404


def test_people_see_their_own_orders_only(client, order, ada, bob):
    client.force_login(bob)
    others = client.get("/orders/").content.decode()
    client.force_login(ada)
    own = client.get("/orders/").content.decode()

    assert order.number not in others
    assert order.number in own


@pytest.mark.parametrize("act", ["pay", "cancel", "refund"])
def test_another_s_order_is_not_found(client, order, bob, act):
    client.force_login(bob)
    before = Job.objects.count()

    assert client.get(f"/orders/{order.number}/").status_code == 404
    assert client.post(f"/orders/{order.number}/{act}/").status_code == 404
    assert Job.objects.count() == before
    assert Order.objects.get().status == "placed"


@pytest.mark.parametrize("address", ["", "UNKNOWN/", "%00/", "UNKNOWN/INV-2026-00001.pdf"])
def test_orders_are_for_those_who_are_logged_in(client, db, address):
    assert client.get(f"/orders/{address}").status_code in (302, 404)


def test_staff_see_every_order(admin_client, order):
    assert admin_client.get(f"/orders/{order.number}/").status_code == 200


@pytest.mark.parametrize(
    ("acts", "status"), [(["pay"], "paid"), (["cancel"], "cancelled"), (["pay", "refund"], "refunded")]
)
def test_an_order_is_paid_cancelled_and_refunded(client, order, ada, acts, status):
    client.force_login(ada)

    for act in acts:
        answer = client.post(f"/orders/{order.number}/{act}/", follow=True)

    assert Order.objects.get().status == status
    assert f"is {status}." in answer.content.decode()


@pytest.mark.parametrize(("done", "act"), [(None, "refund"), ("pay", "pay"), ("pay", "cancel"), ("cancel", "pay")])
def test_what_cannot_be_done_is_told_and_causes_no_job(client, order, ada, done, act):
    client.force_login(ada)
    if done:
        {"pay": placing.pay, "cancel": refunding.cancel}[done](order)
    before = Job.objects.count()

    answer = client.post(f"/orders/{order.number}/{act}/", follow=True)

    assert "only one that is" in answer.content.decode()
    assert Job.objects.count() == before


@pytest.mark.parametrize("act", ["pay", "cancel", "refund"])
def test_nothing_is_done_by_looking(client, order, ada, act):
    client.force_login(ada)

    assert client.get(f"/orders/{order.number}/{act}/").status_code == 405


def test_an_invoice_is_served_to_be_kept(client, order, ada, work):
    work()
    client.force_login(ada)
    name = str(Invoice.objects.get())

    answer = client.get(f"/orders/{order.number}/{name}.pdf")

    assert answer["Content-Disposition"] == f'attachment; filename="{name}.pdf"'
    assert answer["Content-Type"] == "application/pdf"
    assert answer.getvalue().startswith(b"%PDF")
    assert "Content-Encoding" not in answer
    assert f"{name}.pdf" in client.get(f"/orders/{order.number}/").content.decode()


def test_an_invoice_that_is_not_rendered_yet_is_told_so(client, order, ada):
    invoices.issue(order)
    client.force_login(ada)

    answer = client.get(f"/orders/{order.number}/{Invoice.objects.get()}.pdf")

    assert answer.status_code == 404
    assert "is not rendered yet" in answer.content.decode()


def test_an_invoice_whose_file_is_gone_is_told_so(client, order, ada):
    invoice = invoices.issue(order)
    invoices.render(invoice)
    default_storage.delete(invoice.pdf.name)
    client.force_login(ada)

    answer = client.get(f"/orders/{order.number}/{invoice}.pdf")

    assert answer.status_code == 404
    assert "is not where it was put" in answer.content.decode()


def test_an_invoice_is_served_as_xml(client, order, ada):
    client.force_login(ada)
    name = str(invoices.issue(order))

    answer = client.get(f"/orders/{order.number}/{name}.xml")

    assert answer["Content-Disposition"] == f'attachment; filename="{name}.xml"'
    assert answer["Content-Type"] == "application/xml"
    assert name.encode() in answer.content
    assert f"{name}.xml" in client.get(f"/orders/{order.number}/").content.decode()


def test_of_amounts_that_no_e_invoice_can_say_there_is_no_xml(client, lamp, ada):
    lamp.currency, lamp.price = "BHD", Decimal("1.055")
    lamp.save()
    order = placing.place(ada, [placing.Item(lamp, 1)])
    client.force_login(ada)

    answer = client.get(f"/orders/{order.number}/{invoices.issue(order)}.xml")

    assert answer.status_code == 404
    assert "has amounts of three decimals" in answer.content.decode()


@pytest.mark.parametrize("kind", ["pdf", "xml"])
def test_another_s_invoice_is_not_found(client, order, bob, kind):
    invoice = invoices.issue(order)
    invoices.render(invoice)
    address = f"/orders/{order.number}/{invoice}.{kind}"

    assert client.get(address).url.startswith("/accounts/login/")
    client.force_login(bob)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("kind", ["pdf", "xml"])
def test_staff_fetch_every_invoice_also_of_deleted_users(admin_client, order, ada, kind):
    invoice = invoices.issue(order)
    invoices.render(invoice)
    ada.delete()

    answer = admin_client.get(f"/orders/{order.number}/{invoice}.{kind}")
    content = b"".join(answer)

    assert content
    assert answer.status_code == 200
    assert admin_client.get(f"/orders/{order.number}/").status_code == 200


def test_the_media_are_not_served_by_name(admin_client, order):
    invoice = invoices.issue(order)
    invoices.render(invoice)

    assert admin_client.get(f"/media/{invoice.pdf.name}").status_code == 404


@pytest.mark.parametrize("name", ["INV-2026-99999", "INV", "%00", "..%2Fx"])
def test_an_unknown_invoice_is_not_found(client, order, ada, name):
    client.force_login(ada)

    assert client.get(f"/orders/{order.number}/{name}.pdf").status_code == 404


def test_an_order_s_page_refreshes_itself_until_its_jobs_are_done(client, order, ada, work):
    client.force_login(ada)
    before = client.get(f"/orders/{order.number}/").content.decode()
    work()

    after = client.get(f"/orders/{order.number}/").content.decode()

    assert "None is issued yet" in before
    assert f'hx-get="/orders/{order.number}/"' in before
    assert "hx-get" not in after


@pytest.mark.parametrize(
    "page",
    ["order", "orderline", "invoiceseries", "invoice", "refund", "reminder", "billingaddress"],
)
def test_the_admin_shows_orders_and_takes_none(admin_client, order, page):
    placing.pay(order)
    refunding.refund(order, {order.lines.get().pk: 1})
    Reminder.objects.create(invoice=invoices.issue(order), number=1)

    assert admin_client.get(f"/admin/orders/{page}/").status_code == 200
    assert admin_client.get(f"/admin/orders/{page}/add/").status_code == 403


def test_the_admin_does_not_change_an_order(admin_client, order):
    address = f"/admin/orders/order/{order.pk}/change/"

    assert admin_client.get(address).status_code == 200
    assert admin_client.post(address, {"status": "paid"}).status_code == 403


def test_refunding_a_part_shows_what_is_left_and_what_was_reversed(client, order, ada):
    client.force_login(ada)
    placing.pay(order)
    field = f"line-{order.lines.get().pk}"

    answer = client.post(f"/orders/{order.number}/refund/part/", {field: "1", "reason": "broken"}, follow=True)

    assert "1 × Lamp: broken" in answer.content.decode()
    assert order.refunds.get().by == ada
    assert "Lamp (at most 1)" in client.get(f"/orders/{order.number}/refund/part/").content.decode()


@pytest.mark.parametrize("units", ["3", "-1", "0", "", "x", "9" * 5000])
def test_a_part_that_cannot_be_refunded_is_told_and_causes_no_job(client, order, ada, units):
    client.force_login(ada)
    before = Job.objects.count()

    answer = client.post(f"/orders/{order.number}/refund/part/", {f"line-{order.lines.get().pk}": units})

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert Job.objects.count() == before


def test_another_s_order_is_not_refunded_in_part(client, order, bob):
    client.force_login(bob)

    assert client.get(f"/orders/{order.number}/refund/part/").status_code == 404


def test_a_cancelled_order_is_not_refunded_in_part(client, order, ada):
    refunding.cancel(order)
    client.force_login(ada)

    page = client.post(f"/orders/{order.number}/refund/part/", {}).content.decode()

    assert "only one that is placed or paid can be refunded" in page
