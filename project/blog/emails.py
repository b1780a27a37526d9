"""The mails of this app."""

from project.blog.models import Comment
from project.notifications.mails import Mail, compose


def new_comment(comment: Comment) -> Mail:
    """Tell a post's author what a reader said."""
    return compose(
        "blog/emails/new_comment",
        to=comment.post.author.email,
        subject=f"{comment.author} commented on {comment.post}",
        context={"comment": comment, "post": comment.post},
    )
