"""Which form of answer a client gets: RFC 9110, section 12.5.1, and the server's order among equals."""

import pytest
from rest_framework.test import APIClient

from comparisons.api.negotiation import choose_media_type
from comparisons.models import Comparison
from tests.comparing import BLACK, WHITE, read_body, record_comparison, upload, url_pair

PNG = "image/png"
JSON = "application/json"
HTML = "text/html"

CHROME_NAVIGATION = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
FIREFOX_NAVIGATION = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CHROME_IMG = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
FIREFOX_IMG = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
SAFARI_IMG = (
    "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,"
    "image/svg+xml,image/*;q=0.8,*/*;q=0.5"
)

# Label, header, answer to POST, answer to GET.
CLIENTS = [
    ("axios", "application/json, text/plain, */*", PNG, JSON),
    ("HTTPie with a JSON body", "application/json, */*;q=0.5", JSON, JSON),
    ("curl, requests, fetch", "*/*", PNG, JSON),
    ("script that wants JSON", "application/json", JSON, JSON),
    ("script that wants PNG", "image/png", PNG, PNG),
    ("Chrome, navigation", CHROME_NAVIGATION, HTML, HTML),
    ("Firefox and Safari, navigation", FIREFOX_NAVIGATION, HTML, HTML),
    ("Chrome, img", CHROME_IMG, PNG, PNG),
    ("Firefox, img", FIREFOX_IMG, PNG, PNG),
    ("Safari, img", SAFARI_IMG, PNG, PNG),
    ("any image", "image/*", PNG, PNG),
    ("any text", "text/*", HTML, HTML),
    ("empty", "", PNG, JSON),
    ("only commas", " , ,", PNG, JSON),
    ("all three alike", "text/html, application/json, image/png", PNG, JSON),
    ("JSON and HTML alike", "text/html, application/json", JSON, JSON),
    ("PNG and HTML alike", "text/html, image/png", PNG, PNG),
    ("no PNG", "image/png;q=0, */*", JSON, JSON),
    ("no JSON", "application/json;q=0, */*", PNG, PNG),
    ("neither PNG nor JSON", "image/png;q=0, application/json;q=0, */*", HTML, HTML),
    ("no image at all", "image/*;q=0, */*;q=0.1", JSON, JSON),
    ("exclusion by the more specific range", "image/*, image/png;q=0, text/html;q=0.1", HTML, HTML),
    ("specific below the general", "image/png;q=0.1, */*;q=0.5", JSON, JSON),
    ("smallest quality", "text/html;q=0.001", HTML, HTML),
    ("upper case", "APPLICATION/JSON", JSON, JSON),
    ("upper case Q", "image/png;Q=0.1, application/json;Q=0.9", JSON, JSON),
    ("white space", "  image/png ; q=0.1 ,\tapplication/json ; q=0.9 ", JSON, JSON),
    ("different qualities", "application/json;q=0.9, image/png;q=0.8", JSON, JSON),
    ("unknown types beside", "application/pdf, application/json;q=0.2", JSON, JSON),
    ("without a slash", "nonsense, application/json", JSON, JSON),
    ("parameters in an unknown charset", "text/html; a*=idna''%ff, application/json", JSON, JSON),
    ("parameters numbered wrongly", "text/html; a*=utf-8''x; a*0=c, image/png", PNG, PNG),
]
NOT_ACCEPTABLE = [
    pytest.param("application/pdf", id="another type"),
    pytest.param("image/jpeg", id="another image"),
    pytest.param("*/*;q=0", id="nothing"),
    pytest.param("image/png;q=0, application/json;q=0, text/html;q=0", id="none of ours"),
    pytest.param("image/*;q=0, text/*;q=0, application/*;q=0, */*;q=1", id="none of our groups"),
    pytest.param("nonsense", id="no media type"),
    pytest.param("application/json," * 1000, id="too long to be honest"),
]


@pytest.fixture
def comparison(db: None) -> Comparison:  # noqa: ARG001
    return record_comparison()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("accept", "expected"),
    [pytest.param(accept, post, id=label) for label, accept, post, _ in CLIENTS],
)
def test_post_answers_what_the_client_prefers(
    client: APIClient, accept: str, expected: str
) -> None:
    response = client.post("/compare", url_pair(), format="json", headers={"accept": accept})

    assert response.status_code == 201
    assert response["Content-Type"].partition(";")[0] == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [pytest.param(accept, get, id=label) for label, accept, _, get in CLIENTS],
)
def test_get_answers_what_the_client_prefers(
    client: APIClient, comparison: Comparison, accept: str, expected: str
) -> None:
    response = client.get(f"/compare/{comparison.pk}", headers={"accept": accept})

    assert response.status_code == 200
    assert response["Content-Type"].partition(";")[0] == expected
    read_body(response)


@pytest.mark.django_db
def test_post_without_accept_answers_png(client: APIClient) -> None:
    response = client.post("/compare", url_pair(), format="json")

    assert response["Content-Type"] == PNG


def test_get_without_accept_answers_json(client: APIClient, comparison: Comparison) -> None:
    response = client.get(f"/compare/{comparison.pk}")

    assert response["Content-Type"] == JSON


@pytest.mark.django_db
@pytest.mark.parametrize("accept", NOT_ACCEPTABLE)
def test_post_that_can_not_be_answered_is_not_acceptable(client: APIClient, accept: str) -> None:
    response = client.post("/compare", url_pair(), format="json", headers={"accept": accept})

    assert response.status_code == 406
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_acceptable"
    assert not Comparison.objects.exists()


@pytest.mark.parametrize("accept", NOT_ACCEPTABLE)
def test_get_that_can_not_be_answered_is_not_acceptable(
    client: APIClient, comparison: Comparison, accept: str
) -> None:
    response = client.get(f"/compare/{comparison.pk}", headers={"accept": accept})

    assert response.status_code == 406


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "expected"), [("png", PNG), ("json", JSON), ("html", HTML)])
@pytest.mark.parametrize("accept", ["image/png", "application/json", "text/html", "image/jpeg"])
def test_format_overrides_accept_of_post(
    client: APIClient, name: str, expected: str, accept: str
) -> None:
    response = client.post(
        f"/compare?format={name}", url_pair(), format="json", headers={"accept": accept}
    )

    assert response.status_code == 201
    assert response["Content-Type"].partition(";")[0] == expected


@pytest.mark.parametrize(("name", "expected"), [("png", PNG), ("json", JSON), ("html", HTML)])
@pytest.mark.parametrize("accept", ["image/png", "application/json", "text/html", "image/jpeg"])
def test_format_overrides_accept_of_get(
    client: APIClient, comparison: Comparison, name: str, expected: str, accept: str
) -> None:
    response = client.get(f"/compare/{comparison.pk}?format={name}", headers={"accept": accept})

    assert response.status_code == 200
    assert response["Content-Type"].partition(";")[0] == expected
    read_body(response)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["gif", "PNG", "image/png", "%00"])
def test_unknown_format_is_not_acceptable_and_names_the_known_ones(
    client: APIClient, name: str
) -> None:
    response = client.post(f"/compare?format={name}", url_pair(), format="json")

    assert response.status_code == 406
    assert "png, json, html" in response.json()["detail"]
    assert not Comparison.objects.exists()


@pytest.mark.django_db
def test_empty_format_is_none(client: APIClient) -> None:
    response = client.post("/compare?format=", url_pair(), format="json")

    assert response["Content-Type"] == PNG


@pytest.mark.django_db
def test_form_of_a_browser_is_answered_with_a_page(client: APIClient) -> None:
    response = client.post(
        "/compare",
        {"image1": upload(WHITE), "image2": upload(BLACK)},
        format="multipart",
        headers={"accept": CHROME_NAVIGATION},
    )

    assert response.status_code == 201
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert b"<h1" in response.content


def test_caches_are_told_that_accept_matters(client: APIClient, comparison: Comparison) -> None:
    response = client.get(f"/compare/{comparison.pk}")

    assert "Accept" in response["Vary"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param("text/*, text/html;q=0.5, */*;q=0.7", "b/b", id="own range, not its group's"),
        pytest.param("a/a;q=0.3, b/b;q=0.4", "b/b", id="higher quality"),
        pytest.param("b/b, a/a", "a/a", id="order of the server, not of the client"),
        pytest.param("c/c", None, id="none"),
    ],
)
def test_most_specific_range_decides_on_a_type(accept: str, expected: str | None) -> None:
    media_types = ["a/a", "b/b"] if "text" not in accept else ["text/html", "b/b"]

    chosen = choose_media_type(accept, media_types)

    assert chosen == expected
