"""The narrowest phones: no page is wider than the window, what is pressed can be hit; the head."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import READY, TWO_FRAMES, action, open_page, until
from tests.helpers.browsers import DESK
from tests.page.test_access_everywhere import LATER, PAGES

pytestmark = pytest.mark.shared_page

# How wide the page is; of what can be pressed and is not a word in a sentence, what is less than
# 24 px wide or high. An input is hit with its label.
LOOK = """() => {
    const small = (each) => {
        const { width, height } = each.getBoundingClientRect();
        return width < 23.5 || height < 23.5;
    };
    const pressed = [...document.querySelectorAll(
            'button, a[href], input, select, summary, [role="tab"]')]
        .filter((each) => {
            const { display, visibility, clipPath } = getComputedStyle(each);
            const seen = each.getBoundingClientRect().width && visibility !== 'hidden';
            return seen && clipPath === 'none' && display !== 'inline';
        })
        .filter((each) => [each, ...(each.labels ?? [])].every(small))
        .map((each) => `${each.tagName} ${each.className} ${each.textContent.slice(0, 20)}`);
    return [document.documentElement.scrollWidth, pressed];
}"""
ROUTES = {
    "first visit": "/",
    "/": PAGES["/"],
    "batch": "/#step=20&line=dC_dW2&sample=batch",
    "batch, cost": "/#step=20&line=C&sample=batch",
    **{route: PAGES[route] for route in PAGES if route not in ("/", "/docs")},
}
NAVIGATED = ("first visit", "/lessons", "/lessons/{name}", "/check", "/teach")


def show(page: Page, route: str) -> None:
    """Show a page, with an answer where it is the check."""
    if ROUTES[route].startswith("/#") or route == "first visit":
        open_page(page, ROUTES[route].removeprefix("/"))
    else:
        page.goto(ROUTES[route])
        until(page, LATER.get(route, "main"))
        expect(page.locator(LATER.get(route, "main")).first).to_be_visible()
    if route == "/check":
        action(page, "check").click()
        expect(page.locator(".lines-marked")).to_be_visible()


def test_a_narrow_page_is_as_wide_as_the_window_and_its_navigation_keeps_its_place(
    page: Page,
) -> None:
    found: dict[tuple[str, int], Any] = {}
    places: dict[str, int] = {}
    for route in ROUTES:
        page.set_viewport_size({"width": 320, "height": 640})
        show(page, route)
        for width in (320, 390):
            page.set_viewport_size({"width": width, "height": 844})
            page.evaluate(TWO_FRAMES)  # what follows the window's size is drawn in the next one
            found[route, width] = page.evaluate(LOOK)
        if route in NAVIGATED:
            page.set_viewport_size(DESK)
            box = page.locator(".pages a").first.bounding_box()
            assert box is not None, route
            places[route] = round(box["x"])
    assert {at: each for at, each in found.items() if each != [at[1], []]} == {}
    assert len({*places.values()}) == 1, places


def test_what_is_read_grows_in_a_large_window(page: Page) -> None:
    page.goto("/join")
    until(page, READY)
    heights = []
    for width, height in ((1440, 900), (2560, 1440)):
        page.set_viewport_size({"width": width, "height": height})
        box = page.locator(".join-main .soft").first.bounding_box()
        assert box is not None
        heights.append(box["height"])
        assert page.evaluate(LOOK)[0] == width
    assert heights[1] >= 1.25 * heights[0]
