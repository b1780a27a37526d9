"""Uploads."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from project.photos.uploads import FORMATS, WORDS, check

ACCEPT = "image/jpeg,image/png,image/webp,image/gif,image/tiff,image/heic,image/heif"


class PictureField(forms.FileField):
    """An uploaded picture, judged by its header; Django's own ImageField decodes it whole."""

    widget = forms.FileInput({"accept": ACCEPT})

    def clean(self, data: Any, initial: Any = None) -> "UploadedFile[Any]":
        """Return the upload under a name that says what it is, not what somebody called it."""
        upload: UploadedFile[Any] = super().clean(data, initial)
        upload.name = f"upload{FORMATS[check(upload).format]}"
        return upload


class ReplaceForm(forms.Form):
    """Another picture for a photo."""

    image = PictureField(label="Picture", help_text=f"{WORDS}.")


class PhotoForm(ReplaceForm):
    """A new photo."""

    title = forms.CharField(max_length=200)
    field_order = ("title", "image")
