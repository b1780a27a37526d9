"""The site: folders are Django apps, files are wiring."""

from project.celery import app as celery_app

__all__ = ["celery_app"]
