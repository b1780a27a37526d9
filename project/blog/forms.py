"""What people write."""

from django import forms

from project.blog.models import Comment, Post


class PostForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new post."""

    class Meta:
        model = Post
        fields = ("title", "body")


class CommentForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new comment."""

    class Meta:
        model = Comment
        fields = ("text",)
        labels = {"text": "Your comment"}
        widgets = {"text": forms.Textarea({"rows": 4})}
