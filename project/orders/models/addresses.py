"""Whom a customer's invoices are for."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from project.jobs.senders import Sender
from project.orders.content import Party


class BillingAddress(Sender):
    """A customer's billing address as it is now. An order keeps what it was then: see `Order.buyer`.

    street: the lines above postcode and city. country: ISO 3166-1, two letters. vat_id: with the country's prefix.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="billing_address")
    name = models.CharField(max_length=300)
    company = models.CharField(max_length=300, blank=True)
    street = models.TextField(max_length=600)
    postcode = models.CharField(max_length=20)
    city = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    vat_id = models.CharField("VAT id", max_length=20, blank=True)

    objects: ClassVar[models.Manager["BillingAddress"]]

    class Meta:
        verbose_name_plural = "billing addresses"

    def __str__(self) -> str:
        return f"billing address of {self.user}"

    def party(self) -> Party:
        """Return who buys, as an invoice names them: a company with the person in its address."""
        person = (self.name,) if self.company else ()
        return Party(
            name=self.company or self.name,
            address=(*person, *self.street.splitlines()),
            postcode=self.postcode,
            city=self.city,
            country=self.country,
            vat_id=self.vat_id,
            email=self.user.email,
        )
