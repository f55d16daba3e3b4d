"""The small figures: what is written in them can be read, and the ring is at its sample."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import action, answered, figure, go_to, open_page, readout
from tests.helpers.cases import exhaustive

pytestmark = pytest.mark.shared_page

# With tools in their head, and those of Plotly.
MIDDLE = ("gradient-flow", "health", "cost", "map")
DRAWN = ("data", "gradient-flow", "training-curves")

# Texts that leave their figure, and pairs that lie on each other.
UNREADABLE = """box => {
    const found = [...box.querySelectorAll('.main-svg text')].filter(text => text.textContent);
    const texts = found.map(text => [text.textContent, text.getBoundingClientRect()]);
    const frame = box.getBoundingClientRect();
    const outside = texts.filter(([, r]) => r.left < frame.left - 1 || r.right > frame.right + 1);
    const meet = (a, b) =>
        a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const flat = texts.filter(([, r]) => r.width > r.height || r.width < 14);
    const pairs = flat.flatMap(([s, a], k) =>
        flat.slice(k + 1).filter(([, b]) => meet(a, b)).map(([t]) => `${s} | ${t}`));
    return [...outside.map(([text]) => text), ...pairs];
}"""


# What in the head of a shown figure leaves the figure, or lies on the heading.
OUT_OF_HEAD = """() => [...document.querySelectorAll('.dock .figure-head')].flatMap(head => {
    const frame = head.parentElement.getBoundingClientRect();
    const heading = head.querySelector('h2').getBoundingClientRect();
    return [...head.querySelectorAll('.figure-tools *')].filter(each => {
        const { left, right, top, width } = each.getBoundingClientRect();
        const onHeading = left < heading.right && top < heading.bottom;
        return width && (right > frame.right + 0.5 || onHeading);
    }).map(each => `${head.textContent}: ${each.outerHTML}`);
})"""


# Those with the same step follow each other: another step is drawn anew.
SIZES = [(1440, 900), (768, 1024), (1920, 1080), (390, 844)]
View = tuple[tuple[int, int], int]  # a size of the window, and a step


@pytest.mark.parametrize(
    "views",
    [
        list(zip(SIZES, (150, 150, 0, 0), strict=True)),
        exhaustive(list(zip(SIZES, (0, 0, 150, 150), strict=True))),
    ],
    ids=["few", "rest"],
)
def test_no_text_and_no_head_of_a_figure_is_cut_or_hidden(page: Page, views: list[View]) -> None:
    found: dict[str, Any] = {}
    for (width, height), step in views:
        page.set_viewport_size({"width": width, "height": height})
        open_page(page, f"#step={step}")
        for name in dict.fromkeys((*MIDDLE, *DRAWN)):
            choose_tab(page, name)
            if name in MIDDLE:
                found[f"{width}: head of {name}"] = page.evaluate(OUT_OF_HEAD)
            if name in DRAWN:
                expect(figure(page, name).locator(".main-svg").first).to_be_visible()
                found[f"{width}: {name}"] = figure(page, name).evaluate(UNREADABLE)
    assert {where: each for where, each in found.items() if each} == {}


def choose_tab(page: Page, name: str) -> None:
    """Show the figure of a tab, and wait until it is drawn."""
    choice = page.locator(f"#tab-{name}")
    with answered(page):
        choice.click()
    expect(choice).to_have_attribute("aria-selected", "true")


# How far the middle of the ring is from that of the training point, and how large it is, in
# pixels; what was wished before is drawn in the first of the two animation frames.
RING = """async (box, sample) => {
    const frame = () => new Promise(requestAnimationFrame);
    await frame();
    await frame();
    const drawn = box._fullData.filter(({ x }) => x.length);
    const at = drawn.findIndex(({ meta, customdata }) =>
        meta === 'train' && customdata.includes(sample));
    const points = box.querySelectorAll('.scatterlayer .trace')[at].querySelectorAll('.point');
    const place = (each) => {
        const { left, width, top, height } = each.getBoundingClientRect();
        return [left + width / 2, top + height / 2, width, height];
    };
    const [px, py] = place(points[drawn[at].customdata.indexOf(sample)]);
    const [rx, ry, width, height] = place(box.querySelector('.layer-above image'));
    return [Math.hypot(px - rx, py - ry), Math.min(width, height)];
}"""
CURVE = "#sample=3&dataset.name=sine&cost.name=mse&network.layers.0.units=1"


def test_the_ring_is_around_the_chosen_sample(page: Page) -> None:
    box = figure(page, "data")
    for fragment in ("#sample=3&step=40", CURVE):
        open_page(page, fragment)
        for key, sample in (("]", 4), ("[", 3)):
            page.keyboard.press(key)
            distance, size = box.evaluate(RING, sample)
            assert distance < 1, fragment
            assert 19 < size < 21, fragment
    # The rings of a batch are no ring of a sample.
    go_to(page, "#sample=batch")
    expect(box.locator(".layer-above image")).to_have_count(0)
    action(page, "sample-next").click()
    expect(box.locator(".layer-above image")).to_have_count(1)


def test_the_ring_follows_the_sample_while_training_plays(page: Page) -> None:
    open_page(page, "#sample=3")
    action(page, "play").click()
    expect(readout(page, "step")).not_to_have_text("0")
    for sample in (4, 5):
        page.keyboard.press("]")
        distance, _ = figure(page, "data").evaluate(RING, sample)
        assert distance < 1


def test_the_gradient_over_the_run_has_a_scale_and_leads_to_its_steps(page: Page) -> None:
    open_page(page, "#tab=gradient-flow&step=200")
    expect(figure(page, "gradient-flow").locator(".main-svg").first).to_be_visible()
    expect(readout(page, "flow-scale").locator("span")).not_to_have_count(0)
    low, high = readout(page, "flow-scale").locator("span").all_inner_texts()[::2]
    assert 0 < float(low) < float(high)
    place = figure(page, "gradient-flow").evaluate(
        """box => {
            const { xaxis2, yaxis } = box._fullLayout;
            const { left, top } = box.getBoundingClientRect();
            return [left + xaxis2._offset + xaxis2.d2p(100), top + yaxis._offset + 20];
        }"""
    )
    page.mouse.click(*place)
    expect(readout(page, "step")).not_to_have_text("200")
    assert 90 < float(readout(page, "step").inner_text()) < 110
    action(page, "flow-mean").click()
    expect(action(page, "flow-mean")).to_have_attribute("aria-pressed", "true")
