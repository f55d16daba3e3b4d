"""Points, a curve and values drawn by mouse and keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import action, figure, open_page, readout
from tests.page.own_data import plane_click, points, use_points

pytestmark = pytest.mark.shared_page


@pytest.mark.own_page  # the plane keeps what was drawn
def test_points_are_put_moved_removed_and_brought_back(page: Page) -> None:
    open_page(page)
    action(page, "draw-points").click()
    action(page, "use-points").click()
    expect(page.locator("#draw-points [role=alert]")).to_contain_text("at least two classes")
    for x, y in ((-0.5, 0.5), (-0.25, 0.5), (0, 0)):
        plane_click(page, x, y)
    expect(points(page)).to_have_count(3)
    plane_click(page, 0, 0)
    expect(points(page)).to_have_count(2)
    expect(readout(page, "draw-said")).to_contain_text("point of class A removed, 2 left")
    action(page, "draw-undo").click()
    expect(points(page)).to_have_count(3)
    action(page, "draw-redo").click()
    expect(points(page)).to_have_count(2)
    place = points(page).first.get_attribute("transform")
    box = points(page).first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 40, steps=5)
    page.mouse.up()
    expect(points(page)).to_have_count(2)
    expect(points(page).first).not_to_have_attribute("transform", str(place))
    action(page, "draw-undo").click()
    expect(points(page).first).to_have_attribute("transform", str(place))
    action(page, "draw-clear").click()
    expect(points(page)).to_have_count(0)
    # A cloud is one step.
    page.locator("[data-control=draw-cloud]").check()
    plane_click(page, -0.5, 0)
    expect(points(page)).to_have_count(8)
    expect(readout(page, "draw-said")).to_contain_text("8 points of class A put around")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(points(page)).to_have_count(16)
    page.keyboard.press("u")
    expect(points(page)).to_have_count(8)
    # The press ends the typing of a name, with which the classes are drawn: it still counts.
    page.locator("#draw-name").fill("inner")
    page.locator('[data-class="0"]').click()
    expect(page.locator('[data-class="1"]')).to_contain_text("inner")
    expect(page.locator('[data-class="0"]')).to_have_attribute("aria-pressed", "true")


def test_values_and_a_curve_are_drawn_and_the_present_data_are_a_start(page: Page) -> None:
    open_page(page, "#dataset.samples=40")
    action(page, "draw-points").click()
    action(page, "draw-from-data").click()
    expect(points(page)).to_have_count(40)
    page.locator("[data-control=draw-kind]").get_by_text("values").click()
    page.keyboard.press("Tab")
    action(page, "draw-clear").click()
    page.locator("#draw-value").fill("-2,5")
    figure(page, "plane").press("Enter")
    figure(page, "plane").press("+")
    figure(page, "plane").press("ArrowUp")
    figure(page, "plane").press("Enter")
    page.locator("#draw-value").fill("2.5")
    figure(page, "plane").press("ArrowUp")
    figure(page, "plane").press("Enter")
    expect(points(page)).to_have_count(3)
    colours = points(page).evaluate_all("all => all.map(one => getComputedStyle(one).fill)")
    low, _, high = ([int(part) for part in re.findall(r"\d+", colour)] for colour in colours)
    assert low[0] > low[2]  # orange
    assert high[2] > high[0]  # blue
    use_points(page)
    expect(page).to_have_url(re.compile(r"dataset\.target=\[-2\.5,-2\.4,2\.5\]"))
    expect(page).to_have_url(re.compile(r"dataset\.features=\['x"))
    # A curve, of places alone.
    action(page, "draw-points").click()
    page.locator("[data-control=draw-kind]").get_by_text("a curve").click()
    action(page, "draw-clear").click()
    for k in range(-4, 5):
        plane_click(page, k / 5, (k / 5) ** 2 - 0.4)
    use_points(page)
    expect(readout(page, "own-data")).to_contain_text("Fitted to a number")
    page.wait_for_function(
        "() => document.querySelector('[data-figure=\"data\"]').data"
        ".some(t => t.mode === 'lines' && t.x.length > 50)"
    )
