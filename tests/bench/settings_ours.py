"""The project's settings, as they are in production, with the program's own app."""

import os

# Importing anything of the project's makes its Celery app, which asks for settings while these are not made yet.
os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
from project.settings import *  # noqa: F403  these are they
from project.settings import INSTALLED_APPS

os.environ["DJANGO_SETTINGS_MODULE"] = __name__

# Without the receivers: the audit trail would enqueue a second job for each save.
INSTALLED_APPS = [*(app for app in INSTALLED_APPS if app != "receivers"), "tests.bench"]
DEBUG = False  # Django would keep each query; by the environment the static files would have to be collected
