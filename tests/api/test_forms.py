import io
import tracemalloc
from urllib.parse import parse_qsl, urlencode

import pytest
from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict
from django.test.client import encode_multipart
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from comparisons.api.parsers import FormParser
from tests.comparing import url_pair


def parse(body: bytes) -> list[tuple[str, str]]:
    form = FormParser().read(io.BytesIO(body), "").data
    return [(name, str(value)) for name, values in form.lists() for value in values]


@given(st.lists(st.tuples(st.text(min_size=1), st.text()), unique_by=lambda pair: pair[0]))
def test_a_form_is_read_as_it_was_written(pairs: list[tuple[str, str]]) -> None:
    # A lone surrogate is no text that can be sent.
    pairs = [pair for pair in pairs if "".join(pair).isprintable()]

    assert parse(urlencode(pairs).encode()) == pairs


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"a=1&b=2", id="two fields"),
        pytest.param(b"a=&b", id="blank values"),
        pytest.param(b"a=1+2%2B3", id="spaces and plus signs"),
        pytest.param(b"a=%C3%A9&b=\xc3\xa9", id="escaped and bare UTF-8"),
        pytest.param(b"a=%ff%zz%", id="broken escapes"),
        pytest.param(b"&&a=1&", id="empty pairs"),
        pytest.param(b"a==b=c", id="more equals signs"),
        pytest.param(b"=1", id="no name"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_odd_forms_are_read_as_the_standard_library_reads_them(body: bytes) -> None:
    expected = parse_qsl(body.decode(errors="replace"), keep_blank_values=True)

    assert parse(body) == expected


def test_many_escapes_take_a_few_times_their_memory() -> None:
    body = b"image_url1=data:," + b"%41" * 1_000_000
    tracemalloc.start()

    FormParser().read(io.BytesIO(body), "")

    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 3 * len(body)


def test_thousands_of_fields_are_too_many() -> None:
    with pytest.raises(TooManyFieldsSent):
        parse(b"a=1&" * 5000)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "metrics",
    [
        pytest.param([("metrics", "mse"), ("metrics", "ssim")], id="a field each"),
        pytest.param([("metrics", "mse,ssim")], id="with commas"),
        pytest.param([("metrics", "mse,psnr"), ("metrics", "ssim,mse")], id="both"),
    ],
)
@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
def test_metrics_are_a_list(client: APIClient, metrics: list[tuple[str, str]], form: str) -> None:
    fields = [*url_pair().items(), *metrics]
    repeated = QueryDict(urlencode(fields))
    body, content_type = (
        (urlencode(fields), "application/x-www-form-urlencoded")
        if form == "urlencoded"
        else (
            encode_multipart("limit", dict(repeated.lists())),
            "multipart/form-data; boundary=limit",
        )
    )

    response = client.post("/compare?format=json", body, content_type=content_type)

    assert response.status_code == 201
    assert "ssim" in response.json()["options"]["metrics"]


@pytest.mark.parametrize("name", ["threshold", "ignore_regions", "image_url1"])
def test_other_fields_are_given_once(client: APIClient, name: str) -> None:
    body = urlencode([(name, "0"), (name, "0")])

    response = client.post("/compare", body, content_type="application/x-www-form-urlencoded")

    assert {(error["field"], error["code"]) for error in response.json()["errors"]} == {
        (name, "repeated")
    }
