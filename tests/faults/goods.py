"""What visitors comment on and buy, made before they come."""

from decimal import Decimal

from project.accounts.models import User
from project.blog.models import Post
from project.catalog.models import Product

EACH = 3


def make():
    """Make it. Returns the addresses."""
    author = User.objects.create_user("house", "house@example.com", "a-long-password")
    posts = [Post.objects.create(author=author, title=f"Post {number}", body="Read it.") for number in range(EACH)]
    products = [
        Product.objects.create(name=f"Print {number}", slug=f"print-{number}", price=Decimal(20), stock=1_000_000)
        for number in range(EACH)
    ]
    addresses = {"posts": posts, "products": products}
    return {name: [each.get_absolute_url() for each in made] for name, made in addresses.items()}
