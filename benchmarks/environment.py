"""The service's settings in a child process that compares: no limit that a benchmark would reach."""

import os

import django

os.environ |= {
    "DATABASE_URL": "sqlite://:memory:",
    "DEBUG": "false",
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "FETCH_MAX_BYTES": "1000000000",
    "MAX_PIXELS": "200000000",
    "SECRET_KEY": "benchmarks",
}
django.setup()
