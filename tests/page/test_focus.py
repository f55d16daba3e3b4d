"""The focus stays on what was pressed, or near it, also where that is built anew."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import action, open_page, readout, until
from tests.page.test_what_if import edits, entry

pytestmark = pytest.mark.shared_page


def test_the_focus_stays_in_the_network_builder(page: Page) -> None:
    open_page(page)
    remove = page.locator('[data-action="layer-remove"]')
    add = action(page, "layer-add")
    add.focus()
    page.keyboard.press("Enter")
    expect(remove).to_have_count(3)
    expect(add).to_be_focused()
    remove.nth(2).focus()
    for left in (2, 1):
        page.keyboard.press("Enter")
        expect(remove).to_have_count(left)
        expect(remove.last).to_be_focused()
    page.keyboard.press("Enter")
    expect(remove).to_have_count(0)
    expect(page.locator('[data-panel="experiment"] :focus')).to_have_count(1)


def test_the_skip_link_moves_the_focus_and_nothing_else(page: Page) -> None:
    open_page(page, "#dataset.name=xor&step=5&line=a1")
    before = page.url
    page.locator("a.skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#working")).to_be_focused()
    expect(readout(page, "step")).to_have_text("5")
    assert page.url == before


def test_the_focus_stays_in_the_list_of_changes(page: Page) -> None:
    open_page(page, "#step=3&line=z1")
    for k in range(2):
        entry(page, "W1", f"{k},0").focus()
        page.keyboard.press("+")
        expect(edits(page)).to_have_count(k + 1)
    remove = page.locator('[data-action="edit-remove"]')
    remove.last.focus()
    page.keyboard.press("Enter")
    expect(edits(page)).to_have_count(1)
    expect(remove).to_be_focused()
    page.keyboard.press("Enter")
    expect(edits(page)).to_have_count(0)
    expect(page.locator('[data-panel="experiment"] :focus')).to_have_count(1)


def test_the_focus_goes_along_the_lines(page: Page) -> None:
    open_page(page)
    line = page.locator('[data-panel="ribbon"] [data-line]')
    line.nth(1).click()
    for k in (2, 3):
        page.keyboard.press("ArrowRight")
        expect(line.nth(k)).to_be_focused()
        expect(line.nth(k)).to_have_attribute("aria-current", "step")


def test_the_focus_stays_on_a_button_that_leads_to_the_start(page: Page) -> None:
    open_page(page, "#step=1&line=a1")
    for name in ("start", "back"):
        button = action(page, name)
        button.focus()
        page.keyboard.press("Enter")
        expect(readout(page, "step")).to_have_text("0")
        expect(button).to_be_focused()
        expect(button).to_have_attribute("aria-disabled", "true")
        page.keyboard.press("Enter")
        expect(button).to_be_focused()
        page.keyboard.press("Tab")
        expect(button).to_have_attribute("disabled", "")
        expect(button).not_to_have_attribute("aria-disabled", "true")
        action(page, "step").click()
        expect(button).to_be_enabled()
    # The first line is one, too.
    button = action(page, "line-previous")
    button.focus()
    page.keyboard.press("Enter")
    until(page, '[data-panel="working"][data-line="z1"]')
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_be_focused()
