"""Lessons, in a real browser: every one played through, marked, veiled, and for the stuck."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from backprop_explorer.lessons.number_questions import LineValue
from backprop_explorer.lessons.own import LESSONS
from backprop_explorer.lessons.questions import Question
from backprop_explorer.lessons.runs import points
from tests.browser import action, field, readout, until
from tests.helpers.cases import few_that_cover
from tests.helpers.lesson_features import features
from tests.helpers.lesson_page import (
    COUNT,
    DA,
    DW,
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
from tests.helpers.lessons import ONE, cards, right_answers, views, wrong_answer


@pytest.mark.parametrize("name", few_that_cover({name: features(name) for name in LESSONS}))
def test_a_lesson_is_played_through(page: Page, name: str) -> None:
    """At every card the explorer shows its scene; wrong answers are told, right ones go on.

    Of each kind of question one is answered wrongly first.
    """
    # Motion is a sixth of the time, and has tests of its own.
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
    assert page.url.endswith("#card=end")
    following = list(LESSONS)[list(LESSONS).index(name) + 1 :]
    if following:
        link = action(page, "next-lesson")
        expect(link).to_have_attribute("href", f"../lessons/{following[0]}?seed={SEED}")
    else:
        expect(action(page, "next-lesson")).to_have_count(0)


def test_what_is_asked_is_nowhere_on_the_page(page: Page) -> None:
    card = DZ
    question = question_of(card)
    assert isinstance(question, LineValue)
    open_lesson(page, card=card)
    working = page.locator('[data-panel="working"]')
    expect(working).to_have_attribute("data-line", question.line)
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
    answer(page, card)
    # Later cards ask for this line, and for its shape.
    expect(working).to_contain_text("This line is asked in the lesson")
    page.locator('[data-panel="ribbon"] [data-line="dC_dz1"]').click()
    expect(working).to_have_attribute("data-line", "dC_dz1")
    expect(working.locator(".matrix.output td").first).not_to_have_text("?")
    said = everything_said(page)
    assert all(re.search(rf"0\.0*{d}", said) for d in digits)


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


def test_the_scene_comes_back(page: Page) -> None:
    open_lesson(page, card=DA)
    action(page, "training").click()
    back = action(page, "back-to-scene")
    expect(back).to_be_disabled()
    page.locator('[data-panel="ribbon"] [data-line="z1"]').click()
    action(page, "step").click()
    expect(readout(page, "step")).to_have_text("1")
    page.get_by_role("button", name="row", exact=True).click()
    expect(back).to_be_enabled()
    back.click()
    working = page.locator('[data-panel="working"]')
    expect(working).to_have_attribute("data-line", "dC_da1")
    expect(readout(page, "step")).to_have_text("0")
    expect(back).to_be_disabled()
    # another experiment altogether
    action(page, "experiment").click()
    field(page, "optimizer.learning_rate").fill("0.5")
    expect(back).to_be_enabled()
    action(page, "experiment").click()
    back.click()
    expect(back).to_be_disabled()
    expect(page.locator('[data-field="optimizer.learning_rate"]')).to_have_value("0.1")


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
    go_on(page, cards(ONE, SEED)[DA + 1].title)
    # With a hint, but one's own
    go_on(page, cards(ONE, SEED)[DZ].title)
    action(page, "hint").click()
    expect(lesson(page).locator(".hint-text")).not_to_be_empty()
    answer(page, DZ)
    done = results(page)
    assert (done[DA], done[DZ], set(done)) == ("shown", "hint", {"alone", "shown", "hint"})
    page.reload()
    page.locator(".card-dot").last.click()
    expect(readout(page, "results")).to_contain_text("1 answer shown")
    expect(readout(page, "results")).to_contain_text("1 answered with a hint")
    expect(readout(page, "results")).to_contain_text(f"{COUNT - 2} answered alone")
    page.get_by_role("button", name=cards(ONE, SEED)[DA].title, exact=True).click()
    expect(readout(page, "mark")).to_have_attribute("data-kind", "shown")


DA_AMONG_QUESTIONS = sum(card.question is not None for card in cards(ONE, SEED)[:DA])


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


def test_later_cards_come_with_their_answers(page: Page) -> None:
    """Also by a link to one of them, after a reload, and at the end."""
    open_lesson(page)
    page.goto("/lessons")
    page.goto(f"/lessons/{ONE}?seed={SEED}#card=5")
    expect(readout(page, "card")).to_have_text(cards(ONE, SEED)[0].title)
    assert page.url.endswith("#card=1")
    dots = page.locator(".card-dot")
    expect(dots.nth(1)).to_be_disabled()
    expect(dots.nth(1)).to_have_attribute("title", re.compile("opens after the questions before"))
    answer(page, 0)
    expect(dots.nth(1)).to_be_enabled()
    expect(dots.nth(2)).to_be_disabled()
    page.reload()
    expect(dots.nth(1)).to_be_enabled()
    expect(dots.last).to_be_disabled()


def test_the_end_is_open_with_the_last_card(page: Page) -> None:
    last = len(cards(ONE, SEED)) - 1
    open_lesson(page, card=last)
    page.locator(".card-dot").last.click()
    expect(readout(page, "results")).to_contain_text(f"{COUNT - 1} answered alone")
    expect(readout(page, "results")).to_contain_text("1 not answered yet")


def test_an_answer_that_is_no_longer_right_is_asked_again(page: Page) -> None:
    """The lesson was changed since; without a right answer the next card would stay closed."""
    right = right_answers(ONE, SEED)
    remember(page, {**right, cards(ONE, SEED)[DA].name: wrong_answer(question_of(DA))})
    open_lesson(page, card=DZ)
    expect(readout(page, "card")).to_have_text(cards(ONE, SEED)[DA].title)
    expect(action(page, "check-answer")).to_be_visible()
    expect(action(page, "go-on")).to_be_hidden()
    answer(page, DA)
    go_on(page, cards(ONE, SEED)[DA + 1].title)
    expect(readout(page, "mark")).to_have_attribute("data-kind", "right")


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


def test_what_cannot_be_read_is_no_try(page: Page) -> None:
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


def test_a_known_mistake_is_named(page: Page) -> None:
    open_lesson(page, card=DZ)
    # ∂C/∂a taken over as ∂C/∂z
    give(page, question_of(DZ), question_of(DA).solution())
    check(page, "wrong")
    expect(readout(page, "mark")).to_contain_text("Likely: activation's derivative")


def test_what_is_asked_is_not_copied(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_lesson(page, card=DZ)
    page.evaluate("navigator.clipboard.writeText('before')")
    page.locator('[data-panel="working"][data-line="dC_dz1"]').wait_for()
    page.keyboard.press("s")
    expect(action(page, "share")).to_have_text("Link copied")
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
    answer(page, DZ)
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    action(page, "copy-numpy").click()
    expect(readout(page, "shared")).to_contain_text("is copied")
    assert "dC_dz1" in page.evaluate("navigator.clipboard.readText()")
    # These hold what later cards ask, too.
    for kind in ("notebook", "history"):
        action(page, f"export-{kind}").click()
        expect(readout(page, "shared")).to_contain_text("asked in the lesson")


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


def test_an_array_is_pasted_as_numpy_prints_it(page: Page) -> None:
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
    check(page, "right")


@pytest.mark.parametrize(
    ("name", "card"), [("learning-rate", 0), ("learning-rate", 1)], ids=["(1, 1)", "a number"]
)
def test_one_number_is_pasted_as_numpy_prints_it(page: Page, name: str, card: int) -> None:
    open_lesson(page, name, card=card)
    number = np.array(question_of(card, name).solution()).item()
    only = lesson(page).locator(".entry input")
    for text in (f"np.float64({number!r})", f"[{number!r}]"):
        only.fill("")
        only.focus()
        paste(page, text)
        expect(only).to_have_value(repr(number))
    check(page, "right")


@pytest.mark.parametrize("brackets", [True, False])
def test_an_array_is_pasted_with_decimal_commas(page: Page, brackets: bool) -> None:
    open_lesson(page, card=DW)
    right = np.array(question_of(DW).solution())
    table = "\n".join("\t".join(f"{v:.8f}" for v in row) for row in right)
    text = (str(right) if brackets else table).replace(".", ",")
    fields = lesson(page).locator(".entry input")
    fields.first.focus()
    paste(page, text)
    check(page, "right")
    shown = fields if brackets else lesson(page).locator("textarea")
    expect(shown.first).to_have_value(re.compile(r"^-?\d[.,]\d{6,}"))


def test_by_keyboard_alone(page: Page) -> None:
    open_lesson(page)
    page.keyboard.press("l")  # this card is not answered yet
    title = readout(page, "card")
    expect(title).to_have_text(cards(ONE, SEED)[0].title)
    for _ in range(20):
        if page.evaluate("document.activeElement.type") == "radio":
            break
        page.keyboard.press("Tab")
    right = question_of(0).solution()
    page.keyboard.press(" ")
    for _ in range(right):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(readout(page, "mark")).to_have_attribute("data-kind", "right")
    page.keyboard.press("Enter")
    expect(title).to_have_text(cards(ONE, SEED)[1].title)
    page.keyboard.press("k")
    expect(title).to_have_text(cards(ONE, SEED)[0].title)
    page.keyboard.press("l")
    expect(title).to_have_text(cards(ONE, SEED)[1].title)
    expect(title).to_be_focused()
    page.go_back()
    expect(title).to_have_text(cards(ONE, SEED)[0].title)


def test_nothing_moves_when_an_answer_is_marked(page: Page) -> None:
    open_lesson(page)
    places = """() => ['stage', 'working', 'ribbon', 'transport'].map(name => {
        const box = document.querySelector(`[data-panel="${name}"]`).getBoundingClientRect();
        return [box.x, box.y, box.width, box.height];
    })"""
    before = page.evaluate(places)
    give(page, question_of(0), wrong_answer(question_of(0)))
    check(page, "wrong")
    action(page, "hint").click()
    expect(page.locator(".hint-text")).not_to_be_empty()
    assert page.evaluate(places) == before
    answer(page, 0)
    assert page.evaluate(places) == before
