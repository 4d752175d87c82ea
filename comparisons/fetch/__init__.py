"""A URL in, bytes out, behind the guard. No Django, no pictures."""

from io import BytesIO
from typing import IO

from comparisons.cancellation import NEVER, Cancellation

from .data_url import (
    decode_base64,
    decode_percents,
    is_data_url,
    read_data_url_header,
    write_data_url,
)
from .download import download_image
from .errors import (
    AddressNotAllowed,
    FetchError,
    FetchTimedOut,
    HostAnsweredError,
    HostFailed,
    HostUnreachable,
    RedirectInvalid,
    TooManyBytes,
    TooManyLookups,
    TooManyRedirects,
    UrlInvalid,
)
from .policy import Policy

__all__ = [
    "AddressNotAllowed",
    "FetchError",
    "FetchTimedOut",
    "HostAnsweredError",
    "HostFailed",
    "HostUnreachable",
    "Policy",
    "RedirectInvalid",
    "TooManyBytes",
    "TooManyLookups",
    "TooManyRedirects",
    "UrlInvalid",
    "decode_base64",
    "decode_percents",
    "fetch_image",
    "is_data_url",
    "read_data_url_header",
    "write_data_url",
]


def fetch_image(
    url: str, file: IO[bytes], policy: Policy, cancellation: Cancellation = NEVER
) -> None:
    """Write the bytes that an http(s) or ``data:`` URL stands for into a file.

    :raises FetchError: the leaf that says what went wrong.
    :raises Cancelled: nobody waits for them any more.
    """
    if is_data_url(url):
        write_data_url(BytesIO(url.encode(errors="replace")), file, policy.max_bytes)
    else:
        download_image(url, file, policy, cancellation)
