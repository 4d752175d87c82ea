"""Bodies that would cost far more than they weigh are refused before they are read."""

import base64
import hashlib
import io
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError
from rest_framework.test import APIClient

from comparisons.api.data_urls import URL_FIELDS, DataUrl, parse_json_with_data_urls
from comparisons.api.parsers import FormParser, JSONParser, MultiPartParser
from tests.comparing import WHITE, data_url, url_pair
from tests.pictures import encode_noise

pytestmark = pytest.mark.django_db

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=limit"
MAX_PROBLEM_BYTES = 16_000
END = b"--limit--\r\n"


def part(name: str, content: bytes, more: str = "", headers: bytes = b"") -> bytes:
    head = f'--limit\r\nContent-Disposition: form-data; name="{name}"{more}\r\n'
    return head.encode() + headers + b"\r\n" + content + b"\r\n"


def refuse(client: APIClient, body: bytes, content_type: str) -> tuple[int, str]:
    response = client.post("/compare", body, content_type=content_type)
    assert len(response.content) < MAX_PROBLEM_BYTES
    return response.status_code, response.json()["code"]


TOO_LARGE = (413, "request_too_large")
UNREADABLE = (400, "parse_error")
INVALID = (400, "invalid_request")
BAD = (400, "bad_request")


def fill(length: int) -> bytes:
    """JSON of exactly so many bytes."""
    return b'{"a":1' + b" " * (length - 7) + b"}"


def nest(depth: int) -> bytes:
    return b'{"metrics":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def list_values(count: int) -> bytes:
    return b'{"metrics":[' + b",".join([b"1"] * count) + b"]}"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param(fill(1_000_000), INVALID, id="as many bytes as may be"),
        pytest.param(fill(1_000_001), TOO_LARGE, id="a byte more"),
        pytest.param(b" " * 3_000_000 + b"{}", TOO_LARGE, id="white space"),
        pytest.param(b'{"method":"' + b"a" * 2_000_000 + b'"}', TOO_LARGE, id="long text"),
        pytest.param(b'{"' + b"a" * 2_000_000 + b'":1}', TOO_LARGE, id="long name"),
        pytest.param(
            b'{"image_url1":"http://a/' + b"a" * 2_000_000 + b'"}', TOO_LARGE, id="long URL"
        ),
        pytest.param(
            b'{"method":"data:,' + b"a" * 2_000_000 + b'"}', TOO_LARGE, id="data: URL elsewhere"
        ),
        pytest.param(b'""' * 1_000_000, TOO_LARGE, id="quotation marks"),
        pytest.param(b'"\\' * 1_000_000, TOO_LARGE, id="escapes"),
        pytest.param(nest(20), INVALID, id="nested as deeply as may be"),
        pytest.param(nest(21), UNREADABLE, id="deeper"),
        pytest.param(b"[" * 900_000, UNREADABLE, id="only opened"),
        pytest.param(b'{"a":' * 150_000, UNREADABLE, id="objects only opened"),
        pytest.param(b"[]" * 400_000, UNREADABLE, id="opened and closed"),
        pytest.param(b"]" * 900_000, UNREADABLE, id="only closed"),
        pytest.param(b'{"method":"' + b"[" * 1000 + b'"}', INVALID, id="brackets in a text"),
        pytest.param(list_values(9_999), INVALID, id="as many values as may be"),
        pytest.param(list_values(10_001), TOO_LARGE, id="more"),
        pytest.param(b'{"method":"' + b"," * 5000 + b'"}', INVALID, id="commas in a text"),
        pytest.param(b"{}".decode().encode("utf-16"), UNREADABLE, id="UTF-16"),
        pytest.param(b"{}".decode().encode("utf-32"), UNREADABLE, id="UTF-32"),
        pytest.param(b"\xef\xbb\xbf{}", UNREADABLE, id="byte order mark"),
        pytest.param(b'{"threshold":' + b"1" * 900_000 + b"}", UNREADABLE, id="many digits"),
        pytest.param(
            b'{"threshold":0.' + b"1" * 900_000 + b"}", (400, "invalid_request"), id="many decimals"
        ),
    ],
)
def test_json_beside_data_urls_is_bounded(
    client: APIClient, body: bytes, answer: tuple[int, str]
) -> None:
    assert refuse(client, body, JSON) == answer


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("[" * 100_000, "not_json", id="opened"),
        pytest.param("[" * 21 + "]" * 21, "not_json", id="nested"),
        pytest.param("[" + "1," * 9_000 + "1]", "max_length", id="many"),
        pytest.param("[1" + "1" * 100_000 + "]", "not_json", id="digits"),
        pytest.param("[NaN]", "not_json", id="NaN"),
    ],
)
@pytest.mark.parametrize("content_type", [JSON, FORM])
def test_json_in_a_text_is_bounded_alike(
    client: APIClient, text: str, code: str, content_type: str
) -> None:
    field = "ignore_regions"
    fields = {**url_pair(), field: text}

    response = client.post(
        "/compare",
        json.dumps(fields) if content_type == JSON else f"{field}={text}",
        content_type=content_type,
    )

    errors = [(error["field"], error["code"]) for error in response.json()["errors"]]
    assert (field, code) in errors


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param(b"method=" + b"a" * 999_993, INVALID, id="as much text as may be"),
        pytest.param(b"method=" + b"a" * 999_994, TOO_LARGE, id="a byte more"),
        pytest.param(b"method=" + b"%61" * 400_000, TOO_LARGE, id="escapes"),
        pytest.param(b"a" * 1_000_001, TOO_LARGE, id="long name"),
        pytest.param(b"method=data:," + b"a" * 1_000_000, TOO_LARGE, id="data: URL elsewhere"),
        pytest.param(b"image_url1=http:" + b"a" * 1_000_000, TOO_LARGE, id="long URL"),
        pytest.param(b"&".join([b"image_url1=data:," + b"a" * 9000] * 11), BAD, id="11 images"),
        pytest.param(b"&".join([b"a=1"] * 1001), BAD, id="1001 fields"),
    ],
)
def test_a_form_beside_data_urls_is_bounded(
    client: APIClient, body: bytes, answer: tuple[int, str]
) -> None:
    assert refuse(client, body, FORM) == answer


def files(count: int) -> bytes:
    return part("image1", WHITE, '; filename="a"') * count


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param(part("method", b"a" * 900_000), INVALID, id="as much text as may be"),
        pytest.param(part("method", b"a" * 1_000_000), TOO_LARGE, id="more"),
        pytest.param(part("method", b"\xff" * 2_000_000), TOO_LARGE, id="no text"),
        pytest.param(part("image_url1", b"http:" * 300_000), TOO_LARGE, id="long URL"),
        pytest.param(part("method", b"data:," + b"a" * 1_000_000), TOO_LARGE, id="data: URL"),
        pytest.param(part("a", b"x") * 1000, INVALID, id="as many parts as may be"),
        pytest.param(part("a", b"x") * 1001, TOO_LARGE, id="more parts"),
        pytest.param(part("a" * 3000, b"x") * 400, TOO_LARGE, id="long names"),
        pytest.param(part("a", b"x", '; filename="' + "b" * 5000 + '"'), TOO_LARGE, id="file name"),
        pytest.param(part("a", b"x", headers=b"X: a\r\n" * 8), TOO_LARGE, id="many headers"),
        pytest.param(
            part("a", b"x", headers=b"X: " + b"a" * 2_000_000), TOO_LARGE, id="long header"
        ),
        pytest.param(
            part("a", b"x", headers=b"X: a\r\n" + b" b\r\n" * 500), UNREADABLE, id="folded header"
        ),
        pytest.param(files(10), INVALID, id="as many files as may be"),
        pytest.param(files(11), BAD, id="more files"),
        pytest.param(
            b'--limit\r\nContent-Disposition: form-data; filename="a"\r\n\r\nx\r\n' * 3000,
            UNREADABLE,
            id="files without a name",
        ),
        pytest.param(b"--limit\r\n\r\nx\r\n" * 3000, UNREADABLE, id="parts without headers"),
        pytest.param(part("image_url1", b"data:," + b"a" * 9000) * 11, BAD, id="data: URLs"),
        pytest.param(b"x" * 2_000_000, UNREADABLE, id="no boundary"),
        pytest.param(b"\r\n--limi" * 200_000, UNREADABLE, id="nearly boundaries"),
        pytest.param(
            part("a", b"!", '; filename="a"', b"Content-Transfer-Encoding: base64\r\n"),
            UNREADABLE,
            id="no base64",
        ),
    ],
)
def test_a_multipart_form_is_bounded_in_texts_parts_and_headers(
    client: APIClient, body: bytes, answer: tuple[int, str]
) -> None:
    assert refuse(client, body + END, MULTIPART) == answer


def test_a_multipart_form_that_breaks_off_is_refused(client: APIClient) -> None:
    assert refuse(client, part("image1", WHITE, '; filename="a"')[:-1], MULTIPART) == UNREADABLE


@pytest.mark.parametrize("epilogue", [b"", b"\r\n", b"more" * 100_000])
def test_what_follows_a_multipart_form_does_not_matter(client: APIClient, epilogue: bytes) -> None:
    body = files(1) + part("image2", WHITE, '; filename="b"') + END + epilogue

    response = client.post("/compare", body, content_type=MULTIPART)

    assert response.status_code == 201


@pytest.mark.parametrize(
    ("disposition", "source"),
    [
        pytest.param('; filename="a b.png"', "a b.png", id="plain"),
        pytest.param('; filename="é.png"', "é.png", id="UTF-8"),
        pytest.param("; filename*=utf-8''%C3%A9.png", "é.png", id="RFC 2231"),
        pytest.param('; filename="C:\\\\photos\\\\a.png"', "a.png", id="a path of Windows"),
        pytest.param('; filename="../../a.png"', "a.png", id="a path"),
        pytest.param('; filename="&lt;a&gt;.png"', "<a>.png", id="escaped for HTML"),
        pytest.param(f'; filename="{"é" * 300}.png"', "é" * 251 + ".png", id="long"),
    ],
)
def test_the_name_of_a_file_is_kept_however_it_is_written(
    client: APIClient, disposition: str, source: str
) -> None:
    body = part("image1", WHITE, disposition) + part("image2", WHITE, '; filename="b"') + END

    response = client.post("/compare?format=json", body, content_type=MULTIPART)

    assert response.json()["image1"]["source"] == source


def test_a_file_in_base64_is_decoded(client: APIClient) -> None:
    header = b"Content-Transfer-Encoding: base64\r\n"
    content = base64.encodebytes(WHITE)
    body = part("image1", content, '; filename="a"', header) + files(1).replace(b"1", b"2", 1) + END

    response = client.post("/compare?format=json", body, content_type=MULTIPART)

    assert response.json()["image1"]["sha256"] == hashlib.sha256(WHITE).hexdigest()


NOISE = encode_noise(1)
URL = data_url(NOISE)
ESCAPED = {
    "not at all": URL,
    "slashes, as PHP does": URL.replace("/", "\\/"),
    "plus signs, as .NET does": URL.replace("+", "\\u002B"),
    "equals signs, as Gson does": URL.replace("=", "\\u003d"),
    "all of it": URL[:6] + "".join(f"\\u{ord(character):04x}" for character in URL[6:]),
}


@pytest.mark.parametrize("escaping", ESCAPED)
def test_a_data_url_is_read_however_its_json_is_escaped(client: APIClient, escaping: str) -> None:
    body = f'{{"image_url1": "{ESCAPED[escaping]}", "image_url2": "{data_url(WHITE)}"}}'

    response = client.post("/compare?format=json", body, content_type=JSON)

    assert response.json()["image1"]["sha256"] == hashlib.sha256(NOISE).hexdigest()
    assert response.json()["image1"]["source"] == "data:image/png;base64"


TEXTS = st.text() | st.sampled_from(
    ["data:,a", " DATA:,", 'x"data:,a', "\\", '"', '"image_url1": "data:,a"', *URL_FIELDS]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


@given(
    st.dictionaries(st.sampled_from(URL_FIELDS) | TEXTS, VALUES, max_size=5),
    st.booleans(),
    st.sampled_from([None, 2]),
)
def test_json_with_data_urls_is_read_as_it_was_written(
    sent: dict[str, Any], ensure_ascii: bool, indent: int | None
) -> None:
    body = json.dumps(sent, ensure_ascii=ensure_ascii, indent=indent)

    try:
        parsed = parse_json_with_data_urls(body.encode(errors="replace"))
    except ParseError:
        # The same field within another: there is none of its name.
        assert sum(body.count(f'"{name}"') for name in URL_FIELDS) > 1
        return

    for name, value in sent.items():
        if value is None or isinstance(value, dict | list):
            continue
        if isinstance(parsed[name], DataUrl):
            parsed[name].seek(0)
            assert parsed[name].read() == value.encode(errors="replace")
        else:
            assert parsed[name] == value


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('{"image_url1": {"image_url1": "%s"}, "image_url2": "%s"}', id="itself"),
        pytest.param('{"method": {"image_url1": "%s"}, "image_url2": "%s"}', id="an option"),
        pytest.param('{"metrics": [{"image_url1": "%s"}], "image_url2": "%s"}', id="a list"),
        pytest.param('[{"image_url1": "%s", "image_url2": "%s"}]', id="all"),
    ],
)
def test_a_data_url_within_something_else_is_no_image(client: APIClient, body: str) -> None:
    assert refuse(client, (body % (URL, URL)).encode(), JSON) == INVALID


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"image_url1": "data:,a\n"}', id="line break"),
        pytest.param(b'{"image_url1": "data:,\xff"}', id="not UTF-8"),
        pytest.param(b'{"image_url1": "data:,\xc3"}', id="UTF-8 that breaks off"),
        pytest.param(b'{"image_url1": "data:,\\x"}', id="unknown escape"),
        pytest.param(b'{"image_url1": "data:,\\u12"}', id="short escape"),
        pytest.param(b'{"image_url1": "data:,' + b"a" * 2_000_000, id="without an end"),
        pytest.param(b'{"image_url1": "data:,\\"}', id="without an end, but for an escape"),
        pytest.param(b'{"image_url1": "data:,a", "image_url1": "data:,b"}', id="twice"),
    ],
)
def test_a_data_url_that_is_no_text_in_json_is_a_parse_error(
    client: APIClient, body: bytes
) -> None:
    assert refuse(client, body, JSON) == UNREADABLE


def read_json(body: bytes) -> None:
    JSONParser().read(io.BytesIO(body), JSON)


def read_form(body: bytes) -> None:
    FormParser().read(io.BytesIO(body), FORM)


def read_multipart(body: bytes) -> None:
    MultiPartParser().read(io.BytesIO(body), MULTIPART)


SIZE = 20_000_000


@pytest.mark.parametrize(
    ("read", "body"),
    [
        pytest.param(
            read_json, b'{"image_url1":"data:,' + b"a" * SIZE + b'"}', id="data: URL in JSON"
        ),
        pytest.param(
            read_json, b'{"image_url1":"data:,' + b"a\\/" * (SIZE // 3) + b'"}', id="with escapes"
        ),
        pytest.param(
            read_json,
            '{"image_url1":"data:,\U0001f600'.encode() + b"a" * SIZE + b'"}',
            id="with a character of four bytes",
        ),
        pytest.param(read_form, b"image_url1=data:," + b"A+" * (SIZE // 2), id="form"),
        pytest.param(read_form, b"image_url1=data:," + b"%41" * (SIZE // 3), id="escapes"),
        pytest.param(
            read_multipart, part("image_url1", b"data:," + b"a" * SIZE) + END, id="multipart"
        ),
    ],
)
def test_a_large_data_url_takes_no_more_than_its_body(
    read: Callable[[bytes], None], body: bytes
) -> None:
    tracemalloc.start()

    read(body)

    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 1.2 * SIZE


@pytest.mark.parametrize(
    "parameter",
    [
        pytest.param("filename*=foo''x", id="an unknown charset"),
        pytest.param("filename*=%00''x", id="a charset that has no name"),
        pytest.param("filename*=idna''%ff", id="an encoding that can't decode it"),
        pytest.param("filename*=undefined''x", id="an encoding that decodes nothing"),
        pytest.param("filename*=utf-8''a; filename*0=c", id="whole and in parts"),
    ],
)
def test_a_file_name_that_can_not_be_read_is_refused(client: APIClient, parameter: str) -> None:
    body = part("image1", WHITE, f"; {parameter}") + END

    assert refuse(client, body, MULTIPART) == UNREADABLE


def test_a_part_that_is_not_base64_is_named_so(client: APIClient) -> None:
    headers = b"Content-Transfer-Encoding: base64\r\n"
    body = part("image1", b"a=b", '; filename="a.png"', headers) + END

    detail = client.post("/compare", body, content_type=MULTIPART).json()["detail"]

    assert detail == "Multipart form parse error - a part is not valid base64"
