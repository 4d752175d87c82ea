"""Settings come from environment variables, typed; a wrong one stops the start and is named.

https://docs.djangoproject.com/en/5.2/ref/settings/
"""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

import django_stubs_ext
from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF
from environs import Env, ValidationError, validate

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = BASE_DIR / "data"

MAX_PORT = 65535

env = Env()


@env.parser_for("networks")
def parse_networks(value: str) -> list[IPv4Network | IPv6Network]:
    """Read ``10.1.0.0/16,::1/128``."""
    try:
        return [ip_network(part.strip()) for part in value.split(",") if part.strip()]
    except ValueError as error:
        raise ValidationError(str(error)) from error


@env.parser_for("ports")
def parse_ports(value: str) -> list[range]:
    """Read ``80,443,8000-8999``."""
    return [parse_port_range(part.strip()) for part in value.split(",") if part.strip()]


def parse_port_range(text: str) -> range:
    bounds = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text)
    if bounds:
        first, last = int(bounds[1]), int(bounds[2] or bounds[1])
        if 1 <= first <= last <= MAX_PORT:
            return range(first, last + 1)
    raise ValidationError(f"{text!r} is neither a port nor a range of ports such as 8000-8999.")


# Core

DEBUG = env.bool("DEBUG", False)
NOT_EMPTY = validate.Length(min=1)
SECRET_KEY = (
    env.str("SECRET_KEY", "debug", validate=NOT_EMPTY)
    if DEBUG
    else env.str("SECRET_KEY", validate=NOT_EMPTY)
)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"], subcast=str.strip)

INSTALLED_APPS = [
    "comparisons",
    "corsheaders",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "comparisons.api.middleware.RequestLimitMiddleware",
    "comparisons.api.middleware.ConditionalMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Whoever can reach the service past the proxy could set this header.
if env.bool("BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

TIME_ZONE = "UTC"
USE_TZ = True

# Where an answer brings no stricter policy of its own. No inline script or style: only our own files.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Data

DATABASE = env.dj_db_url("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}")
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    # Readers don't wait for the writer, and writers queue up from their first statement on, where
    # SQLite's default fails at once with "database is locked".
    # https://docs.djangoproject.com/en/5.2/ref/databases/#sqlite-transaction-behavior
    Path(DATABASE["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    DATABASE["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
    DATABASE["ENGINE"] = "config.sqlite"
    # Opening is slow, and so is closing the last connection, which moves all from the WAL to the database.
    DATABASE["CONN_MAX_AGE"] = None
# For each process.
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", 10, validate=validate.Range(min=1))
if DATABASE["ENGINE"] == "django.db.backends.postgresql":
    # Connecting takes longer than most queries, and the server accepts few connections. The pool gives up on
    # a lost server before the requests that wait for it do, so the next request tries again.
    # https://docs.djangoproject.com/en/5.2/ref/databases/#postgresql-pool
    pool = {"min_size": 0, "max_size": DATABASE_POOL_SIZE, "timeout": 5, "reconnect_timeout": 2}
    wants_pool = DATABASE.setdefault("OPTIONS", {}).pop("pool", True)
    if not isinstance(wants_pool, bool):
        raise ValidationError("DATABASE_URL: pool is true or false; DATABASE_POOL_SIZE is its size")
    DATABASE["OPTIONS"]["pool"] = pool if wants_pool else False
    # The pool replaces connections that are lost.
    DATABASE["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": DATABASE}

STORAGES = {
    "default": {"BACKEND": "comparisons.storage.DurableFileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(DATA_DIR / "media"), validate=NOT_EMPTY))

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Serves the files from where the packages keep them: no collectstatic, nothing to forget.
# https://whitenoise.readthedocs.io/en/stable/django.html#WHITENOISE_USE_FINDERS
WHITENOISE_USE_FINDERS = True

# Limits

FETCH_ALLOWED_NETWORKS = env.networks("FETCH_ALLOWED_NETWORKS", "")
FETCH_ALLOWED_PORTS = env.ports("FETCH_ALLOWED_PORTS", "80,443")
# Allowed in addition, for requests that no page of another origin has sent: comparisons/api/origins.py
FETCH_LOOPBACK_PORTS = env.ports("FETCH_LOOPBACK_PORTS", "")
FETCH_TIMEOUT_SECONDS = env.float(
    "FETCH_TIMEOUT_SECONDS", 20, validate=validate.Range(min=0, min_inclusive=False)
)
FETCH_MAX_BYTES = env.int("FETCH_MAX_BYTES", 20_000_000, validate=validate.Range(min=1))
MAX_PIXELS = env.int("MAX_PIXELS", 50_000_000, validate=validate.Range(min=1))

MAX_CONCURRENT_COMPARISONS = env.int(
    "MAX_CONCURRENT_COMPARISONS", 3, validate=validate.Range(min=1)
)

# Room for two images as data: URLs, which percent-encoding can triple, or for four in base64.
# Django's own name for it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * FETCH_MAX_BYTES + 100_000

# Without the waiting. A worker that takes longer for a comparison is replaced.
WORK_TIMEOUT_SECONDS = env.float(
    "WORK_TIMEOUT_SECONDS", 120, validate=validate.Range(min=0, min_inclusive=False)
)
# However fast it comes; comparisons/api/bodies.py has the least that it must come at.
BODY_TIMEOUT_SECONDS = env.float(
    "BODY_TIMEOUT_SECONDS", 300, validate=validate.Range(min=0, min_inclusive=False)
)
# Forms that Django reads itself are smaller than this. Temporary files would outlive a crash.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# Proxies whose X-Forwarded-For is trusted, and that may open more connections than clients.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", "")
# For each process. An IPv6 /64 network counts as one address.
MAX_CONNECTIONS_PER_ADDRESS = env.int(
    "MAX_CONNECTIONS_PER_ADDRESS", 256, validate=validate.Range(min=1)
)
SEND_TIMEOUT_SECONDS = env.float(
    "SEND_TIMEOUT_SECONDS", 30, validate=validate.Range(min=0, min_inclusive=False)
)

# API

CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", [], subcast=str.strip)
CORS_ALLOW_ALL_ORIGINS = not CORS_ALLOWED_ORIGINS
CORS_URLS_REGEX = r"^/(?!admin/)"
CORS_ALLOW_HEADERS = (*default_headers, "prefer", "range")
CORS_EXPOSE_HEADERS = [
    "Location",
    "X-Comparison-Id",
    "X-Diff-Pixels",
    "X-Diff-Ratio",
    "X-MSE",
    "X-Match",
    "X-Warnings",
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "comparisons.api.negotiation.ServerOrderNegotiation",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_PARSER_CLASSES": [
        "comparisons.api.parsers.JSONParser",
        "comparisons.api.parsers.FormParser",
        "comparisons.api.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "comparisons.api.problems.handle_exception",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Image Compare",
    "DESCRIPTION": "Compare two images: how far apart they are, and where.",
    "VERSION": "1.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {"SizePolicy": "comparisons.api.serializers.SIZE_POLICIES"},
    "PREPROCESSING_HOOKS": ["comparisons.api.schema.leave_out_slashed_paths"],
}

# Operations

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "config.logs.SummarizingHandler", "formatter": "line"},
        "access": {"class": "logging.StreamHandler", "formatter": "line"},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # Only in development, where no line should be left out.
        "uvicorn.access": {"handlers": ["access"], "propagate": False},
        # Scanners try host names all day long, each with a traceback.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # Its warnings quote the URLs of images, which may hold secrets; what is wrong we log ourselves.
        "urllib3": {"level": "ERROR"},
    },
}
