"""When the page says that it is ready, it stands: nothing is drawn again, and every key works."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import expect_ready, readout

# Of each figure the sizes that Plotly drew it in, and what was on the page when it was ready.
WATCH = """
window.sizes = {};
new MutationObserver((records) => {
  for (const { target, addedNodes } of records)
    for (const each of [target, ...addedNodes])
      if (each instanceof Element && each.matches("svg.main-svg")) {
        const figure = each.closest("[data-figure]")?.getAttribute("data-figure");
        const size = ["width", "height"].map((name) => each.getAttribute(name)).join("x");
        if (figure && !size.includes("null")) (window.sizes[figure] ??= new Set()).add(size);
      }
  if (document.body?.dataset.ready !== "true" || window.stood) return;
  const seen = [...document.querySelectorAll("main *, .transport *")]
    .filter((each) => each.checkVisibility());
  window.stood = seen.map((each) => [each.localName, each.childElementCount].join()).join("|");
  if (window.pressed)
    document.dispatchEvent(new KeyboardEvent("keydown", { key: window.pressed, bubbles: true }));
}).observe(document, {
  subtree: true, childList: true, attributeFilter: ["data-ready", "width", "height"],
});
"""
NOW = """() => [...document.querySelectorAll("main *, .transport *")]
    .filter((each) => each.checkVisibility())
    .map((each) => [each.localName, each.childElementCount].join()).join("|")"""


@pytest.mark.parametrize("path", ["/", "/#step=3"])
@pytest.mark.parametrize("width", [1440, 768, 390])
def test_nothing_is_drawn_twice_or_late(page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(WATCH)
    page.goto(path)
    expect_ready(page)
    page.wait_for_load_state("networkidle")
    sizes = page.evaluate("() => Object.entries(sizes).map(([name, own]) => [name, [...own]])")
    assert {"network"} <= {name for name, _ in sizes}
    for name, own in sizes:
        assert len(own) == 1, (name, own)
    assert page.evaluate("stood") == page.evaluate(NOW)


@pytest.mark.parametrize(
    ("path", "key", "shown"),
    [
        ("/", "e", '[data-panel="working"]'),
        ("/", "w", '[data-panel="watch"][data-watch="1"]'),
        ("/#step=0", "?", "#help tbody tr"),
        ("/#step=0", "s", '#share [data-action="take-run"]'),
        ("/#step=0", "n", '[data-slot="two-runs"] .run-plane path'),
        ("/#step=0", "v", "dialog[open] .picture svg"),
        ("/#tab=gradient-flow", "h", "#figure-health table"),
        ("/#step=0", "ArrowRight", '[data-line="a1"][aria-current="step"]'),
    ],
)
def test_a_key_works_as_soon_as_the_page_is_ready(
    page: Page, path: str, key: str, shown: str
) -> None:
    page.add_init_script(f"window.pressed = {key!r};{WATCH}")
    page.goto(path)
    expect(page.locator(shown).first).to_be_visible()


def test_a_figure_that_is_loaded_late_is_there_when_its_link_is_ready(page: Page) -> None:
    page.add_init_script(WATCH)
    page.goto("/#step=3&tab=health")
    expect_ready(page)
    expect(page.locator("#figure-health table")).to_be_visible()
    assert page.evaluate("stood").count("table")
    expect(readout(page, "step")).to_have_text("3")
