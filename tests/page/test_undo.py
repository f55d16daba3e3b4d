"""Undo and redo of changes, also while one is on its way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import action, answered, open_page
from tests.helpers.holding import Held
from tests.page.test_what_if import edits, entry

pytestmark = pytest.mark.shared_page


def nudge(page: Page, index: str, count: int) -> None:
    """Press + on a weight, and wait until there are so many changes on the way."""
    entry(page, "W1", index).focus()
    page.keyboard.press("+")
    expect(edits(page)).to_have_count(count)


@pytest.mark.exhaustive
def test_undo_takes_back_what_is_still_on_its_way(page: Page) -> None:
    open_page(page, "#step=3&line=z1")
    nudge(page, "0,0", 1)
    answers = Held(page, "/experiments$", "POST")
    entry(page, "W1", "1,0").focus()
    page.keyboard.press("+")
    answers.wait()
    page.keyboard.press("Control+z")
    answers.wait(2)
    answers.release()
    page.keyboard.press("Control+Shift+z")
    expect(edits(page)).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(edits(page)).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(edits(page)).to_have_count(0)


def test_undo_pressed_quickly_or_replaced_on_its_way_loses_nothing(page: Page) -> None:
    open_page(page, "#step=3&line=z1")
    for k in range(2):
        nudge(page, f"{k},0", k + 1)
    answers = Held(page, "/experiments$", "POST")
    for count in (1, 2):
        page.keyboard.press("Control+z")
        answers.wait(count)
    answers.release()
    expect(edits(page)).to_have_count(0)
    with answered(page):  # numbers that are still on their way cannot be changed
        for count in (1, 2):
            page.keyboard.press("Control+Shift+z")
            expect(edits(page)).to_have_count(count)
    # A change in place of an undo on its way keeps what was.
    answers = Held(page, "/experiments$", "POST")
    page.keyboard.press("Control+z")
    answers.wait()
    entry(page, "W1", "2,0").focus()
    page.keyboard.press("+")
    answers.wait(2)
    answers.release()
    expect(edits(page)).to_have_count(3)
    for count in (2, 1, 0):
        page.keyboard.press("Control+z")
        expect(edits(page)).to_have_count(count)
    change_right_after_an_undo(page)


def change_right_after_an_undo(page: Page) -> None:
    """It follows what is shown: the experiment is there, its proof is still on its way."""
    for k in range(3):
        nudge(page, f"{k},0", k + 1)
    proof = Held(page, r"/trace\?")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(edits(page)).to_have_count(1)
    proof.wait()
    action(page, "edit-remove").click()
    expect(edits(page)).to_have_count(0)
    proof.release()
    page.keyboard.press("Control+z")
    expect(edits(page)).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(edits(page)).to_have_count(0)
