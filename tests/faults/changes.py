"""Changes that a writer makes by saving directly, each in a transaction that the journal knows of."""

import random
from contextlib import contextmanager, suppress
from decimal import Decimal

from django.core.files.base import ContentFile
from django.db import transaction

from project.accounts.models import User
from project.blog.models import Comment, Post
from project.catalog.models import Product
from project.photos.models import Photo
from tests.faults import pictures
from tests.faults.journal import COMMIT, ROLL_BACK
from tests.support import with_address

USER, POST, COMMENT, PRODUCT, PHOTO = "accounts.User", "blog.Post", "blog.Comment", "catalog.Product", "photos.Photo"
MOST = 60  # changes of the same objects: a post with hundreds of comments is another test
FIELDS = {USER: "first_name", POST: "body", COMMENT: "text", PRODUCT: "description", PHOTO: "title"}


class Undo(Exception):
    """Rolls back."""


@contextmanager
def undone():
    """Roll back what is done inside."""
    with suppress(Undo), transaction.atomic():
        yield
        raise Undo


def row(model, token):
    """Return how the row that has a token is found."""
    return {"model": model, FIELDS[model]: token}


class Changes:
    """What one writer does. Nobody else touches its objects: what its journal says of them is all."""

    def __init__(self, journal, seed, kinds):
        self.journal, self.random, self.mine, self.kinds = journal, random.Random(seed), None, kinds

    def one(self):
        """Make one transaction. Whatever goes wrong in it, its objects are not touched again: they may be either.

        Returns whether it committed.
        """
        mine, self.mine = self.mine, None
        if mine is None or mine.changes > MOST:
            self.mine = Mine(self)
            return True
        mine.changes += 1
        kind = self.random.choices(list(self.kinds), list(self.kinds.values()))[0]
        rolled_back = kind(self, mine)
        self.mine = mine
        return not rolled_back

    def token(self):
        return self.journal.token()

    @contextmanager
    def committing(self, changes, gone=()):
        """Commit what is done inside. changes: (model, token); the last one's row is the witness. gone: rolled back."""
        key = self.journal.intend(COMMIT, row(*changes[-1]), changes, gone)
        with transaction.atomic():
            yield
        self.journal.end(key)

    @contextmanager
    def rolling_back(self, changes):
        """Roll back what is done inside."""
        key = self.journal.intend(ROLL_BACK, None, changes)
        with undone():
            yield
        self.journal.end(key)


class Mine:
    """The objects that a writer's changes are about, made in one transaction."""

    def __init__(self, changes):
        author, reader, post, product = (changes.token() for _ in range(4))
        with changes.committing([(USER, author), (USER, reader), (POST, post), (PRODUCT, product)]):
            _, self.user = (
                User.objects.create_user(token, f"{token}@example.com", "a-long-password", first_name=token)
                for token in (author, reader)
            )
            with_address(self.user)
            self.post = Post.objects.create(author=User.objects.get(username=author), title=f"On {post}", body=post)
            self.product = Product.objects.create(
                name="Lamp", slug=product, description=product, price=Decimal("10.00"), stock=1_000_000
            )
        self.photos, self.orders, self.changes = [], [], 0

    def comment(self, token):
        Comment.objects.create(post=self.post, author=self.user, text=token)

    def photograph(self, token):
        photo = Photo(owner=self.user, title=token, image=picture(token))
        photo.save()
        return photo


def picture(token):
    return ContentFile(pictures.draw(token), name="x.jpg")


def set_token(instance, token):
    """Save an object with a token as one of its values."""
    setattr(instance, FIELDS[instance._meta.label], token)
    instance.save()
