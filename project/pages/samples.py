"""The sample data: a few people, what they wrote, the prints that they sell and buy."""

from decimal import Decimal

from django.core.files.base import ContentFile
from django.db import transaction

from project.accounts.models import User
from project.blog.models import Comment, Post
from project.catalog.models import Product
from project.orders.models import BillingAddress
from project.orders.placing import Item, pay, place
from project.orders.refunding import cancel
from project.pages import demo
from project.pages.sample_pictures import View, draw
from project.photos.models import Photo

PRINTS = {
    "Dawn": ("39.00", View(sky=("#2b4a78", "#f7c59f"), hills=("#b9849a", "#33203f"), light="#fff1c9", at=(0.3, 0.42))),
    "Noon": ("29.00", View(sky=("#3f8fd2", "#d9f0fb"), hills=("#8fc19a", "#1f5132"), light="#fffbe0", at=(0.62, 0.16))),
    "Dusk": ("39.00", View(sky=("#3b1f4b", "#f2784b"), hills=("#8c3f52", "#1c0f26"), light="#ffd27a", at=(0.72, 0.45))),
    "Night": ("45.00", View(sky=("#050a1c", "#1d3557"), hills=("#22385c", "#04070f"), light="#e9eef7", at=(0.2, 0.2))),
    "Frost": ("35.50", View(sky=("#9fb8cc", "#f3f7fa"), hills=("#d5e0e8", "#5d7a8f"), light="#ffffff", at=(0.5, 0.3))),
    "Desert": (
        "49.90",
        View(sky=("#4aa3c7", "#fbe3b5"), hills=("#e5a55d", "#8a3f1d"), light="#fff6d6", at=(0.85, 0.22)),
    ),
}
POSTS = {
    "How the hills are printed": "Eight inks on cotton paper, one sheet at a time. A print takes forty minutes to dry.",
    "Waiting for the light": "Dawn lasts a quarter of an hour. The rest of the day is spent walking there and back.",
    "Frames, or none": "A narrow oak frame suits Frost and Noon. Night wants no frame at all, only a dark wall.",
}
ADDRESS = {"street": "7 Hill Lane", "postcode": "10117", "city": "Berlin", "country": "DE"}
COMMENTS = {
    "How the hills are printed": [("demo", "Forty minutes! I had thought of seconds."), ("grace", "And it shows.")],
    "Waiting for the light": [("demo", "Which hill is it?"), ("ada", "The third from the left. Bring a coat.")],
    "Frames, or none": [("grace", "I hung Dusk without one, and agree.")],
}


def load() -> None:
    """Write the sample data, whole or not at all; receivers hear of each row, so workers have something to do."""
    pictures = {name: draw(view) for name, (_, view) in PRINTS.items()}  # before: SQLite has one writer at a time
    with transaction.atomic():
        users = make_users()
        write_posts(users)
        place_orders(users, make_prints(users["ada"], pictures))


def make_users() -> dict[str, User]:
    """Make the users, by name. The demo user may enter the admin and the job pages."""
    names = (demo.USERNAME, "ada", "grace")
    users = {name: User.objects.create_user(name, f"{name}@example.com", demo.PASSWORD) for name in names}
    users[demo.USERNAME].is_staff = users[demo.USERNAME].is_superuser = True
    users[demo.USERNAME].save(update_fields=["is_staff", "is_superuser"])
    for name, user in users.items():
        BillingAddress.objects.create(user=user, **ADDRESS | {"name": name.capitalize()})
    return users


def write_posts(users: dict[str, User]) -> None:
    """Write the posts and what readers say of them."""
    for title, body in POSTS.items():
        post = Post.objects.create(author=users["ada"], title=title, body=body)
        for name, text in COMMENTS[title]:
            Comment.objects.create(post=post, author=users[name], text=text)


def make_prints(owner: User, pictures: dict[str, bytes]) -> dict[str, Product]:
    """Upload the photographs and offer a print of each."""
    prints = {}
    for name, (price, _) in PRINTS.items():
        photo = Photo(owner=owner, title=f"{name} over the hills", image=ContentFile(pictures[name], name="x.jpg"))
        photo.save()
        prints[name] = Product.objects.create(
            name=f"Print: {name}",
            slug=f"print-{name.lower()}",
            description=f"{photo.title}, 60 × 45 cm, on cotton paper.",
            price=Decimal(price),
            stock=25,
            photo=photo,
        )
    return prints


def place_orders(users: dict[str, User], prints: dict[str, Product]) -> None:
    """Place a few orders: two are paid, one is cancelled, one is open."""
    you, grace = users[demo.USERNAME], users["grace"]
    pay(place(you, [Item(prints["Dawn"], 1), Item(prints["Dusk"], 1)]))
    pay(place(grace, [Item(prints["Frost"], 2)]))
    cancel(place(grace, [Item(prints["Night"], 1)]))
    place(you, [Item(prints["Desert"], 1), Item(prints["Noon"], 3)])
