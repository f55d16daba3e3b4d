"""The first visit: one question and three doors; the whole page is one key away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import action, choose_line, expect_ready, number, readout
from tests.helpers.axe import violations_in_both_themes


def visit(page: Page, path: str = "/") -> None:
    page.goto(path)
    expect_ready(page)


def door(page: Page, name: str) -> Locator:
    return page.locator(f'[data-door="{name}"]')


def working(page: Page) -> Locator:
    return page.locator('[data-panel="working"]')


def test_a_newcomer_meets_one_question_and_reaches_everything_with_a_key(page: Page) -> None:
    visit(page)
    expect(page.locator(".first-question")).to_contain_text("each of these 37 weights and biases")
    for name in ("watch", "learn", "check"):
        expect(door(page, name)).to_be_in_viewport(ratio=1)
    expect(page.locator(".output-card")).to_contain_text("it says0.4072it should say0")
    for selector in ('[data-panel="experiment"]', '[data-panel="ribbon"]', ".stage-bar"):
        expect(page.locator(selector)).to_be_hidden()
    expect(working(page)).to_be_hidden()
    # It trains, and opened anew it is the same question: the address has no view.
    action(page, "play").click()
    expect(readout(page, "cost-train")).not_to_have_text("0.7370")
    action(page, "pause").click()
    assert not re.search("[#?]", page.url)
    page.reload()
    expect_ready(page)
    expect(door(page, "watch")).to_be_visible()
    page.keyboard.press("e")
    expect(working(page)).to_be_visible()
    expect(door(page, "watch")).to_be_hidden()
    expect(page).to_have_url(re.compile("#.*dataset.name=moons"))
    choose_line(page, "a1")
    page.goto("about:blank")
    visit(page)
    expect(working(page)).to_be_visible()
    expect(door(page, "watch")).to_have_count(0)


def test_the_marked_weight_follows_the_pointer_and_can_be_watched(page: Page) -> None:
    visit(page)
    callout = action(page, "watch-weight")
    expect(callout).to_contain_text("0.06056")  # the one with the largest gradient
    page.mouse.move(*edge_middle(page))
    expect(callout).to_contain_text("0.7529")
    page.mouse.move(10, 10)
    callout.click()
    expect(page.locator('[data-panel="watch"]')).to_have_attribute("data-watch", "1")
    expect(page).to_have_url(re.compile(r"watch=1&weight=W1%?\[0,3"))
    page.keyboard.press("Escape")
    expect(door(page, "watch")).to_be_visible()
    page.goto("about:blank")
    visit(page)  # who has watched has been here
    expect(working(page)).to_be_visible()


def edge_middle(page: Page) -> tuple[float, float]:
    """Near the end of the edge from an input to the last unit of layer 1."""
    box = page.locator('[data-figure="network"]').bounding_box()
    assert box is not None
    places = page.evaluate(
        """() => ['0.0', '1.3'].map((each) => {
            const figure = document.querySelector('[data-figure=network] .js-plotly-plot')
                ?? document.querySelector('[data-figure=network].js-plotly-plot');
            const [layer, unit] = each.split('.').map(Number);
            const trace = figure.data.find((t) => t.mode?.startsWith('markers'));
            const k = layer * 2 + unit;
            const { xaxis, yaxis } = figure._fullLayout;
            return [xaxis._offset + xaxis.c2p(trace.x[k]), yaxis._offset + yaxis.c2p(trace.y[k])];
        })"""
    )
    (x1, y1), (x2, y2) = places
    return box["x"] + x1 + 0.35 * (x2 - x1), box["y"] + y1 + 0.35 * (y2 - y1)


def test_the_doors_lead_on_and_are_keys(page: Page) -> None:
    visit(page)
    lessons = page.request.get("/api/v1/lessons").json()["lessons"]
    expect(door(page, "learn")).to_contain_text(f"{len(lessons)} lessons")
    expect(door(page, "learn")).to_have_attribute("href", f"./lessons/{lessons[0]['name']}")
    page.keyboard.press("l")
    expect(page).to_have_url(re.compile("/lessons/first-layer"))
    visit(page)  # who went through a door has been here
    expect(working(page)).to_be_visible()
    page.evaluate("localStorage.clear()")
    visit(page)
    page.keyboard.press("k")
    expect(page).to_have_url(re.compile("/check"))


@pytest.mark.parametrize("path", ["/?hide=share", "/#line=a2", "/?embed=1"])
def test_a_link_to_a_view_shows_it(page: Page, path: str) -> None:
    visit(page, path)
    expect(working(page)).to_be_visible()
    expect(page.locator(".first-question")).to_have_count(0)


def test_where_nothing_is_kept_it_lasts_as_long_as_the_page(lone_page: Page) -> None:
    lone_page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } });"
    )
    visit(lone_page)
    door(lone_page, "watch").click()
    expect(lone_page.locator('[data-panel="watch"]')).to_be_visible()
    lone_page.keyboard.press("Escape")
    lone_page.keyboard.press("e")
    expect(working(lone_page)).to_be_visible()
    assert number(readout(lone_page, "cost-train")) > 0


FITS = """width => new Promise((fits) => {
    const look = () => document.documentElement.scrollWidth <= width
        ? fits() : requestAnimationFrame(look);
    look();
})"""


def test_it_is_accessible_at_every_width(page: Page) -> None:
    visit(page)
    for width, height in ((1440, 900), (768, 1024), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        # Figures follow the window's size a moment later.
        page.evaluate(FITS, width)
        assert violations_in_both_themes(page, afresh=True) == []
    # On a phone the data have a corner, below the output and above the doors.
    boxes = [
        page.locator(part).first.bounding_box()
        for part in (".output-card", '[data-figure="data"] .main-svg', '[data-door="watch"]')
    ]
    output, data, door = (box for box in boxes if box is not None)
    assert output["y"] < data["y"]
    assert data["y"] + data["height"] <= door["y"]
    assert data["x"] + data["width"] <= 390
