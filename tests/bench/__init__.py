"""Measures the project's jobs beside what else a Django site could use for them."""
