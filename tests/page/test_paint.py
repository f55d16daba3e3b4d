"""When panels draw: what was wished comes first, and the run is not starved by it."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser import open_page

# A painter with animation frames that are let go one by one; each returns what was drawn in it.
PAINTER = """async ({ playing, turns }) => {
    const { createStore } = await import('/static/js/state/store.js');
    const { createPainter } = await import('/static/js/state/paint.js');
    const store = createStore();
    const drawn = [];
    let due = null;
    const raf = (run) => { due = run; };
    let time = 1000;
    const painter = createPainter(store, { raf, now: () => time });
    const add = (name, fields, every) =>
        painter.add({ name, fields, every, draw: () => drawn.push(name) });
    add('network', ['frame', 'line'], 0);
    add('data', ['frame', 'sample'], 90);
    add('flow', ['frame'], 220);
    const flush = () => {
        const run = due;
        due = null;
        run?.();
        time += 16;
        return drawn.splice(0).join(' ');
    };
    flush();
    store.set({ playing });
    time += 1000;
    let resolved = 0;
    return turns.map((patch) => {
        store.set(patch);
        if (patch.frame) painter.drawn().then(() => { resolved += 1; });
        return flush();
    });
}"""


def drawn(page: Page, *turns: dict[str, object], playing: bool) -> list[str]:
    """What is drawn in the animation frame after each change."""
    open_page(page)
    found: list[str] = page.evaluate(PAINTER, {"playing": playing, "turns": list(turns)})
    return found


def test_a_wish_has_an_animation_frame_to_itself_while_playing(page: Page) -> None:
    turns = ({"frame": 1}, {"frame": 2, "sample": 5}, {})
    assert drawn(page, *turns, playing=True) == ["network data", "data", "network flow"]


def test_wishes_one_after_the_other_do_not_hold_up_the_run(page: Page) -> None:
    turns = [{"frame": k, "sample": k} for k in range(1, 7)]
    found = drawn(page, *turns, playing=True)
    assert [("network" in each) for each in found] == [False, True] * 3
    assert all("data" in each for each in found)


def test_at_rest_all_that_changed_is_drawn_at_once(page: Page) -> None:
    found = drawn(page, {"frame": 1, "sample": 5}, {"line": "a1"}, playing=False)
    assert found == ["network data flow", "network"]
