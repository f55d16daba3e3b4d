"""Behind a reverse proxy: a path prefix that it removes or leaves, and what it says of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urljoin

import pytest

from backprop_explorer.main import OPENAPI_URL, create_app
from backprop_explorer.settings import Settings
from tests.helpers.api import API
from tests.helpers.clients import Client, MakeClient

PREFIX = "/user/name/proxy/8401"
PAGES = (
    "/",
    "/lessons",
    "/lessons/one-layer-by-hand",
    "/lessons/none",
    "/check",
    "/docs",
    "/graphs/none",
)
RECIPE = {"dataset": {"name": "moons", "samples": 20}}
FORWARDED = {"X-Forwarded-Prefix": PREFIX}


@pytest.fixture
def prefixed(settings: Settings, make_client: MakeClient) -> Callable[[str], Client]:
    """A function that makes a client of an application with a root path."""

    def make(root_path: str) -> Client:
        return make_client(create_app(settings.model_copy(update={"root_path": root_path})))

    return make


def addresses(html: str) -> list[str]:
    """Every address in a page that is neither a fragment nor data."""
    found = re.findall(r'(?:href|src|data-openapi-url)="([^"]*)"', html)
    return [url for url in found if not url.startswith(("#", "data:"))]


@pytest.mark.parametrize("path", PAGES)
def test_pages_name_only_relative_addresses(shared_client: Client, path: str) -> None:
    found = addresses(shared_client.get(path).text)
    assert len(found) >= 4
    for url in found:
        # As a browser reads it that has the page from below a prefix.
        absolute = urljoin(f"http://a.example{PREFIX}{path}", url)
        assert absolute.startswith(f"http://a.example{PREFIX}/"), url
        inside = absolute.removeprefix(f"http://a.example{PREFIX}")
        assert shared_client.get(inside).status_code == 200, url


def test_an_encoded_slash_is_no_level_of_the_address(shared_client: Client) -> None:
    page = shared_client.get("/lessons%2Fone-layer-by-hand")
    assert page.status_code == 200
    assert 'data-root="./"' in page.text


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/lessons/", "/lessons"),
        ("/lessons/?seed=7", "/lessons?seed=7"),
        ("/lessons/one-layer-by-hand/", "/lessons/one-layer-by-hand"),
        ("/check/", "/check"),
        ("/static", "/static/"),
        (f"{API}/catalog/", f"{API}/catalog"),
    ],
)
def test_redirects_stay_below_the_prefix(shared_client: Client, path: str, leads_to: str) -> None:
    answer = shared_client.get(path)
    assert answer.status_code == 307
    location = answer.headers["location"]
    assert urljoin(f"https://a.example{path}", location) == f"https://a.example{leads_to}"
    base = f"https://a.example{PREFIX}"
    assert urljoin(f"{base}{path}", location) == f"{base}{leads_to}"


def test_each_slash_at_the_end_is_a_level(shared_client: Client) -> None:
    # Browsers count an empty segment as a level; Python's urljoin does not.
    assert shared_client.get("/check//").headers["location"] == "../../check"


def test_a_root_path_is_removed_and_not_needed(prefixed: Callable[[str], Client]) -> None:
    client = prefixed(PREFIX)
    for path in (*PAGES, "/healthz", "/metrics", "/static/icon.svg", f"{API}/catalog"):
        inside, outside = client.get(f"{PREFIX}{path}"), client.get(path)
        assert inside.status_code == outside.status_code, path
        if path in PAGES:
            assert inside.text == outside.text
    assert client.get("/user/name/other").status_code == 404
    assert client.get(f"{PREFIX}9/check").status_code == 404


def test_a_root_path_without_its_slash_leads_to_the_page(prefixed: Callable[[str], Client]) -> None:
    answer = prefixed(PREFIX).get(PREFIX)
    assert answer.status_code == 307
    assert urljoin(f"http://a.example{PREFIX}", answer.headers["location"]) == (
        f"http://a.example{PREFIX}/"
    )


def test_a_root_path_with_encoded_characters(prefixed: Callable[[str], Client]) -> None:
    client = prefixed("/user/a%40b.org")
    for sent in ("/user/a%40b.org", "/user/a@b.org"):
        page = client.get(f"{sent}/lessons/one-layer-by-hand")
        assert page.status_code == 200
        assert 'data-root="../"' in page.text


def test_the_place_of_a_new_experiment_has_the_prefix(
    shared_client: Client, prefixed: Callable[[str], Client]
) -> None:
    url = f"{API}/experiments"
    plain = shared_client.post(url, json=RECIPE).headers["location"]
    assert plain.startswith(f"{API}/experiments/")
    told = shared_client.post(url, json=RECIPE, headers=FORWARDED).headers["location"]
    assert told == f"{PREFIX}{plain}"
    left = prefixed(PREFIX).post(f"{PREFIX}{url}", json=RECIPE).headers["location"]
    assert left == f"{PREFIX}{plain}"


@pytest.mark.parametrize(
    "prefix", ["//evil.example", "https://evil.example", "x", '/"><b>', "/a,/b", "/\xe9", ""]
)
def test_a_forwarded_prefix_that_is_no_path_is_ignored(shared_client: Client, prefix: str) -> None:
    headers = {b"X-Forwarded-Prefix": prefix.encode("latin-1")}
    answer = shared_client.post(f"{API}/experiments", json=RECIPE, headers=headers)
    assert answer.headers["location"].startswith(f"{API}/experiments/")


def test_the_openapi_document_names_the_server_relative_to_itself(shared_client: Client) -> None:
    (server,) = shared_client.get(OPENAPI_URL).json()["servers"]
    document = f"https://a.example{PREFIX}{OPENAPI_URL}"
    assert urljoin(document, server["url"]).rstrip("/") == f"https://a.example{PREFIX}"
