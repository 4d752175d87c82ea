"""The stored pictures over HTTP: RFC 9110, sections 13 and 14, and RFC 8246."""

import io

import numpy as np
import pytest
from PIL import Image
from rest_framework.test import APIClient

from comparisons.models import Comparison
from tests.comparing import BLACK, WHITE, read_body, record_comparison, upload
from tests.pictures import encode_noise

pytestmark = pytest.mark.django_db

CONTENT = encode_noise(1)
SIZE = len(CONTENT)


def find_tag(client: APIClient, path: str) -> str:
    response = client.get(path)
    read_body(response)
    return str(response["ETag"])


@pytest.fixture
def comparison() -> Comparison:
    return record_comparison(CONTENT, BLACK)


@pytest.fixture
def path(comparison: Comparison) -> str:
    return f"/compare/{comparison.pk}/image1"


@pytest.fixture(params=["mask.png", "image1", "image2", "?format=png"])
def any_path(request: pytest.FixtureRequest, comparison: Comparison) -> str:
    """Each address under which a picture can be had."""
    ending = str(request.param)
    return f"/compare/{comparison.pk}{'' if ending[0] == '?' else '/'}{ending}"


class TestEveryPicture:
    def test_is_kept_by_clients_for_a_year(self, client: APIClient, any_path: str) -> None:
        response = client.get(any_path)

        read_body(response)
        assert response["Cache-Control"] == "private, max-age=31536000, immutable"

    def test_is_inert(self, client: APIClient, any_path: str) -> None:
        response = client.get(any_path)

        read_body(response)
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["X-Content-Type-Options"] == "nosniff"

    def test_has_a_strong_entity_tag(self, client: APIClient, any_path: str) -> None:
        response = client.get(any_path)

        read_body(response)
        assert response["ETag"].startswith('"')
        assert response["ETag"].endswith('"')
        assert len(response["ETag"]) > 2

    def test_announces_its_length(self, client: APIClient, any_path: str) -> None:
        response = client.get(any_path)

        assert int(response["Content-Length"]) == len(read_body(response))

    def test_is_not_sent_again_to_who_has_it(self, client: APIClient, any_path: str) -> None:
        first = client.get(any_path)
        read_body(first)

        response = client.get(any_path, headers={"if-none-match": first["ETag"]})

        assert response.status_code == 304
        assert response.content == b""
        assert response["ETag"] == first["ETag"]
        assert response["Cache-Control"] == first["Cache-Control"]

    def test_answers_head_without_a_body(self, client: APIClient, any_path: str) -> None:
        whole = client.get(any_path)
        content = read_body(whole)

        response = client.head(any_path)

        assert response.status_code == 200
        assert read_body(response) == b""
        assert int(response["Content-Length"]) == len(content)
        assert response["Content-Type"] == whole["Content-Type"]
        assert response["ETag"] == whole["ETag"]

    def test_can_be_had_in_part(self, client: APIClient, any_path: str) -> None:
        whole = client.get(any_path)
        content = read_body(whole)

        response = client.get(any_path, headers={"range": "bytes=2-5"})

        assert response.status_code == 206
        assert read_body(response) == content[2:6]
        assert response["ETag"] == whole["ETag"]
        assert response["Content-Security-Policy"] == whole["Content-Security-Policy"]

    @pytest.mark.parametrize("accept", ["text/html", "application/json", "image/jpeg", "nonsense"])
    def test_is_what_its_address_says_whatever_is_accepted(
        self, client: APIClient, comparison: Comparison, accept: str
    ) -> None:
        response = client.get(f"/compare/{comparison.pk}/mask.png", headers={"accept": accept})

        read_body(response)
        assert response.status_code == 200
        assert response["Content-Type"] == "image/png"

    def test_is_served_with_a_trailing_slash_too(self, client: APIClient, path: str) -> None:
        response = client.get(f"{path}/")

        assert response.status_code == 200
        assert read_body(response) == CONTENT


class TestEntityTag:
    @pytest.mark.parametrize(
        "wrap",
        [
            pytest.param("{}", id="alone"),
            pytest.param('"a", {}, "b"', id="among others"),
            pytest.param("W/{}", id="weak"),
            pytest.param("*", id="any"),
        ],
    )
    def test_that_matches_is_not_modified(self, client: APIClient, path: str, wrap: str) -> None:
        tag = find_tag(client, path)

        response = client.get(path, headers={"if-none-match": wrap.format(tag)})

        assert response.status_code == 304

    def test_that_is_required_and_is_not_there_fails(self, client: APIClient, path: str) -> None:
        response = client.get(path, headers={"if-match": '"other"'})

        assert response.status_code == 412
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "precondition_failed"
        assert response["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("tag", ['"other"', "nonsense", ""])
    def test_that_does_not_match_is_answered_in_full(
        self, client: APIClient, path: str, tag: str
    ) -> None:
        response = client.get(path, headers={"if-none-match": tag})

        assert response.status_code == 200
        assert read_body(response) == CONTENT

    def test_goes_before_a_range(self, client: APIClient, path: str) -> None:
        tag = find_tag(client, path)

        response = client.get(path, headers={"if-none-match": tag, "range": "bytes=0-1"})

        assert response.status_code == 304

    def test_of_one_content_is_the_same_in_all_comparisons(
        self, client: APIClient, path: str
    ) -> None:
        other = record_comparison(BLACK, CONTENT)

        tag = find_tag(client, f"/compare/{other.pk}/image2")

        assert tag == find_tag(client, path)

    def test_of_each_picture_is_its_own(self, client: APIClient, comparison: Comparison) -> None:
        names = ["mask.png", "image1", "image2"]

        tags = {find_tag(client, f"/compare/{comparison.pk}/{name}") for name in names}

        assert len(tags) == 3

    def test_of_the_figures_is_honoured_too(
        self, client: APIClient, comparison: Comparison
    ) -> None:
        url = f"/compare/{comparison.pk}"
        first = client.get(url)

        response = client.get(url, headers={"if-none-match": first["ETag"]})

        assert response.status_code == 304


class TestRange:
    @pytest.mark.parametrize(
        ("header", "start", "stop"),
        [
            pytest.param("bytes=0-0", 0, 1, id="first byte"),
            pytest.param("bytes=10-19", 10, 20, id="in the middle"),
            pytest.param(f"bytes={SIZE - 1}-", SIZE - 1, SIZE, id="last byte, open"),
            pytest.param("bytes=10-", 10, SIZE, id="open"),
            pytest.param("bytes=0-", 0, SIZE, id="everything"),
            pytest.param(f"bytes=10-{SIZE + 100}", 10, SIZE, id="beyond the end"),
            pytest.param("bytes=-5", SIZE - 5, SIZE, id="suffix"),
            pytest.param(f"bytes=-{SIZE + 100}", 0, SIZE, id="suffix longer than everything"),
        ],
    )
    def test_that_is_there_is_sent(
        self, client: APIClient, path: str, header: str, start: int, stop: int
    ) -> None:
        response = client.get(path, headers={"range": header})

        assert response.status_code == 206
        assert response.streaming
        assert read_body(response) == CONTENT[start:stop]
        assert response["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
        assert int(response["Content-Length"]) == stop - start
        assert response["Content-Type"] == "image/png"

    @pytest.mark.parametrize(
        "header",
        [
            pytest.param(f"bytes={SIZE}-", id="from the end"),
            pytest.param(f"bytes={SIZE + 5}-{SIZE + 9}", id="beyond the end"),
            pytest.param("bytes=-0", id="suffix of nothing"),
        ],
    )
    def test_that_is_not_there_is_not_satisfiable(
        self, client: APIClient, path: str, header: str
    ) -> None:
        response = client.get(path, headers={"range": header})

        assert response.status_code == 416
        assert response["Content-Range"] == f"bytes */{SIZE}"
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "range_not_satisfiable"
        assert response["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        "header",
        [
            pytest.param("bytes=0-1,4-5", id="several"),
            pytest.param("bytes=5-2", id="backwards"),
            pytest.param("bytes=", id="none"),
            pytest.param("bytes=-", id="only a dash"),
            pytest.param("bytes=a-b", id="letters"),
            pytest.param("bytes=1", id="no dash"),
            pytest.param("bytes=--1", id="two dashes"),
            pytest.param("bytes=" + "9" * 5000 + "-", id="5000 digits"),
            pytest.param("pixels=0-1", id="another unit"),
            pytest.param("nonsense", id="nonsense"),
        ],
    )
    def test_that_is_not_understood_is_answered_in_full(
        self, client: APIClient, path: str, header: str
    ) -> None:
        response = client.get(path, headers={"range": header})

        assert response.status_code == 200
        assert read_body(response) == CONTENT

    def test_is_announced(self, client: APIClient, path: str) -> None:
        response = client.get(path)

        read_body(response)
        assert response["Accept-Ranges"] == "bytes"

    def test_is_sent_if_the_picture_is_still_the_same(self, client: APIClient, path: str) -> None:
        tag = find_tag(client, path)

        response = client.get(path, headers={"range": "bytes=0-3", "if-range": tag})

        assert response.status_code == 206
        assert read_body(response) == CONTENT[:4]

    @pytest.mark.parametrize(
        "condition",
        [
            pytest.param('"other"', id="other tag"),
            pytest.param("W/{}", id="weak tag"),
            pytest.param("Wed, 21 Oct 2026 07:28:00 GMT", id="date"),
        ],
    )
    def test_is_not_sent_unless_the_picture_is_surely_the_same(
        self, client: APIClient, path: str, condition: str
    ) -> None:
        tag = find_tag(client, path)

        response = client.get(
            path, headers={"range": "bytes=0-3", "if-range": condition.format(tag)}
        )

        assert response.status_code == 200
        assert read_body(response) == CONTENT


class TestInput:
    @pytest.mark.parametrize(
        ("image_format", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg")]
    )
    def test_is_served_byte_for_byte_under_its_sniffed_type(
        self, client: APIClient, image_format: str, media_type: str
    ) -> None:
        content = encode_noise(2, image_format=image_format)
        comparison = record_comparison(BLACK, content)

        response = client.get(f"/compare/{comparison.pk}/image2")

        assert read_body(response) == content
        assert response["Content-Type"] == media_type

    @pytest.mark.parametrize(
        ("name", "content_type"),
        [
            pytest.param("page.html", "text/html", id="as a page"),
            pytest.param("picture.svg", "image/svg+xml", id="as SVG"),
            pytest.param("script.js", "text/javascript", id="as a script"),
        ],
    )
    def test_is_never_served_as_the_uploader_calls_it(
        self, client: APIClient, name: str, content_type: str
    ) -> None:
        # Bytes after a PNG's end are no part of the picture, and of its content all the same.
        disguised = WHITE + b"<script>alert(document.domain)</script>"
        fields = {"image1": upload(disguised, name, content_type), "image2": upload(BLACK)}
        posted = client.post("/compare", fields, format="multipart")

        response = client.get(f"{posted['Location']}/image1")

        assert read_body(response) == disguised
        assert response["Content-Type"] == "image/png"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert name not in response["Content-Disposition"]

    def test_of_one_content_is_served_in_both_places(self, client: APIClient) -> None:
        comparison = record_comparison(WHITE, WHITE)

        contents = [
            read_body(client.get(f"/compare/{comparison.pk}/image{number}")) for number in (1, 2)
        ]

        assert contents == [WHITE, WHITE]


class TestMask:
    def test_is_a_png_of_one_channel(self, client: APIClient, comparison: Comparison) -> None:
        content = read_body(client.get(f"/compare/{comparison.pk}/mask.png"))

        with Image.open(io.BytesIO(content)) as image:
            assert image.format == "PNG"
            assert len(image.getbands()) == 1
            assert image.size == (40, 30)
            assert set(np.unique(np.asarray(image.convert("L")))) <= {0, 255}

    def test_by_format_carries_the_figures_in_headers(
        self, client: APIClient, comparison: Comparison
    ) -> None:
        response = client.get(f"/compare/{comparison.pk}?format=png")

        read_body(response)
        assert response["X-Comparison-Id"] == str(comparison.pk)
        assert float(response["X-MSE"]) == comparison.mse
        assert response["X-Diff-Pixels"] == str(comparison.diff_pixels)
        assert float(response["X-Diff-Ratio"]) == comparison.diff_ratio
        assert response["X-Match"] == "false"


class TestNoPicture:
    @pytest.mark.parametrize("ending", ["image0", "image3", "image", "nothing.png", "mask", "x/y"])
    def test_of_a_comparison_is_not_found(
        self, client: APIClient, comparison: Comparison, ending: str
    ) -> None:
        response = client.get(f"/compare/{comparison.pk}/{ending}")

        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"

    def test_is_reachable_as_a_plain_file(self, client: APIClient, comparison: Comparison) -> None:
        names = [comparison.result_image.name, comparison.image1.file.name]

        answers = [
            client.get(f"/{prefix}{name}") for name in names for prefix in ("", "media/", "static/")
        ]

        assert {response.status_code for response in answers} == {404}


def test_range_is_ignored_for_head(client: APIClient, path: str) -> None:
    # "GET is the only method for which range handling is defined": RFC 9110, section 14.2.
    response = client.head(path, headers={"range": "bytes=0-3"})

    read_body(response)
    assert response.status_code == 200
    assert int(response["Content-Length"]) == SIZE


@pytest.mark.parametrize(
    ("image_format", "media_type"),
    [
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"),
        ("AVIF", "image/avif"),
    ],
)
def test_input_of_a_rarer_format_is_served_under_its_sniffed_type(
    client: APIClient, image_format: str, media_type: str
) -> None:
    content = encode_noise(2, image_format=image_format)
    comparison = record_comparison(BLACK, content)

    response = client.get(f"/compare/{comparison.pk}/image2")

    assert read_body(response) == content
    assert response["Content-Type"] == media_type
