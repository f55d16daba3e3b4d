"""A painter declares every field of the state that it reads: else it would show what was before."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser import action, open_page

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


def test_painters_read_only_fields_that_they_declare(page: Page) -> None:
    page.add_init_script(WATCH)
    open_page(page, "#step=20&line=dC_dW2")
    for name in ("line-next", "step"):
        action(page, name).click()
    for key in ("]", "b", "h", "h", "j", "c", "p"):
        page.keyboard.press(key)
        page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
    page.wait_for_load_state("networkidle")
    found = page.evaluate("() => [...window.undeclared].sort()")
    assert found == [], "\n".join(found)
