"""The project's settings with the program's own app, and without what takes the processor from the run."""

import os

# Importing anything of the project's makes its Celery app, which asks for settings while these are not made yet.
os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
from project.settings import *  # noqa: F403  these are they
from project.settings import INSTALLED_APPS

os.environ["DJANGO_SETTINGS_MODULE"] = __name__

INSTALLED_APPS = ["tests.faults", *INSTALLED_APPS]
DEBUG = False  # Django would keep each query; by the environment the static files would have to be collected
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
