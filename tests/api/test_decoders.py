"""What a client is told when the process that decodes its picture does not come to an end."""

import gc
import sys
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from comparisons import decoding, pipeline
from comparisons.engine import decoder_process
from comparisons.engine.decoder_pool import DecoderPool
from tests.comparing import WHITE, is_nothing_stored, record_comparison, upload
from tests.linux import needs_shared_memory
from tests.pictures import encode_noise, plain

pytestmark = [pytest.mark.django_db, needs_shared_memory]

# By their width, what `misbehaving_decoder.py` does at the sight of pictures.
CRASH, LOOP, BLOAT = 101, 103, 104


@pytest.fixture(autouse=True)
def pool(monkeypatch: pytest.MonkeyPatch) -> DecoderPool:
    """One without any process yet."""
    pool = DecoderPool()
    monkeypatch.setattr(decoding, "DECODER_POOL", pool)
    monkeypatch.setattr(pipeline, "DECODER_POOL", pool)
    return pool


@pytest.mark.parametrize(
    ("field", "width", "code"),
    [
        pytest.param("image1", CRASH, "image_corrupt", id="that crashes"),
        pytest.param("image2", LOOP, "image_unsupported", id="that does not end"),
        pytest.param("mask_image", BLOAT, "image_unsupported", id="that takes ever more memory"),
    ],
)
def test_a_decoder_costs_its_picture_alone(
    client: APIClient,
    media_root: Path,
    monkeypatch: pytest.MonkeyPatch,
    field: str,
    width: int,
    code: str,
) -> None:
    monkeypatch.setattr(decoder_process, "PROGRAM", "tests.engine.misbehaving_decoder")
    bad = encode_noise(1, (width, 1), image_format="GIF")
    good = {"image1": upload(WHITE), "image2": upload(encode_noise(1, image_format="GIF"))}

    response = client.post("/compare", good | {field: upload(bad)})

    assert response.status_code == 422
    problem = response.json()
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [(field, code)]
    assert is_nothing_stored(media_root)
    assert client.post("/compare", {name: upload(WHITE) for name in good}).status_code == 201


def test_without_a_decoder_the_server_is_busy(
    client: APIClient, media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")

    response = client.post(
        "/compare",
        {"image1": upload(WHITE), "image2": upload(encode_noise(1, image_format="GIF"))},
    )

    assert (response.status_code, response.json()["code"]) == (503, "server_busy")
    assert response["Retry-After"]
    assert is_nothing_stored(media_root)


def test_thumbnails_and_views_of_stored_pictures_are_decoded_there(
    client: APIClient, pool: DecoderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison = record_comparison(encode_noise(1, image_format="GIF"), plain())
    monkeypatch.setattr(pool, "_idle", [])
    gc.collect()
    monkeypatch.setattr(sys, "executable", "/bin/false")

    for path in ("thumbnails/image1.webp", "overlay.png"):
        assert client.get(f"/compare/{comparison.pk}/{path}").status_code == 503
