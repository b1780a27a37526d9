"""Media in an S3-compatible store, a real server on loopback: all that is done with files in a folder."""

import os
import subprocess
import sys
import urllib.request

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from project import environment
from project.pages import sweeping
from project.photos.models import Rendition
from tests.support import free_port, until

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "a/secret", "AWS_DEFAULT_REGION": "us-east-1"}
pytestmark = [
    pytest.mark.django_db,
    # boto3's own, of its dependencies and of Python 3.11's ssl.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:botocore", "ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def server():
    """An S3 server. Returns its address."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | KEYS) as made:
        try:
            until(lambda: answers(port), "the S3 server answers", seconds=40)
            yield f"127.0.0.1:{port}"
        finally:
            made.terminate()


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/", timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture
def bucket(server, settings, request):
    """Puts media into a bucket of the test's own."""
    name = f"media-{abs(hash(request.node.name)) % 10**9}"
    store = environment.store_settings(f"s3+http://key:a%2Fsecret@{server}/{name}")
    settings.STORAGES = settings.STORAGES | {"default": store}
    default_storage.connection.create_bucket(Bucket=name)
    return default_storage


def names(storage, folder=""):
    folders, files = storage.listdir(folder)
    found = [f"{folder}/{name}".lstrip("/") for name in files]
    return found + [name for each in folders for name in names(storage, f"{folder}/{each}".lstrip("/"))]


def test_a_photo_is_uploaded_drawn_served_replaced_and_deleted(bucket, client, photo, work, picture):
    work()
    rows = Rendition.objects.all()
    assert sorted(names(bucket)) == sorted([photo.image.name, *(each.file.name for each in rows)])
    answer = client.get(f"/photos/{photo.pk}/small.webp")
    assert answer.getvalue()[8:12] == b"WEBP"

    photo.image = ContentFile(picture(300, 300), name="b.jpg")
    photo.save()
    work()
    assert len(names(bucket)) == 1 + Rendition.objects.count()
    assert {each.width for each in Rendition.objects.all()} == {160, 300}

    photo.delete()
    work()
    assert names(bucket) == []


def test_the_same_name_again_takes_the_objects_place(bucket):
    for content in (b"one", b"two"):
        assert bucket.save("a/b.txt", ContentFile(content)) == "a/b.txt"
    with bucket.open("a/b.txt") as file:
        assert file.read() == b"two"


def test_what_is_not_there_is_not_found(bucket):
    with pytest.raises(FileNotFoundError):
        bucket.open("none.txt", "rb")
    with pytest.raises(FileNotFoundError):
        bucket.get_modified_time("none.txt")


def test_what_no_row_names_is_swept_when_it_is_old(bucket, monkeypatch):
    bucket.save("photos/originals/a.jpg", ContentFile(b"x"))
    assert sweeping.sweep() == []
    monkeypatch.setattr(sweeping, "YOUNG", -sweeping.YOUNG)
    assert sweeping.sweep(dry_run=True) == ["photos/originals/a.jpg"]
    assert sweeping.sweep() == ["photos/originals/a.jpg"]
    assert names(bucket) == []


def test_a_store_that_says_no_is_an_error_and_no_missing_file(bucket, settings, server):
    settings.STORAGES = settings.STORAGES | {
        "default": environment.store_settings(f"s3+http://key:secret@{server}/no-such-bucket")
    }
    with pytest.raises(Exception, match="NoSuchBucket"):
        default_storage.save("a.txt", ContentFile(b"x"))
