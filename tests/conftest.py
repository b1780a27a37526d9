"""What all tests share: a broker of their own, rooms of their own, and small ways to make things."""

import io
import subprocess
from decimal import Decimal
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import translation
from PIL import Image

from project.accounts.models import User
from project.blog.models import Post
from project.catalog.models import Product
from project.celery import app
from project.jobs import feeding
from project.jobs.execution import execute
from project.jobs.models import Job, State
from project.jobs.publisher import publisher
from project.jobs.registry import registered
from project.notifications import choices, connections
from project.photos.models import Photo
from tests.support import redis_binary, with_address


@pytest.fixture(scope="session", autouse=True)
def broker(tmp_path_factory):
    """A Redis of this test run, on a socket of its own. Returns the socket's path."""
    folder = tmp_path_factory.mktemp("broker")
    path = folder / "redis.sock"
    command = [redis_binary(), "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    app.conf.broker_url = f"redis+socket://{path}"
    yield path
    server.terminate()
    server.wait()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory):
    """A database of this run's own. SQLite in a file: one in memory is not what a site uses, nor for threads."""
    if connection.vendor == "postgresql":
        django_settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = f"test_{uuid4().hex[:12]}"
    else:
        django_settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(
            tmp_path_factory.mktemp("db") / "db.sqlite3"
        )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The database, and at the end no connection of a thread that keeps PostgreSQL from dropping it."""
    yield
    if connection.vendor == "postgresql":
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(others, [connection.settings_dict["NAME"]])


@pytest.fixture(autouse=True)
def rooms(settings, tmp_path):
    """Files, mails and cached pages of each test stay with it; so does what it publishes."""
    settings.MEDIA_ROOT, settings.MAIL_NOTES_ROOT = tmp_path / "media", tmp_path / "notes"
    settings.COMMENT_MAIL_SETTLE = 0
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one takes its time
    settings.WHITENOISE_AUTOREFRESH = True  # else each test's client looks at every static file before its first page
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(tmp_path)}
    }
    yield
    publisher.close()
    translation.deactivate()  # a page's language stays with its thread until the next page
    connections.close()


@pytest.fixture
def run():
    """Runs one job as a worker would, when its feed has let it go."""

    def once(job):
        if job.feed:
            feeding.take(job.feed)
        return execute(registered[job.task], job_id=str(job.id), worker="test@here")

    return once


@pytest.fixture
def work(run):
    """Runs what waits, and what that causes, until nothing waits. Returns the names of the tasks."""

    def until_done():
        done = []
        while job := Job.objects.filter(state=State.WAITING).order_by("id").first():
            Job.objects.filter(run_by__isnull=False).update(run_by=None, run_at=job.created_at)  # time passes
            run(job)
            done.append(job.task)
        return done

    return until_done


@pytest.fixture
def jobs():
    """Returns the waiting jobs of a task, the audit's left out, as (task, kwargs)."""

    def waiting():
        found = Job.objects.filter(state=State.WAITING).exclude(task="housekeeping.record_change").order_by("id")
        return [(job.task, job.kwargs) for job in found]

    return waiting


@pytest.fixture
def ada(db):
    """Somebody who may order: she has a billing address."""
    user = User.objects.create_user("ada", "ada@example.com", "a-long-password")
    with_address(user, name="Ada Lovelace")
    return user


@pytest.fixture
def bob(db):
    return User.objects.create_user("bob", "bob@example.com", "a-long-password")


@pytest.fixture
def post(ada):
    return Post.objects.create(author=ada, title="Hello world", body="The first one.")


@pytest.fixture
def lamp(db):
    return Product.objects.create(name="Lamp", slug="lamp", price=Decimal("10.00"), stock=5)


@pytest.fixture
def picture():
    """Returns a picture's bytes."""

    def draw(width=2000, height=1000, kind="JPEG", mode="RGB", **options):
        buffer = io.BytesIO()
        Image.new(mode, (width, height), "red").save(buffer, kind, **options)
        return buffer.getvalue()

    return draw


@pytest.fixture
def photo(ada, picture):
    made = Photo(owner=ada, title="Red", image=ContentFile(picture(), name="Red one.JPG"))
    made.save()
    return made


@pytest.fixture
def nothing_waits(db):
    """Forgets the jobs of what was made so far."""

    def forget():
        Job.objects.all().delete()

    return forget


@pytest.fixture
def digests(monkeypatch):
    """A site that sends a second kind of mail which people may choose."""
    monkeypatch.setitem(choices.KINDS, "digest", "Digests of what is new")
