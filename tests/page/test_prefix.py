"""The whole program in a browser, below a path of a reverse proxy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.browser import READY, action, choose_line, few_routes, go_to_step, readout, until
from tests.helpers.browsers import PageWatch
from tests.helpers.cases import exhaustive
from tests.helpers.lesson_page import answer, lesson
from tests.helpers.lessons import ONE
from tests.helpers.prefix_proxy import prefix_proxy
from tests.helpers.serving import serving

PREFIX = "/user/name/proxy/8401"


@pytest.fixture(scope="module")
def left_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that knows the prefix, which its proxy leaves in the requests."""
    store = tmp_path_factory.mktemp("prefix") / "store.sqlite3"
    app = create_app(Settings(store=str(store), root_path=PREFIX, workers=0))
    with serving(app) as (port, _):
        yield f"http://127.0.0.1:{port}"


LEFT = "left"
HIDDEN = "removed, other host"  # the server knows neither the prefix nor its own address


def ways(*usual: str) -> Any:
    """The ways in which ``make test`` runs a test; a page that works in these works in all."""
    every = (LEFT, HIDDEN, "removed")
    cases = [way if way in usual else exhaustive(way) for way in every]
    return pytest.mark.parametrize("base", cases, indirect=True)


@pytest.fixture(scope="module")
def base(request: pytest.FixtureRequest, server: str) -> Iterator[str]:
    """The program's address, where the proxy removes the prefix or leaves it."""
    removed = request.param != LEFT
    target = server if removed else request.getfixturevalue("left_server")
    with prefix_proxy(target, PREFIX, strip=removed, keep_host=request.param != HIDDEN) as url:
        yield url


@pytest.fixture
def below(base: str, page_watch: PageWatch, page: Page) -> Iterator[Page]:
    """A page whose requests must all be below the prefix."""
    page_watch.origin = base
    yield page
    assert len(page_watch.requests) > 5


def opened(page: Page, url: str) -> None:
    page.goto(url)
    until(page, READY)
    expect(page.locator("body")).to_have_attribute("data-ready", "true")


@ways(LEFT)
def test_from_the_explorer_to_the_check_and_back(below: Page, base: str) -> None:
    opened(below, f"{base}/#line=z1")
    action(below, "play").click()
    expect(readout(below, "step")).not_to_have_text("0")
    action(below, "pause").click()
    go_to_step(below, 7)
    choose_line(below, "dC_dW1")
    below.wait_for_function("() => /line=dC_dW1/.test(location.hash)")
    assert below.url.startswith(f"{base}/#step=7")
    action(below, "share").click()
    with below.expect_download() as download:
        action(below, "export-notebook").click()
    assert download.value.suggested_filename.endswith(".ipynb")
    below.keyboard.press("Escape")
    below.locator('[data-slot="check"]').click()
    expect(below.locator('[data-slot="read"]')).to_contain_text("W1")
    assert below.url.startswith(f"{base}/check")
    below.locator('[data-field="paste"]').press_sequentially("z1 = [9, 9, 9, 9]")
    action(below, "check").click()
    expect(below.locator('[data-slot="marking"]')).to_contain_text("z1")
    code = below.locator('[data-snippet-text="httpx"]')
    expect(code).to_contain_text(f'"{base}/api/v1/check"')
    below.locator('[data-slot="explore"]').click()
    expect(below).to_have_url(re.compile(re.escape(f"{base}/#")))
    until(below, READY)
    expect(below.locator("body")).to_have_attribute("data-ready", "true")
    expect(readout(below, "step")).to_have_text("7")


@ways(HIDDEN)
def test_a_lesson_from_the_list_and_the_documentation(
    below: Page, base: str, page_watch: PageWatch
) -> None:
    opened(below, f"{base}/lessons?seed=7")
    below.locator(".for-lecturers summary").click()
    action(below, "copy-link").click()
    expect(below.locator('[data-slot="class-said"]')).to_contain_text(f"{base}/lessons?seed=7")
    below.locator(f'[data-lesson="{ONE}"] a').click()
    expect(below.locator("body")).to_have_attribute("data-ready", "true")
    expect(readout(below, "card")).not_to_be_empty()
    assert below.url.startswith(f"{base}/lessons/{ONE}?seed=7")
    before = readout(below, "card").inner_text()
    answer(below, 0)
    action(below, "card-next").click()
    expect(readout(below, "card")).not_to_have_text(before)
    lesson(below).locator(".lesson-place a").click()
    expect(below).to_have_url(f"{base}/lessons?seed=7")
    page_watch.requests.clear()
    open_documentation(below, base)
    files = {url for url in page_watch.requests if "/static/" in url}
    assert len(files) <= 5, files


@pytest.mark.exhaustive  # where the routes are is tested by tests/api/test_prefix.py
@ways(HIDDEN)
def test_the_documentation_tries_a_route_there(below: Page, base: str) -> None:
    open_documentation(below, base)
    below.click(".opblock-summary-path >> text=catalog")
    below.click(".try-out__btn")
    below.click(".execute")
    below.wait_for_selector(".live-responses-table .response-col_status >> text=200")
    expect(below.locator(".request-url").first).to_contain_text(f"{base}/api/v1/catalog")


def open_documentation(page: Page, base: str) -> None:
    few_routes(page, "catalog")
    page.goto(f"{base}/docs")
    page.wait_for_selector(".opblock")


@ways(LEFT, HIDDEN, "removed")
def test_a_slash_too_many_leads_to_the_page(base: str) -> None:
    for path in ("/lessons", "/check"):
        page = httpx.get(f"{base}{path}/", follow_redirects=True)
        assert (page.status_code, str(page.url)) == (200, f"{base}{path}")


def test_the_prefix_without_a_slash_leads_to_the_explorer(left_server: str) -> None:
    with prefix_proxy(left_server, PREFIX, strip=False) as base:
        page = httpx.get(base, follow_redirects=True)
    assert (page.status_code, str(page.url)) == (200, f"{base}/")
