"""Questions to a class: every kind, from asking to the table of the tally."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser import action, choose_line, expect_line, expect_working_of, readout, until
from tests.page.in_class import READY, ask, fill, question, send, values_of


def expect_questions_to_be_answered(
    teach: Page, shown: Page, phone: Page, desk: Page, table: Path
) -> None:
    """The class was asked one question before. The phone is closed after the first of these."""
    students = [phone, desk]
    expect_an_array_to_be_marked(teach, shown, students)
    expect_a_wrong_answer_to_be_shown(teach, shown, students)
    with teach.expect_download() as downloading:
        action(teach, "export").click()
    downloading.value.save_as(table)
    row = ",revealed,2,2,1,0,1,,missing_activation_derivative,dC_dz2,1"
    assert row in table.read_text()
    # The next question closes the card with the wrong answer to this one.
    expect_line_questions_to_be_answered(shown, desk)
    for page in (shown, *students):
        expect(page.locator(".answer-card")).to_have_count(0)
    phone.close()
    expect_own_numbers_and_a_choice(shown, desk)
    expect_a_card_of_a_lesson(teach, shown, desk)
    # The map of the whole lecture has what was wrong before.
    teach.locator('[data-slot="mistakes"] [data-value="true"]').click()
    expect(teach.locator('[data-slot="mistakes"]')).to_contain_text("answers")


def expect_an_array_to_be_marked(teach: Page, shown: Page, students: list[Page]) -> None:
    choose_line(shown, "dC_dz2")
    right = values_of(shown, "dC_dz2")
    read = values_of(shown, "dC_da2")
    ask(shown, "array")
    for student in students:
        expect(question(student)).to_be_visible()
        # Nothing on any screen gives the numbers away, the projector's included.
        expect(student.locator('[data-panel="working"]')).to_contain_text("not shown yet")
    expect(shown.locator('[data-panel="working"]')).to_contain_text("not shown yet")
    fill(students[0], right)
    # On a phone, too, a number is seen whole.
    cut = "all => all.filter(({scrollWidth, clientWidth}) => scrollWidth > clientWidth).length"
    assert question(students[0]).locator(".entry input").evaluate_all(cut) == 0
    students[1].reload()  # in the middle of a question
    until(students[1], READY)
    # The derivative of the activation is left out.
    fill(students[1], read)
    expect(readout(students[0], "answer")).not_to_contain_text("Right")
    expect(readout(teach, "answered")).to_have_text("2 of 2 answered")
    for name, count in (("right", 1), ("close", 0), ("wrong", 1), ("left", 0)):
        expect(readout(teach, f"count-{name}")).to_have_text(str(count))
    cell = teach.locator('[data-misconception="missing_activation_derivative"] button')
    expect(cell).to_have_text("1")
    expect(cell).to_have_attribute("data-line", "dC_dz2")
    expect(teach.locator(".places")).to_contain_text("2")


def expect_a_wrong_answer_to_be_shown(teach: Page, shown: Page, students: list[Page]) -> None:
    """The lecturer shows a typical one to all, with its sum; that reveals the question."""
    read = values_of(shown, "dC_da2")
    action(teach, "show-answer").click()
    for page in (shown, *students):
        card = page.locator(".answer-card")
        expect(card).to_contain_text("derivative")
        expect(card.locator('[data-readout="shown-sum"]')).to_contain_text("tanh")
        expect(card.locator('[data-mark="wrong"]').first).to_be_visible()
        expect_line(page, "dC_dz2")
    for student, told in zip(students, ("Right", "Not right"), strict=True):
        expect(readout(student, "answer")).to_contain_text(told)
        expect(readout(student, "class-counts")).to_contain_text("1 right, 0 close, 1 wrong")
    expect(action(students[0], "send-answer")).to_be_hidden()

    # The lecturer walks through its entries, and the class goes along.
    said = readout(students[1], "shown-entry").inner_text()
    action(shown, "answer-next").click()
    for page in (shown, *students):
        chosen = page.locator('.answer-card [data-chosen="true"]')
        expect(chosen).to_contain_text(f"{read[1]:.4g}")
    expect(readout(students[1], "shown-entry")).not_to_have_text(said)
    # Who looks at something else does not see it compared with that.
    action(students[1], "class-follow").click()
    students[1].keyboard.press(".")
    expect(readout(students[1], "shown-entry")).to_be_hidden()
    action(students[1], "class-follow").click()
    expect(readout(students[1], "shown-entry")).to_be_visible()


def expect_question(student: Page, number: int, prompt: str = "") -> None:
    """Wait until a student is asked the question of this number."""
    expect(question(student).locator(".question-number")).to_have_text(f"Question {number}")
    expect(question(student)).to_contain_text(prompt)


def expect_line_questions_to_be_answered(shown: Page, student: Page) -> None:
    choose_line(shown, "z2")
    action(shown, "ask").click()
    shown.locator("#ask-feedback").select_option("at_once")
    shown.keyboard.press("Escape")
    ask(shown, "shape")
    expect_question(student, 3, "shape")
    question(student).locator("input").fill("(4,)")
    send(student, told=True)
    ask(shown, "sign")
    expect_question(student, 4, "positive, negative or zero")
    for k, value in enumerate(values_of(shown, "z2")):
        name = "positive" if value > 0 else "negative"
        question(student).locator(".choice").nth(k).get_by_title(name).click()
    send(student, told=True)
    ask(shown, "formula")
    expect_question(student, 5, "computed")
    question(student).locator("input").first.check()
    action(student, "send-answer").click()
    expect(readout(student, "answer")).to_have_attribute("data-kind", re.compile("right|wrong"))
    # A number needs its entry.
    action(shown, "ask").click()
    shown.locator('[data-control="ask-kind"] [data-value="number"]').click()
    action(shown, "ask-go").click()
    expect(readout(shown, "ask-said")).to_contain_text("Which entry")
    shown.locator("#ask-entry").fill("1")
    action(shown, "ask-go").click()
    expect_question(student, 6)
    question(student).locator(".entry input").fill(f"{values_of(shown, 'z2')[1]:.9g}")
    send(student, told=True)


def expect_own_numbers_and_a_choice(shown: Page, student: Page) -> None:
    """All lines of the working, with numbers of one's own; then again those of all."""
    action(shown, "ask").click()
    shown.locator("#ask-own").check()
    shown.locator('[data-control="ask-kind"] [data-value="working"]').click()
    action(shown, "ask-go").click()
    expect_question(student, 7)
    expect(readout(student, "following")).to_contain_text("your own network")
    expect(student.locator('[data-panel="working"]')).to_have_attribute("data-step", "0")
    own = values_of(student, "z1")
    assert own != values_of(shown, "z1")
    question(student).locator("textarea").fill(f"z1 = {own}")
    send(student, told=True)

    action(shown, "ask").click()
    shown.locator("#ask-own").uncheck()
    shown.keyboard.press("Escape")
    action(shown, "ask").click()
    shown.locator('[data-control="ask-kind"] [data-value="choice"]').click()
    shown.locator("#ask-prompt").fill("What is $W$? <b>")
    shown.locator(".ask-option input[type=text]").nth(0).fill("a number")
    shown.locator(".ask-option input[type=text]").nth(2).fill("a matrix")
    shown.locator(".ask-option input[type=text]").nth(3).fill("it has two axes")
    shown.locator(".ask-option input[type=radio]").nth(1).check()
    action(shown, "ask-go").click()
    expect_question(student, 8, "<b>")
    # Its network was another one in the question before.
    expect_working_of(student, 21)
    expect(readout(student, "following")).to_contain_text("You follow")
    question(student).locator("input").nth(1).check()
    send(student, told=True)


def expect_a_card_of_a_lesson(teach: Page, shown: Page, student: Page) -> None:
    """It stands beside its own network, which earlier cards set, on every screen."""
    action(shown, "ask").click()
    shown.locator('[data-control="ask-kind"] [data-value="lesson"]').click()
    shown.locator("#ask-lesson").select_option("one-layer-by-hand")
    card = shown.locator("#ask-card")
    expect(card.locator('[value="the-cost-first"]')).to_be_attached()
    card.select_option("the-cost-first")
    action(shown, "ask-go").click()
    expect_question(student, 9)
    expect(question(student).locator(".card")).to_be_visible()
    for page in (shown, student):
        expect(page.locator('[data-panel="working"]')).to_have_attribute("data-step", "0")
    # Places are told within two seconds, and counted every five.
    expect(teach.locator(".places")).to_contain_text("card the cost first")
