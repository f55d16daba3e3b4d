"""Lessons, in a real browser: every one played through, marked, veiled, and for the stuck."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from backprop_explorer.lessons.number_questions import LineValue
from backprop_explorer.lessons.questions import Choice, Question
from backprop_explorer.lessons.runs import points
from tests.browser import action, field, press_notation, readout
from tests.helpers.cases import few_that_cover
from tests.helpers.lesson_features import drawn_features
from tests.helpers.lesson_page import (
    COUNT,
    DA,
    DZ,
    PLAY,
    SEED,
    answer,
    check,
    entered,
    everything_said,
    give,
    go_on,
    lesson,
    open_lesson,
    question_of,
    remember,
    results,
)
from tests.helpers.lessons import LESSONS, ONE, cards, right_answers, views, wrong_answer

pytestmark = pytest.mark.shared_page


@pytest.mark.parametrize("name", few_that_cover(drawn_features()))
def test_a_lesson_is_played_through(page: Page, name: str) -> None:
    """At every card the explorer shows its scene; wrong answers are told, right ones go on.

    Of each kind of question one is answered wrongly first.
    """
    # Without motion the tests take a sixth less time; motion has tests of its own.
    page.emulate_media(reduced_motion="reduce")
    mistaken: set[type[Question]] = set()

    def asked(question: Question) -> dict[str, Any]:
        right = entered(question, question.solution())
        if type(question) in mistaken:
            return {"right": right}
        mistaken.add(type(question))
        return {"right": right, "wrong": entered(question, wrong_answer(question))}

    played = []
    for _, card, view in views(name, SEED):
        shown = None
        if view["recipe"] is not None:
            # of a run that diverges before it, the last good step
            step = points(view["recipe"], view["step"])[-1].step if view["step"] else 0
            shown = f'[data-line="{view["line"]}"][data-step="{step}"]'
        question = card.question and asked(card.question)
        played.append({"title": card.title, "shown": shown, "question": question})
    open_lesson(page, name)
    page.evaluate(PLAY, played)
    questions = sum(each["question"] is not None for each in played)
    expect(readout(page, "card")).to_have_text("What you have done")
    expect(readout(page, "results")).to_contain_text(f"{questions} answered alone")
    assert results(page) == ["alone"] * questions
    expect(page).to_have_url(re.compile("#card=end$"))
    following = list(LESSONS)[list(LESSONS).index(name) + 1 :]
    if following:
        link = action(page, "next-lesson")
        expect(link).to_have_attribute("href", f"../lessons/{following[0]}?seed={SEED}")
    else:
        expect(action(page, "next-lesson")).to_have_count(0)


def test_what_is_asked_is_nowhere_on_the_page_and_not_copied(page: Page) -> None:
    card = DZ
    question = question_of(card)
    assert isinstance(question, LineValue)
    open_lesson(page, card=card)
    working = page.locator('[data-panel="working"]')
    expect(working).to_have_attribute("data-line", question.line)
    expect_nothing_asked_to_be_copied(page)
    digits = [re.sub(r"^0\.0*|\.", "", f"{abs(v):.12f}")[:3] for v in question.solution()]
    for line in ("dC_dz1", "dC_dW1", "dC_db1", "W1_next"):
        page.locator(f'[data-panel="ribbon"] [data-line="{line}"]').click()
        expect(working).to_have_attribute("data-line", line)
        expect(working.locator(".matrix.output td").first).to_have_text("?")
        for k in range(3):
            page.locator('[data-figure="network"]').focus()
            page.keyboard.press("ArrowRight")
            page.keyboard.press("ArrowDown")
            said = everything_said(page)
            assert "asked in the lesson" in said
            # as a number begins: 0.0597, 5.97e-2
            shown = [d for d in digits if re.search(rf"(?<![\d]){d[0]}\.?{d[1:]}|0\.0*{d}", said)]
            assert shown == [], (line, k)
    expect(page.locator('[data-figure="gradient-flow"] .main-svg')).to_have_count(0)
    expect_the_cost_not_to_tell(page)
    # ∂C/∂a taken over as ∂C/∂z
    give(page, question, question_of(DA).solution())
    check(page, "wrong")
    expect(readout(page, "mark")).to_contain_text("Likely: activation's derivative")
    answer(page, card)
    # Later cards ask for this line, and for its shape.
    expect(working).to_contain_text("This line is asked in the lesson")
    page.locator('[data-panel="ribbon"] [data-line="dC_dz1"]').click()
    expect(working).to_have_attribute("data-line", "dC_dz1")
    expect(working.locator(".matrix.output td").first).not_to_have_text("?")
    said = everything_said(page)
    assert all(re.search(rf"0\.0*{d}", said) for d in digits)
    expect_the_answered_line_to_be_copied(page)


def expect_the_cost_not_to_tell(page: Page) -> None:
    """The figure of the cost shows no curve while the lesson asks for it."""
    action(page, "training").click()
    page.locator("#tab-cost").click()
    expect(readout(page, "slice")).to_have_text("asked in the lesson")
    expect(page.locator('[data-figure="loss-slice"]')).to_be_hidden()
    action(page, "training").click()


def expect_nothing_asked_to_be_copied(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('before')")
    page.keyboard.press("s")
    expect(readout(page, "shared")).to_have_text("Link copied")
    action(page, "copy-numpy").click()
    expect(readout(page, "shared")).to_contain_text("asked in the lesson")
    assert "dC_dz1" not in page.evaluate("navigator.clipboard.readText()")
    for kind in ("trace", "notebook", "script", "pytorch", "history"):
        with page.expect_download() as given:  # what was said before is over
            action(page, "export-data").click()
        expect(readout(page, "shared")).to_have_text(
            f"{given.value.suggested_filename} is downloaded."
        )
        action(page, f"export-{kind}").click()
        expect(readout(page, "shared")).to_contain_text("asked in the lesson")
    page.keyboard.press("Escape")


def expect_the_answered_line_to_be_copied(page: Page) -> None:
    page.keyboard.press("s")
    action(page, "copy-numpy").click()
    expect(readout(page, "shared")).to_contain_text("is copied")
    assert "dC_dz1" in page.evaluate("navigator.clipboard.readText()")
    # A notebook and a history contain what later cards ask.
    for kind in ("notebook", "history"):
        action(page, f"export-{kind}").click()
        expect(readout(page, "shared")).to_contain_text("asked in the lesson")


def test_where_the_forward_pass_is_asked_the_cost_is_too(page: Page) -> None:
    """Neither outputs nor cost, curves or prediction may say it.

    The card is the last that asks for a line: what later cards ask would stay hidden.
    """
    name = "first-layer"
    number = len(cards(name, SEED)) - 2
    scene = cards(name, SEED)[number].scene
    assert scene is not None
    assert scene.hide == "a1"
    open_lesson(page, name, card=number)
    action(page, "training").click()
    expect(page.locator('[data-panel="ribbon"] [data-line="C"][data-veiled]')).to_be_visible()
    expect(readout(page, "cost-train")).to_have_text("?")
    for figure in ("data", "training-curves", "gradient-flow"):
        page.locator(f"#tab-{figure}").click()
        expect(page.locator(f'[data-figure="{figure}"].veiled')).to_be_visible()
        expect(page.locator(f'[data-figure="{figure}"] .main-svg')).to_have_count(0)
    answer(page, number, name)
    expect(readout(page, "cost-train")).not_to_have_text("?")
    for figure in ("data", "training-curves", "gradient-flow"):
        page.locator(f"#tab-{figure}").click()
        expect(page.locator(f'[data-figure="{figure}"] .main-svg').first).to_be_visible()


def test_the_stuck_get_a_hint_and_then_the_answer(page: Page) -> None:
    open_ = (cards(ONE, SEED)[DA].name, cards(ONE, SEED)[DZ].name)
    others = {name: given for name, given in right_answers(ONE, SEED).items() if name not in open_}
    remember(page, others)
    open_lesson(page, card=DA)
    action(page, "hint").click()
    expect(lesson(page).locator(".hint-text")).to_contain_text("factor 2")
    expect(action(page, "hint")).to_have_text("Another hint")
    action(page, "hint").click()
    expect(lesson(page).locator(".hint-text")).to_contain_text("How the cost changes")
    expect(action(page, "hint")).to_have_text("Show the answer")
    # The answer is for those who have tried one.
    action(page, "hint").click()
    expect(readout(page, "mark")).to_contain_text("Try an answer first")
    expect(lesson(page).locator(".entry input").first).to_be_focused()
    give(page, question_of(DA), wrong_answer(question_of(DA)))
    check(page, "wrong")
    action(page, "hint").click()
    expect(readout(page, "mark")).to_have_attribute("data-kind", "shown")
    expect(action(page, "go-on")).to_be_focused()
    values = lesson(page).locator(".entry input").evaluate_all("all => all.map(e => e.value)")
    given = [float(each.replace("\N{MINUS SIGN}", "-")) for each in values]
    np.testing.assert_allclose(given, question_of(DA).solution(), rtol=1e-5)
    for card in cards(ONE, SEED)[DA + 1 : DZ + 1]:
        go_on(page, card.title)
    # With a hint, but one's own
    action(page, "hint").click()
    expect(lesson(page).locator(".hint-text")).not_to_be_empty()
    answer(page, DZ)
    done = results(page)
    assert (done[DA], done[DZ], set(done)) == ("shown", "hint", {"alone", "shown", "hint"})
    page.route(re.compile("/api/v1/lessons$"), without_later_lessons)
    page.reload()
    page.locator(".card-dot").last.click()
    expect(readout(page, "results")).to_contain_text("1 answer shown")
    expect(readout(page, "results")).to_contain_text("1 answered with a hint")
    expect(readout(page, "results")).to_contain_text(f"{COUNT - 2} answered alone")
    expect(action(page, "next-lesson")).to_have_count(0)
    page.get_by_role("button", name=cards(ONE, SEED)[DA].title, exact=True).click()
    expect(readout(page, "mark")).to_have_attribute("data-kind", "shown")


def without_later_lessons(route: Route) -> None:
    """Answer the list of lessons without those after ``ONE``, which is then the last."""
    response = route.fetch()
    lessons = response.json()["lessons"]
    last = [each["name"] for each in lessons].index(ONE)
    route.fulfill(response=response, json={"lessons": lessons[: last + 1]})


DA_AMONG_QUESTIONS = sum(card.question is not None for card in cards(ONE, SEED)[:DA])


@pytest.mark.exhaustive
def test_a_try_is_remembered(page: Page) -> None:
    """The server wants to see it, also after a reload."""
    open_lesson(page, card=DA)
    give(page, question_of(DA), wrong_answer(question_of(DA)))
    check(page, "wrong")
    action(page, "hint").click()
    expect(action(page, "hint")).to_have_text("Another hint")
    page.reload()
    expect(action(page, "hint")).to_have_text("Another hint")
    action(page, "hint").click()
    expect(action(page, "hint")).to_have_text("Show the answer")
    action(page, "hint").click()
    expect(readout(page, "mark")).to_have_attribute("data-kind", "shown")
    page.reload()
    expect(readout(page, "mark")).to_have_attribute("data-kind", "shown")
    assert results(page)[DA_AMONG_QUESTIONS] == "shown"


def test_where_lessons_are_graded_no_answer_is_shown(page: Page) -> None:
    def graded(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "solutions": "never"})

    def opening(route: Route) -> None:
        response = route.fetch()
        right = {"seed": SEED, "answers": right_answers(ONE, SEED, DA + 1)}
        found = page.request.post(f"/api/v1/lessons/{ONE}/cards", data=right).json()
        route.fulfill(response=response, json={**response.json(), "cards": found["cards"][-1:]})

    page.route(re.compile(rf"/api/v1/lessons/{ONE}/cards"), graded)
    page.route(re.compile(rf"/api/v1/lessons/{ONE}/answer"), opening)
    open_lesson(page, card=DA)
    expect(action(page, "card-next")).to_be_disabled()
    give(page, question_of(DA), wrong_answer(question_of(DA)))
    check(page, "wrong")
    expect(action(page, "card-next")).to_be_enabled()
    action(page, "hint").click()
    expect(lesson(page).locator(".hint-text")).to_contain_text("factor 2")
    action(page, "hint").click()
    expect(action(page, "hint")).to_be_hidden()


@pytest.mark.exhaustive
def test_later_cards_come_with_their_answers(page: Page) -> None:
    """Also by a link to one of them, after a reload, and at the end."""
    open_lesson(page)
    page.goto("/lessons")
    page.goto(f"/lessons/{ONE}?seed={SEED}#card=5")
    expect(readout(page, "card")).to_have_text(cards(ONE, SEED)[0].title)
    expect(page).to_have_url(re.compile("#card=1$"))
    dots = page.locator(".card-dot")
    expect(dots.nth(1)).to_be_disabled()
    expect(dots.nth(1)).to_have_attribute("title", re.compile("opens after the questions before"))
    answer(page, 0)
    expect(dots.nth(1)).to_be_enabled()
    expect(dots.nth(2)).to_be_disabled()
    page.reload()
    expect(dots.nth(1)).to_be_enabled()
    expect(dots.last).to_be_disabled()


def test_old_cards_come_back_at_the_end_by_keyboard(page: Page) -> None:
    """Of a lesson that is finished; one that needed a second try comes first."""
    earlier = "one-layer-autograd"
    right = right_answers(earlier, SEED)
    asked = [each.name for each in cards(earlier, SEED) if isinstance(each.question, Choice)][-1]
    remember(page, right, earlier)
    page.evaluate(
        """([key, lesson, seed, card]) => {
            const kept = JSON.parse(localStorage.getItem(key));
            Object.assign(kept.lessons[lesson][seed].cards[card], { tries: 3 });
            localStorage.setItem(key, JSON.stringify(kept));
        }""",
        ["backprop-explorer.lessons", earlier, str(SEED), asked],
    )
    remember(page, right_answers(ONE, SEED))
    page.goto(f"/lessons/{ONE}?seed={SEED}#card=end")
    old = page.locator("[data-again]")
    expect(old).to_have_count(3)
    expect(old.first).to_have_attribute("data-again", f"{earlier}/{asked}")
    summary = old.first.locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    options = old.first.get_by_role("radio")
    options.nth(right[asked]).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(old.first.locator('[data-readout="mark"]')).to_have_attribute("data-kind", "right")
    page.reload()
    expect(old).to_have_count(3)
    expect(page.locator(f'[data-again="{earlier}/{asked}"]')).to_have_count(0)


@pytest.mark.exhaustive
def test_the_end_is_open_with_the_last_card(page: Page) -> None:
    last = len(cards(ONE, SEED)) - 1
    open_lesson(page, card=last)
    page.locator(".card-dot").last.click()
    expect(readout(page, "results")).to_contain_text(f"{COUNT - 1} answered alone")
    expect(readout(page, "results")).to_contain_text("1 not answered yet")


def test_an_answer_that_is_no_longer_right_is_asked_again_in_its_scene(page: Page) -> None:
    """The lesson was changed since; without a right answer the next card would stay closed."""
    right = right_answers(ONE, SEED)
    remember(page, {**right, cards(ONE, SEED)[DA].name: wrong_answer(question_of(DA))})
    open_lesson(page, card=DZ)
    expect(readout(page, "card")).to_have_text(cards(ONE, SEED)[DA].title)
    expect(action(page, "check-answer")).to_be_visible()
    expect(action(page, "go-on")).to_be_hidden()
    expect_the_scene_to_come_back(page)
    answer(page, DA)
    go_on(page, cards(ONE, SEED)[DA + 1].title)
    expect(readout(page, "mark")).to_have_attribute("data-kind", "right")


def expect_the_scene_to_come_back(page: Page) -> None:
    action(page, "training").click()
    back = action(page, "back-to-scene")
    expect(back).to_be_disabled()
    page.locator('[data-panel="ribbon"] [data-line="z1"]').click()
    action(page, "step").click()
    expect(readout(page, "step")).to_have_text("1")
    press_notation(page, "convention", "row")
    expect(back).to_be_enabled()
    back.click()
    working = page.locator('[data-panel="working"]')
    expect(working).to_have_attribute("data-line", "dC_da1")
    expect(readout(page, "step")).to_have_text("0")
    expect(back).to_be_disabled()
    # Now the experiment itself is changed.
    action(page, "experiment").click()
    field(page, "optimizer.learning_rate").fill("0.5")
    expect(back).to_be_enabled()
    action(page, "experiment").click()
    back.click()
    expect(back).to_be_disabled()
    expect(page.locator('[data-field="optimizer.learning_rate"]')).to_have_value("0.1")
