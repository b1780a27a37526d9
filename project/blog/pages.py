"""A post's page is rendered once for each version of it and kept in the cache.

The version is part of the key, so a stale page is never served: a change asks for a key that is not there yet.
"""

import hashlib

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max
from django.template.loader import render_to_string
from django.utils import timezone, translation

from project.blog.models import Post

KEPT = 24 * 3600  # seconds


def version(post: Post) -> str:
    """Return what changes whenever the page would: one indexed query."""
    latest = post.comments.aggregate(count=Count("id"), newest=Max("id"), touched=Max("updated_at"))
    facts = repr((post.updated_at, sorted(latest.items())))
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def article(post: Post) -> str:
    """Return the HTML of the post and its comments, from the cache where it is there."""
    key = f"post:{post.pk}:{version(post)}"
    html = cache.get(key)
    if html is None:
        html = render(post)
        cache.set(key, html, KEPT)
    return str(html)


def render(post: Post) -> str:
    """Render the post and its comments, the same for every reader: whoever comes first fills the cache."""
    comments = post.comments.select_related("author")
    with translation.override(settings.LANGUAGE_CODE), timezone.override(None):
        return render_to_string("blog/article.html", {"post": post, "comments": comments})
