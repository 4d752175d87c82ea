"""Requests that a new process makes to itself before it accepts connections.

They load everything that is imported on first use. An import fails when the process has no file descriptor
left, and Python caches some of these failures for good.
"""

import codecs
import encodings
import io
import json
import logging
import pkgutil
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.files.storage import storages
from django.db import connections
from PIL import Image

FORM = b'--b\r\nContent-Disposition: form-data; name="%s"; filename="a"\r\n\r\nx\r\n--b--\r\n'
JSON, MULTIPART = "application/json", "multipart/form-data; boundary=b"
ADDRESSES = (
    *("/", "/history", "/docs", "/openapi.json", "/admin/login/", "/nowhere", "/compare"),
    "/compare/00000000-0000-0000-0000-000000000000",
)


def warm_up(application: Any) -> None:
    """Load codecs, decoders, and the code that each kind of request or error needs."""
    load_codecs()
    Image.init()
    for name in settings.STORAGES:
        storages[name]
    # Don't log them: no client sent them.
    logging.disable()
    for environ in make_requests():
        with closing(application(environ, lambda *_: None)) as parts:
            for _ in parts:
                pass
    connections.close_all()
    logging.disable(logging.NOTSET)


def load_codecs() -> None:
    """Load all codecs, because clients and image hosts can name any of them."""
    for module in pkgutil.iter_modules(encodings.__path__):
        try:
            codecs.lookup(module.name)
        except LookupError:
            # Not a codec, or a codec for another system.
            continue


def make_requests() -> Iterator[dict[str, Any]]:
    for address in ADDRESSES:
        for accept in ("*/*", "text/html"):
            yield make_environ("GET", address, HTTP_ACCEPT=accept)
    unreadable_url = json.dumps({"image_url1": "x:", "image_url2": "data:,x"}).encode()
    for content_type, body in (
        (JSON, b"{"),
        (JSON, unreadable_url),
        (MULTIPART, FORM % b"image1"),
        ("application/x-www-form-urlencoded", b"image_url1=x"),
        ("", b"x"),
    ):
        for accept in ("*/*", "text/html"):
            yield make_environ("POST", "/compare", body, content_type, HTTP_ACCEPT=accept)
    # Without a CSRF token, and for a host that is not allowed.
    yield make_environ("POST", "/admin/login/", b"a=b", "application/x-www-form-urlencoded")
    yield make_environ("GET", "/", HTTP_HOST="host_of_nobody")


def make_environ(
    method: str, address: str, body: bytes = b"", content_type: str = "", **headers: str
) -> dict[str, Any]:
    host = next((host for host in settings.ALLOWED_HOSTS if host != "*"), "localhost")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": address,
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": host.lstrip("."),
        "wsgi.input": io.BytesIO(body),
        **headers,
    }
    setup_testing_defaults(environ)
    return environ
