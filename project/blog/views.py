"""The pages of the blog."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from project.blog import pages
from project.blog.forms import CommentForm, PostForm
from project.blog.models import Post
from project.jobs import jobs_of

if TYPE_CHECKING:
    from project.accounts.requests import SignedIn

PAGE = 20  # posts
FOLLOWED = 10  # newest comments whose jobs a post's page shows
PUBLISHED = Q(published_at__lte=Now())


@require_safe
def post_list(request: HttpRequest) -> HttpResponse:
    """List the posts, newest first, with the counts of their comments."""
    posts = Post.objects.filter(PUBLISHED).select_related("author", "statistics").defer("body")
    page = Paginator(posts, PAGE).get_page(request.GET.get("page"))
    return render(request, "blog/list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: "SignedIn") -> HttpResponse:
    """Write a post."""
    post = Post(author=request.user)
    form = PostForm(request.POST if request.method == "POST" else None, instance=post)
    if form.is_valid():
        form.save()
        return redirect(post)
    return render(request, "blog/new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a post with its comments, and take new ones. A post that is not published is shown to its author only."""
    readable = PUBLISHED | Q(author=request.user.pk)
    post = get_object_or_404(Post.objects.select_related("author").filter(readable), slug=slug)
    if request.method == "POST":
        return comment(request, post)
    return show(request, post, CommentForm())


def comment(request: HttpRequest, post: Post) -> HttpResponse:
    """Take a comment from somebody who is logged in."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    form = CommentForm(request.POST)
    form.instance.post, form.instance.author = post, request.user
    if not form.is_valid():
        return show(request, post, form)
    form.save()
    messages.success(request, "Your comment is there.")
    return redirect(post)


def show(request: HttpRequest, post: Post, form: CommentForm) -> HttpResponse:
    """Render the page around the article, which comes from the cache."""
    newest = post.comments.order_by("-id")[:FOLLOWED]
    jobs = jobs_of(post, *newest) if request.user.is_authenticated else []
    context = {"post": post, "article": pages.article(post), "form": form, "jobs": jobs}
    return render(request, "blog/detail.html", context)
