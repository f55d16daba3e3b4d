"""The cost around a step: along the gradient, over planes and two weights; on demand, in links."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import (
    MINUS,
    action,
    figure,
    go_to,
    go_to_step,
    neuron_place,
    number,
    open_page,
    readout,
)
from tests.helpers import cases
from tests.helpers.axe import PHONE, View, in_views, violations, violations_in
from tests.helpers.browsers import PageWatch

pytestmark = pytest.mark.shared_page

STEP = "#step=30&tab=cost"


def drawn(page: Page, name: str = "loss-slice") -> Any:
    """The traces of the figure, when it is the one of what is asked for."""
    expect(page.locator(".slice-panel.stale")).to_have_count(0)
    expect(readout(page, "slice")).not_to_contain_text("being computed")
    expect(figure(page, name).locator(".main-svg").first).to_be_visible()
    return page.evaluate(
        """name => document.querySelector(`[data-figure="${name}"]`).data.map(
            t => ({type: t.type, x: [...(t.x || [])], y: [...(t.y || [])],
                   z: t.z, costs: t.customdata, symbol: t.marker && t.marker.symbol}))""",
        name,
    )


def choose(page: Page, view: str) -> Any:
    """Choose a cut and wait until it is drawn."""
    kind = "plane" if view.startswith("plane") else view.partition(":")[0]
    with page.expect_response(lambda r: f"/slice?kind={kind}" in r.url and r.ok):
        page.locator("[data-control=slice]").select_option(view)
    return drawn(page)


def test_along_the_gradient_with_update_and_minimum(page: Page) -> None:
    open_page(page)
    with page.expect_response(lambda r: "/slice?kind=gradient" in r.url and r.ok):
        page.locator("#tab-cost").click()
    expect(page).to_have_url(re.compile("tab=cost"))
    train, batch, least, now, update = drawn(page)
    k = train["x"].index(0)
    assert train["y"][k] == pytest.approx(now["y"][0])
    assert batch["y"][k] == pytest.approx(now["y"][1])
    assert now["y"][0] == pytest.approx(number(readout(page, "cost-train")), abs=1e-3)
    # Gradient descent lands on the batch's line, at t = the learning rate.
    assert update["x"] == pytest.approx([0.1, 0.1])
    for x, y in zip(least["x"], least["y"], strict=True):
        curve = train if y in train["y"] else batch
        assert y == min(curve["y"])
        assert x == curve["x"][curve["y"].index(y)]
    assert least["symbol"] == "triangle-down"
    expect(readout(page, "slice")).to_contain_text("◆ t = 0.10")
    action(page, "step").click()
    expect(readout(page, "step")).to_have_text("1")
    assert number(readout(page, "cost-train")) == pytest.approx(update["y"][0], abs=1e-3)
    # The line goes as far as the cost falls.
    go_to(page, "#tab=cost&optimizer.learning_rate=0.02")
    train, _, least, _, update = drawn(page)
    assert update["x"][0] == pytest.approx(0.02)
    assert train["x"][-1] > 4 * 4 * 0.02
    assert least["x"]
    # Another optimizer leaves it.
    go_to(page, f"{STEP}&optimizer.name=adam&optimizer.learning_rate=0.05")
    drawn(page)
    expect(readout(page, "slice")).to_contain_text(re.compile(r"\d+ % beside"))
    expect(figure(page, "loss-slice")).to_have_attribute(
        "aria-label", re.compile("The cost around update 30.*% of its way beside the line")
    )
    page.locator("[data-control=slice]").select_option("gradient:train")
    expect(page).to_have_url(re.compile("slice=gradient:train"))
    assert [trace["type"] for trace in drawn(page)] == ["scatter"] * 5


def check_plane(page: Page, traces: Any, steps: int, name: str) -> None:
    """Check what is drawn of a plane with the path of so many steps."""
    surface, _, path, start, _, here, update = traces
    assert surface["type"] == "contour"
    n = len(surface["x"])
    assert [len(row) for row in surface["costs"]] == [n] * n
    # The present point is the middle of the square, and its cost that of the training set.
    assert (here["x"], here["y"]) == ([0], [0])
    middle = surface["costs"][n // 2][n // 2]
    assert middle == pytest.approx(number(readout(page, "cost-train")), abs=1e-3)
    assert len(path["x"]) == steps + 1
    assert (path["x"][-1], path["y"][-1]) == pytest.approx((0, 0), abs=1e-9)
    assert start["x"] == [path["x"][0]]
    assert update["x"][0] > 0
    expect(figure(page, "loss-slice").locator(".ytitle")).to_have_text(name)


def test_over_a_plane_with_the_path_so_far_also_of_a_link_and_larger(page: Page) -> None:
    open_page(page, f"{STEP}&slice=plane:random:7")
    before = drawn(page)
    check_plane(page, before, 30, "random, seed 7")
    expect(page.locator("[data-control=slice]")).to_have_value("plane:random")
    expect(page.locator("[data-control=slice-seed]")).to_have_value("7")
    with page.expect_response(lambda r: "seed=8" in r.url and r.ok):
        action(page, "slice-seed").click()
    assert drawn(page)[0]["costs"] != before[0]["costs"]
    expect(figure(page, "loss-slice").locator(".ytitle")).to_have_text("random, seed 8")
    expect(page).to_have_url(re.compile("slice=plane:random:8"))
    check_plane(page, choose(page, "plane:start"), 30, "towards the start")
    # The larger figure has its words.
    action(page, "slice-large").click()
    large = figure(page, "loss-slice-large")
    expect(large.locator(".main-svg").first).to_be_visible()
    assert drawn(page, "loss-slice-large")[0]["type"] == "contour"
    expect(page.locator(".slice-dialog > p")).to_contain_text("the least in this plane is")
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()
    # The key goes round through the figures.
    for name in ("map", "gradient-flow", "health", "slice"):
        page.keyboard.press("h")
        shown = (
            figure(page, name) if name == "gradient-flow" else page.locator(f'[data-slot="{name}"]')
        )
        expect(shown).to_be_visible()


def test_over_two_weights_chosen_by_name_or_in_the_network(
    page: Page, page_watch: PageWatch
) -> None:
    page_watch.allow("422")
    open_page(page, STEP)
    drawn(page)
    choose(page, "weights")
    expect(page).to_have_url(re.compile(r"slice=weights:W1\[0,0\]:W1\[0,1\]"))
    expect(action(page, "slice-take")).to_be_disabled()
    # The third unit of layer 1, the inputs counted first: its bias.
    x, y = neuron_place(page, 4)
    page.mouse.click(x, y)
    with page.expect_response(lambda r: "/slice?kind=weights" in r.url and r.ok):
        action(page, "slice-take").click()
    expect(page).to_have_url(re.compile(r"slice=weights:W1\[0,1\]:b1\[2\]"))
    expect(figure(page, "loss-slice").locator(".ytitle")).to_have_text(re.compile("of 2$"))
    box = page.locator("[data-control=slice-a]")
    box.fill("W2[9,9]")
    box.press("Enter")
    expect(readout(page, "slice")).to_have_text(re.compile(r"W2 is \(4, 4\)"))
    box.fill("W2")
    box.press("Enter")
    expect(box).to_have_attribute("aria-invalid", "true")
    box.fill("W2[1,3]")
    box.press("Enter")
    expect(figure(page, "loss-slice").locator(".xtitle")).to_have_text(re.compile("from 1 to 3$"))
    here = drawn(page)[5]
    page.locator('[data-panel="ribbon"] [data-line="z2"]').click()
    cell = page.locator('[data-panel="working"] [data-variable="W2"] [data-index="3,1"]')
    assert here["x"][0] == pytest.approx(
        float(str(cell.get_attribute("title")).replace(MINUS, "-"))
    )


def test_of_an_unknown_cut_the_usual_one_is_shown_and_it_follows_the_step(page: Page) -> None:
    open_page(page, "#tab=cost&slice=plane:sideways")
    expect(page.locator("[data-control=slice]")).to_have_value("gradient")
    before = drawn(page)
    with page.expect_response(lambda r: "/frames/200/slice?" in r.url and r.ok):
        go_to_step(page, 200)
    expect(figure(page, "loss-slice")).to_have_attribute("aria-label", re.compile("update 200"))
    assert drawn(page)[0]["y"] != before[0]["y"]


def test_playing_goes_on_and_the_cut_is_drawn_on_demand(page: Page) -> None:
    open_page(page, STEP)
    drawn(page)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "/slice" in r.url else None)
    # So slowly that each step stays for a while: also then nothing is asked for.
    page.locator("[data-control=speed]").fill("1")
    action(page, "play").click()
    expect(page.locator(".slice-panel.stale")).to_have_count(1)
    expect(readout(page, "slice")).to_have_text("This is update 30.")
    page.wait_for_function(
        "() => Number(document.querySelector('[data-readout=\"step\"]').textContent) > 31"
    )
    assert asked == []
    now = action(page, "slice-now")
    with page.expect_response(lambda r: "/slice?" in r.url and r.ok):
        now.click()
    expect(readout(page, "slice")).not_to_have_text("This is update 30.")
    before = number(readout(page, "step"))
    page.wait_for_function(
        "step => Number(document.querySelector('[data-readout=\"step\"]').textContent) > step",
        arg=before,
    )
    action(page, "pause").click()
    expect(now).to_be_hidden()
    step = readout(page, "step").inner_text()
    expect(figure(page, "loss-slice")).to_have_attribute(
        "aria-label", re.compile(rf"update {step}\.")
    )


@in_views(1)
def test_axe_finds_nothing_and_nothing_overflows(page: Page, views: list[View]) -> None:
    page.set_viewport_size(PHONE)
    open_page(page, f"{STEP}&slice=weights:W1[0,0]:b2[1]")
    page.locator("#tab-cost").click()
    for view in views:
        expect_in_order(page, view, afresh=cases.everything or view == views[0])


def expect_in_order(page: Page, view: View, *, afresh: bool) -> None:
    """What axe finds in the panel and in the larger figure, and edges."""
    drawn(page)
    panel = page.locator("#figure-cost")
    here = "#figure-cost"
    assert violations_in(page, [view], afresh=afresh, others=afresh, within=here) == []
    drawn(page)
    assert panel.evaluate("box => box.scrollWidth <= box.clientWidth")
    edges = panel.evaluate(
        """box => [...box.querySelectorAll('.slice-bar > *, .figure-head *')]
            .filter(one => one.offsetWidth)
            .map(one => one.getBoundingClientRect().right - box.getBoundingClientRect().right)"""
    )
    assert max(edges) <= 0
    if not afresh:  # the larger figure is built of the same parts
        return
    action(page, "slice-large").click()
    drawn(page, "loss-slice-large")
    assert violations(page, afresh=False) == []
    page.keyboard.press("Escape")
    expect(figure(page, "loss-slice-large")).to_be_hidden()
