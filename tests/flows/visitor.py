"""Somebody with a browser of the simplest kind: cookies, forms, redirects, no scripts."""

import http.client
import urllib.request
from functools import cached_property
from http.cookiejar import CookieJar
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.support import ADDRESS

ANSWERING = 30  # seconds that a page may take before the visitor gives up


class Page:
    """An answer of the site."""

    def __init__(self, response):
        self.status, self.type = response.status, response.headers.get_content_type()
        self.path, self.content = urlsplit(response.url).path, response.read()

    @cached_property
    def html(self):
        return BeautifulSoup(self.content, "html.parser")

    @property
    def text(self):
        return " ".join(self.html.get_text(" ").split())

    @property
    def polls(self):
        """Whether the page would ask again by itself."""
        return self.html.select_one("#live[hx-trigger]") is not None

    def form(self, path):
        """Return the form that is sent to a path."""
        forms = [form for form in self.html("form") if urljoin(self.path, form.get("action") or "") == path]
        posting = [form for form in forms if form.get("method", "").lower() == "post"]
        assert posting, f"{self.path} ({self.status}) has no form that posts to {path}: {self.text[:500]}"
        return posting[-1]


class Answered(urllib.request.HTTPDefaultErrorHandler):
    """An answer that says no is an answer."""

    def http_error_default(self, req, fp, code, msg, hdrs):
        return fp


class Stay(urllib.request.HTTPRedirectHandler):
    """Stays where the form was sent from."""

    def redirect_request(self, *_):
        return None


class Visitor:
    """One browser's session at a site."""

    password = "a-long-password"

    def __init__(self, site, name):
        self.site, self.name, self.email = site, name, f"{name}@example.com"
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        direct = urllib.request.ProxyHandler({})
        self.following = urllib.request.build_opener(direct, cookies, Answered)
        self.staying = urllib.request.build_opener(direct, cookies, Answered, Stay)

    def open(self, request, opener=None):
        with (opener or self.following).open(request, timeout=ANSWERING) as response:
            return Page(response)

    def get(self, path):
        return self.open(self.site + path)

    def post(self, path, fields, *, opener=None):
        """Send a form's fields as they are."""
        body = encode_multipart(BOUNDARY, fields)
        return self.open(urllib.request.Request(self.site + path, body, {"Content-Type": MULTIPART_CONTENT}), opener)

    def submit(self, path, to=None, **fields):
        """Open a page, fill in its form (the one that posts to `to`, else to the page itself) and send it."""
        form = self.get(path).form(to or path)
        kept = {each["name"]: each.get("value", "") for each in form.select("input[type=hidden][name]")}
        page = self.post(to or path, kept | fields)
        assert page.status == http.client.OK, f"{to or path} answered {page.status}: {page.text[:1000]}"
        return page

    def give_address(self):
        """Say whom invoices are for, so that they may order."""
        page = self.submit("/orders/address/", **ADDRESS)
        assert page.path == "/orders/", page.text
        return self

    def sign_up(self):
        passwords = {"password1": self.password, "password2": self.password}
        page = self.submit("/accounts/signup/", username=self.name, email=self.email, **passwords)
        assert page.path == "/accounts/", page.text
        return self
