"""Dates where Django's own do not suit; Django finds them by FORMAT_MODULE_PATH."""
