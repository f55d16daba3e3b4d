"""The page for everyone: axe-core finds nothing, keys reach everything, other ways of seeing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import action, expect_line, few_routes, open_page, readout
from tests.helpers.axe import (
    ALIKE,
    FEWER,
    View,
    in_views,
    violations,
    violations_in,
    violations_in_both_themes,
)


@pytest.mark.shared_page
@in_views()
def test_axe_finds_nothing_on_the_explorer(page: Page, views: list[View]) -> None:
    """Menu, help and two runs; ``test_access_everywhere.py`` has what else can be open."""
    page.set_viewport_size({"width": 1280, "height": 720})
    open_page(page, "#step=20")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    assert violations_in_both_themes(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()  # closing takes a moment
    page.keyboard.press("n")
    expect(page.locator('[data-slot="two-runs"]')).to_be_visible()
    # The page around it is looked at without it, and in these views without the menu.
    assert violations_in_both_themes(page, within='[data-slot="two-runs"]') == []
    page.keyboard.press("Escape")
    expect(page.locator('[data-slot="two-runs"]')).to_be_hidden()
    action(page, "share").click()
    expect(page.locator("#share")).to_be_visible()
    assert violations_in(page, views, afresh=False, within="#share") == []


def expect_a_dialog_that_was_closed_to_keep_no_key(page: Page) -> None:
    """Until the next drawing the focus stays in it, and the next key may be quicker."""
    page.keyboard.press("?")
    page.evaluate(
        """() => {
            const help = document.querySelector('#help');
            const button = help.querySelector('button');
            help.close();
            button.dispatchEvent(new KeyboardEvent('keydown', { key: 'n', bubbles: true }));
        }"""
    )
    expect(page.locator('[data-slot="two-runs"]')).to_be_visible()


@pytest.mark.exhaustive
def test_axe_finds_nothing_in_the_whole_documentation(page: Page) -> None:
    """Swagger UI, closed; ``test_access_everywhere.py`` judges two requests of each kind."""
    page.goto("/docs")
    expect(page.locator(".opblock-summary-control").nth(8)).to_be_visible()
    assert violations(page, colours=False) == []


@pytest.mark.exhaustive
def test_axe_finds_nothing_in_the_documentation(page: Page) -> None:
    """Swagger UI, mended: with requests open, tried out and answered."""

    def shorter(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={"costs": response.json()["costs"][:2]})

    # An answer has an element for each of its words; two entries have all kinds.
    page.route("**/api/v1/catalog", shorter)
    few_routes(page, "experiments/{id}/steps", "catalog", "check", "datasets")
    page.goto("/docs")
    operations = page.locator(".opblock-summary-control")
    expect(operations).to_have_count(4)
    for operation in operations.all():
        operation.click()
    expect(page.locator(".opblock.is-open")).to_have_count(4)
    page.locator(".try-out__btn").first.click()
    page.locator(".execute").first.click()
    expect(page.locator(".live-responses-table").first).to_be_visible()
    page.evaluate(FEWER, ALIKE)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_css("background-color", "rgb(28, 32, 34)")
    assert violations(page, others=False) == []


@pytest.mark.shared_page
def test_high_contrast(page: Page) -> None:
    """What axe-core finds then is asked in ``test_access_everywhere.py``."""
    open_page(page)
    for forced in ("active", "none"):
        page.emulate_media(contrast="more", forced_colors=forced)  # type: ignore[arg-type]
        # What is chosen is seen without its background too.
        current = page.locator('[data-panel="ribbon"] [aria-current="step"]')
        outline = current.evaluate("e => getComputedStyle(e).outlineStyle")
        if forced == "active":
            assert outline == "solid"
            # The pointer below it is a triangle: two of its three borders are not seen.
            side = "e => getComputedStyle(e, '::before').borderLeftColor"
            assert current.evaluate(side) == "rgba(0, 0, 0, 0)"
        # What cannot be pressed can be read.
        faint = "e => getComputedStyle(e).opacity"
        assert float(page.locator("button:disabled").first.evaluate(faint)) >= 0.7
        # What is nothing but a background is still there, and train is not test.
        backgrounds = page.evaluate(
            """() => ['.rail', '.dot-filled', '.dot-hollow', '.key-square'].map((name) => {
                const pseudo = name === '.rail' ? '::before' : null;
                return getComputedStyle(document.querySelector(name), pseudo).backgroundColor;
            })"""
        )
        paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        rail, filled, hollow, square = backgrounds
        assert paper not in (rail, filled, square)
        assert filled != hollow


@pytest.mark.exhaustive
def test_high_contrast_of_the_checker(page: Page) -> None:
    page.emulate_media(contrast="more", forced_colors="active")
    page.goto("/check")
    action(page, "example").click()
    # A wrong entry is more than red.
    wrong = page.locator('[data-line="dC_dz1"] .submitted .off').first
    expect(wrong).to_be_visible()
    assert wrong.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    assert violations(page, colours=False) == []


# Count how often something begins to scroll with motion, and end that.
COUNT_SMOOTH = """() => {
    const plain = {};
    window.smooth = 0;
    for (const name of ['scrollIntoView', 'scrollTo']) {
        plain[name] = Element.prototype[name];
        Element.prototype[name] = function (options) {
            if (options?.behavior === 'smooth') window.smooth += 1;
            return plain[name].apply(this, arguments);
        };
    }
    window.stopCounting = () => Object.assign(Element.prototype, plain);
}"""
SMOOTH = "() => { window.stopCounting(); return window.smooth; }"


@pytest.mark.shared_page
def test_nothing_moves_for_those_who_ask_for_that(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_page(page, "#line=z1")
    page.evaluate(COUNT_SMOOTH)
    page.keyboard.press("ArrowRight")
    expect_line(page, "a1")
    assert page.evaluate(SMOOTH) == 0
    assert page.evaluate("() => document.getAnimations().length") == 0


@pytest.mark.shared_page
def test_at_twice_the_size_nothing_is_cut_off(page: Page) -> None:
    """200 % zoom of 1280 × 800 is a window of 640 × 400."""
    page.set_viewport_size({"width": 640, "height": 400})
    open_page(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    for name in ("play", "share", "line-next", "notation"):
        action(page, name).scroll_into_view_if_needed()
        expect(action(page, name)).to_be_in_viewport()


@pytest.mark.shared_page
def test_every_key_of_the_help_sheet_is_taken(page: Page) -> None:
    open_page(page)
    page.keyboard.press("j")
    expect(page.locator('[data-panel="ribbon"] [data-line="dz2_dW2"]')).to_be_attached()
    page.keyboard.press("j")
    page.keyboard.press("h")
    expect(page.locator('[data-figure="gradient-flow"]')).to_be_visible()
    page.keyboard.press("h")
    expect(page.locator('[data-slot="health"]')).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator('[data-slot="two-runs"]')).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator('[data-slot="two-runs"]')).to_be_hidden()
    page.keyboard.press("s")
    expect(page.locator("#share")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", "a1")
    expect(page.locator('[data-slot="announce"]')).to_contain_text("layer 1, a, 4 values, largest")
    # In the network arrow keys choose neurons, and a button to copy is reached.
    page.get_by_role("application").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("selection=n0.0"))
    copy = page.locator('[data-panel="working"] [data-copy]').first
    assert copy.evaluate("button => button.tabIndex") == 0
    expect_a_dialog_that_was_closed_to_keep_no_key(page)


@pytest.mark.shared_page
def test_keys_that_type_a_character_can_be_switched_off(page: Page) -> None:
    open_page(page)
    page.keyboard.press("b")
    batch = page.locator('[data-numbers="batch"]')
    expect(batch).to_have_attribute("aria-pressed", "true")
    action(page, "help").click()
    page.get_by_role("checkbox", name="type a character").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-ready", "true")
    line = readout(page, "line")
    before = line.inner_text()
    page.keyboard.press("b")
    page.keyboard.press("ArrowRight")
    expect(line).not_to_have_text(before)
    expect(batch).to_have_attribute("aria-pressed", "true")
