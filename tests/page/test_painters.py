"""A painter declares every field of the state that it reads: else it would show what was before."""

from __future__ import annotations

from playwright.sync_api import Page, Route

from tests.browser import TWO_FRAMES, action, open_page

# Notes each field that a painter reads without having declared it.
WATCH = """
window.undeclared = new Set();
let painter = null;
window.watchPainter = (entry) => { painter = entry; };
window.watchState = (state) => new Proxy(state, {
    get(target, name) {
        const known = painter && [...painter.fields, ...(painter.reads ?? [])];
        if (known && !known.includes(name)) window.undeclared.add(`${painter.name}: ${name}`);
        return target[name];
    },
});
"""


def open_watched(page: Page) -> None:
    page.add_init_script(WATCH)
    open_page(page, "#step=20&line=dC_dW2")


def undeclared(page: Page) -> list[str]:
    """The fields that painters have read and do not declare."""
    found: list[str] = page.evaluate("() => [...window.undeclared].sort()")
    return found


def test_painters_read_only_fields_that_they_declare(page: Page) -> None:
    """While most of the page is used."""
    open_watched(page)
    for name in ("line-next", "step"):
        action(page, name).click()
    for key in ("]", "b", "h", "h", "j", "c", "p"):
        page.keyboard.press(key)
        page.evaluate(TWO_FRAMES)
    page.wait_for_load_state("networkidle")
    assert undeclared(page) == []


def test_a_field_that_a_painter_does_not_declare_is_found(page: Page) -> None:
    """In the first view, where the painter of the working declares one field less."""
    declared = 'reads: ["data", "frame", "sample", "sampleBefore"]'

    def change(route: Route) -> None:
        script = route.fetch().text()
        assert script.count(declared) == 1
        less = script.replace(declared, 'reads: ["data", "frame", "sampleBefore"]')
        route.fulfill(body=less, content_type="text/javascript")

    page.route("**/js/main.joined.js", change)
    open_watched(page)
    assert undeclared(page) == ["working: sample"]
