"""Links that hide groups of controls, alone and in a frame of another page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from backprop_explorer.web.pages import GROUPS
from tests.browser import TWO_FRAMES, action, choose_line, expect_ready, open_page, readout, until
from tests.helpers.cases import exhaustive

pytestmark = pytest.mark.shared_page

# Something that each group has.
SHOWN = {
    "head": ".top",
    "pages": ".pages",
    "examples": '[data-slot="examples"] button',
    "share": '[data-action="share"]',
    "settings": '[data-panel="experiment"]',
    "choices": '[data-control="neurons"]',
    "alarms": '[data-slot="alarms"]',
    "lines": '[data-panel="ribbon"] [data-line]',
    "walk": '[data-action="walk-backward"]',
    "notation": '[data-action="notation"]',
    "sum": '[data-readout="entry"]',
    "own": ".submitted-row",
    "checks": '[data-readout="verified"]',
    "figures": '[data-figure="data"]',
    "training": '[data-action="play"]',
}


def open_hiding(page: Page, query: str) -> None:
    page.goto(f"/?{query}")
    expect_ready(page)


# For each name, the groups that a page that hides this name does not show.
HIDDEN = """([names, shown]) => {
    const found = names.map((name) => {
        document.body.dataset.hide = name;
        return [name, Object.keys(shown).filter((key) => {
            const one = document.querySelector(shown[key]);
            const { width, height } = one.getBoundingClientRect();
            return !width || !height || getComputedStyle(one).visibility !== 'visible';
        })];
    });
    delete document.body.dataset.hide;
    return found;
}"""


def test_each_group_is_hidden_by_its_name_alone(page: Page) -> None:
    assert set(SHOWN) == set(GROUPS)
    open_page(page)
    for selector in SHOWN.values():
        expect(page.locator(selector).first).to_be_visible()
    within = {"lines": {"walk"}, "head": {"pages", "examples", "share"}}
    for name, hidden in page.evaluate(HIDDEN, [["", *GROUPS], SHOWN]):
        assert {name, *hidden} == {name} | within.get(name, set())
        assert bool(hidden) == bool(name)


def test_what_a_link_hides_has_no_keys_no_numbers_and_is_in_no_picture(page: Page) -> None:
    open_hiding(page, "hide=settings,training,walk,backward,form")
    # The page says which name is unknown.
    notice = page.locator('[data-slot="notice"]')
    expect(notice).to_contain_text("“form”")
    expect(notice).to_contain_text("training")
    expect(page.locator(SHOWN["settings"])).to_be_hidden()
    page.keyboard.press("Space")
    page.keyboard.press("f")
    page.keyboard.press("?")
    expect(page.locator(".keys")).to_be_visible()
    expect(page.locator(".keys")).not_to_contain_text("play, pause")
    expect(page.locator('[data-action="walk-forward"]')).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    until(page, '[data-panel="working"][data-line="a1"]')
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-step", "0")
    # Numbers of the phase and of later ones are not shown.
    choose_line(page, "C")
    expect(readout(page, "entry")).not_to_contain_text("?")
    choose_line(page, "dC_dW1")
    expect(readout(page, "entry")).to_contain_text("= ?")
    output = page.locator('[data-variable="dC_dW1"] td')
    expect(output).to_have_text(["?"] * output.count())
    action(page, "share").click()
    for name in ("take-backward", "save-svg"):
        action(page, name).click()
        expect(readout(page, "shared")).to_contain_text("can be exported once")


@pytest.mark.exhaustive
def test_what_is_left_takes_the_room(page: Page) -> None:
    open_hiding(page, "hide=head,settings,figures,training")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(TWO_FRAMES)
        network = page.locator('[data-panel="stage"]').bounding_box()
        working = page.locator('[data-panel="working"]').bounding_box()
        assert network is not None
        assert working is not None
        assert network["x"] == 0
        assert network["y"] == 0
        if width == 1440:
            # Nothing is left empty below what is lower.
            bottom = max(each["y"] + each["height"] for each in (network, working))
            assert abs(bottom - 900) <= 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    "sizes", [[(1200, 560), (720, 720)], exhaustive([(1440, 900), (900, 720)])], ids=["few", "rest"]
)
def test_in_a_frame_the_working_has_the_width(page: Page, sizes: list[tuple[int, int]]) -> None:
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        if (width, height) == sizes[0]:
            open_hiding(page, "embed=1")
        for line in ("z1", "C", "dC_dW2", "dC_dz1"):
            choose_line(page, line)
            working = page.locator('[data-panel="working"]').bounding_box()
            written = readout(page, "entry").bounding_box()
            assert working is not None
            assert written is not None
            assert (working["x"], working["width"]) == (0, width)
            assert written["y"] + written["height"] <= height
        size = page.locator('[data-variable="dC_dz1"] td').first.evaluate(
            "cell => parseFloat(getComputedStyle(cell).fontSize)"
        )
        assert size >= (17 if width > 1100 else 16)
        expect(page.locator("[data-neuron]:visible")).to_have_count(11)


@pytest.mark.exhaustive
def test_in_a_frame_a_link_can_hide_more(page: Page) -> None:
    open_hiding(page, "embed=1&hide=notation,own,checks")
    for name in ("head", "settings", "figures", "training", "notation", "own", "checks"):
        expect(page.locator(SHOWN[name]).first).to_be_hidden()
    expect(page.locator(SHOWN["lines"]).first).to_be_visible()
