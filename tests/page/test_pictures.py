"""The picture of each line: its numbers are the line's, and what is chosen is chosen everywhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import MINUS, WALKING, action, choose_line, open_page, readout
from tests.helpers.cases import exhaustive

pytestmark = pytest.mark.shared_page

DEFAULT = "step=3"
LAYERS = "&".join(
    f"network.layers.{k}.units={units}&network.layers.{k}.activation={activation}"
    for k, (units, activation) in enumerate([(4, "relu"), (3, "softmax")])
)
SOFTMAX = (
    "step=5&fused=false&dataset.name=blobs&dataset.classes=3&cost.name=cross_entropy"
    f"&optimizer.name=adam&{LAYERS}"
)
REGRESSION = (
    "step=2&dataset.name=sine&cost.name=mse&optimizer.name=momentum&penalty.l2=0.01&jacobians=true"
    "&network.layers.0.units=4&network.layers.0.activation=tanh"
    "&network.layers.1.units=1&network.layers.1.activation=identity"
)
# Outputs below 0, where the cost has no logarithm: the server cuts them.
BEYOND = (
    "step=30&cost.name=binary_cross_entropy&network.layers.0.units=4"
    "&network.layers.0.activation=tanh&network.layers.1.units=1&network.layers.1.activation=tanh"
)
FAMILIES = {
    DEFAULT: {"sum", "curve", "cost", "difference", "grid", "bands", "slope", "update"},
    SOFTMAX: {"softmax", "cost", "cost-slope", "softmax-slopes", "adaptive", "slope", "curve"},
    REGRESSION: {"penalty", "cost-slope", "jacobian", "momentum", "update", "sum"},
}

# Of each line: the family, what is said, numbers of entries that differ from those of the same
# entries in the matrices, and texts that stick out of the drawing.
PICTURES = f"""async () => {{ {WALKING}
    const svg = document.querySelector('.picture svg');
    const lines = [...document.querySelectorAll('[data-panel="ribbon"] [data-line]')];
    const seen = [];
    for (const {{ dataset: {{ line: id }} }} of lines) {{
        document.querySelector(`[data-panel="ribbon"] [data-line="${{id}}"]`).click();
        await arrived(id);
        await until(() => svg.dataset.line === id && svg.dataset.picture);
        await frame();
        const written = document.querySelector('.written-out');
        const wrong = [], compared = [];
        for (const mark of svg.querySelectorAll('[data-of]')) {{
            const plain = (text) => Number(text.replace('\\u2212', '-'));
            const numbers = [...mark.querySelectorAll('title')]
                .map((each) => plain(each.textContent));
            const {{ of, entry }} = mark.dataset;
            const cell = document.querySelector(
                `.equation [data-variable="${{of}}"] [data-index="${{entry}}"]`);
            if (!cell || !numbers.length) continue;
            const full = plain(cell.title);
            compared.push(`${{of}}:${{entry}}`);
            const near = (value) => Math.abs(value - full) <= 1e-9 * Math.abs(full);
            if (!numbers.some(near)) wrong.push([of, entry, full, numbers]);
        }}
        const box = svg.getBoundingClientRect();
        const out = [...svg.querySelectorAll('text')].filter((text) => {{
            const {{ left, right, top, bottom }} = text.getBoundingClientRect();
            return left < box.left - 2 || right > box.right + 2
                || top < box.top - 4 || bottom > box.bottom + 4;
        }}).map((text) => text.textContent);
        seen.push({{ id, family: svg.dataset.picture, label: svg.getAttribute('aria-label'),
            chosen: compared.includes(`${{id}}:${{written.dataset.index}}`), wrong, out,
            said: document.querySelector('.picture-said').textContent }});
    }}
    return seen;
}}"""


def picture(page: Page) -> Locator:
    """The drawing."""
    return page.locator(".picture svg")


@pytest.mark.parametrize("view", FAMILIES, ids=["tanh", "softmax", "mse"])
@pytest.mark.parametrize("sample", ["0", exhaustive("batch")])
def test_every_line_has_a_picture_with_its_own_numbers(page: Page, view: str, sample: str) -> None:
    open_page(page, f"#{view}&sample={sample}")
    seen: list[dict[str, Any]] = page.evaluate(PICTURES)
    assert FAMILIES[view] <= {each["family"] for each in seen} | {"cost"}
    for each in seen:
        assert each["wrong"] == [], each
        assert each["out"] == [], each
        assert each["said"] in each["label"], each
        assert not re.search("NaN|undefined|not finite", each["label"]), each
    assert sum(each["chosen"] for each in seen) > 0.7 * len(seen)


def test_where_the_cost_has_no_logarithm_nothing_is_drawn_that_is_not_finite(page: Page) -> None:
    open_page(page, f"#{BEYOND}&sample=batch")  # the console would say it
    seen: list[dict[str, Any]] = page.evaluate(PICTURES)
    assert "update" not in {each["family"] for each in seen}
    assert "not finite" not in str(seen)


def test_an_entry_is_chosen_in_picture_matrix_and_sum(page: Page) -> None:
    open_page(page, "#line=a1")
    expect(picture(page)).to_have_attribute("data-picture", "curve")
    cells = page.locator('.equation [data-variable="a1"]')
    action(page, "entry-next").click()
    expect(cells.locator(".target")).to_have_attribute("data-index", "1")
    expect(readout(page, "entry")).to_have_attribute("data-index", "1")
    expect(page).to_have_url(re.compile(r"selection=n1\.1"))
    choose_line(page, "dC_dz1")  # the same unit
    expect(readout(page, "entry")).to_have_attribute("data-index", "1")
    choose_line(page, "a1")
    action(page, "entry-previous").click()
    action(page, "entry-previous").click()
    expect(cells.locator(".target")).to_have_attribute("data-index", "3")
    # So do the arrow keys that do not change the line.
    for key, expected in (("ArrowDown", "0"), ("ArrowUp", "3")):
        page.keyboard.press(key)
        expect(cells.locator(".target")).to_have_attribute("data-index", expected)
    # Pointing at a dot points at its entry, a click chooses it.
    dot = picture(page).locator('[data-entry="1"] circle')
    dot.hover()
    expect(readout(page, "entry")).to_have_attribute("data-index", "1")
    dot.click()
    page.mouse.move(1, 1)
    expect(cells.locator(".target")).to_have_attribute("data-index", "1")
    cells.locator('[data-index="2"]').click()
    expect(picture(page)).to_have_attribute("aria-label", re.compile("₂ = "))


def test_more_digits_show_what_a_function_does_to_a_small_number(page: Page) -> None:
    open_page(page, "#line=a1&entry=[0]")
    expect(readout(page, "entry")).to_contain_text(f"tanh({MINUS}0.024773) = {MINUS}0.024768")


def test_slopes_are_a_vector_of_their_own(page: Page) -> None:
    open_page(page, "#line=dC_dz1&entry=[3]")
    slopes = page.locator('.equation [data-variable="dC_dz1_slopes"] [data-index]')
    expect(slopes).to_have_text(["0.9994", "0.9521", "0.9998", "0.5728"])
    expect(page.locator(".ledger-of").first).to_have_text("slope")


def test_the_curve_of_the_cost_passes_through_the_cost_of_the_batch(page: Page) -> None:
    open_page(page, "#line=W1_next&entry=[1,0]")
    expect(picture(page)).to_have_attribute("data-picture", "update")
    said = page.locator(".picture-said")
    expect(said).to_contain_text("C 0.7575 → 0.7534 by this one alone")
    expect(readout(page, "entry")).to_contain_text("move")


@pytest.mark.own_page
def test_the_picture_fills_the_window_and_comes_back(page: Page) -> None:
    open_page(page, "#line=z1")
    expect(picture(page)).to_have_attribute("data-picture", "sum")
    page.keyboard.press("v")
    large = page.locator("dialog.picture-dialog[open] .picture svg")
    expect(large).to_be_visible()
    box = large.bounding_box()
    assert box is not None
    assert box["width"] > 1200
    page.keyboard.press("Escape")
    expect(page.locator(".part-picture .picture svg")).to_be_visible()
    # Where there is no room for both it takes the place of the sum, and the link says so.
    page.set_viewport_size({"width": 1120, "height": 844})
    expect(picture(page)).to_be_hidden()
    page.locator('[data-control="beside"] [data-value="picture"]').click()
    expect(picture(page)).to_be_visible()
    expect(page.locator(".written-out")).to_be_hidden()
    expect(page).to_have_url(re.compile("beside=picture"))


@pytest.mark.own_page
def test_on_a_phone_picture_and_sum_come_first_and_the_lines_stay_in_view(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, "#line=z1")
    parts = [".formula", ".picture-plot", ".written-out", '.equation [data-variable="z1"]']
    boxes = [page.locator(part).bounding_box() for part in parts]
    tops = [box["y"] for box in boxes if box is not None]
    assert tops == sorted(tops)
    assert len(tops) == len(parts)
    assert (boxes[1] or {})["height"] >= 240
    # All numbers of the result in a row; what it reads comes with a press.
    rows = page.locator('.equation [data-variable="z1"] td').evaluate_all(
        "cells => cells.map(cell => cell.getBoundingClientRect().top)"
    )
    assert len(rows) == 4
    assert len(set(rows)) == 1
    weights = page.locator('.equation [data-variable="W1"]')
    expect(weights).to_be_hidden()
    action(page, "matrices").click()
    expect(weights).to_be_visible()
    expect(action(page, "matrices")).to_have_attribute("aria-expanded", "true")
    # Scrolled to the sum, another line is a press away.
    page.locator(".written-out").scroll_into_view_if_needed()
    page.evaluate("() => scrollTo(0, document.querySelector('.written-out').offsetTop - 300)")
    expect(action(page, "line-next")).to_be_in_viewport()
    action(page, "line-next").click()
    expect(readout(page, "entry")).to_contain_text("tanh")


@pytest.mark.parametrize("width", [768, 390])
def test_below_the_sum_nothing_moves_from_line_to_line(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    open_page(page, "#line=z2")
    choose_line(page, "C")
    top = "document.querySelector('.part-formula').getBoundingClientRect().top + scrollY"
    before = page.evaluate(top)
    for line in ("a1", "z1", "dC_da1", "dC_db1", "C"):
        choose_line(page, line)
        assert page.evaluate(top) == before, line


# Of each of 40 frames the number of the picture, and the sum beside it.
IN_EACH_FRAME = """() => new Promise(resolve => {
    const seen = [];
    const look = () => {
        const label = document.querySelector('.picture svg').getAttribute('aria-label');
        const [, shown] = label.match(/= (\\S+?)[.] /);
        seen.push([shown, document.querySelector('[data-readout="entry"]').textContent]);
        if (seen.length < 40) requestAnimationFrame(look); else resolve(seen);
    };
    requestAnimationFrame(look);
})"""


def test_a_picture_shows_the_update_that_its_sum_shows(page: Page) -> None:
    open_page(page, "#line=z2&entry=0")
    action(page, "play").click()
    seen = page.evaluate(IN_EACH_FRAME)
    action(page, "pause").click()
    assert len({shown for shown, _ in seen}) > 5
    assert [each for each in seen if each[0] not in each[1]] == []


def test_nothing_of_a_hidden_line_is_in_its_picture(page: Page) -> None:
    open_page(page, "#line=z1")
    expect(picture(page)).to_have_attribute("data-picture", "sum")
    page.keyboard.press("m")
    expect(picture(page)).to_be_hidden()
    expect(picture(page)).to_have_attribute("data-picture", "")


# Of each movement the picture, what moves, and when it ends, in ms.
MOVED = """() => {
    const animate = Element.prototype.animate;
    window.moved = [];
    Element.prototype.animate = function(frames, options) {
        const svg = this.closest('.picture svg');
        const { delay, duration } = options;
        if (svg) moved.push([svg.dataset.picture, this.getAttribute('class'), delay + duration]);
        return animate.call(this, frames, options);
    };
}"""


@pytest.mark.own_page
def test_a_picture_moves_once_when_its_line_is_opened_and_not_while_training(page: Page) -> None:
    page.emulate_media(reduced_motion="no-preference")
    open_page(page, "#step=3&line=C&entry=[3]")
    expect(picture(page)).to_have_attribute("data-picture", "cost")
    page.evaluate(MOVED)
    lines = {"z1": "sum", "a1": "curve", "dC_da1": "bands", "dC_dz1": "slope", "W1_next": "update"}
    for line, family in lines.items():
        choose_line(page, line)
        expect(picture(page)).to_have_attribute("data-line", line)
        expect(picture(page)).to_have_attribute("data-picture", family)
    moved = page.evaluate("() => moved.splice(0)")
    assert {family for family, *_ in moved} == set(lines.values())
    assert max(end for *_, end in moved) <= 900
    assert [mark for family, mark, _ in moved if family == "slope"] == [
        *("tangent", "link phase", "bar below")
    ]
    bands = [end for family, _, end in moved if family == "bands"]
    assert len(bands) == 12
    assert max(bands) == pytest.approx(400)  # three for each of four units, one flow
    # It does not move at another entry of the line, nor at another line with reduced motion.
    page.keyboard.press("ArrowDown")
    expect(picture(page)).to_have_attribute("aria-label", re.compile("₁₀ = |₁₁ = |₀₁ = "))
    page.emulate_media(reduced_motion="reduce")
    choose_line(page, "z1")
    expect(picture(page)).to_have_attribute("data-picture", "sum")
    page.emulate_media(reduced_motion="no-preference")
    action(page, "play").click()
    expect(readout(page, "step")).not_to_have_text("3")
    choose_line(page, "a1")
    expect(picture(page)).to_have_attribute("data-picture", "curve")
    action(page, "pause").click()
    assert page.evaluate("() => moved") == []
