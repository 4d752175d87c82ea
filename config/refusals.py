"""Responses sent without Django: to requests that are not HTTP, and when the server is full."""

import json
from http import HTTPStatus

from comparisons.gate import ServerBusy


def describe_refusal(
    status: HTTPStatus, code: str, detail: str
) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Make the headers and the body of a problem."""
    problem = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [],
    }
    body = json.dumps(problem).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"%d" % ServerBusy.retry_after_seconds))
    return headers, body


def encode_refusal(status: HTTPStatus, code: str, detail: str) -> bytes:
    """Encode a complete response that closes the connection."""
    headers, body = describe_refusal(status, code, detail)
    lines = [name + b": " + value for name, value in [*headers, (b"connection", b"close")]]
    status_line = f"HTTP/1.1 {status} {status.phrase}".encode()
    return b"\r\n".join([status_line, *lines, b"", body])


NOT_HTTP = encode_refusal(HTTPStatus.BAD_REQUEST, "bad_request", "the request is not HTTP/1.1")
TOO_MANY_PIPELINED = encode_refusal(
    HTTPStatus.BAD_REQUEST,
    "bad_request",
    "too many requests were sent without waiting for the answers",
)
HEAD_TIMED_OUT = encode_refusal(
    HTTPStatus.REQUEST_TIMEOUT, "request_timed_out", "the request headers took too long to arrive"
)
HEAD_TOO_LARGE = encode_refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "head_too_large",
    "the request line or headers are too long, or there are too many headers",
)
TOO_MANY_CONNECTIONS = encode_refusal(
    HTTPStatus.SERVICE_UNAVAILABLE, "server_busy", "the server has too many open connections"
)
TOO_MANY_FROM_ADDRESS = encode_refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "too_many_connections",
    "there are too many connections from this address",
)
STOPPING = encode_refusal(
    HTTPStatus.SERVICE_UNAVAILABLE, "server_stopping", "the server is shutting down"
)
