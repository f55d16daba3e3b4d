"""A number held at another value: an edge or an entry that is dragged, put back, kept as a copy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import MINUS, action, choose_line, number, open_page, readout, until

pytestmark = pytest.mark.shared_page

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
NAME = '[data-figure="network"]'
SIDES = """element => {
    const line = document.querySelector(`.over-chosen [data-element="${element}"]`);
    const box = line.ownerSVGElement.getBoundingClientRect();
    const at = (name) => line[name].baseVal.value;
    return [box.x + at('x1'), box.y + at('y1'), box.x + at('x2'), box.y + at('y2')];
}"""


def held(page: Page) -> Locator:
    """What the number is held at."""
    return readout(page, "held")


def shown(page: Page, neuron: str) -> str:
    """The number that a neuron shows."""
    return str(page.locator(f'[data-neuron="{neuron}"]').first.text_content())


def choose_edge(page: Page) -> None:
    """Go with keys to the weight from input 1 to unit 3 of layer 1."""
    page.keyboard.press("Escape")
    page.locator(NAME).focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.keyboard.press("ArrowDown")
    until(page, '.over-chosen [data-element="e1.1.3"]')


def drag_edge(page: Page, by: float) -> None:
    """Press the chosen edge and drag it sideways, without letting go."""
    x1, y1, x2, y2 = page.evaluate(SIDES, "e1.1.3")
    x, y = x1 + 0.4 * (x2 - x1), y1 + 0.4 * (y2 - y1)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by, y, steps=5)


def test_a_drag_that_begins_beside_an_edge_chooses_none(page: Page) -> None:
    open_page(page, "#step=0&line=z1")
    choose_edge(page)
    x1, y1, x2, y2 = page.evaluate(SIDES, "e1.1.3")
    page.keyboard.press("Escape")
    chosen = page.locator('.over-chosen [data-element="e1.1.3"]')
    expect(chosen).to_have_count(0)
    box = page.locator(NAME).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(x1 + 0.4 * (x2 - x1), y1 + 0.4 * (y2 - y1), steps=4)
    page.mouse.up()
    expect(page).not_to_have_url(re.compile("selection="))
    expect(chosen).to_have_count(0)
    # A press on it does.
    page.mouse.down()
    page.mouse.up()
    expect(chosen).to_have_count(1)


def test_pictures_that_change_while_dragging_are_those_of_a_whole_drawing(page: Page) -> None:
    open_page(page, "#step=0&line=a3")
    choose_edge(page)
    maps = "document.querySelector('canvas.unit-responses').toDataURL()"
    region = "document.querySelector('[data-figure=data] .layer-subplot image').href.baseVal"
    before = [page.evaluate(maps), page.evaluate(region)]
    drag_edge(page, -90)
    expect(held(page)).to_have_text(f"𝑤 = {MINUS}0.3532")
    expect(page.locator(".label-was").first).to_be_visible()
    dragged = [page.evaluate(maps), page.evaluate(region)]
    assert all(old != new for old, new in zip(before, dragged, strict=True))
    page.mouse.up()
    page.set_viewport_size({"width": 1300, "height": 900})  # all is drawn anew
    canvas = page.locator("canvas.unit-responses[width]").first
    expect(canvas).not_to_have_attribute("width", "813")
    page.set_viewport_size(DESK)
    page.wait_for_function(
        f"([maps, region]) => maps === {maps} && region === {region}", arg=dragged
    )
    page.keyboard.press("Escape")
    page.wait_for_function(
        f"([maps, region]) => maps === {maps} && region === {region}", arg=before
    )


def test_a_dragged_weight_shows_what_it_changes_and_is_put_back(page: Page) -> None:
    open_page(page, "#step=0&line=z1")
    before = [shown(page, f"1.{k}") for k in range(4)]
    choose_edge(page)
    drag_edge(page, -90)
    expect(held(page)).to_have_text(f"𝑤 = {MINUS}0.3532")
    card = page.locator('[data-slot="hold"]')
    expect(card).to_contain_text("weight from x₁ to unit 3")
    expect(card).to_contain_text("was 0.5468")
    expect(card).to_contain_text(re.compile(f"slope {MINUS}0\\.0720: falls to the right"))
    # The cost of all 210 at the old and at the new value.
    expect(card.locator("svg")).to_contain_text("0.8263")
    expect(card.locator("svg")).to_contain_text("0.7370")
    expect(page.locator(".label-was").first).to_have_text("was 0.6536")
    rows = page.locator('[data-picture="held"] [data-of]')
    expect(page.locator('[data-picture="held"]')).to_contain_text("0.4072 → 0.4554")
    expect(page.locator('[data-picture="held"]')).to_contain_text("0.7370 → 0.8263")
    expect(page.locator('[data-panel="ribbon"] [data-held]')).to_have_count(24)
    expect(page.locator('[data-panel="working"] .sentence')).to_contain_text("Nothing is trained")
    expect(readout(page, "was")).to_have_text("was 0.7816")
    expect(page.locator(".borders .border-was")).to_have_attribute("d", re.compile("M.*L"))
    page.mouse.up()
    page.keyboard.press("ArrowRight")
    expect(held(page)).to_have_text(f"𝑤 = {MINUS}0.3432")
    rows.nth(1).click()  # to its line
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", "a1")
    expect(held(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    choose_line(page, "z1")
    page.wait_for_function(
        "was => [0, 1, 2, 3].every(k => document.querySelector(`[data-neuron='1.${k}']`)"
        ".textContent === was[k])",
        arg=before,
    )
    expect(page.locator('[data-panel="edits"] li')).to_have_count(0)


def test_a_copy_of_the_run_has_the_numbers_that_the_page_computed(page: Page) -> None:
    open_page(page, "#step=20&line=a3")
    choose_edge(page)
    page.keyboard.press("Enter")
    slider = page.locator('[data-control="held"]')
    expect(slider).to_be_focused()
    was = float(str(slider.get_attribute("aria-valuenow")))
    for key in ("ArrowRight", "ArrowLeft", "ArrowLeft", "Shift+ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    expect(slider).to_have_attribute("aria-valuenow", str(round(was + 0.19, 4)))
    output = page.locator('[data-panel="working"] [data-variable="a3"] [data-index="0"]')
    computed = str(output.get_attribute("title"))
    cost = str(slider.get_attribute("aria-valuetext")).split("cost ")[1]
    action(page, "keep-copy").click()
    expect(page.locator('[data-slot="hold"]')).to_be_hidden()
    expect(page).to_have_url(re.compile(r"edits\.0\.set=W1\[1,3\]"))
    # The server's numbers of the copy.
    page.wait_for_function(
        """wanted => Math.abs(wanted - Number(document.querySelector(
            '[data-panel="working"] [data-variable="a3"] [data-index="0"]').title)) < 1e-12""",
        arg=float(computed),
    )
    assert number(readout(page, "cost-train")) == pytest.approx(float(cost), abs=1e-4)
    page.keyboard.press("Control+z")
    expect(page.locator('[data-panel="edits"] li')).to_have_count(0)


def test_an_entry_of_the_working_is_dragged_and_another_step_ends_it(page: Page) -> None:
    open_page(page, "#step=5&line=z1&sample=7")
    for variable, index in (("x", "0"), ("W1", "1,0"), ("b1", "2")):
        cell = page.locator(f'[data-variable="{variable}"] [data-index="{index}"]').first
        before = float(str(cell.get_attribute("title")).replace(MINUS, "-"))
        box = cell.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 60, y, steps=4)
        page.mouse.up()
        wanted = f"{round(before + 0.6, 4)}".replace("-", MINUS)
        expect(cell).to_have_attribute("title", wanted)
        page.keyboard.press("]")  # what is held of an input is of this sample
        page.keyboard.press("[")
        if variable == "x":
            expect(held(page)).to_be_hidden()
        else:
            expect(held(page)).to_be_visible()
            expect(cell).to_have_attribute("title", wanted)
    action(page, "step").click()
    expect(held(page)).to_be_hidden()
    expect(readout(page, "step")).to_have_text("6")
    expect(page.locator('[data-panel="working"] td.moved')).to_have_count(0)


def test_on_a_phone_the_card_is_above_the_finger(page: Page) -> None:
    page.set_viewport_size(PHONE)
    open_page(page, "#step=0&line=z1&tab=network")
    choose_edge(page)
    drag_edge(page, -40)
    expect(held(page)).to_be_visible()
    expect(page.locator(".held-dot")).to_be_visible()
    card = page.locator('[data-slot="hold"]').bounding_box()
    dot = page.locator(".held-dot").bounding_box()
    assert card is not None
    assert dot is not None
    assert card["y"] == 0
    assert card["width"] == PHONE["width"]
    assert card["y"] + card["height"] < dot["y"]
    page.mouse.up()
    action(page, "put-back").click()
    expect(held(page)).to_be_hidden()
    page.set_viewport_size(DESK)
