"""The application as a whole: its pages, its documents, and what every answer has in common."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from backprop_explorer import __version__
from backprop_explorer.api.response_headers import OF_DOCUMENTS, SECURITY_HEADERS
from backprop_explorer.limits import Limits
from backprop_explorer.main import API, OPENAPI_URL, create_app
from backprop_explorer.settings import Settings
from tests.api.test_errors import BODIES, read
from tests.browser import READY, few_routes
from tests.helpers.api import keep
from tests.helpers.browsers import PageWatch
from tests.helpers.clients import Client, MakeClient

JSON = {"Content-Type": "application/json"}


def json_entries(client: Client) -> Iterator[str]:
    """Yield the path of every operation that takes JSON."""
    for path, operations in client.get(OPENAPI_URL).json()["paths"].items():
        body = operations.get("post", {}).get("requestBody", {})
        if "application/json" in body.get("content", {}):
            yield path


def test_health(shared_client: Client) -> None:
    assert shared_client.get("/healthz").json() == {"status": "ok", "version": __version__}


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/docs", 200),
        ("GET", "/healthz", 200),
        ("GET", OPENAPI_URL, 200),
        ("GET", f"{API}/catalog", 200),
        ("GET", "/static/js/main.js", 200),
        ("GET", "/static/nothing.js", 404),
        ("GET", "/nowhere", 404),
        ("GET", f"{API}/experiments/{20 * '0'}", 404),
        ("POST", f"{API}/catalog", 405),
        ("POST", "/", 405),
        ("PUT", f"{API}/trace", 405),
        ("POST", f"{API}/trace", 422),
    ],
)
def test_every_answer_is_protected_and_every_error_a_problem(
    shared_client: Client, method: str, url: str, status: int
) -> None:
    response = shared_client.request(method, url, headers=JSON)
    assert response.status_code == status
    for name, value in SECURITY_HEADERS.items():
        no_document = response.is_success and url.endswith(".js") and name in OF_DOCUMENTS
        assert response.headers.get_list(name) == ([] if no_document else [value])
    if status >= 400:
        read(response, status)


def test_pages_are_asked_for_again_and_name_versioned_files(shared_client: Client) -> None:
    response = shared_client.get("/")
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    urls = re.findall(r'(?:href|src)="[.](/static/[^"]+)"', response.text)
    assert urls
    for url in urls:
        assert re.match(r"/static/[0-9a-f]{12}/", url)
        assert "immutable" in shared_client.request("HEAD", url).headers["cache-control"]


@pytest.mark.exhaustive
def test_the_documentation_works_offline_under_the_strict_policy(page: Page) -> None:
    """``tests/page/test_prefix.py`` tries the same below a path."""
    few_routes(page, "catalog")
    page.goto("/docs")
    page.wait_for_selector(".opblock")
    page.click(".opblock-summary-path >> text=catalog")
    page.click(".try-out__btn")
    page.click(".execute")
    expect(page.locator(".live-responses-table .response-col_status").last).to_contain_text("200")


def test_the_first_page_is_a_handful_of_files_and_at_most_nine_hundred_kilobytes(
    lone_page: Page, page_watch: PageWatch
) -> None:
    page = lone_page
    received: list[float] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto("/")
    page.wait_for_function("() => window.Plotly !== undefined")
    page.wait_for_load_state("networkidle")
    assert len(received) > 5
    assert sum(received) < 900_000
    expect(page.locator(READY)).to_be_visible()
    files = {url for url in page_watch.requests if "/static/" in url}
    assert 0 < len(files) <= 5, files
    # It loads nothing of the lessons but their list, for a door, and links to them.
    found = [url for url in page_watch.requests if "lessons" in url]
    assert found == [f"{page_watch.origin}{API}/lessons"]
    expect(page.get_by_role("link", name="Lessons", exact=True)).to_have_attribute(
        "href", "./lessons"
    )


def test_the_documentation_names_the_problem_document(shared_client: Client) -> None:
    for path, operations in shared_client.get(OPENAPI_URL).json()["paths"].items():
        for operation in operations.values():
            content = operation["responses"]["422"]["content"]
            assert (path, list(content)) == (path, ["application/problem+json"])


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_hostile_bodies_at_every_entry(shared_client: Client, body: bytes) -> None:
    entries = list(json_entries(shared_client))
    assert f"{API}/trace" in entries
    for path in entries:
        response = shared_client.post(path, content=body, headers=JSON)
        assert 400 <= response.status_code < 500, path
        read(response, response.status_code)


def test_every_entry_reads_json_strictly(shared_client: Client) -> None:
    for path in json_entries(shared_client):
        document = read(shared_client.post(path, content=b'{"x": NaN}', headers=JSON), 422)
        # Another message means that the router lacks route_class=BodyRoute.
        assert "JSON" in document["detail"], path


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_body_may_be_as_large_as_the_limit(
    settings: Settings, make_client: MakeClient, announced: bool, extra: int
) -> None:
    limits = Limits(max_body_bytes=2048)
    app = create_app(settings.model_copy(update={"limits": limits}))
    client = make_client(app)
    body = b"[" + b" " * (limits.max_body_bytes - 2 + extra) + b"]"

    async def chunks() -> AsyncIterator[bytes]:
        yield body[:1000]
        yield body[1000:]

    content = body if announced else chunks()
    response = client.post(f"{API}/trace", content=content, headers=JSON)
    read(response, 413 if extra > 0 else 422)


def test_large_answers_are_compressed(shared_client: Client) -> None:
    response = shared_client.get(OPENAPI_URL, headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"


def test_two_applications_share_nothing(
    settings: Settings, shared_client: Client, make_client: MakeClient
) -> None:
    other = make_client(create_app(settings.model_copy(update={"store": ":memory:"})))
    path = keep(shared_client)
    assert shared_client.get(path).status_code == 200
    assert other.get(path).status_code == 404


def test_without_settings_the_environment_counts(
    monkeypatch: pytest.MonkeyPatch, make_client: MakeClient
) -> None:
    monkeypatch.setenv("EXPLORER_ALLOWED_HOSTS", "desk.example")
    app = create_app()
    client = make_client(app)
    assert client.get("/healthz").status_code == 400
    assert client.get("/healthz", headers={"Host": "desk.example"}).status_code == 200


def test_a_real_server_does_not_name_its_software(server: str) -> None:
    response = httpx.get(f"{server}/healthz")
    assert "server" not in response.headers
    for name, value in SECURITY_HEADERS.items():
        assert response.headers.get_list(name) == [value]
