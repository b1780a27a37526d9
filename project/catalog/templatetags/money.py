"""Amounts of money in templates."""

import re
from copy import copy
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.numbers import NumberPattern, format_currency
from django import template
from django.utils.translation import get_language, to_locale

from project.catalog.currencies import decimals

register = template.Library()

LETTER_BEFORE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")  # BHD 5, where €5 has no space; a rule that Babel leaves out


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """Return the amount as the reader writes sums of that currency."""
    locale = to_locale(get_language() or "en")
    text = format_currency(amount, currency, pattern(locale, decimals(currency)), locale, currency_digits=False)
    return LETTER_BEFORE_DIGIT.sub("\N{NO-BREAK SPACE}", text)


@cache
def pattern(locale: str, decimals: int) -> NumberPattern:
    """Return how sums with so many decimals are written. Unicode's own decimals are those of cash, not of invoices."""
    made: NumberPattern = copy(Locale.parse(locale).currency_formats["standard"])
    made.frac_prec = (decimals, decimals)
    return made
