import base64
import tracemalloc
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparisons.fetch import Policy, TooManyBytes, UrlInvalid
from comparisons.fetch.data_url import replace_escapes
from tests.fetching import fetch_image

ESCAPES_AND_OTHERS = st.lists(
    st.sampled_from([b"%", b"=", b"4", b"a", b"F", b"\r", b"\n", b" ", b"\t", b"_", b"."])
    | st.binary(max_size=3)
).map(b"".join)

# 0xfb 0xff is "+/8=" in base64: both digits that the URL-safe alphabet lacks, and padding.
CONTENT = b"\xfb\xff"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("data:image/png;base64,+/8=", id="base64"),
        pytest.param("data:;base64,+/8=", id="without a media type"),
        pytest.param("data:image/png;charset=x;base64,+/8=", id="with a parameter"),
        pytest.param("DATA:image/png;BASE64,+/8=", id="upper case"),
        pytest.param("data:image/png;base64 ,+/8=", id="white space before the comma"),
        pytest.param("data:image/png;base64,+/8", id="missing padding"),
        pytest.param("data:image/png;base64, +/\r\n8 =\t", id="white space"),
        pytest.param("data:image/png;base64,%2B%2F8%3D", id="percent-encoded base64"),
        pytest.param("data:image/png;base64,+/8%0A=", id="percent-encoded white space"),
        pytest.param("data:image/png,%FB%ff", id="percent-encoded"),
    ],
)
def test_data_url_is_decoded(url: str) -> None:
    content = fetch_image(url, Policy())

    assert content == CONTENT


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("data:,a%20b+c", b"a b+c", id="plus is itself"),
        pytest.param("data:,a,b", b"a,b", id="later commas are data"),
        pytest.param("data:,100%", b"100%", id="lone percent sign"),
        pytest.param("data:,%zz", b"%zz", id="percent sign before no hex digits"),
        pytest.param("data:,", b"", id="nothing"),
        pytest.param("data:base64,QQ==", b"QQ==", id="base64 as a media type is no encoding"),
    ],
)
def test_plain_data_is_only_percent_decoded(url: str, expected: bytes) -> None:
    content = fetch_image(url, Policy())

    assert content == expected


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("data:image/png;base64", id="no comma"),
        pytest.param("data:", id="only the scheme"),
        pytest.param("data:;base64,A", id="a single digit"),
        pytest.param("data:;base64,QUJD!", id="no digit"),
        pytest.param("data:;base64,-_8=", id="URL-safe alphabet"),
        pytest.param("data:;base64,QQ==QQ==", id="data after the padding"),
        pytest.param("data:;base64,é", id="beyond ASCII"),
    ],
)
def test_broken_data_url_is_invalid(url: str) -> None:
    with pytest.raises(UrlInvalid):
        fetch_image(url, Policy())


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("data:;base64," + base64.b64encode(bytes(101)).decode(), id="base64"),
        pytest.param("data:," + "%00" * 101, id="percent-encoded"),
    ],
)
def test_data_beyond_the_limit_is_refused(url: str) -> None:
    with pytest.raises(TooManyBytes):
        fetch_image(url, Policy(max_bytes=100))


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("data:;base64," + base64.b64encode(bytes(100)).decode(), id="base64"),
        pytest.param("data:," + "%00" * 100, id="percent-encoded"),
    ],
)
def test_data_up_to_the_limit_is_taken(url: str) -> None:
    content = fetch_image(url, Policy(max_bytes=100))

    assert content == bytes(100)


@pytest.mark.parametrize("shift", [0, 1, 2])
def test_escapes_are_decoded_wherever_they_stand(shift: int) -> None:
    # Several pieces, cut at another place of the escapes each time.
    data = "x" * shift + "%41" * 100_000 + "%%4x"

    content = fetch_image(f"data:,{data}", Policy())

    assert content == b"x" * shift + b"A" * 100_000 + b"%%4x"


def test_many_escapes_do_not_take_much_more_memory_than_what_they_stand_for() -> None:
    url = "data:," + "%00" * 1_000_000

    tracemalloc.start()
    fetch_image(url, Policy())
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    # The URL's own text without what comes before the comma, the content, and a copy of it.
    assert peak_bytes < 10_000_000


@given(text=ESCAPES_AND_OTHERS)
def test_escapes_are_replaced_as_the_standard_library_does(text: bytes) -> None:
    assert replace_escapes(text) == unquote_to_bytes(text)
