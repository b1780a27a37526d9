import os

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

from project.notifications.models import Delivery


@pytest.fixture
def send(settings, tmp_path):
    """Keeps a mail as the embedded mode does; returns its file's name."""
    settings.KEEPS_MAIL = True
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")

    alive = []  # the backend names its file by its own address: one that is gone may lend it to the next

    def keep(*subjects, text="Hello.", at=None):
        connection = get_connection("django.core.mail.backends.filebased.EmailBackend")
        alive.append(connection)
        mails = [EmailMultiAlternatives(subject, text, to=["ada@example.com"]) for subject in subjects]
        for mail in mails:
            mail.attach_alternative("<p>Hello <b>you</b></p>", "text/html")
            mail.attach("a.pdf", b"%PDF-1", "application/pdf")
        connection.send_messages(mails)
        os.utime(connection._fname, at and (at, at))
        return os.path.basename(connection._fname)

    return keep


def test_kept_mails_are_listed_newest_first(client, db, send):
    send("Second", "Third", at=2_000_000)
    send("First", at=1_000_000)

    page = client.get("/mail/").content.decode()

    assert page.index("Third") < page.index("Second") < page.index("First")


def test_a_mail_is_shown_with_both_its_parts_and_its_headers(client, db, send):
    name = send("One", "Two")

    page = client.get(f"/mail/{name}/1/").content.decode()

    assert "<h1>Two</h1>" in page
    assert "Hello." in page
    assert 'sandbox="" srcdoc="&lt;p&gt;Hello &lt;b&gt;you' in page
    assert "Message-ID" in page


def test_an_attachment_is_served_to_be_kept(client, db, send):
    name = send("One")

    answer = client.get(f"/mail/{name}/0/0/")

    assert answer["Content-Disposition"] == 'attachment; filename="a.pdf"'
    assert answer.getvalue() == b"%PDF-1"


def test_a_line_of_dashes_in_a_mail_does_not_end_it(client, db, send):
    name = send("One", "Two", text="before\n" + 79 * "-" + "\nafter")

    page = client.get(f"/mail/{name}/1/").content.decode()

    assert "<h1>Two</h1>" in page
    assert "after" in page


@pytest.mark.parametrize(
    "address",
    ["x.log/0/", "..%2Fx.log/0/", "%00.log/0/", "{}/1/", "{}/x/", "{}/0/1/", f"{{}}/{'9' * 40}/", "secret/0/"],
)
def test_an_unknown_mail_is_not_found(client, db, send, tmp_path, address):
    name = send("One")
    (tmp_path / "x.log").write_text("Subject: secret\n\nsecret\n")
    (tmp_path / "mail" / "secret").write_text("Subject: secret\n\nsecret\n")

    assert client.get(f"/mail/{address.format(name)}").status_code == 404


@pytest.mark.parametrize("address", ["", "{}/0/", "{}/0/0/"])
def test_where_mails_are_sent_there_are_no_such_pages(client, db, send, settings, address):
    name = send("One")
    settings.KEEPS_MAIL = False

    assert client.get(f"/mail/{address.format(name)}").status_code == 404


def test_before_the_first_mail_the_list_says_so(client, db, settings, tmp_path):
    settings.KEEPS_MAIL, settings.EMAIL_FILE_PATH = True, str(tmp_path / "nowhere")

    assert "There is none yet" in client.get("/mail/").content.decode()


def test_the_admin_shows_deliveries_and_takes_none(admin_client):
    delivery = Delivery.objects.create(key="k", recipient="ada@example.com")

    assert admin_client.get(f"/admin/notifications/delivery/{delivery.pk}/change/").status_code == 200
    assert admin_client.post(f"/admin/notifications/delivery/{delivery.pk}/delete/").status_code == 403
