"""What an operator changes, read from the environment. Every default serves the embedded mode: one machine, no servers.

Celery's own settings are in `project/celery.py`, the queues in `project/queues.py`.
"""

from pathlib import Path
from typing import Any

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
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS", [])
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
    "django_countries",
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
    "project.figures",
    "project.pages",
    "tasks",
    "receivers",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "project.accounts.readers.ReaderMiddleware",
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
    ("smtp", "smtp+tls", "smtp+ssl", "anymail", "filemail"),
    "smtp+tls://user:password@host:587",
)
vars().update(environment.parsed("EMAIL_URL", EMAIL_URL, environment.email_settings))
EMAIL_TIMEOUT = 15  # seconds for each reply; without it a mail server that hangs holds the worker until its time limit
MAIL_AT_MOST_ONCE = environment.boolean("MAIL_AT_MOST_ONCE", default=False)
MAIL_NOTES_ROOT = environment.folder("MAIL_NOTES_ROOT", VAR / "accepted")
COMMENT_MAIL_SETTLE = environment.seconds("COMMENT_MAIL_SETTLE", 60)  # comments in that time are told in one mail
COMMENT_MAIL_FIRST_AT_ONCE = environment.boolean("COMMENT_MAIL_FIRST_AT_ONCE", default=False)
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "The shop <shop@example.com>")
MAIL_EVENTS = environment.words("MAIL_EVENTS", [])
ANYMAIL = {**vars().get("ANYMAIL", {}), **environment.all_of("ANYMAIL_")}  # besides what EMAIL_URL says
if MAIL_EVENTS and not all(ANYMAIL.get("WEBHOOK_SECRET", "").partition(":")):
    raise ImproperlyConfigured(
        "MAIL_EVENTS names who may tell of bounces, and ANYMAIL_WEBHOOK_SECRET has no name or no password; "
        "expected name:password, the same as in the address that the provider posts to."
    )
KEEPS_MAIL = EMAIL_URL.startswith("filemail://")  # then /mail/ shows it

MEDIA_ROOT = Path(environment.text("MEDIA_ROOT", str(VAR / "media")))
MEDIA_STORE = environment.optional_url("MEDIA_STORE", ("s3", "s3+http"), "s3://key:secret@s3.example.com/bucket")
MEDIA_URL = "media/"
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": environment.parsed("MEDIA_STORE", MEDIA_STORE, environment.store_settings)
    if MEDIA_STORE
    else {"BACKEND": "project.files.AtomicFileStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000  # bytes of a form, files apart

# Time, language, money --------------------------------------------------------------------------------------------
TIME_ZONE = "UTC"
STATISTICS_TIME_ZONE = environment.time_zone("STATISTICS_TIME_ZONE", "UTC")  # in which the days of figures begin
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]  # each one's name is its own: so its readers find it
LOCALE_PATHS = [BASE_DIR / "project" / "locale"]
FORMAT_MODULE_PATH = ["project.formats"]  # Django's English dates are American
CURRENCY = "EUR"
SELLER: dict[str, Any] = {  # as invoices show it from now on; what is issued keeps what it says
    "name": "The Shop Ltd",
    "address": ["1 Sample Street"],
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "vat_id": "DE123456789",
    "email": "shop@example.com",
    "iban": "DE75512108001245126199",  # nobody's: an example of the country's banks
}
SELLER_TIME_ZONE = environment.time_zone("SELLER_TIME_ZONE", "UTC")  # in which the days of invoices begin
INVOICE_DUE_DAYS = environment.whole_number("INVOICE_DUE_DAYS", 30)

# Logs -------------------------------------------------------------------------------------------------------------
LOG_FORMAT = environment.choice("LOG_FORMAT", "columns", ("columns", "json"))
LOGGING = logs.configuration(LOG_FORMAT)
LOGGING_CONFIG = "project.logs.configure"

# A production start with what serves one's own machine only is refused ---------------------------------------------
if not DEBUG:
    if SECRET_KEY == EMBEDDED_SECRET_KEY:
        raise ImproperlyConfigured("SECRET_KEY is not set; expected a long random value of your own where DEBUG=false.")
    if KEEPS_MAIL:
        raise ImproperlyConfigured(
            "EMAIL_URL keeps mails in a folder; expected smtp:// or anymail:// where DEBUG=false."
        )
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
