"""Each mail in a real browser: on a phone of 320 pixels, and in the dark."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from project.accounts.emails import welcome
from project.blog.emails import new_comments
from project.blog.models import Comment
from project.orders import emails
from project.orders.models import Invoice, Order, OrderLine
from tests.flows import browser
from tests.flows.left_out import leave_out

pytestmark = pytest.mark.flow

PHONE = {"width": 320, "height": 640}  # pixels
ENOUGH = 4.5  # WCAG 2.2, 1.4.3: https://www.w3.org/TR/WCAG22/#contrast-minimum
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"

# The lowest contrast of any text with what is behind it, and which text it is.
CONTRAST = """() => {
  const parse = colour => colour.match(/[\\d.]+/g).map(Number);
  const linear = part => part / 255 <= .04045 ? part / 255 / 12.92 : ((part / 255 + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(node).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.getClientRects().length || node.tagName === "STYLE") continue;
    const pair = [light(parse(getComputedStyle(node).color)), light(behind(node))].sort((a, b) => a - b);
    found.push([(pair[1] + .05) / (pair[0] + .05), walker.currentNode.data.trim()]);
  }
  return found.sort((a, b) => a[0] - b[0])[0];
}"""


@pytest.fixture
def mails(ada, bob, post, lamp):
    """Each mail, with words and amounts that are as long as they can get."""
    post.title = LONG
    comments = [Comment.objects.create(post=post, author=bob, text=text) for text in (f"{LONG} {LONG}", "Short.")]
    order = Order.objects.create(number="X" * 20, customer=ada, currency="EUR", total=Decimal("99999999.99"))
    line = {"product": lamp, "unit_price": Decimal("99999999.99"), "tax_rate": 19}
    OrderLine.objects.create(order=order, description=f"Lamp {LONG}", quantity=1, **line)
    invoice = SimpleNamespace(kind="invoice", gross=order.total, due_date=order.placed_at.date(), order=order, pdf="x")
    invoice.credit_notes = Invoice.objects.none()
    units = [SimpleNamespace(quantity=9, line=SimpleNamespace(description=LONG), net=Decimal("999999.99"))]
    return {
        "welcome": welcome(ada),
        "comments": new_comments(post, comments),
        "confirmation": emails.confirmation(order),
        "invoice": emails.invoice(invoice),
        "reminder": emails.reminder(SimpleNamespace(invoice=invoice)),
        "reversal": emails.to_customer(order, "reversal", "Reversed", whole="", units=units),
    }


@pytest.fixture
def page(mails, monkeypatch):
    if not browser.program():
        leave_out("test_mail_layout.py", browser.MISSING)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in this thread
    with browser.browsing() as opened:
        yield opened.new_page(viewport=PHONE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_mail_fits_a_phone_and_can_be_read_in_the_light_and_in_the_dark(page, mails, scheme):
    page.emulate_media(color_scheme=scheme)
    for name, mail in mails.items():
        page.set_content(mail.html)
        lowest, words = page.evaluate(CONTRAST)
        assert (name, page.evaluate("document.documentElement.scrollWidth")) == (name, PHONE["width"])
        assert lowest >= ENOUGH, f"{name} in the {scheme}: {words!r} has a contrast of {lowest:.1f}"


def test_in_the_dark_the_ground_is_dark(page, mails):
    page.emulate_media(color_scheme="dark")
    for mail in mails.values():
        page.set_content(mail.html)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"
