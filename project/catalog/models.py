"""Products and what has been sold of them."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse

from project.jobs.senders import Sender


def default_currency() -> str:
    """Return the shop's currency."""
    return str(settings.CURRENCY)


class Product(Sender):
    """Something to order. The price is net; tax_rate is in per cent."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.TextField(blank=True, max_length=5000)
    price = models.DecimalField(max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))])
    tax_rate = models.DecimalField(max_digits=4, decimal_places=1, default=Decimal("19.0"))
    currency = models.CharField(max_length=3, default=default_currency)
    stock = models.PositiveIntegerField(default=0)
    photo = models.ForeignKey("photos.Photo", models.SET_NULL, null=True, blank=True, related_name="products")

    objects: ClassVar[models.Manager["Product"]]

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the product's page."""
        return reverse("shop:detail", args=[self.slug])


class ProductStatistics(models.Model):
    """What was sold of a product, all in all: counted from the orders, true as of an instant."""

    product = models.OneToOneField(Product, models.CASCADE, related_name="statistics")
    orders = models.PositiveIntegerField(default=0)
    units = models.PositiveIntegerField(default=0)
    revenue = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    as_of = models.DateTimeField()

    objects: ClassVar[models.Manager["ProductStatistics"]]

    class Meta:
        verbose_name_plural = "product statistics"

    def __str__(self) -> str:
        return f"{self.units} units of {self.product_id}"


class DailySales(models.Model):
    """What was sold of a product on one day (UTC)."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="daily_sales")
    day = models.DateField()
    units = models.PositiveIntegerField()
    revenue = models.DecimalField(max_digits=14, decimal_places=2)

    objects: ClassVar[models.Manager["DailySales"]]

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="daily_sales_once", fields=["product", "day"])]
        ordering: ClassVar = ["day"]
        verbose_name_plural = "daily sales"

    def __str__(self) -> str:
        return f"{self.units} units of {self.product_id} on {self.day}"
