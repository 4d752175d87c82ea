"""What many tests send, record and look for."""

import base64
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase, StreamingHttpResponse

from comparisons import engine, fetch
from comparisons.engine import Options
from comparisons.gate import Gate
from comparisons.inputs import ImageFile
from comparisons.models import Comparison, StoredImage
from comparisons.pipeline import Gates, Limits
from comparisons.services import compare_images

from .pictures import plain

WHITE = plain("white")
BLACK = plain("black")
LIMITS = Limits(fetch=fetch.Policy(), engine=engine.Limits())
GATES = Gates(
    in_hand=Gate(capacity=16, queue_length=0, patience_seconds=0),
    downloads=Gate(capacity=16, queue_length=0, patience_seconds=0),
    comparisons=Gate(capacity=8, queue_length=8, patience_seconds=5),
    pixels=Gate(capacity=100_000_000, queue_length=8, patience_seconds=5),
)


def data_url(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def url_pair(content1: bytes = WHITE, content2: bytes = BLACK, **fields: Any) -> dict[str, Any]:
    """Two images as data: URLs, and more fields, as `POST /compare` takes them."""
    return {"image_url1": data_url(content1), "image_url2": data_url(content2), **fields}


def upload(
    content: bytes, name: str = "picture.png", content_type: str = "image/png"
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type)


def record_comparison(
    content1: bytes = WHITE,
    content2: bytes = BLACK,
    *,
    source1: str = "before.png",
    source2: str = "after.png",
    **options: Any,
) -> Comparison:
    return compare_images(
        image1=ImageFile("image1", source1, len(content1), lambda: content1),
        image2=ImageFile("image2", source2, len(content2), lambda: content2),
        options=Options(**options),
        limits=LIMITS,
        gates=GATES,
    )


def find_files(media_root: Path) -> set[Path]:
    return {path for path in media_root.rglob("*") if path.is_file()}


def is_nothing_stored(media_root: Path) -> bool:
    return not (
        Comparison.objects.exists() or StoredImage.objects.exists() or find_files(media_root)
    )


def read_body(response: HttpResponseBase) -> bytes:
    """Read a whole answer, streamed or not; the test client closes it at its end."""
    if isinstance(response, StreamingHttpResponse):
        return bytes(response.getvalue())
    return bytes(getattr(response, "content", b""))
