"""JSON whose cost is known before it is parsed."""

import re
from typing import Any

from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.utils import json

from .limits import MAX_TEXT_BYTES

MAX_DEPTH = 20
MAX_VALUES = 10_000

STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
STRINGS = re.compile(STRING, re.DOTALL)
BRACES_AS_BRACKETS = bytes.maketrans(b"{}", b"[]")
NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def parse_json(text: bytes) -> Any:
    """Parse a little JSON in UTF-8.

    :raises RequestDataTooBig: there are more bytes or values than any request needs.
    :raises ParseError: it is nested too deeply, or no JSON; NaN and Infinity are none.
    """
    if len(text) > MAX_TEXT_BYTES:
        raise RequestDataTooBig(f"The JSON has more than {MAX_TEXT_BYTES} bytes beside data: URLs.")
    # Those in texts count as well: no text needs as many.
    if text.count(b",") >= MAX_VALUES:
        raise RequestDataTooBig(f"The JSON has more than {MAX_VALUES} values.")
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH and is_deep(text):
        raise ParseError("JSON parse error - nested too deeply")
    try:
        return json.loads(text.decode())
    except ValueError as error:
        raise ParseError(f"JSON parse error - {error}") from error


def is_deep(text: bytes) -> bool:
    """Tell whether brackets are nested more than ``MAX_DEPTH`` deep, or as many are left open."""
    brackets = STRINGS.sub(b"", text).translate(BRACES_AS_BRACKETS, NOT_BRACKETS)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
    return b"[]" in brackets or brackets.count(b"[") > MAX_DEPTH
