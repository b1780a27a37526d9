"""Changes that a writer makes through the site: sign up, comment, upload, order, cancel."""

import random

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.faults import pictures
from tests.faults.changes import COMMENT, PHOTO, USER, row
from tests.faults.journal import COMMIT
from tests.flows.visitor import Visitor

ORDER = "orders.Order"


class Visits:
    """What one visitor after the other does."""

    def __init__(self, journal, seed, site, posts, products):
        self.journal, self.random, self.site = journal, random.Random(seed), site
        self.posts, self.products, self.visitor, self.plan = posts, products, None, []

    def one(self):
        """Do one thing, which commits. After an answer that did not come the visitor is not seen again."""
        visitor, self.visitor = self.visitor, None
        if visitor is None or not self.plan:
            visitor, self.plan = self.sign_up(), self.planned()
        else:
            self.plan.pop()(visitor)
        self.visitor = visitor
        return True

    def planned(self):
        """Return what a visitor will do, last first: an order may be cancelled after it was placed."""
        things = [self.comment, self.comment, self.order, self.upload]
        self.random.shuffle(things)
        return [self.cancel, *things] if self.random.random() < 0.5 else things

    def sign_up(self):
        name = self.journal.token()
        key = self.journal.intend(COMMIT, {"model": USER, "username": name}, [])
        visitor = Visitor(self.site, name).sign_up()
        self.journal.end(key)
        visitor.give_address().order = None
        return visitor

    def comment(self, visitor):
        token = self.journal.token()
        key = self.journal.intend(COMMIT, row(COMMENT, token), [(COMMENT, token)])
        visitor.submit(self.random.choice(self.posts), text=token)
        self.journal.end(key)

    def upload(self, visitor):
        token = self.journal.token()
        key = self.journal.intend(COMMIT, row(PHOTO, token), [(PHOTO, token)])
        image = SimpleUploadedFile("x.jpg", pictures.draw(token), "image/jpeg")
        visitor.submit("/photos/new/", title=token, image=image)
        self.journal.end(key)

    def order(self, visitor):
        key = self.journal.intend(COMMIT, {"model": ORDER, "customer__username": visitor.name}, [])
        page = visitor.submit(self.random.choice(self.products), quantity=self.random.randint(1, 5))
        visitor.order = page.path
        self.journal.end(key)

    def cancel(self, visitor):
        number = visitor.order.split("/")[2]
        key = self.journal.intend(COMMIT, {"model": ORDER, "number": number, "status": "cancelled"}, [])
        visitor.submit(visitor.order, to=f"{visitor.order}cancel/")
        self.journal.end(key)
