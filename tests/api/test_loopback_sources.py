"""What this machine serves may be compared by requests from here, not by pages from elsewhere."""

import json
from ipaddress import ip_network

import pytest
from django.http import HttpResponse
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.comparing import record_comparison, url_pair
from tests.picture_server import PictureServer
from tests.pictures import plain

pytestmark = pytest.mark.django_db

FROM_HERE = {
    "no browser": {},
    "this service's page": {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"},
    "localhost": {"origin": "http://localhost:3000"},
    # To a browser, localhost and 127.0.0.1 are two sites.
    "another name of this machine": {
        "origin": "http://localhost:3000",
        "sec-fetch-site": "cross-site",
        "referer": "http://localhost:3000/page",
    },
    "localhost, over TLS": {"origin": "https://localhost"},
    "a name under localhost": {"origin": "http://app.dev.localhost:5173"},
    "another address of this machine": {"origin": "http://127.1.2.3:80"},
    "IPv6": {"origin": "http://[::1]:8000"},
    "capitals": {"origin": "HTTP://LOCALHOST"},
    "a page of here that names no origin": {
        "referer": "http://localhost:3000/page?a=http://b.example/",
        "sec-fetch-site": "same-site",
    },
    "an address that was typed in": {"sec-fetch-site": "none"},
}
FROM_ELSEWHERE = {
    "another site": {"origin": "https://pages.example"},
    "another site, with the port of the service": {"origin": "http://pages.example:8000"},
    "the service's own site, by a name of its own": {"origin": "http://testserver"},
    "no origin": {"origin": "null"},
    "an empty origin": {"origin": ""},
    "a file": {"origin": "file://"},
    "an extension": {"origin": "chrome-extension://localhost"},
    "localhost in front of a name": {"origin": "http://localhost.pages.example"},
    "localhost behind a name": {"origin": "http://evillocalhost"},
    "localhost behind a hyphen": {"origin": "http://evil-localhost:80"},
    "an address in front of a name": {"origin": "http://127.0.0.1.pages.example"},
    "127 as a label": {"origin": "http://127.pages.example"},
    "localhost as a user": {"origin": "http://localhost@pages.example"},
    "localhost as a user, with a port": {"origin": "http://localhost:80@pages.example"},
    "a user of localhost": {"origin": "http://pages.example@localhost"},
    "localhost as a path": {"origin": "http://pages.example/localhost"},
    "localhost with a path": {"origin": "http://localhost/"},
    "two origins": {"origin": "http://localhost,https://pages.example"},
    "two origins, the other way round": {"origin": "https://pages.example,http://localhost"},
    "two origins and a space": {"origin": "https://pages.example http://localhost"},
    "the network": {"origin": "http://192.168.1.2"},
    "any address": {"origin": "http://0.0.0.0:8000"},
    "an address in another form": {"origin": "http://[::ffff:127.0.0.1]"},
    "another scheme": {"origin": "ftp://localhost"},
    "a cross-site request without origin": {"sec-fetch-site": "cross-site"},
    "a cross-site request, in capitals": {"sec-fetch-site": "Cross-Site"},
    "a page that names no origin": {"referer": "https://pages.example/"},
    "a page that names no origin, on the same site": {
        "referer": "http://pages.example/",
        "sec-fetch-site": "same-site",
    },
    "a referrer without slash": {"referer": "https://pages.example"},
    "a referrer with localhost in its path": {"referer": "https://pages.example/http://localhost/"},
    # An origin counts more than what is said beside it.
    "another site, though of the same": {
        "origin": "https://pages.example",
        "sec-fetch-site": "same-origin",
        "referer": "http://localhost/",
    },
}


@pytest.fixture(autouse=True)
def profile(settings: Settings) -> None:
    """Allow what the development profile does."""
    settings.FETCH_ALLOWED_NETWORKS = []
    settings.FETCH_ALLOWED_PORTS = [range(80, 81), range(443, 444)]
    settings.FETCH_LOOPBACK_PORTS = [range(1, 65536)]


def compare(client: APIClient, pictures: PictureServer, headers: dict[str, str]) -> HttpResponse:
    urls = {
        "image_url1": pictures.serve("/1.png", plain("white")),
        "image_url2": pictures.serve("/2.png", plain("black")),
    }
    return client.post("/compare", urls, format="json", headers=headers)


def refusals(response: HttpResponse) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in json.loads(response.content)["errors"]]


@pytest.mark.parametrize("headers", FROM_HERE.values(), ids=FROM_HERE)
def test_are_taken_for_requests_from_here(
    headers: dict[str, str], client: APIClient, pictures: PictureServer
) -> None:
    response = compare(client, pictures, headers)

    assert response.status_code == 201


@pytest.mark.parametrize("headers", FROM_ELSEWHERE.values(), ids=FROM_ELSEWHERE)
def test_are_refused_to_pages_from_elsewhere(
    headers: dict[str, str], client: APIClient, pictures: PictureServer
) -> None:
    response = compare(client, pictures, headers)

    assert response.status_code == 422
    assert refusals(response) == [
        ("image_url1", "address_not_allowed"),
        ("image_url2", "address_not_allowed"),
    ]
    assert pictures.requested_paths == []


def test_are_for_everybody_where_the_operator_names_the_network(
    client: APIClient, pictures: PictureServer, settings: Settings
) -> None:
    settings.FETCH_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    settings.FETCH_ALLOWED_PORTS = [range(1, 65536)]

    response = compare(client, pictures, {"origin": "https://pages.example"})

    assert response.status_code == 201


def test_are_nobodys_without_ports(
    client: APIClient, pictures: PictureServer, settings: Settings
) -> None:
    settings.FETCH_LOOPBACK_PORTS = []

    response = compare(client, pictures, {"origin": "http://localhost"})

    assert response.status_code == 422


def test_are_refused_as_masks_too(client: APIClient, pictures: PictureServer) -> None:
    fields = url_pair(mask_image_url=pictures.serve("/mask.png", plain("white")))

    response = client.post("/compare", fields, headers={"origin": "https://pages.example"})

    assert refusals(response) == [("mask_image_url", "address_not_allowed")]
    assert pictures.requested_paths == []


def test_that_are_stored_can_be_compared_again_from_elsewhere(client: APIClient) -> None:
    comparison = record_comparison()

    response = client.post(
        f"/compare/{comparison.pk}/rerun", headers={"origin": "https://pages.example"}
    )

    assert response.status_code == 201
