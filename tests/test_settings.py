import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRINT_SETTINGS = """
import json, config.settings
print(json.dumps({name: value for name, value in vars(config.settings).items() if name.isupper()}, default=str))
"""


def start(
    code: str = "import config.settings", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Load the settings as a fresh process does, with nothing but these variables."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ.get("PATH", ""), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def load(tmp_path: Path, **environment: str) -> dict[str, Any]:
    database = f"sqlite:///{tmp_path / 'new' / 'db.sqlite3'}"
    process = start(PRINT_SETTINGS, **{"SECRET_KEY": "x", "DATABASE_URL": database, **environment})
    assert process.returncode == 0, process.stderr
    values: dict[str, Any] = json.loads(process.stdout)
    return values


def last_line(process: subprocess.CompletedProcess[str]) -> str:
    return process.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("FETCH_TIMEOUT_SECONDS", "0"),
        ("FETCH_TIMEOUT_SECONDS", "nan"),
        ("FETCH_MAX_BYTES", "many"),
        ("FETCH_MAX_BYTES", "0"),
        ("MAX_PIXELS", "0"),
        ("MAX_CONCURRENT_COMPARISONS", "0"),
        ("WORK_TIMEOUT_SECONDS", "0"),
        ("BODY_TIMEOUT_SECONDS", "0"),
        ("MEDIA_ROOT", ""),
        ("SECRET_KEY", ""),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("MAX_CONNECTIONS_PER_ADDRESS", "0"),
        ("SEND_TIMEOUT_SECONDS", "0"),
    ],
)
def test_bad_value_stops_the_start_and_is_named(name: str, value: str) -> None:
    process = start(**{"SECRET_KEY": "x", "DATABASE_URL": "sqlite://:memory:", name: value})

    assert process.returncode != 0
    assert name in last_line(process)


@pytest.mark.parametrize("name", ["ALLOWED_HOSTS", "CORS_ALLOWED_ORIGINS"])
def test_spaces_in_lists_mean_nothing(name: str, tmp_path: Path) -> None:
    values = ["https://a.example", "https://b.example"]

    settings = load(tmp_path, **{name: " , ".join(values)})

    assert settings[name] == values


def test_secret_key_is_required() -> None:
    process = start(DATABASE_URL="sqlite://:memory:")

    assert process.returncode != 0
    assert "SECRET_KEY" in last_line(process)


def test_secret_key_is_not_required_for_debugging() -> None:
    process = start(DEBUG="true", DATABASE_URL="sqlite://:memory:")

    assert process.returncode == 0, process.stderr


def test_secret_key_may_not_be_empty_for_debugging_either() -> None:
    process = start(DEBUG="true", SECRET_KEY="", DATABASE_URL="sqlite://:memory:")

    assert process.returncode != 0
    assert "SECRET_KEY" in last_line(process)


def test_defaults_are_those_of_production(tmp_path: Path) -> None:
    settings = load(tmp_path)

    assert settings["DEBUG"] is False
    assert settings["FETCH_ALLOWED_NETWORKS"] == []
    assert settings["FETCH_ALLOWED_PORTS"] == ["range(80, 81)", "range(443, 444)"]
    assert settings["FETCH_LOOPBACK_PORTS"] == []
    assert settings["CORS_ALLOW_ALL_ORIGINS"] is True
    assert settings["MEDIA_ROOT"] == str(ROOT / "data" / "media")
    assert settings["FETCH_TIMEOUT_SECONDS"] > 0
    assert "*" not in settings["ALLOWED_HOSTS"]


def test_values_are_read_from_the_environment(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        FETCH_ALLOWED_NETWORKS="10.0.0.0/8,fd00::/8",
        FETCH_ALLOWED_PORTS="443,8000-8999",
        FETCH_LOOPBACK_PORTS="1-65535",
        FETCH_TIMEOUT_SECONDS="2.5",
        MEDIA_ROOT=str(tmp_path / "media"),
        ALLOWED_HOSTS="a.example,b.example",
    )

    assert settings["FETCH_ALLOWED_NETWORKS"] == ["10.0.0.0/8", "fd00::/8"]
    assert settings["FETCH_ALLOWED_PORTS"] == ["range(443, 444)", "range(8000, 9000)"]
    assert settings["FETCH_LOOPBACK_PORTS"] == ["range(1, 65536)"]
    assert settings["FETCH_TIMEOUT_SECONDS"] == 2.5
    assert settings["MEDIA_ROOT"] == str(tmp_path / "media")
    assert settings["ALLOWED_HOSTS"] == ["a.example", "b.example"]


class TestTheProxy:
    """Whoever sends ``X-Forwarded-Proto`` is believed only where there is one that speaks TLS."""

    def test_is_not_believed_by_default(self, tmp_path: Path) -> None:
        settings = load(tmp_path)

        assert "SECURE_PROXY_SSL_HEADER" not in settings
        assert "SESSION_COOKIE_SECURE" not in settings
        assert "CSRF_COOKIE_SECURE" not in settings

    def test_is_believed_where_it_speaks_tls(self, tmp_path: Path) -> None:
        settings = load(tmp_path, BEHIND_TLS_PROXY="true")

        assert settings["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]

    @pytest.mark.parametrize("name", ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"])
    def test_keeps_cookies_on_tls(self, name: str, tmp_path: Path) -> None:
        assert load(tmp_path, BEHIND_TLS_PROXY="true")[name] is True


def test_origins_that_are_named_close_the_api_to_others(tmp_path: Path) -> None:
    settings = load(tmp_path, CORS_ALLOWED_ORIGINS="https://app.example")

    assert settings["CORS_ALLOW_ALL_ORIGINS"] is False
    assert settings["CORS_ALLOWED_ORIGINS"] == ["https://app.example"]


def test_sqlite_waits_for_other_writers(tmp_path: Path) -> None:
    options = load(tmp_path)["DATABASES"]["default"]["OPTIONS"]

    assert (tmp_path / "new").is_dir()
    assert "journal_mode=WAL" in options["init_command"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20


def test_other_databases_get_no_options_of_sqlite(tmp_path: Path) -> None:
    settings = load(tmp_path, DATABASE_URL="postgres://user:secret@db.example/comparisons")

    assert settings["DATABASES"]["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert "init_command" not in settings["DATABASES"]["default"].get("OPTIONS", {})


POSTGRESQL = "postgres://user:secret@db.example/comparisons"


def test_postgresql_is_connected_to_by_a_pool_in_each_process(tmp_path: Path) -> None:
    database = load(tmp_path, DATABASE_URL=POSTGRESQL)["DATABASES"]["default"]

    # Two processes, and a server takes 100 connections by default.
    assert 1 <= database["OPTIONS"]["pool"]["max_size"] <= 25
    assert database["OPTIONS"]["pool"]["timeout"] <= 10
    # Django refuses persistent connections beside a pool.
    assert database["CONN_MAX_AGE"] == 0


def test_the_size_of_the_pool_is_a_setting(tmp_path: Path) -> None:
    settings = load(tmp_path, DATABASE_URL=POSTGRESQL, DATABASE_POOL_SIZE="3")

    assert settings["DATABASES"]["default"]["OPTIONS"]["pool"]["max_size"] == 3


def test_a_pool_that_the_url_asks_for_is_the_usual_one(tmp_path: Path) -> None:
    usual = load(tmp_path, DATABASE_URL=POSTGRESQL)["DATABASES"]["default"]

    database = load(tmp_path, DATABASE_URL=f"{POSTGRESQL}?pool=true")["DATABASES"]["default"]

    assert database["OPTIONS"]["pool"] == usual["OPTIONS"]["pool"]


def test_the_url_can_turn_the_pool_off(tmp_path: Path) -> None:
    database = load(tmp_path, DATABASE_URL=f"{POSTGRESQL}?pool=false")["DATABASES"]["default"]

    assert database["OPTIONS"]["pool"] is False


def test_other_options_of_the_url_leave_the_pool(tmp_path: Path) -> None:
    options = load(tmp_path, DATABASE_URL=f"{POSTGRESQL}?sslmode=require&connect_timeout=3")[
        "DATABASES"
    ]["default"]["OPTIONS"]

    assert (options["sslmode"], options["connect_timeout"]) == ("require", 3)
    assert options["pool"]["max_size"] > 0


def test_sqlite_keeps_its_connections(tmp_path: Path) -> None:
    database = load(tmp_path)["DATABASES"]["default"]

    assert database["CONN_MAX_AGE"] is None
    assert "pool" not in database["OPTIONS"]


def test_the_limit_on_bodies_leaves_room_for_two_percent_encoded_images(tmp_path: Path) -> None:
    settings = load(tmp_path, FETCH_MAX_BYTES="1000000")

    assert settings["DATA_UPLOAD_MAX_MEMORY_SIZE"] > 2 * 3 * 1_000_000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "postgres://user@db.example/comparisons?pool=20"),
        ("DATABASE_POOL_SIZE", "0"),
        ("FETCH_ALLOWED_NETWORKS", "10.0.0.1/8"),
        ("FETCH_ALLOWED_PORTS", "web"),
        ("FETCH_ALLOWED_PORTS", "9000-8000"),
        ("FETCH_ALLOWED_PORTS", "8000-"),
        ("FETCH_ALLOWED_PORTS", "65536"),
        ("FETCH_ALLOWED_PORTS", "0"),
        ("FETCH_ALLOWED_PORTS", "0-80"),
        ("FETCH_ALLOWED_PORTS", "80 443"),
        ("FETCH_LOOPBACK_PORTS", "0"),
    ],
)
def test_bad_value_of_several_parts_stops_the_start_and_is_named(name: str, value: str) -> None:
    process = start(**{"SECRET_KEY": "x", "DATABASE_URL": "sqlite://:memory:", name: value})

    assert process.returncode != 0
    assert name in last_line(process)
