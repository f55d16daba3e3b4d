"""Check my numbers: marks are of what stands there now, and what cannot be read or used is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import action, field, readout
from tests.helpers.holding import Held
from tests.page.test_check import (
    GIVENS,
    TWO_LAYERS,
    check,
    open_check,
    paste,
    printed,
    with_the_slip,
)

pytestmark = pytest.mark.shared_page

RIGHT = "dC_db1 = [0.04217315 0.07020202 0.03062348]"
TOO_LONG = RIGHT + " " * 500_000


def marking(page: Page) -> Locator:
    return page.locator('[data-panel="marking"]')


def said(page: Page) -> Locator:
    return page.locator('[data-slot="said"]')


def check_unanswered(page: Page) -> Held:
    """Press the button, and hold the request back."""
    request = Held(page, "/api/v1/check$", "POST")
    action(page, "check").click()
    request.wait()
    return request


def test_marks_are_old_while_a_text_is_too_long_and_follow_the_settings(
    page: Page, page_watch: Any
) -> None:
    page_watch.allow("422")
    open_check(page)
    paste(page, GIVENS, RIGHT)
    check(page)
    expect(readout(page, "verdict")).to_have_text("All correct")
    paste(page, submitted=TOO_LONG)
    expect(said(page)).to_contain_text("at most")
    expect(page.locator('[data-slot="read"] .chip')).to_have_count(0)
    action(page, "check").click()
    expect(action(page, "check")).to_have_text("Check my numbers")
    expect(said(page)).to_contain_text("at most")
    expect(marking(page)).to_have_class("sheet marking stale")
    paste(page, GIVENS, RIGHT)
    expect(said(page)).to_be_empty()
    check(page)
    field(page, "activation.0").select_option("tanh")
    expect(readout(page, "verdict")).to_have_text("Something is wrong")
    expect(marking(page)).to_have_class("sheet marking")
    field(page, "activation.0").select_option("")
    expect(readout(page, "verdict")).to_have_text("All correct")


@pytest.mark.exhaustive
def test_what_is_typed_while_it_is_marked_is_not_marked(page: Page) -> None:
    open_check(page)
    paste(page, GIVENS, RIGHT)
    request = check_unanswered(page)
    paste(page, submitted="dC_db1 = [0 0 0]")
    request.release()
    expect(readout(page, "verdict")).to_have_text("All correct")
    expect(marking(page)).to_have_class("sheet marking stale")


@pytest.mark.exhaustive
def test_emptying_leaves_no_word_of_what_was_there(page: Page) -> None:
    open_check(page)
    expect(said(page)).to_contain_text("An example")
    check(page)
    field(page, "cost").select_option("mae")
    paste(page, "", "nothing")
    action(page, "check").click()
    expect(said(page)).to_contain_text("not found")
    action(page, "clear").click()
    expect(said(page)).to_be_empty()
    expect(marking(page)).to_contain_text("Nothing is marked yet")
    expect(marking(page)).to_have_class("sheet marking")


def test_an_answer_that_comes_after_emptying_is_dropped_and_one_on_new_numbers_is_shown(
    page: Page,
) -> None:
    open_check(page)
    request = check_unanswered(page)
    action(page, "clear").click()
    request.release()
    expect(action(page, "check")).to_have_text("Check my numbers")
    expect(marking(page)).to_contain_text("Nothing is marked yet")
    expect_numbers_to_be_marked_with_another_activation(page)


@pytest.mark.exhaustive
def test_a_learning_rate_that_is_no_number_is_said(page: Page) -> None:
    open_check(page)
    rate = field(page, "rate")
    problem = page.locator('.settings [data-problem="rate"]')
    for typed in ("abc", "1e999"):
        rate.fill(typed)
        rate.press("Tab")
        expect(problem).to_have_text("A number is needed here.")
        expect(rate).to_have_attribute("aria-invalid", "true")
        action(page, "check").click()
        expect(rate).to_be_focused()
        expect(rate).to_have_value(typed)
        rate.fill("0,5")
        rate.press("Tab")
        expect(problem).to_be_hidden()
    paste(page, submitted="W1_next = [[1 2] [3 4] [5 6]]")
    check(page)
    expect(page.locator('[data-panel="marking"] [data-line="W1_next"]')).to_be_visible()


@pytest.mark.exhaustive
def test_the_marks_are_there_after_the_way_back_from_another_page(page: Page) -> None:
    open_check(page)
    paste(page, GIVENS, RIGHT)
    check(page)
    expect(readout(page, "verdict")).to_have_text("All correct")
    page.goto("/lessons")
    page.go_back()
    expect(readout(page, "verdict")).to_have_text("All correct")
    paste(page, GIVENS, RIGHT.replace("0.042", "0.043"))
    page.wait_for_function("() => location.hash.includes('0.043')")  # it is kept
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-ready", "true")
    expect(readout(page, "verdict")).to_have_count(0)


def expect_numbers_to_be_marked_with_another_activation(page: Page) -> None:
    """And the way back is there."""
    values = with_the_slip(TWO_LAYERS)
    a1 = np.tanh(values["z1"])
    paste(page, printed(values, ["W1", "b1", "W2", "b2", "x", "target"]), f"a1 = {a1.tolist()}")
    field(page, "activation.0").select_option("sigmoid")
    check(page)
    expect(readout(page, "verdict")).to_have_text("Something is wrong")
    offer = marking(page).locator('[data-action="set-activation"]')
    expect(offer).to_have_text("Set layer 1 to tanh")
    offer.click()
    expect(field(page, "activation.0")).to_have_value("tanh")
    expect(marking(page).locator('[data-line="a1"]')).to_have_attribute("data-verdict", "correct")
    back = action(page, "take-back")
    expect(back).to_be_focused()
    back.click()
    expect(field(page, "activation.0")).to_have_value("sigmoid")
    expect(marking(page).locator('[data-line="a1"]')).to_have_attribute("data-verdict", "wrong")
    expect(offer).to_be_visible()
