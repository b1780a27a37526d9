"""What is photographed, and how."""

from typing import NamedTuple


class Look(NamedTuple):
    """How a page is looked at; the width is in pixels."""

    name: str
    width: int
    scheme: str
    language: str = "en"


class Page(NamedTuple):
    """An address, for the demo user or for strangers. opened: everything that can be unfolded is."""

    name: str
    path: str
    is_mine: bool = True
    opened: bool = False


LOOKS = [
    Look("light", 1280, "light"),
    Look("dark", 1280, "dark"),
    Look("phone", 390, "light"),
    Look("phone-dark-german", 390, "dark", "de"),
]

# In the order in which the world becomes richer; see `world`.
STAGES = {
    "nothing": [Page("statistics-nothing", "/statistics/", is_mine=False)],
    "little": [
        Page("home", "/"),
        Page("shop", "/shop/"),
        Page("product", "/shop/print-dawn/"),
        Page("order", "/orders/{order}/"),
        Page("blog", "/blog/"),
        Page("photos", "/photos/"),
        Page("profile", "/accounts/"),
        Page("choices", "/accounts/mail/"),
        Page("jobs", "/jobs/"),
        Page("mails", "/mail/"),
        Page("mail", "/mail/{mail}/"),
        Page("statistics-little", "/statistics/?days=7", is_mine=False),
    ],
    "much": [
        Page("statistics-much", "/statistics/", is_mine=False),
        Page("statistics-week", "/statistics/?days=7", is_mine=False, opened=True),
        Page("statistics-year", "/statistics/?days=365", is_mine=False),
    ],
    "many": [Page("statistics-many", "/statistics/?days=90", is_mine=False)],
}
