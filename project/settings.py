"""What an operator changes, read from the environment. Every default serves the embedded mode: one machine, no servers.

Celery's own settings are in `project/celery.py`, the queues in `project/queues.py`.
"""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from project import environment, logs
from project.queues import QUEUES  # noqa: F401  jobs reads the limits through django.conf

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"
for room in ("mail", "static"):
    (VAR / room).mkdir(parents=True, exist_ok=True)

# The web ----------------------------------------------------------------------------------------------------------
DEBUG = environment.boolean("DEBUG", default=True)
EMBEDDED_SECRET_KEY = "embedded-mode-only-" + 32 * "x"
SECRET_KEY = environment.text("SECRET_KEY", EMBEDDED_SECRET_KEY)
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS", [])
SITE_URL = environment.url("SITE_URL", "http://localhost:8000", ("http", "https"), "https://example.com").rstrip("/")
ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_celery_results",
    "django_htmx",
    "django_structlog",
    "project.jobs",
    "project.audit",
    "project.notifications",
    "project.accounts",
    "project.blog",
    "project.photos",
    "project.catalog",
    "project.orders",
    "project.pages",
    "tasks",
    "receivers",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "project.audit.actors.ActorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "project.pages.context.site",
            ]
        },
    }
]

# Accounts ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "accounts:profile"
LOGOUT_REDIRECT_URL = "home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

SCHEDULES = "project.schedule.SCHEDULES"  # by name: tasks need the settings first

# The database -----------------------------------------------------------------------------------------------------
DATABASE_URL = environment.url(
    "DATABASE_URL",
    f"sqlite:///{VAR / 'db.sqlite3'}",
    ("sqlite", "postgres", "postgresql"),
    "postgres://user:password@host:5432/name",
)
DATABASE = environment.parsed("DATABASE_URL", DATABASE_URL, environment.database_settings)
# Django's own, which gather what a transaction asks for.
DATABASE["ENGINE"] = DATABASE["ENGINE"].replace("django.db.backends", "project.jobs.backends")
DATABASE["CONN_MAX_AGE"] = None  # kept between requests and between jobs: connecting costs four small jobs
DATABASE["CONN_HEALTH_CHECKS"] = True  # so a kept connection that died is noticed and made anew
if DATABASE["ENGINE"].endswith("sqlite3"):
    DATABASE["OPTIONS"] = {
        # BEGIN IMMEDIATE: a transaction that reads first and writes later fails at once with "database is locked",
        # whatever the timeout, when another one wrote in between.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,  # seconds to wait for the other writers
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DATABASES = {"default": DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Broker, cache, mail, files ---------------------------------------------------------------------------------------
BROKER_URL = environment.url(
    "BROKER_URL",
    f"redis+socket://{environment.socket_path(VAR / 'redis.sock')}",
    ("redis", "rediss", "amqp", "redis+socket"),
    "redis://localhost:6379/0",
)
CACHE_URL = environment.url(
    "CACHE_URL", f"filecache://{VAR / 'cache'}", ("filecache", "redis", "rediss"), "redis://localhost:6379/1"
)
CACHES = {"default": environment.parsed("CACHE_URL", CACHE_URL, environment.cache_settings)}
DJANGO_REDIS_IGNORE_EXCEPTIONS = True  # a page without its cache is slower, not a 500

EMAIL_URL = environment.url(
    "EMAIL_URL",
    f"filemail://{VAR / 'mail'}",
    ("smtp", "smtp+tls", "smtp+ssl", "filemail"),
    "smtp+tls://user:password@host:587",
)
vars().update(environment.parsed("EMAIL_URL", EMAIL_URL, environment.email_settings))
if EMAIL_URL.startswith("filemail://"):
    EMAIL_FILE_PATH = urlsplit(EMAIL_URL).path  # the library drops the slash that makes it absolute
EMAIL_TIMEOUT = 15  # seconds; without it a mail server that hangs holds the worker until its time limit
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "The shop <shop@example.com>")
KEEPS_MAIL = EMAIL_URL.startswith("filemail://")  # then /mail/ shows it

MEDIA_ROOT = Path(environment.text("MEDIA_ROOT", str(VAR / "media")))
MEDIA_URL = "media/"
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "project.files.AtomicFileStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000  # bytes of a form, files apart

# Time, language, money --------------------------------------------------------------------------------------------
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
CURRENCY = "EUR"
SELLER = {"name": "The Shop Ltd", "address": "1 Sample Street, 10115 Berlin", "vat_id": "DE123456789"}

# Logs -------------------------------------------------------------------------------------------------------------
LOG_FORMAT = environment.choice("LOG_FORMAT", "columns", ("columns", "json"))
LOGGING = logs.configuration(LOG_FORMAT)
LOGGING_CONFIG = "project.logs.configure"

# A production start with what serves one's own machine only is refused ---------------------------------------------
if not DEBUG:
    if SECRET_KEY == EMBEDDED_SECRET_KEY:
        raise ImproperlyConfigured("SECRET_KEY is not set; expected a long random value of your own where DEBUG=false.")
    if KEEPS_MAIL:
        raise ImproperlyConfigured("EMAIL_URL keeps mails in a folder; expected an smtp:// URL where DEBUG=false.")
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
