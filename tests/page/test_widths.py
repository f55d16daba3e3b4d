"""The narrowest phones: no page is wider than the window, what is pressed can be hit; the head."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import READY, action, until
from tests.page.test_access_everywhere import LATER, PAGES

# Of what can be pressed and is not a word in a sentence, what is less than 24 px wide or high; an
# input is hit with its label.
SMALL = """() => {
    const small = (each) => {
        const { width, height } = each.getBoundingClientRect();
        return width < 23.5 || height < 23.5;
    };
    return [...document.querySelectorAll(
            'button, a[href], input, select, summary, [role="tab"]')]
        .filter((each) => {
            const { display, visibility, clipPath } = getComputedStyle(each);
            const seen = each.getBoundingClientRect().width && visibility !== 'hidden';
            return seen && clipPath === 'none' && display !== 'inline';
        })
        .filter((each) => [each, ...(each.labels ?? [])].every(small))
        .map((each) => `${each.tagName} ${each.className} ${each.textContent.slice(0, 20)}`);
}"""
WIDTH = "document.documentElement.scrollWidth"
ROUTES = {
    **{route: address for route, address in PAGES.items() if route != "/docs"},
    "first visit": "/",
    "batch": "/#step=20&line=dC_dW2&sample=batch",
    "batch, cost": "/#step=20&line=C&sample=batch",
}


@pytest.mark.parametrize("route", ROUTES)
def test_a_narrow_page_is_not_wider_than_the_window(page: Page, route: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(ROUTES[route])
    ready = LATER.get(route, READY if "#" in ROUTES[route] or route == "first visit" else "main")
    until(page, ready)
    expect(page.locator(ready).first).to_be_visible()
    if route == "/check":
        until(page, READY)
        action(page, "check").click()
        expect(page.locator(".lines-marked")).to_be_visible()
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(WIDTH) == width
        assert page.evaluate(SMALL) == []


def test_the_navigation_stands_at_the_same_place_on_every_page(page: Page) -> None:
    places = set()
    for address in ("/", "/lessons", "/check", "/teach", "/lessons/one-layer-by-hand"):
        page.goto(address)
        until(page, ".pages a")
        box = page.locator(".pages a").first.bounding_box()
        assert box is not None
        places.add(round(box["x"]))
    assert len(places) == 1


@pytest.mark.shared_page
def test_what_is_read_grows_in_a_large_window(page: Page) -> None:
    page.goto("/join")
    until(page, READY)
    heights = []
    for width in (1440, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        box = page.locator(".join-main .soft").first.bounding_box()
        assert box is not None
        heights.append(box["height"])
        assert page.evaluate(WIDTH) == width
    assert heights[1] >= 1.3 * heights[0]
