"""What a customer fills in."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django_countries import countries

from project.orders.drafting import UNWRITABLE
from project.orders.models import BillingAddress, OrderLine
from project.orders.placing import MOST
from project.orders.taxes import UNION, is_vat_id


class QuantityForm(forms.Form):
    """How many to order."""

    quantity = forms.IntegerField(min_value=1, max_value=MOST, initial=1)


class WishForm(QuantityForm):
    """An order that waits for the billing address."""

    product = forms.SlugField()


class AddressForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whom invoices are for."""

    country = forms.ChoiceField(choices=lambda: [("", ""), *countries])

    class Meta:
        model = BillingAddress
        fields = ("name", "company", "street", "postcode", "city", "country", "vat_id")
        widgets = {
            "name": forms.TextInput({"autocomplete": "name"}),
            "company": forms.TextInput({"autocomplete": "organization"}),
            "street": forms.Textarea({"autocomplete": "street-address", "rows": 3}),
            "postcode": forms.TextInput({"autocomplete": "postal-code"}),
            "city": forms.TextInput({"autocomplete": "address-level2"}),
        }
        help_texts = {"vat_id": "Of a business in the European Union, with the country's prefix: FR12345678901."}

    def clean(self) -> dict[str, Any]:
        """Refuse what no invoice could show, and a VAT id that the country does not give out."""
        given = super().clean() or {}
        for name, value in list(given.items()):
            text = value.replace("\r\n", "").replace("\n", "") if name == "street" else value
            if any(unicodedata.category(each) in UNWRITABLE for each in text):
                self.add_error(name, ValidationError("This holds characters that cannot be printed."))
        given["vat_id"] = "".join(given.get("vat_id", "").split()).upper()
        country = given.get("country", "")
        if given["vat_id"] and country in UNION and not is_vat_id(given["vat_id"], country):
            self.add_error("vat_id", "This is no VAT id of the chosen country.")
        return given


class RefundForm(forms.Form):
    """How many units of each line are to be reversed, and why. lines: with what is left of each."""

    reason = forms.CharField(max_length=200, required=False)

    def __init__(self, lines: dict[OrderLine, int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line, left in lines.items():
            label = f"{line.description} (at most {left})"
            self.fields[f"line-{line.pk}"] = forms.IntegerField(
                label=label, min_value=0, max_value=left, initial=0, required=False
            )

    def units(self) -> dict[int, int]:
        """Return the chosen units by the line's id."""
        return {line.pk: self.cleaned_data[f"line-{line.pk}"] or 0 for line in self.lines}
