"""The settings that all tests share, whatever the shell has set. Loaded before Django's settings."""

import os

for name in (
    "ALLOWED_HOSTS",
    "CORS_ALLOWED_ORIGINS",
    "FETCH_LOOPBACK_PORTS",
    "FETCH_MAX_BYTES",
    "FETCH_TIMEOUT_SECONDS",
    "MAX_PIXELS",
    "MEDIA_ROOT",
):
    os.environ.pop(name, None)

os.environ |= {
    # Of a server, Django makes a database of its own beside it.
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", "sqlite://:memory:"),
    "DEBUG": "false",
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "FETCH_ALLOWED_NETWORKS": "127.0.0.1/32",
    "FETCH_ALLOWED_PORTS": "1-65535",
    "SECRET_KEY": "tests",
}
