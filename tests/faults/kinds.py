"""The kinds of change, and about how many of a hundred each is. A kind returns True where it was rolled back.

Most are small and send no mail: after each fault of the mail server's its queue waits for a probe, and gathers.
"""

from datetime import timedelta

from project.blog.models import Comment
from project.catalog.models import Product
from project.orders import placing, refunding
from tests.faults.changes import COMMENT, FIELDS, PHOTO, POST, PRODUCT, USER, picture, set_token, undone

MANY = 8  # saves in one transaction


def save_user(changes, mine):
    save(changes, USER, mine.user)


def save_post(changes, mine):
    save(changes, POST, mine.post)


def save_product(changes, mine):
    save(changes, PRODUCT, mine.product)


def save(changes, model, instance):
    token = changes.token()
    with changes.committing([(model, token)]):
        set_token(instance, token)


def save_many_times(changes, mine):
    """Save one object again and again in one transaction: what can be folded."""
    tokens = [(PRODUCT, changes.token()) for _ in range(MANY)]
    with changes.committing(tokens):
        for _, token in tokens:
            set_token(mine.product, token)


def comment(changes, mine, times=1):
    tokens = [(COMMENT, changes.token()) for _ in range(times)]
    with changes.committing(tokens):
        for _, token in tokens:
            mine.comment(token)


def comment_many_times(changes, mine):
    comment(changes, mine, times=MANY)


def comment_in_bulk(changes, mine):
    """Write many comments in one statement: what follows is one INSERT too."""
    tokens = [(COMMENT, changes.token()) for _ in range(MANY)]
    with changes.committing(tokens):
        Comment.objects.bulk_create(Comment(post=mine.post, author=mine.user, text=token) for _, token in tokens)


def change_in_bulk(changes, mine):
    """Change rows by a condition, announced."""
    token = changes.token()
    with changes.committing([(PRODUCT, token)]):
        Product.objects.filter(pk=mine.product.pk).update_and_announce(**{FIELDS[PRODUCT]: token})
    mine.product.refresh_from_db()


def roll_back(changes, mine):
    """Change and make things, and let all of it be rolled back."""
    said, product = changes.token(), changes.token()
    with changes.rolling_back([(COMMENT, said), (PRODUCT, product)]):
        mine.comment(said)
        set_token(Product.objects.get(pk=mine.product.pk), product)  # a copy, for mine must not change
        placing.place(mine.user, [placing.Item(mine.product, 1)])
    return True


def roll_back_a_part(changes, mine):
    """Commit a comment, and in a savepoint that is rolled back make another one and a photo."""
    kept, gone, photo = changes.token(), changes.token(), changes.token()
    with changes.committing([(COMMENT, kept)], gone=[(COMMENT, gone), (PHOTO, photo)]):
        mine.comment(kept)
        with undone():
            mine.comment(gone)
            mine.photograph(photo)


def upload(changes, mine):
    token = changes.token()
    with changes.committing([(PHOTO, token)]):
        photo = mine.photograph(token)
    mine.photos.append(photo)


def replace(changes, mine):
    """Replace a photo's picture, or make the first photo."""
    if not mine.photos:
        return upload(changes, mine)
    photo, token = changes.random.choice(mine.photos), changes.token()
    with changes.committing([(PHOTO, token)]):
        photo.image = picture(token)
        set_token(photo, token)
    return None


def delete(changes, mine):
    """Delete a photo, and say so at the user: a witness must be there."""
    token = changes.token()
    with changes.committing([(USER, token)]):
        set_token(mine.user, token)
        if mine.photos:
            mine.photos.pop(0).delete()


def order(changes, mine):
    """Order something, and say so at the user: an order has no room for a token."""
    token = changes.token()
    with changes.committing([(USER, token)]):
        set_token(mine.user, token)
        placed = placing.place(mine.user, [placing.Item(mine.product, changes.random.randint(1, 5))])
    mine.orders.append(placed)


def move(changes, mine):
    """Pay, refund or cancel an order."""
    token = changes.token()
    with changes.committing([(USER, token)]):
        set_token(mine.user, token)
        if mine.orders:
            moved = mine.orders.pop(0)
            if moved.status == "placed" and changes.random.random() < 0.5:
                placing.pay(moved)
                mine.orders.append(moved)
            else:
                (refunding.cancel if moved.status == "placed" else refunding.refund)(moved)


def refund_a_part(changes, mine):
    """Refund a unit of the oldest order; of its last one it is the whole order."""
    token = changes.token()
    with changes.committing([(USER, token)]):
        set_token(mine.user, token)
        if mine.orders:
            first = mine.orders[0]
            refunding.refund(first, {first.lines.get().pk: 1})
            if first.status not in {"placed", "paid"}:
                mine.orders.pop(0)


def put_on_another_day(changes, mine):
    """Correct the day of the latest order."""
    token = changes.token()
    with changes.committing([(USER, token)]):
        set_token(mine.user, token)
        if mine.orders:
            latest = mine.orders[-1]
            latest.placed_at -= timedelta(hours=changes.random.randint(1, 50))
            latest.save(update_fields=["placed_at"])


KINDS = {
    save_user: 52,
    save_post: 10,
    save_product: 12,
    comment: 5,
    save_many_times: 2,
    comment_many_times: 0.2,
    comment_in_bulk: 0.2,
    change_in_bulk: 3,
    roll_back: 6,
    roll_back_a_part: 4,
    upload: 2,
    replace: 1,
    delete: 1,
    order: 1.5,
    move: 1,
    refund_a_part: 1,
    put_on_another_day: 0.5,
}
