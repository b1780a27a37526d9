"""The site in a real browser: pages follow their jobs by themselves, on a small screen and in the dark too."""

import re
import secrets
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from project.catalog.models import Product
from tests.flows import browser
from tests.flows.left_out import leave_out
from tests.support import ADDRESS, until

pytestmark = [pytest.mark.flow, pytest.mark.parametrize("stack", ["embedded"], indirect=True)]

PATIENCE = 20_000  # milliseconds
NARROW = {"width": 360, "height": 740}
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
COLOURS = "['backgroundColor', 'color'].map(name => getComputedStyle(document.documentElement)[name])"


@pytest.fixture
def page(stack, monkeypatch):
    """A window of the browser, logged in; what goes wrong in it is gathered in `page.errors`."""
    if not browser.program():
        leave_out("test_browser.py", browser.MISSING)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in this thread
    with browser.browsing() as opened:
        stack.connect_here()
        page = opened.new_page(base_url=stack.url)
        page.set_default_timeout(PATIENCE)
        page.errors = []
        page.on("console", lambda message: message.type in ("error", "warning") and page.errors.append(message.text))
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("response", lambda answer: answer.status >= 400 and page.errors.append(f"{answer.status} {answer.url}"))
        sign_up(page)
        yield page


def sign_up(page):
    name = f"visitor-{secrets.token_hex(4)}"
    page.goto("/accounts/signup/")
    for field, value in {
        "username": name,
        "email": f"{name}@example.com",
        "password1": LONG,
        "password2": LONG,
    }.items():
        page.locator(f"[name={field}]").fill(value)
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


@pytest.fixture
def lamp(stack):
    return stack.insert(Product(name="Lamp", slug=f"lamp-{secrets.token_hex(4)}", price=Decimal("19.99"), stock=50))


def arrive(page, path):
    """Wait for the page that answers a form. Returns its address."""
    page.wait_for_url(re.compile(path))
    return page.url


def write(page):
    page.goto("/blog/new/")
    page.get_by_label("Title").fill(LONG)
    page.get_by_label("Body").fill(LONG)
    page.get_by_role("button", name="Publish").click()
    return arrive(page, r"/blog/(?!new)[\w-]+/$")


def upload(page, picture):
    page.goto("/photos/new/")
    page.get_by_label("Title").fill(LONG)
    page.get_by_label("Picture").set_input_files({"name": "red.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    page.get_by_role("button", name="Upload").click()
    return arrive(page, r"/photos/\d+/$")


def order(page, product):
    page.goto(f"/shop/{product.slug}/")
    page.get_by_label("Quantity").fill("2")
    page.get_by_role("main").get_by_role("button", name="Order").click()
    arrive(page, r"/orders/address/\?product=")
    for field, value in (ADDRESS | {"name": LONG, "company": LONG}).items():
        box = page.locator(f"[name={field}]")
        box.select_option(value) if field == "country" else box.fill(value)
    page.get_by_role("button", name="Save and order").click()
    return arrive(page, r"/orders/\w+/$")


def expect_rest(page):
    """The page no longer asks, and it is still the one that was loaded."""
    expect(page.locator("#live:not([hx-trigger])")).to_be_attached(timeout=PATIENCE)
    assert page.evaluate("window.loadedOnce")


def test_a_photo_appears_by_itself(stack, page, picture):
    stack.settle()
    with stack.broker_frozen():
        upload(page, picture)
        page.evaluate("window.loadedOnce = true")
        expect(page.locator("#live[hx-trigger] svg.placeholder")).to_be_visible()
    shown = page.locator("#live img")
    expect(shown).to_have_attribute("srcset", re.compile(r" 160w, .* 480w, .* 1200w, .* 2000w$"), timeout=PATIENCE)
    expect(shown).to_have_js_property("complete", value=True, timeout=PATIENCE)
    expect_rest(page)
    assert page.errors == []
    stack.settle()


def test_an_invoice_appears_by_itself(stack, page, lamp):
    stack.settle()
    with stack.broker_frozen():
        order(page, lamp)
        page.evaluate("window.loadedOnce = true")
        expect(page.locator("#live[hx-trigger]")).to_contain_text("None is issued yet.")
    link = page.locator("#live a[href$='.pdf']")
    expect(link).to_have_text(re.compile(r"^INV-\d{4}-\d{5}\.pdf$"), timeout=PATIENCE)
    expect_rest(page)
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == link.inner_text()
    assert page.errors == []
    stack.settle()


def test_pages_fit_a_small_screen_and_are_dark_in_the_dark(stack, page, picture, lamp):
    seen = [write(page), upload(page, picture), placed := order(page, lamp), f"/shop/{lamp.slug}/"]
    seen += ["/orders/address/", f"{placed}refund/part/"]
    stack.settle()
    page.set_viewport_size(NARROW)
    page.emulate_media(color_scheme="dark")
    for path in (
        *seen,
        "/",
        "/accounts/",
        "/accounts/mail/",
        "/blog/",
        "/photos/",
        "/shop/",
        "/orders/",
        "/statistics/",
    ):
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        background, text = (brightness(colour) for colour in page.evaluate(COLOURS))
        assert (path, width) == (path, NARROW["width"])
        assert (background < 60, text > 180) == (True, True), path
    assert page.errors == []


def brightness(colour):
    """Return 0 to 255 of a colour such as `rgb(17, 17, 17)`."""
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3


def test_statistics_refresh_and_keep_what_was_opened(stack, page, lamp):
    order(page, lamp)
    stack.settle()
    page.goto("/statistics/")
    summary = page.locator("#orders-summary")
    summary.click()
    before = page.locator("#orders-table tbody tr").last.inner_text()
    page.evaluate("window.loadedOnce = document.querySelector('#live time')")
    stack.visitor("customer").give_address().submit(f"/shop/{lamp.slug}/", quantity=1)
    stack.settle()
    until(lambda: page.locator("#orders-table tbody tr").last.inner_text() != before, "the order is in the table")
    assert page.evaluate("document.querySelector('#live time') !== window.loadedOnce")
    assert page.locator("#orders-table").evaluate("node => node.open")
    assert summary.evaluate("node => node === document.activeElement")
    assert page.errors == []


def test_a_page_that_nobody_looks_at_does_not_ask(stack, page):
    page.goto("/statistics/")
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => window.away, configurable: true})")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("window.away = true")
    page.wait_for_timeout(7_000)
    assert asked == []
    page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    until(lambda: page.wait_for_timeout(50) or asked, "it asks when it comes in sight")
    assert page.errors == []
