"""The site in a real browser: pages follow their jobs by themselves, on a small screen and in the dark too."""

import re
import secrets
import shutil
from decimal import Decimal

import pytest
from playwright.sync_api import expect, sync_playwright

from project.catalog.models import Product
from tests.flows.left_out import leave_out

pytestmark = [pytest.mark.flow, pytest.mark.parametrize("stack", ["embedded"], indirect=True)]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE = 20_000  # milliseconds
NARROW = {"width": 360, "height": 740}
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
COLOURS = "['backgroundColor', 'color'].map(name => getComputedStyle(document.documentElement)[name])"


@pytest.fixture
def page(stack, monkeypatch):
    """A window of the browser, logged in; what goes wrong in it is gathered in `page.errors`."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        leave_out("test_browser.py", "there is no Chromium on PATH; tests/flows/install_browser.sh installs it")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in this thread
    with sync_playwright() as playwright:
        stack.connect_here()
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        page = browser.new_page(base_url=stack.url)
        page.set_default_timeout(PATIENCE)
        page.errors = []
        page.on("console", lambda message: message.type in ("error", "warning") and page.errors.append(message.text))
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("response", lambda answer: answer.status >= 400 and page.errors.append(f"{answer.status} {answer.url}"))
        sign_up(page)
        yield page
        browser.close()


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
    expect(shown).to_have_attribute("srcset", re.compile(r" 160w, .* 480w, .* 1200w$"), timeout=PATIENCE)
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
    seen = [write(page), upload(page, picture), order(page, lamp), f"/shop/{lamp.slug}/"]
    stack.settle()
    page.set_viewport_size(NARROW)
    page.emulate_media(color_scheme="dark")
    for path in (*seen, "/", "/accounts/", "/blog/", "/photos/", "/shop/", "/orders/", "/statistics/"):
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        background, text = (brightness(colour) for colour in page.evaluate(COLOURS))
        assert (path, width) == (path, NARROW["width"])
        assert (background < 60, text > 180) == (True, True), path
    assert page.errors == []


def brightness(colour):
    """Return 0 to 255 of a colour such as `rgb(17, 17, 17)`."""
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3
