"""From line to line: no number stays on a neuron, or is lost, between any two of them."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import choose_line, line_ids, open_page, show_only, until
from tests.helpers.cases import exhaustive
from tests.helpers.lesson_page import open_lesson

pytestmark = pytest.mark.shared_page


def order_of_all_transitions(count: int) -> list[int]:
    """A walk over ``count`` lines that goes from each line to each other one."""
    walk = [0]
    for low in range(count):
        for high in range(low + 1, count):
            walk += [high, low]
        walk.append(low + 1)
    return walk[:-1]


def test_the_walk_makes_every_transition() -> None:
    walk = order_of_all_transitions(6)
    made = set(itertools.pairwise(walk))
    assert made >= {(p, q) for p in range(6) for q in range(6) if p != q}


SET_LINE = """async ([order, ids]) => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => done()));
    const item = (id) => document.querySelector(`[data-panel="ribbon"] [data-line="${id}"]`);
    const read = () => [...document.querySelectorAll('[data-neuron]')]
        .map(({ dataset, textContent }) => `${dataset.neuron} ${dataset.quantity} ${textContent}`)
        .join(', ');
    const first = {};
    const differing = [];
    for (const [k, at] of order.entries()) {
        item(ids[at]).click();
        await frame();  // drawn before this, in the same one
        const now = read();
        first[ids[at]] ??= now;
        if (first[ids[at]] !== now) differing.push([ids[order[k - 1]], ids[at], now]);
    }
    return [first, differing];
}"""


# One line of each kind: what it reads and what it computes, of the first layer or of the last. Of
# weights, which stand on no neuron, the figure shows what it shows of other lines.
KINDS = [*("z1", "a1", "z3", "a3", "C", "dC_dz3"), *("dC_da1", "dC_dz1", "dC_db1", "b1_next")]
ALIKE = re.compile("dC_dW1|W._next")


@pytest.mark.parametrize(
    ("fragment", "chosen"),
    # The numbers of all lines are there: those of the batch would be asked for at an update.
    [("numbers=sample", KINDS), exhaustive("numbers=sample", []), exhaustive("sample=batch", [])],
)
def test_no_number_is_lost_between_any_two_lines(
    page: Page, fragment: str, chosen: list[str]
) -> None:
    open_page(page, f"#{fragment}")
    ids = chosen or line_ids(page)
    show_only(page, ".network")
    first, differing = page.evaluate(SET_LINE, [order_of_all_transitions(len(ids)), ids])
    assert differing == []
    assert all(first.values())


@pytest.mark.own_page
@pytest.mark.parametrize("card", [exhaustive(1), 3])
def test_no_number_is_lost_in_a_lesson(page: Page, card: int) -> None:
    open_lesson(page, card=card - 1)
    until(page, "[data-neuron]")
    expect(page.locator("[data-neuron]").first).to_be_visible()
    ids = [line for line in line_ids(page) if not ALIKE.fullmatch(line)]
    # In a low window, too, the whole sum is seen, and the numbers on the neurons.
    page.set_viewport_size({"width": 1280, "height": 720})
    choose_line(page, "C")
    expect(page.locator(".written-out .result")).to_be_in_viewport(ratio=1)
    expect(page.locator("[data-neuron]")).to_have_count(5)
    show_only(page, ".network")
    first, differing = page.evaluate(SET_LINE, [order_of_all_transitions(len(ids)), ids])
    assert differing == []
    assert all(first.values())
