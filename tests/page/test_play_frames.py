"""What each painted frame of a run shows: one step everywhere, and nothing that moves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import (
    TWO_FRAMES,
    WALKING,
    action,
    choose_line,
    expect_ready,
    go_to_step,
    open_page,
    readout,
)
from tests.helpers.cases import exhaustive
from tests.page.test_branch import branch
from tests.page.test_watch import gradient
from tests.page.test_what_if import type_value

pytestmark = pytest.mark.shared_page

# What the page shows in each animation frame until so many steps were seen. Keys are pressed in
# between: nothing may disagree then either.
LOOK = """
    const text = (selector) => document.querySelector(selector).textContent;
    const working = document.querySelector('[data-panel="working"]');
    const figure = document.querySelector('[data-figure="network"]');
    const typed = document.querySelector('[data-control="step"]');
    const plain = (text) => text.replaceAll('−', '-');
    const look = () => {
        const line = working.dataset.line;
        const current = document.querySelector('[data-panel="ribbon"] [aria-current="step"]');
        const [quantity, layer] = [line.slice(0, -1), line.slice(-1)];
        const cells = working.querySelectorAll(`.output[data-variable="${line}"] [data-index]`);
        const pairs = [...cells].flatMap((cell) => {
            const neuron = document.querySelector(
                `[data-neuron="${layer}.${cell.dataset.index}"][data-quantity="${quantity}"]`);
            return neuron ? [[plain(cell.firstChild.data), plain(neuron.textContent)]] : [];
        });
        return {
            steps: [
                Number(text('[data-readout="step"]')),
                Number(typed === document.activeElement ? text('[data-readout="step"]')
                    : typed.value),
                Number(working.dataset.step),
                ...figure.checkVisibility()
                    ? [Number(/update (\\d+)/.exec(figure.getAttribute('aria-label'))[1])] : [],
            ],
            lines: [line, current.dataset.line],
            pairs,
            sum: [plain(text('.written-out .result')), plain(cells[0].firstChild.data)],
        };
    };
"""
SEEN = f"""async ([steps, keys]) => {{
    {WALKING}
    {LOOK}
    const seen = [];
    for (let k = 0; new Set(seen.map((each) => each.steps[0])).size < steps; k++) {{
        await frame();
        seen.push(look());
        if (k % 10 === 9 && keys.length) press(keys.shift());
    }}
    return seen;
}}"""


def play(page: Page) -> None:
    """Play at one step a frame, until steps come."""
    action(page, "play").click()
    expect(readout(page, "step")).not_to_have_text("0")


def is_same(first: str, second: str) -> bool:
    """Whether two texts, rounded to different digits, can be one number."""
    unit = max(10.0 ** -len(text.partition(".")[2]) for text in (first, second))
    return abs(float(first) - float(second)) <= unit


def differing(seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The frames in which panels disagree."""

    def agrees(each: dict[str, Any]) -> bool:
        pairs = [*each["pairs"], each["sum"]]
        one_step = len(set(each["steps"])) == len(set(each["lines"])) == 1
        return one_step and all(is_same(*pair) for pair in pairs)

    return [each for each in seen if not agrees(each)]


def test_all_panels_show_one_step_in_each_frame_of_a_run(page: Page) -> None:
    open_page(page)
    choose_line(page, "dC_dz2")
    play(page)
    seen = page.evaluate(SEEN, [20, []])
    assert differing(seen) == []
    assert all(len(each["pairs"]) > 1 for each in seen)


WRITTEN = """() => [
    document.querySelector('[data-readout="step"]').textContent,
    ...[...document.querySelectorAll('.equation td, .equation output, .written-out span')]
        .map((each) => `${each.textContent} ${each.title} ${each.className}`),
    ...[...document.querySelectorAll('.ledger-bar rect')].map((bar) => bar.outerHTML),
]"""


# A sum with a row for each term, a number, and a product of two matrices.
@pytest.mark.parametrize(
    "lines",
    [("z1", "C", "dC_dW2"), exhaustive(("z1", "a1", "C", "dC_dW2", "W1_next"))],
    ids=" ".join,
)
def test_what_is_written_in_place_is_what_the_step_shows_at_rest(
    page: Page, lines: tuple[str, ...]
) -> None:
    open_page(page)
    shown = 0
    for line in lines:
        choose_line(page, line)
        action(page, "play").click()
        page.wait_for_function(
            "least => Number(document.querySelector('[data-readout=step]').textContent) >= least",
            arg=shown + 5,
        )
        first, *played = page.evaluate(WRITTEN)
        page.keyboard.press("Space")
        choose_line(page, "z2")
        shown = int(first)
        go_to_step(page, shown)
        choose_line(page, line)
        page.mouse.move(0, 0)
        assert page.evaluate(WRITTEN) == [first, *played], line


@pytest.mark.exhaustive
def test_they_do_while_another_line_or_sample_is_chosen(page: Page) -> None:
    open_page(page)
    choose_line(page, "a1")
    play(page)
    keys = ["ArrowRight", "]", "ArrowRight", "ArrowLeft", "[", "ArrowLeft"]
    seen = page.evaluate(SEEN, [60, keys])
    assert differing(seen) == []
    assert {each["lines"][0] for each in seen} >= {"a1", "z2", "a2"}


# Elements of the working that have moved sideways in any frame of the run that this starts.
MOVED = f"""async ([end, selectors]) => {{
    {WALKING}
    const step = () => Number(document.querySelector('[data-readout="step"]').textContent);
    const places = (selector) => [...document.querySelectorAll(selector)].map((each) => {{
        const name = each.closest('[data-variable]')?.dataset.variable ?? '';
        return [`${{each.className}} ${{name}}`, each.getBoundingClientRect().left];
    }});
    const all = () => selectors.map(places);
    const powers = new Set();
    const moved = selectors.map(() => []);
    press(' ');
    for (let before = all(), now; step() < end; before = now) {{
        await frame();
        now = all();
        for (const [of, places] of now.entries()) {{
            if (places.length !== before[of].length)
                moved[of].push([step(), 'number of elements', 0]);
            places.forEach(([name, left], k) => {{
                const by = left - before[of][k]?.[1];
                if (Math.abs(by) > 0.5) moved[of].push([step(), name, by]);
            }});
        }}
        for (const each of document.querySelectorAll('.equation .matrix'))
            powers.add(`${{each.dataset.variable}} ${{each.querySelector('.power')?.textContent}}`);
    }}
    return [...moved, [...powers]];
}}"""
NUMBERS = ".equation .matrix, .equation .operator, .equation td, .equation .shape"
SUM = ".written-out > *, .ledger-row > :not(svg)"


@pytest.mark.own_page  # columns would keep widths of before
@pytest.mark.exhaustive  # test_working_sizes.py: nothing of a ledger moves
@pytest.mark.parametrize("line", ["z1", "z3", "b1_next", "b3_next"])
def test_nothing_moves_sideways_when_a_power_of_ten_comes_or_goes(page: Page, line: str) -> None:
    """The biases are 0 at first, then have a power of ten beside them, then none.

    The sum only ever becomes wider, also one that is written in one line.
    """
    open_page(page, f"#line={line}")
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    numbers, parts, powers = page.evaluate(MOVED, [30, [NUMBERS, SUM]])
    bias = f"b{line[1]}"
    assert {name.partition(" ")[0] for name in powers} > {bias}
    assert len([name for name in powers if name.startswith(f"{bias} ")]) > 1
    assert numbers == []
    assert [each for each in parts if each[2] <= 0] == []


# The steps that panels, figures and runs name in each animation frame, until `window.done()`.
VISITED = f"""() => {{
    {WALKING}
    {LOOK}
    const seen = [];
    const shown = (selector) =>
        [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
    const named = (elements, pattern) => elements.flatMap((each) => pattern.exec(
        each.getAttribute('aria-label') ?? each.textContent)?.slice(1).map(Number) ?? []);
    const runs = '[data-run] .run-numbers', sentence = '.two-runs header p';
    const steps = () => [
        ...named(shown('[data-figure]').filter((each) => each.clientWidth > 0), /at step (\\d+)/),
        ...named(shown(`${{runs}}, ${{sentence}}`), /update (\\d+)(?=,|\\.$)/i),
    ];
    const costs = () => shown('.runs-table tr:nth-child(2) td').flatMap((cell, k) => {{
        const cost = /cost ([^,]+)/.exec(document.querySelectorAll(runs)[k].textContent)?.[1];
        return cost ? [[plain(cell.textContent), plain(cost)]] : [];
    }});
    const products = () => shown('.watch [data-readout="product"]')
        .map((each) => Number(each.dataset.value));
    let going = true;
    const record = () => {{
        const now = look();
        seen.push({{ ...now, steps: [...now.steps, ...steps()],
            pairs: [...now.pairs, ...costs()], products: products(),
            title: document.querySelector('.two-runs h2')?.textContent }});
        if (going) requestAnimationFrame(record);
    }};
    requestAnimationFrame(record);
    window.done = () => (going = false, seen);
}}"""


def visit_each(page: Page, visits: list[Callable[[], object]]) -> list[dict[str, Any]]:
    """What each animation frame shows during visits that ask for a step; the frames that differ."""
    page.evaluate(VISITED)
    for visit in visits:
        with page.expect_response(re.compile(r"/steps\?")):
            visit()
        expect(readout(page, "verified")).to_contain_text("autograd")
        expect(page.locator(".watch[aria-busy=true]")).to_have_count(0)
        page.evaluate(TWO_FRAMES)
    seen: list[dict[str, Any]] = page.evaluate("done()")
    assert differing(seen) == []
    return seen


def test_all_panels_show_one_step_in_each_frame_of_each_visit(page: Page) -> None:
    """From a first visit: a step, a step back, a jump, another sample and convention, a link, a
    branch; with another run beside it a step, an edit, both maps, a play and a swap; in Watch a
    sample and a link.
    """
    page.goto("about:blank")
    page.goto("/")
    expect_ready(page)
    page.keyboard.press("e")
    expect(readout(page, "verified")).to_be_visible()

    def step() -> None:
        action(page, "step").click()

    def back() -> None:
        action(page, "back").click()

    def go_back() -> None:
        expect(page).to_have_url(re.compile(r"set=b2"))  # it is written later
        page.go_back()

    def play_on() -> None:
        before = int(readout(page, "step").inner_text())
        step_number = """document.querySelector('[data-readout="step"]').textContent"""
        action(page, "play").click()
        page.wait_for_function(f"() => {step_number} > {before + 20}")
        action(page, "pause").click()

    def change_link(old: str, new: str) -> Callable[[], object]:
        script = "([old, now]) => (location.hash = location.hash.replace(old, now))"
        return lambda: page.evaluate(script, [old, new])

    seen = visit_each(
        page,
        [
            lambda: page.evaluate("location.hash = '#step=20&line=z2'"),
            step,
            back,
            lambda: go_to_step(page, 90),
            lambda: page.keyboard.press("]"),
            lambda: page.keyboard.press("c"),
            change_link("step=90", "step=40"),
            lambda: branch(page, activation="relu"),
            step,
            lambda: type_value(page, "b2", "0", "0.5"),
            go_back,
        ],
    )
    assert {each["steps"][0] for each in seen} >= {20, 21, 40, 41, 90}
    action(page, "both-runs").click()
    seen = visit_each(page, [step, back, play_on, lambda: page.keyboard.press("x")])
    assert len({each["title"] for each in seen}) == 1  # never one run twice
    page.evaluate("location.hash = '#step=40&line=dC_dW3&watch=99&weight=W3[0,0]'")
    expect(readout(page, "step")).to_have_text("40")
    expect(readout(page, "product")).to_be_visible()

    def open_the_next_step() -> None:
        change_link("step=40", "step=41")()
        # The answer is not drawn yet when it is here.
        expect(readout(page, "step")).to_have_text("41")
        expect(readout(page, "product")).to_be_visible()

    seen = visit_each(page, [lambda: page.keyboard.press("]"), open_the_next_step])
    # Watch has the page alone: which sample it shows first is no matter, but never another step's.
    truth = {
        step: [gradient(page, "W3[0,0]", sample, step) for sample in (0, 1)] for step in (40, 41)
    }
    products = [(each["steps"][0], value) for each in seen for value in each["products"]]
    assert [each for each in products if pytest.approx(each[1]) not in truth[each[0]]] == []
    assert {step for step, _ in products} == {40, 41}
    assert any(value == pytest.approx(truth[40][1]) for _, value in products)
