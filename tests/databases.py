"""What some tests need of the database, or of the databases that they can reach."""

import os

import pytest

on_sqlite = pytest.mark.skipif(
    not os.environ["DATABASE_URL"].startswith("sqlite:"), reason="is about SQLite"
)
on_postgresql = pytest.mark.skipif(
    not os.environ["DATABASE_URL"].startswith("postgres"),
    reason="needs a PostgreSQL server: TEST_DATABASE_URL=postgres://… script/test …",
)
