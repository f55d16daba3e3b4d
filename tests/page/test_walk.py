"""Walking a pass line by line: the order, what is held back, the pulses, the pause."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import WALKING, action, expect_line, line_ids, open_page
from tests.helpers.cases import exhaustive

pytestmark = pytest.mark.shared_page

# Each line of a walk: whether its numbers were held back at first, how large its pulses were, and
# how many numbers stood on the written layer once they had arrived.
FOLLOW = f"""async ([key, last]) => {{ {WALKING}
    const working = document.querySelector('[data-panel="working"]');
    const button = document.querySelector('[data-action="walk-backward"]');
    const pressed = () => button.getAttribute('aria-pressed') === 'true';
    // Between two changes no frame is asked for: the page draws those of its own.
    const changed = () => new Promise((done) => {{
        const observer = new MutationObserver(() => (observer.disconnect(), done()));
        for (const each of [working, document.querySelector('[data-panel="ribbon"]')])
            observer.observe(each, {{ attributes: true, subtree: true }});
    }});
    const numbers = () => document.querySelectorAll('[data-neuron]').length;
    const seen = [];
    press(key);
    await until(pressed);
    while (pressed() && seen.at(-1)?.line !== last) {{
        const [ribbon, shown] = line().split(',');
        const isNew = seen.at(-1)?.line !== shown;
        if (ribbon === shown && isNew) {{
            // looked at as it is drawn: after the next frame of a busy machine it may be over
            const held = 'arriving' in working.dataset;
            const before = numbers();
            await frame();
            const radii = [...document.querySelectorAll('.over-dots .dot')]
                .map((dot) => Number(dot.getAttribute('r')));
            seen.push({{ line: shown, radii, held, numbers: before }});
        }} else if (seen.length && !isNew && !('arriving' in working.dataset)) {{
            await frame();
            Object.assign(seen.at(-1), {{ released: true, after: numbers() }});
        }}
        if (pressed() && seen.at(-1)?.line !== last) await changed();
    }}
    return seen;
}}"""


# What is there once a walk has come to the line "z2".
AT_SECOND = f"""async () => {{ {WALKING}
    press('f');
    await arrived('z2');
    await frame();
    const count = (selector) => document.querySelectorAll(selector).length;
    return {{
        line: line(), dots: count('.over-dots > *'),
        arriving: 'arriving' in document.querySelector('[data-panel="working"]').dataset,
        directions: count('.over-line .direction'),
        animations: document.getAnimations().length,
    }};
}}"""


def set_pace(page: Page, value: int) -> None:
    """Choose a pace: 0 is the slowest."""
    page.locator('[data-control="walk-pace"]').evaluate(
        "(range, value) => { range.value = value;"
        " range.dispatchEvent(new Event('input', {bubbles: true})); }",
        str(value),
    )


def follow(page: Page, key: str, last: str | None = None) -> list[dict[str, Any]]:
    """What is seen of a walk to its end, or as soon as ``last`` has come."""
    seen: list[dict[str, Any]] = page.evaluate(FOLLOW, [key, last])
    return seen


@pytest.mark.parametrize("layers", [2, exhaustive(3)])
def test_one_key_runs_the_error_back_line_by_line(page: Page, layers: int) -> None:
    units = "&".join(
        f"network.layers.{k}.units={n}&network.layers.{k}.activation={activation}"
        for k, (n, activation) in enumerate([*[(4, "tanh")] * (layers - 1), (1, "sigmoid")])
    )
    open_page(page, f"#{units}")
    set_pace(page, 2)  # a busy machine draws all of it
    seen = follow(page, "r")
    ids = line_ids(page)
    assert [each["line"] for each in seen] == ids[ids.index("C") + 1 :]
    assert seen[-1]["line"] == f"b{layers}_next"
    for each in seen:
        assert each["held"], each
        assert each.get("released"), each
    # The numbers of a layer come when what they are computed from has arrived.
    into = [each for each in seen if each["line"].startswith("dC_da")]
    assert all(each["after"] > each["numbers"] for each in into)
    # Along the edges that carry it, by size.
    assert all(len(set(each["radii"])) > 2 for each in into)


def test_the_button_pauses_at_the_line_and_goes_on_from_it(page: Page) -> None:
    open_page(page)
    set_pace(page, 0)
    button = action(page, "walk-backward")
    button.click()
    first, second = [line for line in line_ids(page) if line.startswith("dC_")][:2]
    expect_line(page, first)
    expect(button).to_have_attribute("aria-label", "Pause")
    button.click()
    expect(button).to_have_attribute("aria-label", "Error back")
    expect(page.locator('[data-panel="working"]')).not_to_have_attribute("data-arriving", "")
    button.click()
    expect_line(page, second)
    page.keyboard.press("ArrowLeft")
    expect_line(page, first)
    expect(button).to_have_attribute("aria-pressed", "false")


def test_with_reduced_motion_it_steps_and_nothing_moves(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_page(page)
    set_pace(page, 2)
    assert page.evaluate(AT_SECOND) == {
        "line": "z2,z2",
        "dots": 0,
        "arriving": False,
        "directions": 1,  # an arrow says which way
        "animations": 0,
    }


def test_on_a_desk_buttons_have_their_names_and_the_bar_says_what_its_clock_is(page: Page) -> None:
    open_page(page)
    for name, text in (("walk-forward", "Forward"), ("walk-backward", "Error back")):
        expect(action(page, name).locator(".word")).to_be_visible()
        expect(action(page, name)).to_have_text(text)
    expect(page.locator(".walk-pace")).to_be_visible()
    expect(page.locator(".walk-pace")).to_have_text("1 s a line")
    # All lines are there beside it.
    track = page.locator(".ribbon .track")
    assert track.evaluate("track => track.scrollWidth <= track.clientWidth")
    for width in (1280, 1101):
        page.set_viewport_size({"width": width, "height": 800})
        for name in ("back", "step"):
            expect(action(page, name).locator(".word")).to_be_visible()
        sentence = page.locator(".clocks")
        expect(sentence).to_be_in_viewport(ratio=1)
        # It does not lie over the slider.
        box, rail = sentence.bounding_box(), page.locator(".rail").bounding_box()
        assert box is not None
        assert rail is not None
        assert box["y"] + box["height"] <= rail["y"] + rail["height"] / 2 - 7


def test_a_narrow_page_says_whose_numbers_it_shows_and_names_its_buttons(page: Page) -> None:
    page.set_viewport_size({"width": 768, "height": 1024})
    open_page(page, "#line=a2")
    ribbon = page.locator('[data-panel="ribbon"]')
    for width, height in ((768, 1024), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for text in ("sample 0", "line 4 of 24", "Forward", "Error back", "1 s a line"):
            expect(ribbon.get_by_text(text, exact=True)).to_be_visible()
            expect(ribbon.get_by_text(text, exact=True)).to_be_in_viewport()
        for name in ("back", "step"):
            expect(action(page, name).locator(".word")).to_be_visible()
        expect(page.locator(".clocks")).to_be_hidden()
