"""Figures of the shop and the blog, and whether they are right."""
