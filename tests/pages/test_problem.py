import pytest
from rest_framework.test import APIClient


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nothing", "/compare/00000000-0000-4000-8000-000000000000"])
def test_a_page_that_is_not_there_says_why_and_where_to_go(client: APIClient, path: str) -> None:
    response = client.get(path, headers={"accept": "text/html"})

    page = response.content.decode()
    assert response.status_code == 404
    assert "There is nothing at this address" in page
    assert '<a href="/">Compare two images</a>' in page
