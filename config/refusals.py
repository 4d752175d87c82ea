"""Answers that are given without Django: to what is no HTTP, and where there is no room."""

import json
from http import HTTPStatus

from comparisons.gate import ServerBusy


def encode_refusal(status: HTTPStatus, code: str, detail: str) -> bytes:
    """Encode a whole answer, after which the connection is closed."""
    problem = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [],
    }
    body = json.dumps(problem).encode()
    head = [
        f"HTTP/1.1 {status} {status.phrase}",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Connection: close",
    ]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        head.append(f"Retry-After: {ServerBusy.retry_after_seconds}")
    return "\r\n".join([*head, "", ""]).encode() + body


NOT_HTTP = encode_refusal(HTTPStatus.BAD_REQUEST, "bad_request", "the request is not HTTP/1.1")
HEAD_TIMED_OUT = encode_refusal(
    HTTPStatus.REQUEST_TIMEOUT, "request_timed_out", "the request's head takes too long to arrive"
)
HEAD_TOO_LARGE = encode_refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "head_too_large",
    "the request's line and headers are too long or too many",
)
TOO_MANY_CONNECTIONS = encode_refusal(
    HTTPStatus.SERVICE_UNAVAILABLE, "server_busy", "the server has as many connections as it can"
)
TOO_MANY_FROM_ADDRESS = encode_refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "too_many_connections",
    "there are too many connections from this address",
)
STOPPING = encode_refusal(
    HTTPStatus.SERVICE_UNAVAILABLE, "server_stopping", "the server is about to stop"
)
