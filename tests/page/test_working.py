"""The working: every line, its proof, and the links between symbol, matrix and picture."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import (
    FIGURE,
    MINUS,
    WALKING,
    action,
    choose_line,
    expect_line,
    expect_working_of,
    figure,
    go_to_step,
    line_ids,
    neuron_place,
    open_page,
    press_notation,
    readout,
)
from tests.helpers.browsers import PageWatch

pytestmark = pytest.mark.shared_page

FORWARD = ["z1", "a1", "z2", "a2", "z3", "a3", "C"]
BACKWARD = [
    *("dC_dz3", "dC_dW3", "dC_db3"),
    *("dC_da2", "dC_dz2", "dC_dW2", "dC_db2"),
    *("dC_da1", "dC_dz1", "dC_dW1", "dC_db1"),
]
UPDATE = ["W1_next", "b1_next", "W2_next", "b2_next", "W3_next", "b3_next"]
FIRST_VISIT = [*FORWARD, *BACKWARD, *UPDATE]


def working(page: Page) -> Locator:
    """The panel of the working."""
    return page.locator('[data-panel="working"]')


def matrix(page: Page, variable: str) -> list[float]:
    """The numbers of one variable in the working, in the order of their indices in it."""
    cells = working(page).locator(f'[data-variable="{variable}"] [data-index]')
    found = cells.evaluate_all("all => all.map(cell => [cell.dataset.index, cell.title])")
    places = {tuple(map(int, filter(None, index.split(",")))): text for index, text in found}
    return [float(places[index].replace(MINUS, "-")) for index in sorted(places)]


# What is seen of each line, walked by keys.
EVERY_LINE = f"""async (lines) => {{ {WALKING}
    const panel = document.querySelector('[data-panel="working"]');
    const seen = [];
    for (const expected of lines) {{
        await arrived(expected);
        const item = document.querySelector(`[data-line="${{expected}}"][aria-current="step"]`);
        seen.push({{
            line: line(),
            chosen: item.checkVisibility(),
            formula: panel.querySelector('math').checkVisibility(),
            numbers: panel.querySelectorAll('[data-index]').length,
            text: panel.innerText,
            verified: document.querySelector('[data-readout="verified"]').innerText,
        }});
        press('ArrowRight');
    }}
    return seen;
}}"""


def test_every_line_is_there_in_order_and_can_be_walked(page: Page) -> None:
    open_page(page)
    assert line_ids(page) == FIRST_VISIT
    for expected, seen in zip(FIRST_VISIT, page.evaluate(EVERY_LINE, FIRST_VISIT), strict=True):
        assert seen["line"] == f"{expected},{expected}"
        assert seen["chosen"], expected
        assert seen["formula"], expected
        assert seen["numbers"] > 0, expected
        assert "NaN" not in seen["text"], expected
        if expected.startswith("dC_"):
            assert "autograd ✓" in seen["verified"], expected
            assert re.search("finite differences (✓|.*resolution)", seen["verified"]), expected
    # The last line is the last: there is nowhere further to go.
    expect_line(page, FIRST_VISIT[-1])
    expect(action(page, "line-next")).to_be_disabled()
    action(page, "line-previous").click()
    expect(working(page)).to_have_attribute("data-line", FIRST_VISIT[-2])


def test_entries_are_sums_that_light_what_they_read_and_clicks_in_the_figure_select_them(
    page: Page,
) -> None:
    open_page(page)
    # The full number of an entry, and what is written beside it.
    cell = working(page).locator('[data-variable="z1"] [data-index="2"]')
    cell.hover()
    written = readout(page, "entry")
    expect(written).to_contain_text("·")
    expect(written).to_have_attribute("data-index", "2")
    full = float(str(cell.get_attribute("title")).replace(MINUS, "-"))
    result = written.inner_text().replace(MINUS, "-").rsplit("=", 1)[1]
    assert float(result) == pytest.approx(full, rel=1e-3)
    # What it reads is lit.
    working(page).locator('[data-variable="z1"] [data-index="1"]').hover()
    expect(written).to_have_attribute("data-index", "1")
    row = working(page).locator('[data-variable="W1"] [data-index="1,0"]')
    other = working(page).locator('[data-variable="W1"] [data-index="3,0"]')
    lit, unlit = (
        cell.evaluate("cell => getComputedStyle(cell).backgroundColor") for cell in (row, other)
    )
    assert lit != unlit
    # z1 = W1 x + b1, computed from the numbers on the page alone.
    go_to_step(page, 20)
    z, weights, x, b = (matrix(page, name) for name in ("z1", "W1", "x", "b1"))
    assert len(z) == len(b) == 4
    assert len(weights) == 8
    for j in range(4):
        expected = weights[2 * j] * x[0] + weights[2 * j + 1] * x[1] + b[j]
        assert z[j] == pytest.approx(expected, abs=1e-12)
    select_in_the_figure(page)


def select_in_the_figure(page: Page) -> None:
    """A click on a neuron or an edge of the network selects its entries."""
    page.mouse.click(*neuron_place(page, 3))  # two inputs, then the second unit of layer 1
    expect(page).to_have_url(re.compile(r"selection=n1\.1"))
    card = page.locator('[data-slot="value-card"]')
    expect(card).to_be_visible()
    expect(card).to_contain_text(re.compile(r"\d"))
    # The neuron's own entry, and the weights that lead to it, which are marked less.
    for name, selected, touched in (("z1", 1, 0), ("W1", 0, 2)):
        cells = working(page).locator(f'[data-variable="{name}"]')
        expect(cells.locator(".selected")).to_have_count(selected)
        expect(cells.locator(".touched")).to_have_count(touched)
    (x0, y0), (x1, y1) = neuron_place(page, 0), neuron_place(page, 2)
    page.mouse.click(x0 + 0.35 * (x1 - x0), y0 + 0.35 * (y1 - y0))
    expect(page).to_have_url(re.compile(r"selection=e1\.0\.0"))
    expect(working(page).locator('[data-variable="W1"] .selected')).to_have_count(1)


@pytest.mark.own_page
def test_picture_data_and_notation_follow_what_is_chosen(page: Page) -> None:
    open_page(page)
    numbers = page.locator("[data-neuron]")
    before = numbers.all_text_contents()
    choose_line(page, "dC_dz1")
    expect(numbers).not_to_have_text(before)
    expect(page.locator('[data-neuron="1.0"]')).to_have_attribute("data-quantity", "dC_dz")
    choose_line(page, "z1")
    # A click on a data point chooses its sample.
    x = matrix(page, "x")
    script = f"""() => {{
        const figure = ({FIGURE})('data');
        const box = figure.getBoundingClientRect();
        const {{ xaxis, yaxis }} = figure._fullLayout;
        const points = figure.data.find(t => t.mode === 'markers' && t.x.length > 20);
        const k = 7;
        return [box.left + xaxis._offset + xaxis.c2p(points.x[k]),
                box.top + yaxis._offset + yaxis.c2p(points.y[k]), points.x[k], points.y[k]];
    }}"""
    left, top, first, second = page.evaluate(script)
    page.mouse.click(left, top)
    expect(working(page).locator('[data-variable="x"] [data-index="0"]')).not_to_have_attribute(
        "title", str(x[0])
    )
    page.wait_for_function("() => /sample=\\d+/.test(location.hash)")
    assert matrix(page, "x") == pytest.approx([first, second], abs=1e-6)
    # Another notation turns the weights and keeps their numbers.
    column = matrix(page, "W1")
    press_notation(page, "convention", "row")
    expect(working(page).locator('[data-variable="W1"] [data-index="1,3"]')).to_be_visible()
    row = matrix(page, "W1")
    assert sorted(row) == sorted(column)
    assert row == [column[2 * j + i] for i in range(2) for j in range(4)]


def test_the_whole_batch_can_be_walked_and_its_update_leads_to_the_next_step(page: Page) -> None:
    """W1_next of the batch at a step is W1 at the next step, digit for digit."""
    open_page(page)
    go_to_step(page, 10)
    page.locator('[data-numbers="batch"]').click()
    expect(readout(page, "sample")).to_contain_text("32")
    # The update of the sample, which is shown until then, has as many numbers.
    expect(working(page).locator('[data-variable="x"] .shape')).to_contain_text("32")
    choose_line(page, "dC_db1")
    expect(readout(page, "verified")).to_contain_text("autograd ✓")
    choose_line(page, "W1_next")
    expect(working(page).locator('[data-variable="W1_next"] [data-index]')).to_have_count(8)
    following = matrix(page, "W1_next")
    action(page, "step").click()
    expect_working_of(page, 11)
    assert matrix(page, "W1") == following


def test_a_network_that_is_too_large_becomes_maps(page: Page) -> None:
    layers = "&".join(
        f"network.layers.{k}.units={units}&network.layers.{k}.activation={activation}"
        for k, (units, activation) in enumerate([(64, "tanh"), (64, "tanh"), (1, "sigmoid")])
    )
    open_page(page, f"#{layers}")
    page.wait_for_function(f"() => ({FIGURE})('network').data.some(t => t.type === 'heatmap')")
    expect(figure(page, "network")).to_have_attribute("aria-label", re.compile("64"))


@pytest.mark.exhaustive
def test_a_large_matrix_comes_when_its_line_is_looked_at(page: Page, page_watch: PageWatch) -> None:
    open_page(
        page,
        "#dataset.name=digits&cost.name=cross_entropy"
        "&network.layers.0.units=200&network.layers.0.activation=tanh"
        "&network.layers.1.units=10&network.layers.1.activation=softmax",
    )
    page_watch.requests.clear()
    choose_line(page, "dC_dW1")
    expect(working(page).locator('[data-variable="dC_dW1"] [data-index="0,0"]')).to_be_visible()
    asked = [url for url in page_watch.requests if "lines=" in url]
    assert len(asked) == 1
    assert "lines=dC_dW1" in asked[0]
    go_to_step(page, 3)
    assert all(
        "entries=" in url or "lines=" in url for url in page_watch.requests if "trace" in url
    )


def test_columns_that_are_folded_away_can_be_reached(page: Page) -> None:
    """Each with the row and the column that it is computed from."""
    open_page(page, "#step=20&sample=batch&line=z2")
    row = working(page).locator('[data-variable="z2"] tr').first
    target = working(page).locator('[data-variable="z2"] .target')
    expect(row.locator(".unfold").first).to_be_visible()
    for column in range(4):  # which ones are shown depends on the one that was chosen before
        row.locator(f'[data-index="0,{column}"], .unfold[data-fold="1,{column}"]').click()
        expect(target).to_have_attribute("data-index", f"0,{column}")
        # All of what it reads that is not folded away, in both factors the same.
        read = [working(page).locator(f'[data-variable="{name}"] .read') for name in ("W2", "a1")]
        expect(read[0]).to_have_count(read[1].count())
        assert read[0].count() >= 2
