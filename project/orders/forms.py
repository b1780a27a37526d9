"""What a customer fills in."""

from django import forms

from project.orders.placing import MOST


class QuantityForm(forms.Form):
    """How many to order."""

    quantity = forms.IntegerField(min_value=1, max_value=MOST, initial=1)
