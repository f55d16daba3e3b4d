"""Many tabs of one lecturer share one event stream, also where the context is not secure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from backprop_explorer.web.addresses import machine_addresses
from tests.browser import action, choose_line, open_page, readout, until
from tests.helpers.browsers import PageWatch
from tests.helpers.servers import RunningServer, start_server, stop_server
from tests.page.in_class import ANDROID, PHONE, READY, ask, code_of

# A browser opens so many connections to a host over HTTP/1.1.
TABS = 6
PROJECTORS = ((1920, 1080), (1280, 720))


@pytest.fixture
def on_network(tmp_path: Path) -> RunningServer:
    """A server for the network of this machine, as a class uses it."""
    host = machine_addresses()[0]
    return start_server(tmp_path, EXPLORER_HOST=host)


FITS = """() => {
    const { scrollWidth, scrollHeight } = document.documentElement;
    return scrollWidth <= innerWidth && scrollHeight <= innerHeight;
}"""


WITHOUT_WORKERS = """
delete globalThis.SharedWorker;
for (const name of ['locks', 'serviceWorker'])
    Object.defineProperty(Navigator.prototype, name, { get: () => undefined });
"""


@pytest.mark.parametrize("device", [{}, ANDROID | {"viewport": PHONE}], ids=["desk", "android"])
def test_six_tabs_of_a_lecturer_answer(
    browser: Browser, on_network: RunningServer, page_watch: PageWatch, device: dict[str, Any]
) -> None:
    context = browser.new_context(base_url=on_network.url, reduced_motion="reduce", **device)
    if device:
        context.add_init_script(WITHOUT_WORKERS)
    streams: list[Request] = []

    def begun(each: Request) -> None:
        if each.url.endswith("/rooms/events"):
            streams.append(each)

    def ended(each: Request) -> None:
        if each in streams:
            streams.remove(each)

    context.on("request", begun)
    context.on("requestfinished", ended)
    context.on("requestfailed", ended)
    try:
        teach = context.new_page()
        teach.goto("/teach")
        assert not teach.evaluate("isSecureContext")
        assert teach.evaluate("'SharedWorker' in globalThis") is not bool(device)
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
        assert len(streams) == 1
        # One of them becomes the hall's screen, with a code that the last row can scan.
        screen = tabs[-1]
        address = action(teach, "screen").get_attribute("href") or ""
        screen.goto(address)
        expect(readout(screen, "code")).to_have_text(code_of(teach))
        expect(screen.locator(".hall-prompt")).to_contain_text("shape")
        assert len(streams) == 1
        for width, height in () if device else PROJECTORS:
            screen.set_viewport_size({"width": width, "height": height})
            code = screen.locator(".hall-join .code").bounding_box()
            assert code is not None
            assert code["width"] >= 320, width
            screen.wait_for_function(FITS)
        # The lecturer's own code is enlarged by a press; the page of addresses has it, too.
        teach.locator("button.qr").click()
        expect(teach.locator("#large-qr .code")).to_be_visible()
        large = teach.locator("#large-qr .code").bounding_box()
        assert large is not None
        assert large["width"] >= 320
        address_page = context.new_page()
        address_page.goto("/address")
        expect(readout(address_page, "code")).to_have_text(code_of(teach))
        # The tab that leads the others is closed.
        teach.close()
        ask(tabs[0], "sign")
        for other in tabs[:-1]:
            expect(other.locator("body")).to_contain_text(f"Question {TABS}")
        expect(screen.locator(".hall-prompt")).to_contain_text("positive")
        assert len([each for each in streams if not each.frame.page.is_closed()]) == 1
    finally:
        context.close()
        stop_server(on_network.process)


def test_the_longest_question_is_whole_on_the_screen(
    teach: Page, shown: Page, page_watch: PageWatch
) -> None:
    """Nothing is cut and nothing is scrolled, with eight options and their reasons."""
    with teach.context.expect_page() as opened:
        action(teach, "screen").click()
    screen = opened.value
    page_watch.attach(screen)
    action(shown, "ask").click()
    shown.locator('[data-control="ask-kind"] [data-value="choice"]').click()
    shown.locator("#ask-prompt").fill(12 * "Which of these is the gradient? ")
    rows = shown.locator(".ask-option")
    for k in range(8):
        expect(rows.nth(k)).to_be_visible()  # the next one comes when all are filled
        for text in rows.nth(k).locator("input[type=text]").all():
            text.fill(7 * "the product of both ")
    action(shown, "ask-go").click()
    action(teach, "reveal").click()
    expect(screen.locator(".option-bars .reason")).to_have_count(8)
    for width, height in PROJECTORS:
        screen.set_viewport_size({"width": width, "height": height})
        screen.wait_for_function("innerWidth === document.documentElement.clientWidth")
        screen.wait_for_function(FITS)
        whole = "box => box.scrollHeight <= box.clientHeight && box.scrollWidth <= box.clientWidth"
        screen.wait_for_function(whole, arg=screen.locator(".hall-question").element_handle())


def test_the_right_answer_is_on_the_screen_once_it_is_revealed(
    teach: Page, shown: Page, page_watch: PageWatch
) -> None:
    with teach.context.expect_page() as opened:
        action(teach, "screen").click()
    screen = opened.value
    page_watch.attach(screen)
    screen.set_viewport_size({"width": 1440, "height": 900})
    choose_line(shown, "z1")
    ask(shown, "shape")
    expect(screen.locator(".hall-prompt")).to_contain_text("shape")
    expect(readout(screen, "solution")).to_have_count(0)
    action(teach, "reveal").click()
    expect(readout(screen, "solution").locator("input")).to_have_value("(4,)")
