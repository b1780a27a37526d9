"""What there is to see: a site of its own in a folder, whose jobs are done and whose figures grow by stages."""

import os
import random
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from urllib.request import urlopen

from tests.support import ROOT, free_port, redis_binary, until

SERVE = ["-m", "gunicorn", "project.wsgi", "--worker-class", "gthread", "--threads", "4", "--no-control-socket"]
SEED = 5
YEARS = 730  # days
PRODUCTS = ["A product with a name that is longer than anybody would want", "Lampe & Söhne", "帽子", "Print <b>", "Mug"]
CURRENCIES = {"much": ["EUR", "JPY"], "many": ["EUR", "JPY", "BHD", "CHF", "GBP", "SEK"]}


@contextmanager
def site(folder):
    """Run a site of its own in the folder, with Django set up here to write into it. Yields its address."""
    port = free_port()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "BROKER_URL": f"redis+socket://{folder}/redis.sock",
        "CACHE_URL": f"filecache://{folder}/cache",
        "EMAIL_URL": f"filemail://{folder}/mail",
        "COMMENT_MAIL_SETTLE": "0",
        "MEDIA_ROOT": f"{folder}/media",
        "SITE_URL": f"http://127.0.0.1:{port}",
    }
    import django  # noqa: PLC0415  after the environment is set

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415  likewise

    call_command("migrate", verbosity=0)
    redis = [redis_binary(), "--port", "0", "--unixsocket", f"{folder}/redis.sock", "--save", "", "--dir", folder]
    with running(*redis), running(sys.executable, *SERVE, "-b", f"127.0.0.1:{port}"):
        until(lambda: answers(os.environ["SITE_URL"]), "the site answers")
        yield os.environ["SITE_URL"]


@contextmanager
def running(*command):
    """Run a program for a while."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def answers(url):
    try:
        with urlopen(f"{url}/healthz", timeout=5):
            return True
    except OSError:
        return False


def become(stage):
    """Bring the world to a stage. Returns what the addresses of its pages need."""
    if stage == "little":
        from project.pages import samples  # noqa: PLC0415  Django is set up by now

        samples.load()
        work()
    elif stage in CURRENCIES:
        sell(CURRENCIES[stage])
    return names() if stage != "nothing" else {}


def work():
    """Let a worker do all jobs."""
    from project.jobs.models import UNSETTLED, Job  # noqa: PLC0415

    with running(sys.executable, "celery_worker.py", "run", "--all-in-one"):
        until(lambda: not Job.objects.filter(state__in=UNSETTLED).exists(), "all jobs are done", seconds=120)


def names():
    from project.notifications.models import Delivery  # noqa: PLC0415
    from project.orders.models import Order  # noqa: PLC0415

    return {
        "order": Order.objects.filter(customer__username="demo").first().number,
        "mail": Delivery.objects.first().pk,
    }


def sell(currencies):
    """Write two years of figures, without the orders: the pages read figures only."""
    from django.utils import timezone  # noqa: PLC0415

    from project.blog.models import DailyWriting  # noqa: PLC0415
    from project.catalog.models import DailySales, DailyTotal, Product  # noqa: PLC0415
    from project.figures.models import Check  # noqa: PLC0415

    chance, now = random.Random(SEED), timezone.now()
    for number, name in enumerate(PRODUCTS):
        Product.objects.get_or_create(slug=f"p{number}", defaults={"name": name, "price": 10})
    work()  # they are counted once, before what is written here
    for model in (DailySales, DailyTotal, DailyWriting):
        model.objects.all().delete()
    products = list(Product.objects.all())
    writing, totals, sales = [], [], []
    for day in (now.date() - timedelta(days=number) for number in range(YEARS)):
        writing.append(DailyWriting(day=day, posts=chance.randint(0, 3), comments=chance.randint(0, 20), as_of=now))
        for currency in currencies if day.weekday() < 6 else ():
            sold = [(product, chance.randint(1, 9 + product.pk)) for product in chance.sample(products, 7)]
            figures = {"day": day, "currency": currency, "as_of": now}
            price = Decimal(4450 if currency == "JPY" else "44.50")
            units = sum(number for _, number in sold)
            totals.append(DailyTotal(orders=units // 2, units=units, revenue=units * price, **figures))
            sales += [
                DailySales(product=product, orders=number, units=number, revenue=number * price, **figures)
                for product, number in sold
            ]
    for rows in (writing, totals, sales):
        type(rows[0]).objects.bulk_create(rows)
    Check.objects.create(at=now - timedelta(hours=5), subjects=200, drifted=3 if len(currencies) > 2 else 0)
