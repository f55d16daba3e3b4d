"""The page of a lesson: what is on it, where feedback is, and hints."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from backprop_explorer.lessons.questions import CodeLine
from tests.browser import action, readout
from tests.helpers.cases import exhaustive
from tests.helpers.lesson_page import (
    DA,
    ONE,
    SEED,
    answer,
    check,
    give,
    lesson,
    open_lesson,
    question_of,
)
from tests.helpers.lessons import cards, views, wrong_answer

pytestmark = pytest.mark.shared_page


@pytest.mark.exhaustive
def test_training_is_shown_by_cards_that_are_about_it(page: Page) -> None:
    transport, dock = page.locator('[data-panel="transport"]'), page.locator('[data-slot="dock"]')
    open_lesson(page, card=DA)
    expect(transport).to_be_hidden()
    expect(dock).to_be_hidden()
    action(page, "training").click()
    expect(transport).to_be_visible()
    expect(dock).to_be_visible()
    # It stays as it was chosen.
    answer(page, DA)
    page.keyboard.press("l")
    expect(transport).to_be_visible()
    name = "learning-rate"
    trained = [k for k, _, view in views(name, SEED) if view["step"]]
    open_lesson(page, name, card=trained[0])
    expect(transport).to_be_visible()


CODE = """() => [...document.querySelectorAll('.code-block span, .code-line code')]
    .filter(e => getComputedStyle(e).whiteSpace !== 'pre').length"""
SCROLLED = """() => [...document.querySelectorAll('.code-block pre, .code-lines')]
    .filter(e => e.scrollWidth > e.clientWidth + 1).length"""
FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.mark.parametrize("width", [exhaustive(1440), exhaustive(768), 390])
def test_only_a_phone_wraps_python_and_feedback_is_in_view(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    name = "bug-certain-and-wrong"
    number = next(
        k for k, card in enumerate(cards(name, SEED)) if isinstance(card.question, CodeLine)
    )
    open_lesson(page, name, card=number)
    expect(page.locator(".code-line").nth(5)).to_be_attached()
    for each in (1440, 768, 390, width):
        page.set_viewport_size({"width": each, "height": 900})
        page.wait_for_function(f"wraps => ({CODE})() > 0 === wraps", arg=each == 390)
        page.wait_for_function(f"({SCROLLED})() === 0")
        page.wait_for_function(FITS)
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


def test_a_lesson_and_the_page_beside_it_count_alike(page: Page) -> None:
    """From 0, as NumPy does."""
    open_lesson(page, "second-layer")
    expect(lesson(page)).to_contain_text("a1")
    expect(page.locator(".label-input").first).to_have_text("x₀")
    page.locator('[data-panel="working"] [data-cell="a1.0"]').hover()
    expect(readout(page, "entry").locator(".entry-name")).to_have_text("𝑎⁽¹⁾₀")


@pytest.mark.exhaustive
def test_a_hint_is_in_view(page: Page) -> None:
    """The wrong answer before it was brought into view, so the hint comes above its reason."""
    page.set_viewport_size({"width": 768, "height": 700})
    open_lesson(page, card=DA)
    give(page, question_of(DA), wrong_answer(question_of(DA)))
    check(page, "wrong")
    for text in ("factor 2", "How the cost changes"):
        action(page, "hint").click()
        hint = lesson(page).locator(".hint-text")
        expect(hint).to_contain_text(text)
        expect(hint.locator("p").last).to_be_in_viewport(ratio=1)


@pytest.mark.exhaustive
def test_hints_are_sent_when_they_are_asked_for(page: Page) -> None:
    sent: list[str] = []
    page.on("response", lambda each: "/lessons/" in each.url and sent.append(each.text()))
    open_lesson(page, card=DA)
    hints = lesson(page).locator(".hint-text")
    give(page, question_of(DA), wrong_answer(question_of(DA)))
    check(page, "wrong")
    assert sent
    assert not any("brings a factor 2 down" in each for each in sent)
    action(page, "hint").click()
    expect(hints).to_contain_text("factor 2")
    assert not any("How the cost changes" in each for each in sent)
    action(page, "hint").click()
    expect(hints).to_contain_text(re.compile("factor 2.*How the cost changes", re.DOTALL))


def test_the_code_of_a_function_answers_and_is_kept(page: Page) -> None:
    card = 2
    open_lesson(page, card=card)
    fold = lesson(page).locator("details.folded", has_text="Check my function")
    fold.locator("summary").click()
    expect(fold.locator("pre")).to_contain_text(f'bx.lesson("{ONE}", seed={SEED})')
    field = fold.get_by_label("code that it prints")
    field.fill("bcd-fgh")
    check(page, "wrong")
    expect(readout(page, "mark")).to_contain_text("another card")
    function = getattr(question_of(card), "function", None)
    assert function is not None
    field.fill(f" {function.code.lower()} ")
    check(page, "right")
    page.reload()
    expect(readout(page, "mark")).to_have_attribute("data-kind", "right")
    expect(field).to_have_value(f"{function.code.lower()}")
    # The numbers that the first card gives are in reach on this one.
    lesson(page).get_by_text("Numbers of this lesson").click()
    expect(lesson(page).locator("pre").first).to_contain_text("W = np.array(")
