"""Stored pictures over HTTP, from any storage: whole, in part, or not at all if the client has them."""

import re
from http import HTTPStatus
from typing import IO, Any

from django.core.files import File
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response

from comparisons.database import give_back_connection

from .problems import Problem, refuse

PRECONDITION_FAILED = Problem(
    412, "precondition_failed", "What the request requires of the picture does not hold."
)
RANGE_NOT_SATISFIABLE = Problem(
    416, "range_not_satisfiable", "The picture ends before the wanted part."
)

SINGLE_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")


class PictureFileResponse(FileResponse):
    block_size = 64 * 1024


def respond_with_picture(
    request: HttpRequest, file: File[Any], *, media_type: str, file_name: str, etag: str
) -> HttpResponseBase:
    """Answer a GET with a picture that never changes; ``etag`` is the tag without quotes.

    Whatever the bytes are, they are inert: browsers neither guess another type nor run anything.
    """
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "ETag": f'"{etag}"',
        "X-Content-Type-Options": "nosniff",
    }
    # However slowly the client takes its answer.
    give_back_connection()
    conditional = get_conditional_response(request, etag=headers["ETag"])
    if conditional and conditional.status_code == HTTPStatus.PRECONDITION_FAILED:
        return refuse(request, PRECONDITION_FAILED)
    response: HttpResponseBase = conditional or respond_with_content(
        request, file, media_type, file_name, headers["ETag"]
    )
    if response.status_code < HTTPStatus.BAD_REQUEST:
        for name, value in headers.items():
            response[name] = value
    return response


def respond_with_content(
    request: HttpRequest, file: File[Any], media_type: str, file_name: str, etag: str
) -> HttpResponseBase:
    part = find_wanted_part(request, etag, file)
    if part is None:
        return PictureFileResponse(file.open(), content_type=media_type, filename=file_name)
    return respond_with_part(request, file, part, media_type)


def find_wanted_part(request: HttpRequest, etag: str, file: File[Any]) -> range | None:
    """Read ``Range`` and ``If-Range``: RFC 9110, sections 13.1.5 and 14.

    None means the whole: also for several ranges at once, which a server need not honour. An empty
    part can't be satisfied.
    """
    header = SINGLE_RANGE.fullmatch(request.headers.get("Range", ""))
    if header is None or request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    first, last, suffix_length = header.groups()
    size_bytes = file.size
    if suffix_length is not None:
        return range(max(0, size_bytes - int(suffix_length)), size_bytes)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size_bytes) if last else size_bytes)


def respond_with_part(
    request: HttpRequest, file: File[Any], part: range, media_type: str
) -> HttpResponseBase:
    if not part:
        response = refuse(request, RANGE_NOT_SATISFIABLE)
        response["Content-Range"] = f"bytes */{file.size}"
        return response
    streamed = PictureFileResponse(FilePart(file.open(), part), status=206, content_type=media_type)
    streamed["Content-Length"] = str(len(part))
    streamed["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{file.size}"
    return streamed


class FilePart:
    """A part of an open file, to be read like a whole one: nobody knows how slowly the client reads."""

    def __init__(self, file: IO[bytes], part: range) -> None:
        file.seek(part.start)
        self._file = file
        self._bytes_left = len(part)

    def read(self, size: int) -> bytes:
        content = self._file.read(min(size, self._bytes_left))
        self._bytes_left -= len(content)
        return content

    def close(self) -> None:
        self._file.close()
