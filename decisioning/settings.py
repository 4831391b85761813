"""Django's settings, read from the environment. Development values come from start.py; none of them is a default here."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF

from decisioning import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = env.text("SECRET_KEY")
DEBUG = env.flag("DEBUG", default=False)
ALLOWED_HOSTS = env.text("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in env.text("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]

DATABASES = {"default": env.database("DATABASE_URL")}
DATABASE_OWNER = env.owner("DATABASE_OWNER_URL", DATABASES["default"])
"""Who owns the tables, where that is not the role in DATABASE_URL: `migrate` works as this one, and gives the other what it may do.
Only `migrate` needs it; keep it from the processes that serve."""
REDIS_URL = env.text("REDIS_URL")
"""`redis://user:password@host:port/0`, or `redis+cluster://user:password@host:port,host:port` for a Redis Cluster; with TLS `rediss`."""
BROKER_URL = env.broker("BROKER_URL", REDIS_URL)
"""Celery's broker: never the cluster, which Celery can't use."""
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / ".data")))

RAW_ARCHIVE = env.address("RAW_ARCHIVE", str(DATA_DIR / "raw"))
"""Where every accepted event is kept: a folder, or an address such as s3://bucket/events. `off`: nowhere."""

PARTITIONS = env.integer("PARTITIONS", 16, at_least=1, at_most=1024)
"""How many partitions the event log has. A user stays in one, so the number is fixed for the life of the data."""
ALLOWED_LATENESS = env.integer("ALLOWED_LATENESS", 86_400, at_least=0, at_most=366 * 86_400)
"""Seconds before its user's newest event that an event may have happened and still count; one from before that is kept apart."""
DECISION_TIMEOUT_MS = env.integer("DECISION_TIMEOUT_MS", 30, at_least=1, at_most=10_000)
"""The limit of one Redis call on the decision path; past it the answer is a degraded one."""
MAX_LAG_SECONDS = env.integer("MAX_LAG_SECONDS", 60, at_least=1, at_most=30 * 86_400)
MAX_LAG_EVENTS = env.integer("MAX_LAG_EVENTS", 1_000_000, at_least=1, at_most=10**12)
MAX_MEMORY_PERCENT = env.integer("MAX_MEMORY_PERCENT", 90, at_least=1, at_most=100)
"""Back-pressure: past one of these, events are refused with 429. How long the oldest event may wait for the stream workers, how many may
wait in all partitions together, and how much of its maxmemory (where it has one) a Redis server may use."""
LOG_KEEP_SECONDS = env.integer("LOG_KEEP_SECONDS", 3_600, at_least=60, at_most=30 * 86_400)
"""How long an applied event stays in the log in Redis, for people who look. At high rates this is what fills the memory first."""
EVENT_LOG = env.choice("EVENT_LOG", "redis", of={"redis", "kafka"})
"""Where accepted events wait for the stream workers. States and offsets are in Redis whatever this says."""
KAFKA_BOOTSTRAP = env.addresses("KAFKA_BOOTSTRAP", needed_by="EVENT_LOG=kafka") if EVENT_LOG == "kafka" else ""
KAFKA_TOPIC = env.text("KAFKA_TOPIC", "signpost-events")
"""Has as many partitions as PARTITIONS says. It is the name of the workers' group too."""
KAFKA_TIMEOUT_MS = env.integer("KAFKA_TIMEOUT_MS", 700, at_least=100, at_most=10_000)
"""How long an event may wait for Kafka to say that it has it; past it the answer is 503.
Above 700, an event may come after a timer that it should have come before (docs/decisions/0014-kafka.md)."""
KAFKA_OPTIONS = env.options("KAFKA_OPTIONS")
"""More options for librdkafka's clients, such as those for TLS and passwords."""
ERASURE_WAIT_SECONDS = env.integer("ERASURE_WAIT_SECONDS", 5, at_least=0, at_most=30)
"""How long a request to erase a user waits for the proof before it answers that the work goes on."""
PERSONAL_DATA_KEYS = env.keys("PERSONAL_DATA_KEY", size=32)
"""Keys for personal traits, 32 bytes each in base64, with commas between: the first one encrypts, all decrypt. None: plain text."""
ANCHOR_URL = env.address("ANCHOR_URL", str(DATA_DIR / "anchors"))
"""Where the heads of history's chains are kept, signed, outside the database: a folder, or an address such as
s3://bucket/anchors. `off`: nowhere."""
ANCHOR_IN_LOG = env.flag("ANCHOR_IN_LOG", default=True)
"""Each anchor is a line of the log too, whatever LOG_LEVEL says: logs that are kept elsewhere are one more place to prove history by."""
ANCHOR_KEY = env.keys("ANCHOR_KEY", size=32)
"""Private keys for anchors and evidence, 32 bytes each in base64: the first one signs, what any has signed is trusted.
None: the one in DATA_DIR/anchor.key."""
ANCHOR_TRUSTED_KEYS = env.keys("ANCHOR_TRUSTED_KEYS", size=32)
"""Public keys, in base64, whose anchors count too: those of keys that are no longer used."""
DEMO = env.flag("DEMO", default=False)
"""Serve the demo shop at /demo/ with the keys that start.py wrote."""

INSTALLED_APPS = [
    "admin_ui.apps.AdminSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "rules",
    "decisioning",
    "admin_ui",
]
MIDDLEWARE = [
    "decisioning.api.middleware.ApiFirst",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "decisioning.urls"
WSGI_APPLICATION = "decisioning.wsgi.application"
MIGRATION_MODULES = {"rules": "migrations.rules", "decisioning": "migrations.decisioning"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "admin_ui.formats"
STATIC_URL = "/static/"
STATIC_ROOT = env.text("STATIC_ROOT", "") or None
WHITENOISE_USE_FINDERS = True
"""Static files are served from where they lie, so that no collectstatic step stands between a clone and a page."""

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_COOKIES = env.flag("SECURE_COOKIES", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Signpost",
    "DESCRIPTION": "Events in, decisions out.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "DEFAULT_GENERATOR_CLASS": "decisioning.api.generator.Generator",
    "POSTPROCESSING_HOOKS": ["decisioning.api.schema.finish"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "WARNING")},
    "loggers": {"decisioning.history.anchoring": {"level": "INFO" if ANCHOR_IN_LOG else "WARNING"}},
}
