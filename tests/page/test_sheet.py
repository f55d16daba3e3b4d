"""A lesson to print, and the numbers of each student of a class."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from backprop_explorer.lessons.number_questions import LineValue
from backprop_explorer.lessons.questions import Choice
from tests.browser import READY, action, until
from tests.helpers.axe import violations_in_both_themes
from tests.helpers.browsers import PageWatch
from tests.helpers.lessons import ONE, cards

pytestmark = pytest.mark.shared_page

SEED = 7


def open_sheet(page: Page, name: str = ONE) -> None:
    page.goto(f"/lessons/{name}/sheet?seed={SEED}")
    until(page, READY)
    expect(page.locator("body")).to_have_attribute("data-ready", "true")


def test_a_sheet_has_every_card_room_to_write_and_its_answers_apart(page: Page) -> None:
    open_sheet(page)
    expect(page.locator("[data-slot=sheet] h2")).to_have_count(len(cards(ONE, SEED)))
    line = next(c.question for c in cards(ONE, SEED) if isinstance(c.question, LineValue))
    cells = page.locator(".sheet-grid").first.locator("td")
    expect(cells).to_have_count(len(line.solution()))
    expect(cells).to_have_text([""] * len(line.solution()))
    expect(page.locator("[data-slot=answers]")).to_be_hidden()
    expect_the_answers_apart(page)
    page.emulate_media(media="print")
    expect(page.locator(".sheet-tools")).to_be_hidden()
    expect(page.locator(".top")).to_be_hidden()
    answers = page.locator("[data-slot=answers]")
    assert answers.evaluate("e => getComputedStyle(e).breakBefore") == "page"


@pytest.mark.parametrize("path", ["/", "/lessons", f"/lessons/{ONE}/sheet", "/check", "/teach"])
def test_every_page_with_formulas_has_their_font(page: Page, path: str) -> None:
    page.goto(path)
    family = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--math')")
    font = f"1em {family.split(',')[0]}"
    assert page.evaluate("async font => (await document.fonts.load(font)).length", font) == 1


def test_formulas_are_printed_in_their_font(page: Page) -> None:
    open_sheet(page)
    assert b"STIXTwoMath" in page.pdf()


def expect_the_answers_apart(page: Page) -> None:
    action(page, "answers").click()
    answers = page.locator("[data-slot=answers]")
    expect(answers).to_be_visible()
    asked = [card.question for card in cards(ONE, SEED) if card.question is not None]
    expect(answers.locator(".asked")).to_have_count(len(asked))
    line = next(each for each in asked if isinstance(each, LineValue))
    first = f"{abs(line.solution()[0]):.4f}"[:5]
    expect(answers.locator("td", has_text=first)).not_to_have_count(0)
    choice = next(each for each in asked if isinstance(each, Choice))
    letter = "abcdef"[choice.solution()]
    expect(answers.locator(".asked").first.locator("p").first).to_have_text(
        re.compile(rf"^{letter}\) ")
    )


def test_a_card_stays_on_one_page_and_a_shape_is_one_of_python(page: Page) -> None:
    open_sheet(page, "first-layer")
    action(page, "answers").click()
    expect(page.locator("[data-slot=answers]")).to_contain_text("(4,)")
    page.emulate_media(media="print")
    section = page.locator("[data-slot=sheet] section").first
    assert section.evaluate("e => getComputedStyle(e).breakInside") == "avoid"


def test_lines_of_code_begin_in_one_column(page: Page) -> None:
    open_sheet(page, "bug-worked-for-one-sample")
    lines = page.locator(".sheet-options > li > code")
    expect(lines.nth(10)).to_be_attached()
    lefts = lines.evaluate_all("all => all.map(e => Math.round(e.getBoundingClientRect().left))")
    assert len(set(lefts)) == 1


def test_where_lessons_are_graded_a_sheet_has_no_answers(page: Page, page_watch: PageWatch) -> None:
    page_watch.allow("403")

    def refused(route: Route) -> None:
        problem = {"detail": "this server gives no solutions", "errors": []}
        route.fulfill(status=403, content_type="application/problem+json", json=problem)

    page.route(re.compile("/solution$"), refused)
    open_sheet(page)
    action(page, "answers").click()
    expect(page.locator("[data-slot=said]")).to_contain_text("There are no answers here")
    expect(page.locator("[data-slot=answers]")).to_be_hidden()


@pytest.mark.exhaustive
def test_each_student_of_a_class_has_other_numbers(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    page.goto(f"/lessons/{ONE}?class=week 42")
    own = page.get_by_label("Your name or student number")
    own.fill("Kari 123456")
    page.get_by_role("button", name="Give me my numbers").click()
    until(page, READY)
    expect(page).to_have_url(re.compile(rf"/lessons/{ONE}\?seed=\d+#card=1$"))
    seed = page.url.partition("seed=")[2].partition("#")[0]
    # The next link of the class asks no more.
    page.goto("/lessons?class=week 42")
    until(page, READY)
    expect(page.locator("#seed")).to_have_value(seed)
    expect(own).to_be_hidden()
    assert not any("123456" in each or "Kari" in each for each in sent)
    # The lecturer types both texts.
    page.locator(".for-lecturers").evaluate("all => { all.open = true; }")
    page.locator("#seed").fill("1")
    page.get_by_label("Class", exact=True).fill("Week 42")
    page.get_by_label("A student's text").fill("kari 123456 ")
    action(page, "take-numbers").click()
    expect(page.locator("#seed")).to_have_value(seed)
    assert violations_in_both_themes(page) == []
    page.locator(f'[data-lesson="{ONE}"] a').click()
    sheet = page.locator('[data-slot="sheet"]')
    expect(sheet).to_have_attribute("href", re.compile(rf"/{ONE}/sheet\?seed={seed}$"))


@pytest.mark.parametrize("place", ["", "/sheet"])
def test_a_lesson_that_cannot_be_dealt_says_why(
    page: Page, page_watch: PageWatch, place: str
) -> None:
    page_watch.allow("422")
    why = "mine.md, line 10: working: shape (1, 3) given, (1, 2) needed"

    def refused(route: Route) -> None:
        problem = {"detail": "lesson", "errors": [{"field": "lesson", "message": why}]}
        route.fulfill(status=422, content_type="application/problem+json", json=problem)

    page.route(re.compile(f"/api/v1/lessons/{ONE}{place}[?]"), refused)
    page.goto(f"/lessons/{ONE}{place}?seed={SEED}")
    shown = page.locator("[data-slot=sheet]" if place else "[data-panel=lesson]")
    expect(shown).to_have_text(f"This lesson cannot be shown: {why}")
