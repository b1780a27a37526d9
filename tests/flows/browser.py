"""The browser: Debian's Chromium or another one on PATH."""

import shutil
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
MISSING = "there is no Chromium on PATH; tests/flows/install_browser.sh installs it"


def program():
    """Return the browser's path; none where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def browsing():
    """Run the browser for a while."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
