"""The working at each size of window: what is seen without scrolling, and how large it is."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import WALKING, choose_line, expect_working_of, go_to_step, open_page
from tests.helpers import cases
from tests.helpers.cases import exhaustive
from tests.page.test_working import FIRST_VISIT, matrix

pytestmark = pytest.mark.shared_page


def set_size(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


DESK, TABLET, PHONE = (1440, 900), (768, 1024), (390, 844)


@pytest.mark.parametrize(
    "views",
    [
        [(DESK, "adam"), (PHONE, "adam")],
        exhaustive([(TABLET, "adam"), *((size, "nesterov") for size in (DESK, TABLET, PHONE))]),
    ],
    ids=["few", "rest"],
)
def test_an_update_of_wide_matrices_fits(
    page: Page, views: list[tuple[tuple[int, int], str]]
) -> None:
    layers = "&".join(
        f"network.layers.{k}.units={units}&network.layers.{k}.activation={name}"
        for k, (units, name) in enumerate([(8, "tanh"), (8, "tanh"), (1, "sigmoid")])
    )
    opened = ""
    for size, optimizer in views:
        set_size(page, size)
        if optimizer != opened:
            open_page(page, f"#step=30&optimizer.name={optimizer}&{layers}&line=W2_next")
            opened = optimizer
        # Everything that the formula adds up is there, and nothing sticks out.
        expect(page.locator(".equation .matrix")).to_have_count(6)
        for line in ("W2_next", "b2_next"):
            choose_line(page, line)
            page.wait_for_function(
                """() => {
                    const box = document.querySelector('.equation');
                    return box.scrollWidth - box.clientWidth <= 1;
                }"""
            )


# Of the sum itself and of what may lie over it, and of the matrices, line by line.
LAYOUT = f"""async (lines) => {{ {WALKING}
    const box = (selector) => document.querySelector(selector).getBoundingClientRect();
    const font = (selector) =>
        parseFloat(getComputedStyle(document.querySelector(selector)).fontSize);
    const seen = [];
    for (const expected of lines) {{
        document.querySelector(`[data-panel="ribbon"] [data-line="${{expected}}"]`).click();
        await arrived(expected);
        await frame();
        const panel = box('.working');
        const sum = box('.part-entry .written-out');
        // beside the matrices it is above what is at the panel's foot
        const below = box('.part-proof').top;
        const foot = below > panel.bottom - 200 ? [below] : [];
        const parts = [...document.querySelectorAll('.written-out *')];
        const equation = document.querySelector('.equation');
        const wide = [...document.querySelectorAll('.working .part *')].filter((part) =>
            part.checkVisibility({{ opacityProperty: true }})
            && (part.getBoundingClientRect().right > innerWidth
                || (part.scrollWidth > part.clientWidth + 1
                    && getComputedStyle(part).overflowX !== 'visible')));
        seen.push({{
            line: line(), top: sum.top, from: Math.max(panel.top, 0), bottom: sum.bottom,
            // in one column the page scrolls: then the lines are above
            to: innerWidth < 1101
                ? panel.top + box('.transport').top - box('.track').height
                : Math.min(panel.bottom, box('.transport').top, ...foot),
            right: Math.max(...parts.map((part) => part.getBoundingClientRect().right)),
            cut: wide.map((part) => part.outerHTML.slice(0, 80)),
            split: equation.classList.contains('split'),
            excess: equation.scrollWidth - equation.clientWidth,
            entry: font('.equation :is(td, output)'), sum: font('.written-out'),
            width: panel.width,
        }});
    }}
    return seen;
}}"""
PROJECTOR = "&projector=true"
SIZES = [
    *((390, 844, ""), (768, 1024, ""), (1440, 900, ""), (1920, 1080, ""), (2560, 1440, "")),
    (320, 960, ""),
    *((1280, 720, PROJECTOR), (1920, 1080, PROJECTOR), (2560, 1440, PROJECTOR)),
]
# Of a batch the matrices are largest; at step 78 the numbers have most digits.
STATES = ["step=20&sample=batch", "", "step=78"]
# Where the matrices of a sample do not wrap: how large their numbers are at least.
LEAST = {(1440, 900, ""): 13, (2560, 1440, ""): 20}
# ``make test`` walks through all lines where the window is smallest, elsewhere through one of each
# kind: the one with the largest matrices, or the longest sum.
SMALLEST = SIZES[5]
KINDS = [
    *("z2", "a3", "C", "dC_dz3", "dC_da1", "dC_dz1"),
    *("dC_dW2", "dC_db2", "W2_next", "b2_next"),
]
View = tuple[tuple[int, int, str], str]
VIEWS: list[View] = list(zip(SIZES, itertools.cycle(STATES), strict=False))


@pytest.mark.parametrize(
    "views",
    [
        # What holds for windows of 1440 and 2560 pixels also holds for one of 1920, and what holds
        # for a projector of 1280 pixels for a larger one.
        *(VIEWS[:3], VIEWS[4:7]),
        *(exhaustive([(size, state) for state in STATES]) for size in SIZES),
    ],
    ids=lambda views: " ".join(f"{width}x{height}" for (width, height, _), _ in views),
)
def test_the_sum_of_every_line_is_seen_and_its_matrices_have_the_width(
    page: Page, views: list[View]
) -> None:
    page.emulate_media(reduced_motion="reduce")
    for size, state in views:
        set_size(page, size[:2])
        # Columns keep the widths that they had in a run: each view has a run of its own, with the
        # same numbers but for a millionth, and is opened at its step.
        noise = 0.2 + 1e-7 * (len(STATES) * SIZES.index(size) + STATES.index(state) + 1)
        open_page(page, f"#dataset.noise={noise:.7f}&{state}&line={FIRST_VISIT[0]}{size[2]}")
        page.wait_for_function("document.fonts.status === 'loaded'")
        lines = FIRST_VISIT if cases.everything or size == SMALLEST else KINDS
        for line, seen in zip(lines, page.evaluate(LAYOUT, lines), strict=True):
            check_layout(size, state, line, seen)


def check_layout(size: tuple[int, int, str], state: str, line: str, seen: dict[str, Any]) -> None:
    """Check what was seen of a line."""
    width, at = size[0], (size, state, seen)
    assert seen["line"] == f"{line},{line}", at
    assert seen["from"] <= seen["top"], at
    assert seen["bottom"] <= seen["to"], at
    assert seen["right"] <= width, at
    assert width > 768 or seen["cut"] == [], at
    if size in LEAST and "batch" not in state:
        assert seen["excess"] <= 1, at
        assert seen["width"] == width, at
        assert min(seen["entry"], seen["sum"]) >= LEAST[size], at


def test_all_columns_of_a_sample_are_seen_also_after_those_of_the_batch(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_page(page, "#step=150&line=dC_dW2&dataset.noise=0.2000008")
    page.wait_for_function("document.fonts.status === 'loaded'")
    for line in ("W2_next", "dC_dW2"):  # an update shows the batch, whose columns are folded
        choose_line(page, line)
    cells = page.locator('.equation [data-variable="dC_dW2"] [data-index]')
    expect(cells).to_have_count(16)
    expect(page.locator(".equation .unfold")).to_have_count(0)
    # Biases stand as they do in every line.
    choose_line(page, "b2_next")
    tops = page.locator('.equation [data-variable="b2"] td').evaluate_all(
        "cells => cells.map(cell => cell.getBoundingClientRect().top)"
    )
    assert len(set(tops)) == 4


# Where all is, in every frame; of a text that changes its box's left and top.
MOVES = f"""async ([end, chosen]) => {{ {WALKING}
    const panel = document.querySelector('[data-panel="working"]');
    document.querySelector(`[data-panel="ribbon"] [data-line="${{chosen}}"]`).click();
    await arrived(chosen);
    await frame();
    const places = () => [...panel.querySelectorAll('.part:is(.part-numbers, .part-entry) *')]
        .filter((part) => !part.closest('math, .power') && part.checkVisibility())
        .map((part) => {{
            const {{ left, top, width, height }} = part.getBoundingClientRect();
            const own = part.matches('.result') ? [left, top] : [left, top, width, height];
            return `${{part.tagName}} ${{part.dataset.cell ?? ''}} ${{own.map(Math.round)}}`;
        }});
    const before = places();
    const moved = new Set();
    let drawn = panel.dataset.step;
    document.querySelector('[data-action="play"]').click();
    const late = performance.now() + 20000;
    while (Number(panel.dataset.step) < end && performance.now() < late) {{
        await frame();
        if (panel.dataset.step === drawn) continue;
        drawn = panel.dataset.step;
        for (const [k, place] of places().entries())
            if (place !== before[k]) moved.add(`step ${{drawn}}: ${{before[k]}}, ${{place}}`);
    }}
    document.querySelector('[data-action="pause"]').click();
    return [Number(drawn), [...moved]];
}}"""


@pytest.mark.parametrize(
    ("width", "height", "view"),
    [(390, 844, ""), exhaustive(1280, 720, PROJECTOR), exhaustive(1440, 900, "")],
)
def test_nothing_of_a_ledger_moves_while_the_run_plays(
    page: Page, width: int, height: int, view: str
) -> None:
    """A sum with a row for each term, whose numbers become longer and shorter."""
    page.set_viewport_size({"width": width, "height": height})
    # A run that no other test has: the widths of columns are kept for each run.
    open_page(page, f"#dataset.noise=0.2000009{view}")
    page.wait_for_function("document.fonts.status === 'loaded'")
    reached, moved = page.evaluate(MOVES, [36, "z1"])
    assert reached >= 36
    assert moved == []


WIDTHS = """() => [...document.querySelectorAll('.equation .matrix, .ledger .term')]
    .map((each) => Math.round(each.getBoundingClientRect().width))"""


def test_columns_keep_their_width_during_a_run(page: Page) -> None:
    """The biases are 0 at first and have five digits later; z has a minus sign at first alone."""
    open_page(page, "#step=60&line=z1")
    expect_working_of(page, 60)
    page.wait_for_function("document.fonts.status === 'loaded'")
    go_to_step(page, 0)
    assert matrix(page, "b1") == [0, 0, 0, 0]
    widths = page.evaluate(WIDTHS)
    go_to_step(page, 60)
    assert page.evaluate(WIDTHS) == widths


# The lines in turn: how each is laid out, and how often its formula and matrices are measured.
MEASURED = f"""async (lines) => {{ {WALKING}
    const own = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollWidth');
    const seen = [];
    let measured = 0;
    Object.defineProperty(Element.prototype, 'scrollWidth', {{ ...own, get() {{
        measured += this.matches('.equation, .formula');
        return own.get.call(this);
    }} }});
    for (const id of lines) {{
        document.querySelector(`[data-panel="ribbon"] [data-line="${{id}}"]`).click();
        await arrived(id);
        await frame();
        const boxes = [...document.querySelectorAll('.working :is(.equation, .formula)')];
        const folds = boxes[1].querySelectorAll('.unfold').length;
        seen.push([...boxes.map(({{ className, style }}) => className + style.cssText), folds]);
    }}
    Object.defineProperty(Element.prototype, 'scrollWidth', own);
    return [seen, measured];
}}"""


def test_a_line_that_was_seen_is_not_measured_again_until_the_room_changes(page: Page) -> None:
    layers = "&".join(
        f"network.layers.{k}.units={units}&network.layers.{k}.activation={name}"
        for k, (units, name) in enumerate([(8, "tanh"), (8, "tanh"), (1, "sigmoid")])
    )
    page.set_viewport_size({"width": 1440, "height": 900})
    open_page(page, f"#step=30&{layers}")
    page.wait_for_function("document.fonts.status === 'loaded'")
    expect(page.locator(".picture svg")).to_have_attribute("data-picture", "sum")
    lines = ["z1", "z2", "a2", "dC_da1", "dC_dW2", "dC_dz1"]
    _, measured = page.evaluate(MEASURED, lines)
    assert measured >= len(set(lines))
    # now each matrix has the width that it needs in any of these lines
    first, _ = page.evaluate(MEASURED, lines)
    assert len({seen[1] for seen in first}) > 3
    assert page.evaluate(MEASURED, lines) == [first, 0]
    page.set_viewport_size({"width": 1440, "height": 700})
    lower, measured = page.evaluate(MEASURED, lines)
    assert measured > 0
    assert lower != first
