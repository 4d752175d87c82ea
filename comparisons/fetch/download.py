import logging
import zlib
from contextlib import closing
from http.client import HTTPException
from typing import IO
from urllib.parse import urljoin

import requests
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, LocationParseError, ReadTimeoutError
from urllib3.util import parse_url
from urllib3.util.ssl_match_hostname import CertificateError

from comparisons.cancellation import NEVER, Cancellation
from comparisons.gate import ServerBusy

from .connections import make_connection
from .deadline import Deadline
from .errors import (
    FetchTimedOut,
    HostAnsweredError,
    HostUnreachable,
    RedirectInvalid,
    TooManyBytes,
    TooManyRedirects,
    UrlInvalid,
)
from .guard import Guard
from .policy import Policy
from .unpack import PIECE_BYTES, unpack_body

SUCCESSES = range(200, 300)
REDIRECTS = {301, 302, 303, 307, 308}
HEADERS = {
    # Encoded bodies have to be unpacked before they can be counted.
    "Accept-Encoding": "identity",
    "Accept": "image/*, */*;q=0.1",
    "User-Agent": "image-compare",
}

logger = logging.getLogger("comparisons.fetch")


def download_image(
    url: str, file: IO[bytes], policy: Policy, cancellation: Cancellation = NEVER
) -> None:
    """Download from an http(s) URL into a file, within the policy.

    :raises FetchError: the leaf that says what went wrong.
    :raises Cancelled: nobody waits for it any more.
    """
    request = prepare_request(url)
    with (
        Deadline(policy.timeout_seconds, cancellation) as deadline,
        cancellation.waking(deadline.shut_down),
    ):
        try:
            follow_redirects(request, file, Guard(policy, deadline))
        except (HTTPException, HTTPError, CertificateError, OSError, zlib.error) as error:
            deadline.check()
            if isinstance(error, TimeoutError | ReadTimeoutError):
                raise FetchTimedOut("the image's host fell silent") from error
            raise HostUnreachable(
                "the image's host broke off the connection or answered garbage"
            ) from error
        # A connection that the deadline has shut down can look like one that ended by itself.
        deadline.check()


def prepare_request(url: str) -> requests.PreparedRequest:
    """:raises UrlInvalid: not a plain http or https URL with a host."""
    try:
        parsed = parse_url(url)
        # It refuses more.
        request = requests.Request("GET", url, HEADERS).prepare()
    except (LocationParseError, requests.RequestException, ValueError) as error:
        raise UrlInvalid("not a valid URL") from error
    if parsed.scheme not in {"http", "https"}:
        raise UrlInvalid("not an http:, https: or data: URL")
    if not parsed.host:
        raise UrlInvalid("the URL has no host")
    if "%" in parsed.host:
        # A zone, or what no name has; requests and urllib3 differ in how they read it.
        raise UrlInvalid("the URL's host contains a percent sign")
    if parsed.auth is not None:
        raise UrlInvalid("the URL contains a user name or password")
    if parsed.port == 0:
        raise UrlInvalid("the URL has no usable port")
    return request


def follow_redirects(request: requests.PreparedRequest, file: IO[bytes], guard: Guard) -> None:
    policy = guard.policy
    for _ in range(policy.max_redirects + 1):
        with closing(make_connection(parse_url(str(request.url)), guard)) as connection:
            connection.request(
                "GET", request.path_url, headers=request.headers, preload_content=False
            )
            with connection.getresponse() as response:
                location = response.headers.get("Location")
                if response.status in REDIRECTS and location is not None:
                    request = resolve_redirect(str(request.url), location)
                elif response.status in SUCCESSES:
                    write_body(response, file, policy.max_bytes)
                    return
                else:
                    raise HostAnsweredError(
                        f"the image's host answered with status {response.status}"
                    )
    raise TooManyRedirects(f"the image's host redirects more than {policy.max_redirects} times")


def resolve_redirect(url: str, location: str) -> requests.PreparedRequest:
    # Header values arrive as Latin-1; what hosts put there beyond ASCII is UTF-8.
    target = location.encode("latin-1").decode("utf-8", "replace")
    try:
        return prepare_request(urljoin(url, target))
    except (UrlInvalid, ValueError) as error:
        raise RedirectInvalid("the image's host redirects to a URL that can't be used") from error


def write_body(response: BaseHTTPResponse, file: IO[bytes], max_bytes: int) -> None:
    """Write the body to a file, counting its bytes as unpacked; as received, they have been."""
    if (response.length_remaining or 0) > max_bytes:
        raise TooManyBytes(f"the image has more than {max_bytes} bytes")
    body = response.stream(PIECE_BYTES, decode_content=False)
    for piece in unpack_body(body, response.headers.get("Content-Encoding", "identity")):
        write_piece(file, piece)
        if file.tell() > max_bytes:
            raise TooManyBytes(f"the image has more than {max_bytes} bytes")


def write_piece(file: IO[bytes], piece: bytes) -> None:
    """:raises ServerBusy: the disk is full."""
    try:
        file.write(piece)
    except OSError as error:
        # No fault of the host's, which OSErrors stand for here.
        logger.exception("An image can't be kept on the disk")
        raise ServerBusy from error
