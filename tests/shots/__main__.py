"""Photographs the site: `python -m tests.shots [WORDS IN NAMES]`, which is `make shots`. Look at `var/shots/`."""

import shutil
import sys
import tempfile
from pathlib import Path

import pypdfium2

from tests.flows import browser
from tests.shots import pages, world
from tests.support import ROOT

SHOTS = ROOT / "var" / "shots"
OPEN = "document.querySelectorAll('details').forEach(each => each.open = true)"


def main(*wanted):
    """Make the pictures whose pages' names hold one of the words; all where there are none."""
    if not browser.program():
        sys.exit(browser.MISSING)
    shutil.rmtree(SHOTS, ignore_errors=True)
    SHOTS.mkdir(parents=True)
    folder = tempfile.mkdtemp(prefix="shots-")
    try:
        with world.site(folder) as url:
            for stage, found in pages.STAGES.items():
                names = world.become(stage)
                shown = [page for page in found if not wanted or any(word in page.name for word in wanted)]
                photograph(url, shown, names)
        invoices(Path(folder) / "media")
    finally:
        shutil.rmtree(folder)
    print(f"{len(list(SHOTS.iterdir()))} pictures are in {SHOTS.relative_to(ROOT)}")  # noqa: T201  who called is told


def photograph(url, shown, names):
    """Photograph pages in every look."""
    if not shown:
        return
    with browser.browsing() as opened:
        for look in pages.LOOKS:
            for is_mine in {page.is_mine for page in shown}:
                window = opened.new_page(
                    base_url=url,
                    viewport={"width": look.width, "height": 800},
                    color_scheme=look.scheme,
                    locale=look.language,
                )
                if is_mine:
                    log_in(window)
                for page in (page for page in shown if page.is_mine == is_mine):
                    window.goto(page.path.format(**names))
                    if page.opened:
                        window.evaluate(OPEN)
                    window.screenshot(path=SHOTS / f"{page.name}-{look.name}.png", full_page=True)
                window.close()


def log_in(window):
    """Become the demo user."""
    from project.pages import demo  # noqa: PLC0415  whatever is imported of the project reads the environment

    window.goto("/accounts/login/")
    window.locator("[name=username]").fill(demo.USERNAME)
    window.locator("[name=password]").fill(demo.PASSWORD)
    window.get_by_role("main").get_by_role("button").click()
    window.wait_for_url("**/accounts/")


def invoices(media):
    """Draw the first page of an invoice, if there is one."""
    for path in list(media.rglob("*.pdf"))[:1]:
        with pypdfium2.PdfDocument(path) as document:
            document[0].render(scale=1.5).to_pil().save(SHOTS / "invoice.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
