"""Answers to a lesson's questions: typed, pasted, by keys alone, pressed twice."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from backprop_explorer.lessons.questions import Choice
from tests.browser import action, readout, until
from tests.helpers.lesson_page import (
    DA,
    DW,
    SEED,
    answer,
    check,
    give,
    go_on,
    lesson,
    open_lesson,
    question_of,
)
from tests.helpers.lessons import ONE, cards, wrong_answer

pytestmark = pytest.mark.shared_page


def test_a_double_click_presses_once(page: Page) -> None:
    """Its second click is not meant for the button that the first one brought to its place."""
    open_lesson(page, card=DA)
    action(page, "hint").dblclick()
    expect(lesson(page).locator(".hint-text")).to_contain_text("factor 2")
    expect(action(page, "hint")).to_have_text("Another hint")
    action(page, "hint").click()
    give(page, question_of(DA), wrong_answer(question_of(DA)))
    check(page, "wrong")
    action(page, "hint").dblclick()
    expect(readout(page, "mark")).to_have_attribute("data-kind", "shown")
    expect(readout(page, "card")).to_have_text(cards(ONE, SEED)[DA].title)
    action(page, "go-on").dblclick()
    expect(readout(page, "card")).to_have_text(cards(ONE, SEED)[DA + 1].title)
    expect(readout(page, "mark")).to_be_empty()


def hold(page: Page, key: str, *, pressed: bool = False) -> None:
    """Keep a key down until it has repeated itself five times, then let it go."""
    for _ in range(5 + (not pressed)):
        page.keyboard.down(key)
    page.keyboard.up(key)


@pytest.mark.exhaustive
def test_a_key_that_is_held_presses_once(page: Page) -> None:
    """What the first press brought to its place or to the focus is not pressed by the rest."""
    open_lesson(page, card=DA)
    action(page, "hint").focus()
    hold(page, "Enter")
    expect(lesson(page).locator(".hint-text")).to_contain_text("factor 2")
    expect(action(page, "hint")).to_have_text("Another hint")
    expect(readout(page, "mark")).to_be_empty()
    give(page, question_of(DA), wrong_answer(question_of(DA)))
    lesson(page).locator(".entry input").first.focus()
    page.keyboard.down("Enter")
    until(page, '[data-readout="mark"][data-kind="wrong"]')
    hold(page, "Enter", pressed=True)
    give(page, question_of(DA), question_of(DA).solution())
    lesson(page).locator(".entry input").first.focus()
    page.keyboard.down("Enter")
    expect(action(page, "go-on")).to_be_focused()
    expect(readout(page, "tries")).to_have_text("2 tries")
    hold(page, "Enter", pressed=True)
    expect(readout(page, "card")).to_have_text(cards(ONE, SEED)[DA].title)
    page.keyboard.press("Enter")
    expect(readout(page, "card")).to_have_text(cards(ONE, SEED)[DA + 1].title)


def test_what_cannot_be_read_is_no_try_and_a_rounded_answer_is_close(page: Page) -> None:
    open_lesson(page, card=DA)
    check(page, "problem")
    expect(readout(page, "mark")).to_contain_text("Fill in every number")
    fields = lesson(page).locator(".entry input")
    expect(fields.first).to_be_focused()
    for k, text in enumerate(["1", "one", "2"]):
        fields.nth(k).fill(text)
    page.keyboard.press("Enter")
    expect(readout(page, "mark")).to_contain_text("entry [1]: this is not a number")
    expect(fields.nth(1)).to_be_focused()
    expect(readout(page, "tries")).to_have_text("")
    right = np.array(question_of(DA).solution())
    give(page, question_of(DA), [float(f"{value:.2g}") for value in right])
    check(page, "close")
    expect(readout(page, "mark")).to_have_text(re.compile("^Close. Give at least three"))
    expect(lesson(page).locator('form [data-mark="wrong"]')).to_have_count(0)
    expect(lesson(page).locator(".counting")).to_contain_text("count from 0")
    answer(page, DA)


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """text => {
            const clipboardData = new DataTransfer();
            clipboardData.setData('text', text);
            const options = { clipboardData, bubbles: true, cancelable: true };
            document.activeElement.dispatchEvent(new ClipboardEvent('paste', options));
        }""",
        text,
    )


def test_an_array_is_pasted_as_numpy_prints_it_and_with_decimal_commas(page: Page) -> None:
    open_lesson(page, card=DW)
    right = np.array(question_of(DW).solution())
    fields = lesson(page).locator(".entry input")
    fields.first.focus()
    # The other way round it does not fit; the server says so.
    paste(page, str(right.T))
    expect(lesson(page).locator("textarea")).to_have_value(str(right.T))
    check(page, "wrong")
    expect(readout(page, "mark")).to_contain_text("transposed")
    lesson(page).locator("textarea").fill("")
    fields.first.focus()
    paste(page, f"array({np.array2string(right, separator=', ')})")
    expect(fields.nth(1)).to_have_value(re.compile(r"^-?\d\.\d{6,}"))
    read = fields.evaluate_all("all => all.map(field => Number(field.value))")
    assert read == pytest.approx(right.ravel(), abs=1e-8)
    # A table of a spreadsheet.
    fields.first.focus()
    text = "\n".join("\t".join(f"{v:.8f}" for v in row) for row in right).replace(".", ",")
    paste(page, text)
    expect(lesson(page).locator("textarea")).to_have_value(text)
    check(page, "right")


@pytest.mark.exhaustive
def test_one_number_is_pasted_as_numpy_prints_it(page: Page) -> None:
    """The first question asks for an array of shape (1, 1), the second one for a number."""
    name = "learning-rate"
    open_lesson(page, name, card=0)
    only = lesson(page).locator(".entry input")
    for card in (0, 1):
        right = np.array(question_of(card, name).solution())
        assert right.shape == ((1, 1), ())[card]
        for text in (f"np.float64({right.item()!r})", f"[{right.item()!r}]"):
            only.fill("")
            only.focus()
            paste(page, text)
            expect(only).to_have_value(repr(right.item()))
        check(page, "right")
        go_on(page, cards(name, SEED)[card + 1].title)


def test_by_keyboard_alone_and_nothing_moves_when_an_answer_is_marked(page: Page) -> None:
    open_lesson(page)
    places = """() => ['stage', 'working', 'ribbon', 'transport'].map(name => {
        const box = document.querySelector(`[data-panel="${name}"]`).getBoundingClientRect();
        return [box.x, box.y, box.width, box.height];
    })"""
    before = page.evaluate(places)
    page.keyboard.press("l")  # this card is not answered yet
    title = readout(page, "card")
    expect(title).to_have_text(cards(ONE, SEED)[0].title)
    for _ in range(20):
        if page.evaluate("document.activeElement.type") == "radio":
            break
        page.keyboard.press("Tab")
    question = question_of(0)
    assert isinstance(question, Choice)
    # From the first one around to the one after the right one.
    page.keyboard.press(" ")
    for _ in range(question.solution() + 1):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(readout(page, "mark")).to_have_attribute("data-kind", "wrong")
    action(page, "hint").click()
    expect(page.locator(".hint-text")).not_to_be_empty()
    assert page.evaluate(places) == before
    lesson(page).locator("input:checked").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(readout(page, "mark")).to_have_attribute("data-kind", "right")
    assert page.evaluate(places) == before
    page.keyboard.press("Enter")
    expect(title).to_have_text(cards(ONE, SEED)[1].title)
    page.keyboard.press("k")
    expect(title).to_have_text(cards(ONE, SEED)[0].title)
    page.keyboard.press("l")
    expect(title).to_have_text(cards(ONE, SEED)[1].title)
    expect(title).to_be_focused()
    page.go_back()
    expect(title).to_have_text(cards(ONE, SEED)[0].title)
