import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from project.jobs.models import Job
from project.notifications.models import Delivery, Suppression


@pytest.fixture(autouse=True)
def kept(settings):
    settings.KEEPS_MAIL = True


@pytest.fixture
def keep(db):
    """Keeps a mail."""

    def one(subject="Hello", **more):
        content = {"text": "Hello.", "html": "<p>Hello <b>you</b></p>", "recipient": "ada@example.com", "kind": "order"}
        made = {"key": subject, "subject": subject, "message_id": f"<{subject}@example.com>", "state": "sent"}
        return Delivery.objects.create(**content | made | more)

    return one


@pytest.fixture
def invoice(keep):
    default_storage.save("INV-1.pdf", ContentFile(b"%PDF-1"))
    named = {"name": "INV-1.pdf", "file": "INV-1.pdf", "type": "application/pdf", "storage": "default"}
    return keep(attachments=[named])


def text(answer):
    return answer.content.decode()


def test_mails_are_listed_newest_first_with_how_far_they_have_come_and_why(client, keep):
    keep("First", state="withheld", error="unsubscribed from comment mails")
    keep("Second", state="bounced", answer="Mailgun: bounced")
    keep("Third", state="failed", error="550 no such user")

    page = text(client.get("/mail/"))

    assert page.index("Third") < page.index("Second") < page.index("First")
    for word in ("withheld", "unsubscribed from comment mails", "Mailgun: bounced", "550 no such user"):
        assert word in page


def test_a_page_lists_fifty(client, keep, django_assert_max_num_queries):
    for number in range(51):
        keep(f"Mail {number}.")

    second = text(client.get("/mail/?page=2"))
    with django_assert_max_num_queries(2):
        first = text(client.get("/mail/"))

    assert ("Mail 50." in first, "Mail 0." in first) == (True, False)
    assert "Mail 0." in second


def test_a_mail_is_shown_with_both_its_parts_its_headers_and_its_job(client, keep):
    job = Job.objects.create(task="email.confirm_order", queue="email")
    mail = keep("One", kind="comment", job=job)

    page = text(client.get(f"/mail/{mail.pk}/"))

    assert "<h1>One</h1>" in page
    assert "Hello." in page
    assert 'sandbox="" srcdoc="&lt;p&gt;Hello &lt;b&gt;you' in page
    assert "&lt;One@example.com&gt;" in page
    assert "List-Unsubscribe-Post" in page
    assert f"/jobs/{job.pk}/" in page


def test_an_attachment_is_named_and_served_to_be_kept(client, invoice):
    answer = client.get(f"/mail/{invoice.pk}/0/")

    assert "INV-1.pdf" in text(client.get(f"/mail/{invoice.pk}/"))
    assert answer["Content-Disposition"] == 'attachment; filename="INV-1.pdf"'
    assert answer.getvalue() == b"%PDF-1"


def test_where_an_attachment_is_gone_the_rest_is_shown(client, invoice):
    default_storage.delete("INV-1.pdf")

    assert "cannot be read" in text(client.get(f"/mail/{invoice.pk}/"))
    assert client.get(f"/mail/{invoice.pk}/0/").status_code == 404


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"recipient": ""}, "there is no address to send it to"),
        ({"recipient": "ada"}, "address, or the mail, is malformed"),
        ({"recipient": "ada@"}, "address, or the mail, is malformed"),
        ({"recipient": "ada@" + "ü" * 80 + ".example"}, "address, or the mail, is malformed"),
        ({"recipient": "ada@example.com\nBcc: all@example.com"}, "address, or the mail, is malformed"),
        ({"subject": "Hello\nBcc: all@example.com"}, "address, or the mail, is malformed"),
    ],
)
def test_a_mail_that_cannot_be_sent_is_shown_with_what_is_wrong_with_it(client, keep, changed, sentence):
    mail = keep(**{"subject": "One", "state": "failed"} | changed)

    page = text(client.get(f"/mail/{mail.pk}/"))

    assert sentence in page
    assert "Hello." in page
    assert "Message-ID" not in page


@pytest.mark.parametrize("address", ["0/", "x/", "{}/1/", "{}/x/", f"{'9' * 40}/"])
def test_an_unknown_mail_is_not_found(client, invoice, address):
    assert client.get(f"/mail/{address.format(invoice.pk)}").status_code == 404


@pytest.mark.parametrize("address", ["", "{}/", "{}/0/"])
def test_where_mails_are_sent_there_are_no_such_pages(client, invoice, settings, address):
    settings.KEEPS_MAIL = False

    assert client.get(f"/mail/{address.format(invoice.pk)}").status_code == 404


def test_before_the_first_mail_the_list_says_so(client, db):
    assert "There is none yet" in text(client.get("/mail/"))


def test_the_admin_shows_deliveries_and_takes_none(admin_client, keep):
    mail = keep()

    assert admin_client.get(f"/admin/notifications/delivery/{mail.pk}/change/").status_code == 200
    assert admin_client.post(f"/admin/notifications/delivery/{mail.pk}/delete/").status_code == 403


def test_the_admin_changes_the_suppression_list_and_keeps_who_did_and_why(admin_client, admin_user):
    page = "/admin/notifications/suppression/"

    admin_client.post(f"{page}add/", {"address": " Ada@Example.com", "reason": "manual", "source": "asked by phone"})
    added = Suppression.objects.get()
    listed = text(admin_client.get(page))
    again = admin_client.post(f"{page}add/", {"address": "ADA@example.com", "reason": "manual", "source": "twice"})
    admin_client.post(f"{page}{added.pk}/delete/", {"post": "yes"})

    assert (added.address, added.by, added.source) == ("ada@example.com", admin_user, "asked by phone")
    assert "asked by phone" in listed
    assert again.status_code == 200
    assert not Suppression.objects.exists()
