"""What people choose."""

from django import forms
from django.utils.translation import gettext_lazy as _

from project.notifications.choices import KINDS


class ChoicesForm(forms.Form):
    """The kinds of mail that can be received or not."""

    kinds = forms.MultipleChoiceField(
        label=_("You get"), choices=KINDS.items, widget=forms.CheckboxSelectMultiple, required=False
    )
