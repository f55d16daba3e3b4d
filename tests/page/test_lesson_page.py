"""The page of a lesson: what is on it, where feedback is, hints and nearly right answers."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from backprop_explorer.lessons.questions import CodeLine
from tests.browser import action, readout
from tests.helpers.lesson_page import (
    DA,
    SEED,
    answer,
    check,
    give,
    lesson,
    open_lesson,
    question_of,
)
from tests.helpers.lessons import ONE, cards, views, wrong_answer


def test_training_is_shown_by_cards_that_are_about_it(page: Page) -> None:
    transport, dock = page.locator('[data-panel="transport"]'), page.locator('[data-slot="dock"]')
    open_lesson(page, card=DA)
    expect(transport).to_be_hidden()
    expect(dock).to_be_hidden()
    action(page, "training").click()
    expect(transport).to_be_visible()
    expect(dock).to_be_visible()
    # It stays as it was chosen.
    page.keyboard.press("l")
    expect(transport).to_be_visible()
    name = "learning-rate"
    trained = [k for k, _, view in views(name, SEED) if view["step"]]
    open_lesson(page, name, card=trained[0])
    expect(transport).to_be_visible()


CODE = """() => [...document.querySelectorAll('.code-block pre, .code-line code')]
    .filter(e => getComputedStyle(e).whiteSpace !== 'pre').length"""
WIDTH = "document.documentElement.scrollWidth - innerWidth"


@pytest.mark.parametrize("width", [1440, 768, 390])
def test_python_is_never_wrapped_and_feedback_is_in_view(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    name = "bug-gradient-of-another-cost"
    number = next(
        k for k, card in enumerate(cards(name, SEED)) if isinstance(card.question, CodeLine)
    )
    open_lesson(page, name, card=number)
    assert page.locator(".code-line").count() > 5
    assert page.evaluate(CODE) == 0
    assert page.evaluate(WIDTH) <= 0
    question = question_of(number, name)
    give(page, question, wrong_answer(question))
    check(page, "wrong")
    expect(readout(page, "mark")).to_be_in_viewport()
    answer(page, number, name)
    expect(readout(page, "mark")).to_be_in_viewport()
    go = action(page, "go-on")
    expect(go).to_be_in_viewport()
    below = "e => e.getBoundingClientRect()"
    assert go.evaluate(below)["top"] >= readout(page, "mark").evaluate(below)["bottom"]


def changed(page: Page, card: int, **fields: object) -> None:
    """Serve the lesson with other fields of a card's question."""

    def answered(route: Route) -> None:
        response = route.fetch()
        lesson = response.json()
        lesson["cards"][card]["question"] |= fields
        route.fulfill(response=response, json=lesson)

    page.route(re.compile(rf"/api/v1/lessons/{ONE}\?"), answered)


def test_there_may_be_a_second_hint_before_the_answer(page: Page) -> None:
    changed(page, DA, second_hint=[[{"kind": "text", "text": "Two thirds of the error."}]])
    open_lesson(page, card=DA)
    action(page, "hint").click()
    hints = lesson(page).locator(".hint-text")
    expect(hints).to_contain_text("factor 2")
    expect(hints).not_to_contain_text("Two thirds")
    expect(action(page, "hint")).to_have_text("Another hint")
    action(page, "hint").click()
    expect(hints).to_contain_text(re.compile("factor 2.*Two thirds of the error", re.DOTALL))
    expect(action(page, "hint")).to_have_text("Show the answer")


def test_a_rounded_answer_is_close_and_not_wrong(page: Page) -> None:
    open_lesson(page, card=DA)
    right = np.array(question_of(DA).solution())
    give(page, question_of(DA), [float(f"{value:.2g}") for value in right])
    check(page, "close")
    expect(readout(page, "mark")).to_have_text(re.compile("^Close. Give at least three"))
    expect(lesson(page).locator('form [data-mark="wrong"]')).to_have_count(0)
    expect(lesson(page).locator(".counting")).to_contain_text("count from 0")
    answer(page, DA)
