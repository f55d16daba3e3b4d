"""What the browser tests of lessons share: opening one, answering, reading what is said."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page, expect

from backprop_explorer.lessons.number_questions import LineValue
from backprop_explorer.lessons.questions import Choice, CodeLine, Question, Shape, Signs
from backprop_explorer.lessons.seed import Seed
from tests.browser import READY, action, readout, until
from tests.helpers.lessons import ONE, cards, place

SEED = 7
SIGNED = place(Signs)
DA, DZ, DW = (place(LineValue, line) for line in ("dC_da1", "dC_dz1", "dC_dW1"))
COUNT = sum(card.question is not None for card in cards(ONE, SEED))
SIGNS = {-1: "negative", 0: "zero", 1: "positive"}
MOST_FIELDS = 24
FILL = """(fields, values) => fields.forEach((field, k) => {
    field.value = values[k];
    field.dispatchEvent(new Event('input', { bubbles: true }));
})"""


def open_lesson(page: Page, name: str = ONE, seed: Seed = SEED, card: int | None = None) -> None:
    """Open a lesson at a card counted from 0, and wait until it can be answered."""
    page.goto(f"/lessons/{name}?seed={seed}" + ("" if card is None else f"#card={card + 1}"))
    until(page, READY, 20)
    expect(page.locator("body")).to_have_attribute("data-ready", "true", timeout=20_000)
    expect(readout(page, "card")).not_to_be_empty()


def lesson(page: Page) -> Locator:
    return page.locator('[data-panel="lesson"]')


def question_of(card: int, name: str = ONE, seed: Seed = SEED) -> Question:
    question = cards(name, seed)[card].question
    assert question is not None
    return question


def give(page: Page, question: Question, answer: Any) -> None:
    """Put an answer into the control of its kind."""
    form = lesson(page).locator("form.question")
    if isinstance(question, Choice | CodeLine):
        form.locator(f'[data-option="{answer}"] input').check()
    elif isinstance(question, Shape):
        form.locator(".shape-field").fill(f"({', '.join(map(str, answer))})")
    elif isinstance(question, Signs):
        for k, sign in enumerate(np.array(answer).ravel().tolist()):
            form.locator(f'[data-entry="{k}"]').get_by_label(SIGNS[sign], exact=True).click()
    else:
        flat = np.array(answer).ravel().tolist()
        if len(flat) > MOST_FIELDS:
            form.locator("textarea").fill(json.dumps(answer))
        else:
            # All at once: one after the other takes as long as all else in a lesson.
            form.locator(".entry input").evaluate_all(FILL, [repr(value) for value in flat])


def check(page: Page, outcome: str) -> None:
    """Press the button and wait for the mark."""
    action(page, "check-answer").click()
    until(page, f'[data-readout="mark"][data-kind="{outcome}"]')
    expect(readout(page, "mark")).to_have_attribute("data-kind", outcome)


def answer(page: Page, card: int, name: str = ONE, seed: Seed = SEED) -> None:
    question = question_of(card, name, seed)
    give(page, question, question.solution())
    check(page, "right")


def go_on(page: Page, title: str) -> None:
    action(page, "go-on").click()
    expect(readout(page, "card")).to_have_text(title)


def results(page: Page) -> list[str]:
    found = page.locator(".card-dot").evaluate_all("all => all.map(e => e.dataset.result)")
    return [each for each in found if each != "text"]


def everything_said(page: Page) -> str:
    """All text of the page beside the lesson: what is seen, and what is told or shown on top."""
    return str(
        page.evaluate(
            """() => [...document.querySelectorAll('body *')]
                .filter(e => !e.closest('[data-panel="lesson"]'))
                .flatMap(e => [e.title, e.getAttribute('aria-label'),
                    e.getAttribute('aria-valuetext'),
                    ...[...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data)])
                .filter(Boolean).join('\\n')"""
        )
    )
