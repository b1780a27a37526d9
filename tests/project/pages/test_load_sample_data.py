import io
from pathlib import Path

import pytest
from django.core.management import call_command
from PIL import Image

from project.accounts.models import User
from project.blog.models import Comment, Post
from project.catalog.models import Product
from project.jobs.models import Job, State
from project.orders.models import Invoice, Order
from project.pages import demo
from project.pages.sample_pictures import SIZE
from project.photos.models import Photo, Rendition


def load():
    said = io.StringIO()
    call_command("load_sample_data", stdout=said)
    return said.getvalue()


@pytest.fixture
def samples(db):
    return load()


def test_it_says_that_it_did(samples):
    assert samples == "Sample data is loaded.\n"


def test_there_is_something_of_everything(samples):
    assert User.objects.count() == 3
    for model in (Post, Comment, Product, Photo):
        assert model.objects.exists()
    assert set(Order.objects.values_list("status", flat=True)) == {"placed", "paid", "cancelled"}


def test_the_demo_user_may_see_everything(samples, client):
    assert client.login(username=demo.USERNAME, password=demo.PASSWORD)
    for path in ("/", "/admin/", "/jobs/", "/mail/", "/shop/", "/orders/"):
        assert client.get(path).status_code == 200


def test_each_product_has_a_picture_of_its_own(samples):
    pictures = [Path(product.photo.image.path).read_bytes() for product in Product.objects.select_related("photo")]
    assert len(set(pictures)) == len(pictures) >= 5
    for picture in pictures:
        with Image.open(io.BytesIO(picture)) as image:
            assert (image.format, image.size) == ("JPEG", SIZE)


def test_workers_have_something_to_do_and_can_do_it(samples, work):
    done = work()
    assert {"email.welcome", "email.confirm_order", "invoices.issue_credit_note", "statistics.recount_blog"} <= set(
        done
    )
    assert not Job.objects.exclude(state__in=[State.SUCCEEDED, State.FOLDED]).exists()
    assert Rendition.objects.exists()
    assert Invoice.objects.filter(kind="credit note").count() == 1


def test_it_does_nothing_where_there_are_users(ada):
    assert load() == "There are users already: no sample data is loaded.\n"
    assert User.objects.get() == ada
    assert not Post.objects.exists()


def test_one_that_failed_can_be_tried_again(db, django_user_model, monkeypatch):
    monkeypatch.setattr("project.pages.samples.PRINTS", {})
    with pytest.raises(KeyError):
        load()
    assert not User.objects.exists()
