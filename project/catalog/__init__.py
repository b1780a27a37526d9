"""Products and what has been sold of them."""
