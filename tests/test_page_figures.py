"""What is written in the small figures can be read at every width."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import figure, open_page

# Texts that leave their figure, and pairs that lie on each other.
UNREADABLE = """box => {
    const found = [...box.querySelectorAll('.main-svg text')].filter(text => text.textContent);
    const texts = found.map(text => [text.textContent, text.getBoundingClientRect()]);
    const frame = box.getBoundingClientRect();
    const outside = texts.filter(([, r]) => r.left < frame.left - 1 || r.right > frame.right + 1);
    const meet = (a, b) =>
        a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const flat = texts.filter(([, r]) => r.width > r.height || r.width < 14);
    const pairs = flat.flatMap(([s, a], k) =>
        flat.slice(k + 1).filter(([, b]) => meet(a, b)).map(([t]) => `${s} | ${t}`));
    return [...outside.map(([text]) => text), ...pairs];
}"""


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (768, 1024), (390, 844)])
@pytest.mark.parametrize("fragment", ["", "#step=150"])
def test_no_text_of_a_figure_is_cut_or_hidden(
    browser: Browser, server: str, width: int, height: int, fragment: str
) -> None:
    context = browser.new_context(base_url=server, viewport={"width": width, "height": height})
    page = context.new_page()
    open_page(page, fragment)
    unreadable: dict[str, Any] = {}
    for name in ("data", "gradient-flow", "training-curves"):
        tab = page.locator(f"#tab-{name}")
        if tab.is_visible():
            tab.click()
        expect(figure(page, name).locator(".main-svg").first).to_be_visible()
        unreadable[name] = figure(page, name).evaluate(UNREADABLE)
    context.close()
    assert unreadable == {name: [] for name in unreadable}
