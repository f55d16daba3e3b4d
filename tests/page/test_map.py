"""The map of runs: filled, read, zoomed, opened, copied, from the keyboard and from a link."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser import action, field, figure, open_page, readout
from tests.helpers.axe import violations, violations_in_both_themes
from tests.helpers.browsers import PageWatch

pytestmark = pytest.mark.shared_page

RATE = {"field": "optimizer.learning_rate", "scale": "log", "from": 0.001, "to": 1e60, "count": 8}
L2 = {"field": "penalty.l2", "values": [0.0, 0.01, 0.1]}
MARK = "'"
COUNT = len(L2["values"])


def link(step: int = 40, **more: Any) -> str:
    """The fragment of a link to a map; its recipe is the first visit's."""
    wanted = {"axes": [L2, RATE], "step": step, "measure": "cost.test", "recipe": {}, **more}
    text = json.dumps(wanted, separators=(",", ":")).replace('"', "'")
    return f"#tab=map&map={quote(text, safe=MARK)}"


def wait_for(page: Page) -> None:
    """Until all cells are there."""
    expect(readout(page, "map")).to_contain_text(":")
    expect(action(page, "map-stop")).to_be_hidden()


def traces(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(
        """() => Object.fromEntries(document.querySelector('[data-figure="map"]').data.map(
            ({name, x, y, z}) => [name, {x, y, z}]))"""
    )
    return found


def focus(page: Page, *keys: str) -> None:
    figure(page, "map").focus()
    for key in keys:
        page.keyboard.press(key)


def test_a_link_shows_the_map_and_the_keys_read_it_and_open_its_runs(page: Page) -> None:
    open_page(page, link())
    wait_for(page)
    shown = traces(page)
    assert [len(row) for row in shown["values"]["z"]] == [RATE["count"]] * COUNT
    died = shown["diverged"]["z"]
    assert all(row[-1] is not None for row in died)
    assert all(row[0] is None for row in died)
    expect(readout(page, "map")).to_contain_text("penalty λ₂ 0, learning rate η 0.001")
    focus(page, "ArrowUp", "ArrowLeft", "ArrowRight")
    expect(readout(page, "map")).to_contain_text("penalty λ₂ 0.01")
    focus(page, *["ArrowRight"] * RATE["count"])
    expect(readout(page, "map")).to_contain_text("diverged at update")
    focus(page, "b")
    page.wait_for_function(
        """({x: [column], y: [row]}) => {
            const { x0, y0 } = document.querySelector('[data-figure="map"]').layout.shapes[0];
            return x0 + 0.5 === column && y0 + 0.5 === row;
        }""",
        arg=shown["best"],
    )
    expect(figure(page, "map")).to_have_attribute("aria-label", re.compile(r"Map of 3 by 8 runs\."))
    check_accessible(page)
    # Enter opens the run beside the present one.
    focus(page, "b", "Enter")
    expect(readout(page, "step")).to_have_text("40")
    expect(page.locator('[data-slot="comparison"]')).to_contain_text("learning rate")
    # The map stays, and so does its address.
    assert len(traces(page)["values"]["z"]) == COUNT
    expect(page).to_have_url(re.compile("tab=map"))
    # A run that diverged opens at the step and the line where it did.
    focus(page, *["ArrowRight"] * RATE["count"])
    expect(readout(page, "map")).to_contain_text("diverged at update")
    step = re.search(r"diverged at update (\d+)", readout(page, "map").inner_text())
    assert step is not None
    focus(page, "Enter")
    expect(readout(page, "step")).to_have_text(step[1])
    expect(page.locator('[data-panel="working"]')).to_have_attribute(
        "data-line", re.compile(r"^W\d_next$")
    )


def check_accessible(page: Page) -> None:
    """What axe finds in the map and in its form, in both themes; the rest is as elsewhere."""
    action(page, "map-form").click()
    assert violations_in_both_themes(page, within="#map-form") == []
    page.keyboard.press("Escape")
    assert violations(page, within=".map-panel", afresh=False) == []


@pytest.mark.own_page
@pytest.mark.exhaustive
def test_a_rectangle_is_computed_anew_and_back(page: Page) -> None:
    open_page(page, link())
    wait_for(page)
    before = page.url
    focus(page, "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowUp")
    with page.expect_response(lambda r: r.url.endswith("/sweeps") and r.ok) as asked:
        focus(page, "z")
    axes = asked.value.json()["sweep"]["axes"]
    assert axes[0]["values"] == L2["values"][:2]
    assert len(axes[1]["values"]) == RATE["count"]
    assert 0.001 < axes[1]["values"][0] < axes[1]["values"][-1] < 1e60
    expect(page).not_to_have_url(before)
    page.wait_for_function(
        """() => document.querySelector('[data-figure="map"]').data
            ?.find(({ name }) => name === 'values')?.z.length === 2"""
    )


@pytest.mark.own_page
def test_stop_and_go_on(page: Page) -> None:
    # In a page of its own: another view of an open page is waited for until nothing is asked.
    long = {**RATE, "to": 1, "count": 64}
    open_page(page, link(100_000, axes=[L2, long]))
    expect(action(page, "map-stop")).to_have_text("stop")
    expect(page.locator(".map-progress")).to_be_visible()
    action(page, "map-stop").click()
    expect(action(page, "map-stop")).to_have_text("go on")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "/sweeps/" in url]
    with page.expect_request(lambda r: "/sweeps/" in r.url):
        action(page, "map-stop").click()
    action(page, "map-stop").click()


def test_the_first_look_says_what_a_map_is_and_draws_one(page: Page) -> None:
    open_page(page, "#tab=map")
    expect(page.locator(".map-first")).to_contain_text("cost after 100 updates")
    expect(figure(page, "map")).to_be_hidden()
    with page.expect_response(lambda r: r.url.endswith("/sweeps") and r.ok) as asked:
        action(page, "map-usual").click()
    sweep = asked.value.json()["sweep"]
    assert [axis["field"] for axis in sweep["axes"]] == ["penalty.l2", "optimizer.learning_rate"]
    assert sweep["step"] == 100
    expect(figure(page, "map")).to_be_visible()
    expect(page.locator(".map-first")).to_be_hidden()


@pytest.mark.own_page
def test_axes_are_chosen_from_lists_and_by_pointing(page: Page) -> None:
    open_page(page, "#tab=map")
    expect(readout(page, "map")).to_contain_text("Choose the settings")
    action(page, "map-form").click()
    # Short enough to be read in its field.
    expect(page.locator("[data-control=map-rows-from]")).to_have_value("1e-5")
    action(page, "map-point-rows").click()
    field(page, "batch.size").click()
    rows = page.locator("[data-control=map-rows]")
    expect(rows).to_have_value("batch.size")
    action(page, "map-point-columns").click()
    page.locator('[data-panel="working"] [data-variable="W1"] [data-index="2,1"]').click()
    expect(page.locator("[data-control=map-columns]")).to_have_value("W1[1,2]")
    page.locator("[data-control=map-columns-count]").fill("5")
    page.locator("[data-control=map-rows-count]").fill("2")
    page.locator("[data-control=map-measure]").select_option("steps_to_cost.train")
    page.locator("[data-control=map-goal]").fill("0.5")
    page.locator("[data-control=map-step]").fill("30")
    with page.expect_response(lambda r: r.url.endswith("/sweeps") and r.ok) as asked:
        action(page, "map-draw").click()
    sweep = asked.value.json()["sweep"]
    assert [axis["field"] for axis in sweep["axes"]] == ["batch.size", "W1[1,2]"]
    assert len(sweep["axes"][1]["values"]) == 5
    assert (sweep["measure"], sweep["goal"], sweep["step"]) == ("steps_to_cost.train", 0.5, 30)
    wait_for(page)


def test_what_the_server_refuses_is_said_in_the_form(page: Page, page_watch: PageWatch) -> None:
    page_watch.allow("422")
    open_page(page, link(axes=[{**RATE, "from": 1, "to": 2}, {**L2, "values": [-1]}]))
    expect(page.locator("#map-form .problem")).to_contain_text("axes.1.values.0")


@pytest.mark.exhaustive
def test_the_larger_map_is_accessible(page: Page) -> None:
    open_page(page, link())
    wait_for(page)
    action(page, "map-large").click()
    action(page, "map-row").click()
    expect(page.locator(".map-curves [role=listitem]")).to_have_count(RATE["count"])
    assert violations_in_both_themes(page, within=".map-panel") == []


def place(page: Page, row: int, column: int) -> tuple[float, float]:
    """The middle of a cell in the window, once the map is drawn in the size of its box."""
    page.wait_for_function(
        """() => {
            const figure = document.querySelector('[data-figure="map"]');
            const { width, height } = figure._fullLayout;
            return width === Math.floor(figure.clientWidth)
                && height === Math.floor(figure.clientHeight);
        }"""
    )
    x, y = page.evaluate(
        """([row, column]) => {
            const figure = document.querySelector('[data-figure="map"]');
            const { xaxis, yaxis } = figure._fullLayout;
            const { left, top } = figure.getBoundingClientRect();
            return [left + xaxis._offset + xaxis.d2p(column), top + yaxis._offset + yaxis.d2p(row)];
        }""",
        [row, column],
    )
    return x, y


def test_the_larger_map_is_read_zoomed_copied_and_opened_with_the_pointer(page: Page) -> None:
    open_page(page, link())
    wait_for(page)
    action(page, "map-large").click()
    last = RATE["count"] - 1
    page.mouse.move(*place(page, 1, last))
    expect(readout(page, "map")).to_contain_text(
        "penalty λ₂ 0.0100, learning rate η 1.00·10⁶⁰: diverged"
    )
    page.mouse.move(*place(page, 0, 1))
    page.mouse.down()
    page.mouse.move(*place(page, 1, 3), steps=4)
    page.mouse.up()
    with page.expect_response(lambda r: r.url.endswith("/sweeps") and r.ok) as asked:
        action(page, "map-zoom").click()
    rows, columns = (axis["values"] for axis in asked.value.json()["sweep"]["axes"])
    assert rows == L2["values"][:2]
    assert 0.001 < columns[0] < columns[-1] < 1e60
    wait_for(page)
    action(page, "map-out").click()
    expect(readout(page, "map")).to_contain_text("learning rate η 0.00100")
    wait_for(page)
    check_copies(page)
    # Over the whole window a press chooses a cell; its run is opened beside the map.
    page.mouse.click(*place(page, 0, 0))
    expect(readout(page, "map")).to_contain_text("learning rate η 0.00100")
    expect(readout(page, "step")).to_have_text("0")
    action(page, "map-open").click()
    expect(page.locator(".map-panel.large")).to_have_count(0)
    expect(readout(page, "step")).to_have_text("40")


def test_the_larger_map_closes_in_every_usual_way_and_has_a_legend(page: Page) -> None:
    open_page(page, link())
    wait_for(page)
    large = page.locator(".map-panel.large")
    signs = page.locator(".map-signs")
    for leave_it in (
        lambda: action(page, "map-close").click(),
        lambda: page.keyboard.press("Escape"),
        lambda: page.mouse.click(4, 400),
    ):
        action(page, "map-large").click()
        expect(large).to_be_visible()
        expect(signs).to_contain_text("★ the best run")
        expect(signs).to_contain_text("diverged")
        leave_it()
        expect(large).to_have_count(0)
        expect(page.locator('[data-figure="map"]')).to_be_visible()


def check_copies(page: Page) -> None:
    """Take the map along as a table, and look at the curves of a row."""
    with page.expect_download() as saved:
        action(page, "map-csv").click()
    lines = saved.value.path().read_text().splitlines()
    assert lines[0] == "penalty.l2,optimizer.learning_rate,cost.test,diverged_at"
    assert len(lines) == 1 + COUNT * RATE["count"]
    action(page, "map-row").click()
    expect(page.locator(".map-curves [role=listitem]")).to_have_count(RATE["count"])
    expect(page.locator(".map-curves path").first).to_have_attribute("d", re.compile("^M.*L"))


def test_learning_rates_of_two_layers_are_axes_and_set_in_the_form(page: Page) -> None:
    open_page(page, "#middle=map")
    action(page, "map-form").click()
    for name, layer in (("rows", 1), ("columns", 3)):
        page.locator(f"[data-control=map-{name}]").select_option(label=f"η of layer {layer}")
        page.locator(f"[data-control=map-{name}-count]").fill("4")
    page.locator("[data-control=map-step]").fill("20")
    with page.expect_response(lambda r: r.url.endswith("/sweeps") and r.ok) as asked:
        action(page, "map-draw").click()
    fields = [axis["field"] for axis in asked.value.json()["sweep"]["axes"]]
    assert fields == ["optimizer.learning_rate.1", "optimizer.learning_rate.3"]
    wait_for(page)
    focus(page, "Enter")
    factors = page.locator('[data-field^="optimizer.layer_factors."]')
    expect(factors).to_have_count(3)
    values = [float(each.input_value()) for each in factors.all()]
    assert values == [0.001, 0.1, 0.001]
    expect(page.locator('[data-field="optimizer.learning_rate"]')).to_have_value("1")
    # The rate of a layer is set in the form, too.
    line = page.locator('[data-panel="ribbon"] [data-line="learning_rate2"]')
    box = field(page, "optimizer.layer_factors")
    box.uncheck()
    expect(line).to_have_count(0)
    box.check()
    second = field(page, "optimizer.layer_factors.1")
    second.fill("0.5")
    second.press("Enter")
    expect(line).to_contain_text("𝜂")
