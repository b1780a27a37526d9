"""Products and what has been sold of them."""

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from project.catalog.currencies import KNOWN, decimals, fits
from project.jobs.senders import Sender

HIGHEST_RATE = Decimal(100)  # per cent


def default_currency() -> str:
    """Return the shop's currency."""
    return str(settings.CURRENCY)


def check_currency(code: str) -> None:
    """Refuse what no invoice can name."""
    if code not in KNOWN:
        raise ValidationError(f"{code} is no currency to be paid in; expected a code of ISO 4217, such as EUR.")


class Product(Sender):
    """Something to order. The price is net; tax_rate is in per cent."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.TextField(blank=True, max_length=5000)
    price = models.DecimalField(max_digits=11, decimal_places=3, validators=[MinValueValidator(Decimal("0.001"))])
    tax_rate = models.DecimalField(
        max_digits=4,
        decimal_places=1,
        default=Decimal("19.0"),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(HIGHEST_RATE)],
    )
    currency = models.CharField(max_length=3, default=default_currency, validators=[check_currency])
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

    @property
    def can_be_invoiced(self) -> bool:
        """Whether the price with its tax can stand on an invoice, however it came into the table. It may be free."""
        return self.currency in KNOWN and self.price >= 0 and 0 <= self.tax_rate <= HIGHEST_RATE

    def clean(self) -> None:
        """Refuse a price that cannot be paid."""
        if self.price is not None and not fits(self.price, self.currency):
            reason = f"An amount in {self.currency} has at most {decimals(self.currency)} decimals."
            raise ValidationError({"price": reason})


def revenue(**options: Any) -> "models.DecimalField[Any, Any]":
    """Return the column of a sum of money: net of tax and of what was refunded, in three decimals like a price."""
    return models.DecimalField(max_digits=20, decimal_places=3, **options)


class ProductStatistics(models.Model):
    """What was sold of a product, all in all: counted from the orders, true as of an instant.

    orders: those of which at least one unit was not refunded. revenue: of the orders in the product's own currency.
    """

    product = models.OneToOneField(Product, models.CASCADE, related_name="statistics")
    orders = models.PositiveIntegerField(default=0)
    units = models.PositiveBigIntegerField(default=0)
    revenue = revenue(default=Decimal(0))
    as_of = models.DateTimeField()

    objects: ClassVar[models.Manager["ProductStatistics"]]

    class Meta:
        verbose_name_plural = "product statistics"

    def __str__(self) -> str:
        return f"{self.units} units of {self.product_id}"


class DailySales(models.Model):
    """What was sold of a product in one currency, by the orders placed on one day of STATISTICS_TIME_ZONE."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="daily_sales")
    day = models.DateField()
    currency = models.CharField(max_length=3)
    orders = models.PositiveIntegerField()
    units = models.PositiveBigIntegerField()
    revenue = revenue()
    as_of = models.DateTimeField()

    objects: ClassVar[models.Manager["DailySales"]]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="daily_sales_once", fields=["product", "day", "currency"])
        ]
        indexes: ClassVar = [models.Index(name="daily_sales_day", fields=["day"])]
        ordering: ClassVar = ["day", "currency"]
        verbose_name_plural = "daily sales"

    def __str__(self) -> str:
        return f"{self.units} units of {self.product_id} on {self.day}"


class DailyTotal(models.Model):
    """What was sold of all products in one currency on one day, likewise. An order of three products is one."""

    day = models.DateField()
    currency = models.CharField(max_length=3)
    orders = models.PositiveIntegerField()
    units = models.PositiveBigIntegerField()
    revenue = revenue()
    as_of = models.DateTimeField()

    objects: ClassVar[models.Manager["DailyTotal"]]

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="daily_total_once", fields=["day", "currency"])]
        ordering: ClassVar = ["day", "currency"]

    def __str__(self) -> str:
        return f"{self.units} units on {self.day}"
