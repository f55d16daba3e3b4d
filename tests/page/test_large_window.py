"""In a large window, as of a projector, controls and texts of the whole page are large."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import READY, action, open_page, until

LARGE = {"width": 2560, "height": 1440}
LEAST = 14
# Texts that are seen and smaller than LEAST pixels, a scale of their drawing included. Indices of
# formulas are smaller than their letters.
SMALL = """least => {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const text = walk.currentNode.textContent.trim();
        const own = walk.currentNode.parentElement;
        const seen = own.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
        if (!text || !seen) continue;
        if (own.closest('math, title, .visually-hidden, script, style, noscript')) continue;
        const range = document.createRange();
        range.selectNodeContents(walk.currentNode);
        const { width, height } = range.getBoundingClientRect();
        if (width < 2 || height < 2) continue;
        const { a = 1, b = 0 } = own.ownerSVGElement ? own.getScreenCTM() : {};
        const size = Math.hypot(a, b) * parseFloat(getComputedStyle(own).fontSize);
        if (size < least - 0.01) found.push(`${text.slice(0, 30)}: ${size.toFixed(1)} px`);
    }
    return found;
}"""


@pytest.fixture
def large(page: Page) -> Page:
    """A page of the size of a projector."""
    page.set_viewport_size(LARGE)
    return page


@pytest.mark.parametrize(
    "view", ["#step=20&line=z1", "#step=20&line=W1_next&tab=training-curves", "#projector=true"]
)
def test_the_explorer_has_no_small_text(large: Page, view: str) -> None:
    open_page(large, view)
    until(large, "svg[data-picture] text")
    assert large.evaluate(SMALL, LEAST) == []


@pytest.mark.parametrize("path", ["/lessons", "/lessons/first-layer", "/check"])
def test_other_pages_have_no_small_text(large: Page, path: str) -> None:
    large.goto(path)
    until(large, READY)
    expect(large.locator("h1, h2").first).to_be_visible()
    assert large.evaluate(SMALL, LEAST) == []


def test_the_lecturers_view_has_no_small_text(large: Page) -> None:
    open_page(large, "#step=20&line=z2")
    large.keyboard.press("?")
    large.locator('[data-slot="teach"]').click()
    action(large, "open-room").click()
    expect(large).to_have_url(re.compile("/teach/"))
    until(large, READY)
    assert large.evaluate(SMALL, LEAST) == []
