"""What if a value of the training data were another: typed, taken back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import (
    FIGURE,
    MINUS,
    action,
    choose_line,
    edits,
    entry,
    field,
    go_to_step,
    number,
    open_page,
    readout,
    value,
)
from tests.helpers.holding import Held

pytestmark = pytest.mark.shared_page

POINT = f"""sample => {{
    for (const trace of ({FIGURE})('data').data) {{
        const at = (trace.meta === 'train' ? trace.customdata : []).indexOf(sample);
        if (at >= 0) return [trace.x[at], trace.y[at], trace.marker.symbol];
    }}
    return null;
}}"""


def wait_for(page: Page, variable: str, index: str, wanted: float) -> None:
    """Wait until an entry is ``wanted``, to the four digits of a drag."""
    script = """([variable, index, wanted]) => {
        const cell = document.querySelector(
            `[data-panel="working"] [data-variable="${variable}"] [data-index="${index}"]`);
        return Math.abs(Number(cell?.title.replace('\\u2212', '-')) - wanted) < 1e-4;
    }"""
    page.wait_for_function(script, arg=[variable, index, wanted])


def type_value(page: Page, variable: str, index: str, text: str) -> None:
    """Type another value for an entry."""
    entry(page, variable, index).dblclick()
    box = page.locator('[data-control="what-if"]')
    box.fill(text)
    box.press("Enter")


def point(page: Page, sample: int) -> Any:
    """Where the data figure shows a training sample, and with which symbol."""
    return page.evaluate(POINT, sample)


def test_a_typed_input_changes_everything_that_reads_it(page: Page) -> None:
    open_page(page, "#step=20&line=z1&sample=3")
    z, x = value(entry(page, "z1", "2")), value(entry(page, "x", "1"))
    weight = value(entry(page, "W1", "2,1"))
    cost = number(readout(page, "cost-train"))
    assert point(page, 3)[1] == pytest.approx(x)
    type_value(page, "x", "1", "1.5")
    expect(entry(page, "x", "1")).to_have_attribute("title", "1.5")
    expect(readout(page, "step")).to_have_text("20")
    assert value(entry(page, "z1", "2")) == pytest.approx(z + weight * (1.5 - x), abs=1e-9)
    assert number(readout(page, "cost-train")) != cost
    page.wait_for_function(f"() => ({POINT})(3)[1] === 1.5")
    expect(edits(page)).to_have_text(re.compile(r"update 20.*of sample 3 = 1\.5"))
    expect(page).to_have_url(re.compile(r"edits\.0\.set=x\[3,1\]&edits\.0\.to=1\.5"))
    # Before the step the sample is what it was, and its point too.
    go_to_step(page, 19)
    page.wait_for_function(f"x => Math.abs(({POINT})(3)[1] - x) < 1e-9", arg=x)
    assert value(entry(page, "x", "1")) == pytest.approx(x)


def test_a_target_becomes_the_other_class(page: Page) -> None:
    open_page(page, "#step=20&line=C&sample=3")
    was = value(entry(page, "target", "0"))
    symbol = point(page, 3)[2]
    type_value(page, "target", "0", "0.5")
    expect(readout(page, "remark")).to_contain_text("0 or 1")
    expect(edits(page)).to_have_count(0)
    type_value(page, "target", "0", str(1 - int(was)))
    expect(entry(page, "target", "0")).to_have_attribute("title", str(1 - int(was)))
    expect(edits(page)).to_contain_text(f"target of sample 3 = {1 - int(was)}")
    page.wait_for_function(f"symbol => ({POINT})(3)[2] !== symbol", arg=symbol)
    # The way back from the number ends at the hand that set it.
    entry(page, "target", "0").click()
    expect(readout(page, "source")).to_contain_text("Set by hand at update 20")


@pytest.mark.exhaustive
def test_a_class_of_several_is_set_where_it_shall_be_one(page: Page) -> None:
    open_page(
        page,
        "#dataset.name=iris&network.layers.0.units=4&network.layers.0.activation=tanh"
        "&network.layers.1.units=3&network.layers.1.activation=softmax"
        "&cost.name=cross_entropy&line=C&sample=4",
    )
    row = [value(entry(page, "target", str(k))) for k in range(3)]
    other = (row.index(1.0) + 1) % 3
    entry(page, "target", str(row.index(1.0))).focus()
    page.keyboard.press("-")
    expect(readout(page, "remark")).to_contain_text("set 1 at the class")
    entry(page, "target", str(other)).focus()
    page.keyboard.press("+")
    expect(entry(page, "target", str(other))).to_have_attribute("title", "1")
    assert [value(entry(page, "target", str(k))) for k in range(3)].count(1.0) == 1
    expect(edits(page)).to_contain_text(f"target of sample 4 = {other}")


def test_a_sample_of_the_batch_is_changed(page: Page) -> None:
    open_page(page, "#step=3&line=z1&sample=batch")
    before = value(entry(page, "z1", "1,0"))
    type_value(page, "x", "1,0", "-2")
    expect(entry(page, "x", "1,0")).to_have_attribute("title", f"{MINUS}2")
    assert value(entry(page, "z1", "1,0")) != before
    expect(edits(page)).to_have_count(1)


def test_the_changes_on_the_way_are_not_missed(page: Page) -> None:
    open_page(page, "#step=20&line=z1&sample=3&edits.0.step=4&edits.0.set=x[3,0]&edits.0.to=1")
    count = action(page, "edits")
    expect(count).to_have_text(re.compile("^1 change on the way"))
    expect(count).to_be_in_viewport()
    count.focus()
    page.keyboard.press("Enter")
    listed = edits(page).first
    expect(listed).to_be_in_viewport()
    expect(listed.get_by_role("button", name="update 4", exact=True)).to_be_focused()
    action(page, "edit-remove").click()
    expect(count).to_have_count(0)


@pytest.mark.exhaustive
def test_edits_of_rows_are_dropped_with_the_data_they_are_of(page: Page) -> None:
    open_page(page, "#step=2&line=z1&sample=3&edits.0.step=1&edits.0.set=x[3,0]&edits.0.to=1")
    expect(edits(page)).to_have_count(1)
    field(page, "dataset.seed").fill("5")
    expect(edits(page)).to_have_count(0)
    choose_line(page, "a1")
    expect(readout(page, "step")).to_have_text("0")


def test_what_is_no_number_is_said(page: Page) -> None:
    open_page(page, "#step=3&line=z1")
    for text in ("abc", "1e999"):
        type_value(page, "W1", "0,0", text)
        expect(readout(page, "remark")).to_contain_text(f"{text} is no number that can stand here")
        expect(edits(page)).to_have_count(0)
    type_value(page, "W1", "0,0", "0,5")
    wait_for(page, "W1", "0,0", 0.5)
    expect(readout(page, "remark")).to_be_hidden()


@pytest.mark.exhaustive
def test_no_press_of_plus_and_minus_is_lost(page: Page) -> None:
    open_page(page, "#step=3&line=z1")
    cell, other = entry(page, "W1", "0,0"), entry(page, "W1", "1,1")
    before, unmoved = value(cell), value(other)
    answers = Held(page, "/experiments$", "POST")
    cell.focus()
    for key in ("+", "+", "-", "+"):
        page.keyboard.press(key)
    other.focus()
    page.keyboard.press("-")
    cell.focus()
    page.keyboard.press("+")
    answers.wait()
    answers.release()
    expect(edits(page)).to_have_count(2)
    wait_for(page, "W1", "0,0", before + 0.3)
    wait_for(page, "W1", "1,1", unmoved - 0.1)
    page.keyboard.press("Control+z")
    expect(edits(page)).to_have_count(0)
    wait_for(page, "W1", "0,0", before)
    # and the next ones count from what is there then
    cell.focus()
    page.keyboard.press("+")
    expect(edits(page)).to_have_count(1)
    wait_for(page, "W1", "0,0", before + 0.1)
