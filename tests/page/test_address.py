"""The address for a projector, and the page under a host that is not known, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from backprop_explorer.main import create_app
from backprop_explorer.settings import load_settings
from tests.helpers.axe import violations, violations_in_both_themes
from tests.helpers.browsers import DESK, PageWatch
from tests.helpers.cases import exhaustive
from tests.helpers.prefix_proxy import prefix_proxy
from tests.helpers.serving import serving
from tests.page.test_access_everywhere import FEW, found_in

SIZES = {"desk": (1440, 900), "phone": (390, 844), "projector": (2560, 1440)}
FITS = """element => {
    const box = element.getBoundingClientRect();
    return box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight
        && document.documentElement.scrollWidth <= innerWidth;
}"""


@pytest.fixture
def open_server(tmp_path: Path) -> Iterator[str]:
    """The port of a server on all addresses of the machine, which a class is told as desk.example.

    It is served on this machine alone: the pages know of the settings only.
    """
    settings = load_settings(
        host="0.0.0.0",
        allowed_hosts="desk.example,192.168.100.200,localhost,127.0.0.1",
        store=str(tmp_path / "store.sqlite3"),
        workers=0,
    )
    with serving(create_app(settings)) as (port, _):
        yield str(port)


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
    assert list(found_in(page, FEW["/address"])) == []


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
