"""Finds stored files that are missing or damaged.

Inputs are compared with the checksum in their row. Of pictures that the service has rendered, and can render
again, only the two ends are checked.
"""

import os
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# The chunk IEND with its checksum: https://www.w3.org/TR/png-3/#11IEND
PNG_END = b"\0\0\0\0IEND\xaeB`\x82"


class ContentMissing(Exception):
    """The stored file of an input is missing or damaged; ``reason`` is for the operator."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"the stored {name} has been lost; comparing the same image again restores it"
        )
        self.reason = reason


class MaskGone(Exception):
    """The file of a comparison's mask is missing or damaged."""


def check_content(stored_name: str, *, size_bytes: int, sha256: str) -> None:
    """Check that a file has this content.

    Our own storage reads the file once, and again after each change. In other storages, which may be remote,
    only the size is checked.

    :raises FileNotFoundError: the file is missing, or has another content.
    """
    found_bytes = default_storage.size(stored_name)
    if found_bytes != size_bytes:
        raise FileNotFoundError(f"{stored_name} has {found_bytes} bytes, not {size_bytes}")
    has_sha256 = getattr(default_storage, "has_sha256", None)
    if has_sha256 and not has_sha256(stored_name, sha256):
        raise FileNotFoundError(f"{stored_name} has another content")


def find_whole(file: FieldFile) -> FieldFile | None:
    """Return the file of a rendered picture, or None if its file is missing or damaged."""
    return file if file and is_whole(str(file.name)) else None


def is_whole(stored_name: str) -> bool:
    """Tell whether the file of a PNG or WebP exists and has both its ends."""
    try:
        with default_storage.open(stored_name) as file:
            return has_both_ends(file)
    except FileNotFoundError:
        return False


def has_both_ends(file: File[Any]) -> bool:
    beginning = file.read(12)
    if beginning.startswith(b"RIFF"):
        size = int.from_bytes(beginning[4:8], "little")
        return bool(file.seek(0, os.SEEK_END) == len(b"RIFFsize") + size)
    if len(beginning) < len(PNG_END) or not beginning.startswith(PNG_SIGNATURE):
        return False
    file.seek(-len(PNG_END), os.SEEK_END)
    return bool(file.read() == PNG_END)
