"""Whatever is uploaded for a picture: it is one, or it is refused, soon, and leaves nothing behind."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from rest_framework.test import APIClient

from tests.comparing import WHITE, is_nothing_stored, read_body, upload
from tests.malformed import JPEG, MALFORMED, POLYGLOTS, Malformed

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}

MAX_GROWTH_MB = 50
MAX_PROCESSOR_SECONDS = 1

# Decodes the bombs, and prints for each label what it took.
DEFUSE = """
import json, resource, time
from comparisons.engine import DecodeError, Limits, decode_image
from tests.malformed import bombs, lying

def measure_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

made, start_mb, seconds = [*bombs(), *lying()], measure_mb(), {}
for bomb in made:
    start = time.process_time()
    try:
        decode_image(bomb.content, Limits())
    except DecodeError:
        seconds[bomb.label] = time.process_time() - start
print(json.dumps({"count": len(made), "growth_mb": measure_mb() - start_mb, "seconds": seconds}))
"""


@pytest.mark.parametrize("malformed", [pytest.param(case, id=case.label) for case in MALFORMED])
def test_a_malformed_picture_is_refused_by_name_and_nothing_is_stored(
    client: APIClient,
    media_root: Path,
    caplog: pytest.LogCaptureFixture,
    malformed: Malformed,
) -> None:
    image2 = upload(malformed.content, malformed.name, malformed.content_type)

    with caplog.at_level(logging.ERROR):
        response = client.post("/compare", {"image1": upload(WHITE), "image2": image2})

    assert response.status_code in {413, 422}
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] in malformed.codes.split()
    assert [error["field"] for error in problem["errors"]] == ["image2"]
    assert "Traceback" not in response.content.decode()
    assert not [record for record in caplog.records if record.exc_info]
    assert is_nothing_stored(media_root)


def test_two_malformed_pictures_are_both_named(client: APIClient) -> None:
    files = {"image1": upload(b"<svg/>"), "image2": upload(JPEG[:200])}

    response = client.post("/compare", files)

    errors = [(error["field"], error["code"]) for error in response.json()["errors"]]
    assert errors == [("image1", "image_unsupported"), ("image2", "image_truncated")]


@pytest.mark.parametrize(
    ("media_type", "content"), [pytest.param(*row, id=label) for label, *row in POLYGLOTS]
)
def test_a_polyglot_is_the_picture_that_it_is_and_served_inert(
    client: APIClient, media_type: str, content: bytes
) -> None:
    page = upload(content, "page.html", "text/html")

    created = client.post("/compare", {"image1": page, "image2": upload(WHITE)}, headers=JSON)
    response = client.get(created.json()["image1"]["url"])

    assert response["Content-Type"] == media_type
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert read_body(response) == content


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("picture.svg", "image/svg+xml"), ("picture.html", "text/html"), ("picture", "image/gif")],
)
def test_a_picture_is_what_its_bytes_say_whatever_it_is_called(
    client: APIClient, name: str, content_type: str
) -> None:
    image1 = upload(JPEG, name, content_type)

    response = client.post("/compare", {"image1": image1, "image2": upload(WHITE)}, headers=JSON)

    assert response.status_code == 201
    assert response.json()["image1"]["media_type"] == "image/jpeg"


def test_bombs_are_refused_at_little_cost() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", DEFUSE],
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    measured = json.loads(finished.stdout)
    assert len(measured["seconds"]) == measured["count"]
    assert measured["growth_mb"] < MAX_GROWTH_MB
    assert max(measured["seconds"].values()) < MAX_PROCESSOR_SECONDS
