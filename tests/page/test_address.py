"""The address for a projector, and the page under a host that is not known, in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from backprop_explorer.settings import load_settings
from backprop_explorer.web.addresses import hosts_to_type
from tests.helpers.axe import violations, violations_in_both_themes
from tests.helpers.browsers import DESK, PageWatch
from tests.helpers.cases import exhaustive
from tests.helpers.prefix_proxy import prefix_proxy
from tests.helpers.servers import start_server, stop_server

SIZES = {"desk": (1440, 900), "phone": (390, 844), "projector": (2560, 1440)}
FITS = """element => {
    const box = element.getBoundingClientRect();
    return box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight
        && document.documentElement.scrollWidth <= innerWidth;
}"""


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on all addresses of the machine, which a class is told as desk.example."""
    running = start_server(
        tmp_path_factory.mktemp("open"),
        *("--host", "0.0.0.0"),
        EXPLORER_ALLOWED_HOSTS="desk.example,192.168.100.200,localhost,127.0.0.1",
    )
    yield running.url.rpartition(":")[2]
    stop_server(running.process)


@pytest.fixture
def watched(browser: Browser, open_server: str) -> Iterator[Page]:
    """A page of that server, opened on the same machine."""
    watch = PageWatch(f"http://localhost:{open_server}")
    context = browser.new_context(base_url=watch.origin, viewport=DESK)
    page = context.new_page()
    watch.attach(page)
    yield page
    context.close()
    assert watch.unexpected() == []


def test_the_address_is_large_and_for_everyone(watched: Page, open_server: str) -> None:
    page = watched
    page.emulate_media(color_scheme="light")
    page.goto("/address")
    address = page.locator('[data-readout="address"]')
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light")
        expect(address).to_have_text(f"http://desk.example:{open_server}")
        expect(page.locator("html")).to_have_attribute("data-theme", "light")
        assert address.evaluate(FITS), size
        # The text is in one line and takes most of the width.
        box = address.evaluate(
            "e => { const r = document.createRange(); r.selectNodeContents(e);"
            " const rows = new Set([...r.getClientRects()].map(each => Math.round(each.bottom)));"
            " return [r.getBoundingClientRect().width / innerWidth, rows.size]; }"
        )
        assert box[0] > 0.75, size
        # Two, since the letters of the scheme are lighter and may end one pixel lower.
        assert box[1] <= 2, size
        code = page.get_by_role("img", name=f"QR code of http://desk.example:{open_server}")
        assert code.evaluate(FITS), size
        assert violations_in_both_themes(page) == [], size
    # Another address can be shown.
    before = page.locator(".code").inner_html()
    page.get_by_role("link", name="192.168.100.200").click()
    expect(address).to_have_text(f"http://192.168.100.200:{open_server}")
    assert page.locator(".code").inner_html() != before
    expect(page.get_by_role("link", name="desk.example")).to_be_visible()


def test_a_server_of_this_machine_alone_says_how_to_open_it(page: Page) -> None:
    page.goto("/address")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Only this computer")
    expect(page.locator("main")).to_contain_text("--host 0.0.0.0")
    assert violations_in_both_themes(page) == []


def test_the_address_behind_a_proxy(browser: Browser, server: str) -> None:
    forwarded = {"X_Forwarded_Prefix": "/user/name", "X_Forwarded_Host": "hub.example"}
    with prefix_proxy(server, "/user/name", **forwarded) as base:
        page = browser.new_page()
        page.goto(f"{base}/address")
        expect(page.locator('[data-readout="address"]')).to_have_text(
            "http://hub.example/user/name"
        )
        page.close()


COMBINED = [("desk", "light"), ("phone", "dark"), ("projector", "light")]
REST = [pair for pair in product(SIZES, ("light", "dark")) if pair not in COMBINED]


@pytest.mark.parametrize("views", [COMBINED, exhaustive(REST)], ids=["few", "rest"])
def test_a_host_that_is_not_known_gets_a_page(
    browser: Browser, server: str, views: list[tuple[str, str]]
) -> None:
    page = browser.new_page()
    port = server.rpartition(":")[2]
    # Chromium resolves every name below localhost to this machine.
    answer = page.goto(f"http://desk.localhost:{port}/lessons/one-layer-by-hand")
    assert answer is not None
    assert answer.status == 400
    expect(page.get_by_role("heading", level=1)).to_contain_text("does not answer to this address")
    expect(page.locator("pre").first).to_have_text(
        "export EXPLORER_ALLOWED_HOSTS=desk.localhost,localhost,127.0.0.1"
    )
    for size, scheme in views:
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert paper == ("rgb(21, 23, 27)" if scheme == "dark" else "rgb(251, 250, 246)")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), size
        assert violations(page) == []
    page.close()


def test_a_class_reaches_a_server_on_all_addresses(tmp_path: Path) -> None:
    """EXPLORER_HOST=0.0.0.0 alone is enough."""
    running = start_server(tmp_path, EXPLORER_HOST="0.0.0.0")
    port = running.url.rpartition(":")[2]
    hosts = hosts_to_type(load_settings(host="0.0.0.0"))
    assert running.url == f"http://{(*hosts, 'localhost')[0]}:{port}"
    # The resolver of a test machine may not know its name.
    for host in (each for each in hosts if not each.endswith(".local")):
        page = httpx.get(f"http://{host}:{port}/address")
        assert page.status_code == 200, host
        _, shown = page.text.split('data-readout="address">')
        assert (
            re.sub(r"<[^>]*>", "", shown[: shown.index("</p>")]).strip() == f"http://{host}:{port}"
        )
    stop_server(running.process)
