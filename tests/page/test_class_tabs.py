"""Many tabs of one lecturer share one event stream, also where the context is not secure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from backprop_explorer.web.addresses import machine_addresses
from tests.browser import action, choose_line, open_page, readout, until
from tests.helpers.browsers import PageWatch
from tests.helpers.servers import RunningServer, start_server, stop_server
from tests.page.in_class import READY, ask, code_of

# A browser opens so many connections to a host over HTTP/1.1.
TABS = 6


@pytest.fixture
def on_network(tmp_path: Path) -> RunningServer:
    """A server for the network of this machine, as a class uses it."""
    host = machine_addresses()[0]
    return start_server(tmp_path, EXPLORER_HOST=host)


FITS = """() => {
    const { scrollWidth, scrollHeight } = document.documentElement;
    return scrollWidth <= innerWidth && scrollHeight <= innerHeight;
}"""


def test_six_tabs_of_a_lecturer_answer(
    browser: Browser, on_network: RunningServer, page_watch: PageWatch
) -> None:
    context = browser.new_context(base_url=on_network.url, reduced_motion="reduce")
    try:
        teach = context.new_page()
        teach.goto("/teach")
        assert not teach.evaluate("isSecureContext")
        action(teach, "open-room").click()
        expect(teach).to_have_url(re.compile("/teach/"))
        until(teach, READY)
        tabs = [context.new_page() for _ in range(TABS - 1)]
        for tab in tabs:
            page_watch.attach(tab)
            open_page(tab, "#step=3&line=z2" if tab is tabs[0] else "#")
            expect(readout(tab, "code")).to_have_text(code_of(teach))
        for number, tab in enumerate(tabs, 1):
            choose_line(tab, f"a{number % 2 + 1}")
            ask(tab, "shape")
            for other in (teach, *tabs):
                expect(other.locator("body")).to_contain_text(f"Question {number}")
        # One of them becomes the hall's screen, with a code that the last row can scan.
        screen = tabs[-1]
        address = action(teach, "screen").get_attribute("href") or ""
        screen.goto(address)
        expect(readout(screen, "code")).to_have_text(code_of(teach))
        for width, height in ((1920, 1080), (1280, 720)):
            screen.set_viewport_size({"width": width, "height": height})
            code = screen.locator(".hall-join .code").bounding_box()
            assert code is not None
            assert code["width"] >= 320, width
            assert screen.evaluate(FITS), width
        screen.goto("/address")
        expect(readout(screen, "code")).to_have_text(code_of(teach))
    finally:
        context.close()
        stop_server(on_network.process)
