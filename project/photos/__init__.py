"""Photographs and the renditions drawn from them."""
