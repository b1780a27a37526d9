"""Months are shortened below a chart."""

MONTH_DAY_FORMAT = "j. M"
