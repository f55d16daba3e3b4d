"""A class, live: one lecturer and two students, each in a browser of their own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import action, choose_line, expect_line, field, readout, until
from tests.helpers.axe import View, in_views, violations_in
from tests.helpers.browsers import DESK, PageWatch
from tests.page.class_questions import expect_questions_to_be_answered
from tests.page.in_class import (
    PHONE,
    READY,
    Newcomer,
    ask,
    code_of,
    fill,
    follow,
    join,
    question,
    values_of,
)
from tests.page.test_access_everywhere import few, found_in

KEY = "backprop-explorer.rooms"


def test_a_class_from_joining_to_its_end(
    teach: Page, shown: Page, newcomer: Newcomer, page_watch: PageWatch, tmp_path: Path
) -> None:
    code = code_of(teach)
    phone = newcomer(PHONE)
    phone.goto("/join")
    field(phone, "code").fill(code.lower().replace("-", " "))
    action(phone, "join").click()
    until(phone, READY)
    desk = join(newcomer, code)
    expect_all_to_follow(teach, shown, phone, desk)
    expect_one_to_leave_and_come_back(shown, phone, desk)
    expect_attention_to_be_held(shown, desk)
    expect_what_is_hidden_to_be_so_for_all(shown, phone, desk)
    expect_a_view_to_be_opened(teach, shown, phone, desk)
    # The question of the class is still open.
    expect(question(desk)).to_be_visible()
    expect_the_key_to_stay(teach, [shown, phone, desk], page_watch.requests)
    expect_a_lost_connection_to_lose_nothing(teach, shown, desk, page_watch)
    # Without the key the lecturer's view shows nothing of the class, and ends nothing.
    stranger = newcomer()
    stranger.goto(teach.url)
    expect(readout(stranger, "refused")).to_contain_text("does not have the lecturer's key")
    choose_line(shown, "C")  # its formula is too long for the student's column
    expect_line(desk, "C")
    for page in (teach, desk, stranger):
        assert list(found_in(page, few(1))) == [], page.url
    expect_a_long_formula_to_be_read(desk)
    action(phone, "class-follow").click()
    page_watch.allow("404.*no-lesson")
    expect_questions_to_be_answered(teach, shown, phone, desk, tmp_path / "class.csv")
    # The end of the class is told to all.
    action(teach, "end-class").click()
    action(teach, "end-now").click()
    page_watch.allow("404")
    expect(readout(desk, "ended")).to_contain_text("has ended")
    desk.goto("/join/0000-0000")
    expect(readout(desk, "ended")).to_contain_text("no class with this code")


def expect_a_long_formula_to_be_read(desk: Page) -> None:
    """It is set smaller, so that it is seen whole."""
    formula = desk.locator('[data-panel="working"] .formula').element_handle()
    whole = "each => each.scrollWidth <= each.clientWidth && !each.hasAttribute('tabindex')"
    for size in (DESK, {"width": 1280, "height": 720}):
        desk.set_viewport_size(size)
        desk.wait_for_function(whole, arg=formula)
    expect_line(desk, "C")
    # The sum, which was wider before, stays in its column, with "=" beside the result.
    desk.set_viewport_size({"width": 1120, "height": 900})
    desk.wait_for_function(
        """() => {
            const sum = document.querySelector('.written-out');
            // the space before "=" may have a rectangle of its own, in the row above
            const [equals, result] = [...sum.children].slice(-2).map(
                each => [...each.getClientRects()].at(-1));
            return innerWidth === 1120 && sum.scrollWidth <= sum.clientWidth
                && Math.abs(equals.right - result.left) < 1 && equals.top < result.bottom;
        }"""
    )


def expect_all_to_follow(teach: Page, shown: Page, phone: Page, desk: Page) -> None:
    for student in (phone, desk):
        expect_line(student, "z2")  # late comers arrive at the present state
        expect(student.locator('[data-panel="working"]')).to_have_attribute("data-step", "20")
    expect(readout(teach, "here")).to_contain_text("2 here, 2 joined")
    # The sum has room beside the class, and the settings below the lecturer's bar.
    desk.set_viewport_size({"width": 768, "height": 1024})
    expect(desk.locator(".written-out")).to_be_in_viewport()
    desk.set_viewport_size({"width": 1280, "height": 720})
    expect(desk.locator(".written-out .result")).to_be_in_viewport(ratio=1)
    form = shown.locator(".form")
    assert form.evaluate("form => form.scrollHeight <= form.clientHeight + 1")
    shown.keyboard.press("ArrowRight")
    for student in (phone, desk):
        expect_line(student, "a2")
    # An entry, another step and another experiment are followed, too.
    shown.locator('[data-panel="working"] .output [data-index="1"]').first.click()
    expect(desk.locator('.output [data-index="1"].target').first).to_be_visible()
    shown.keyboard.press(".")
    expect(phone.locator('[data-panel="working"]')).to_have_attribute("data-step", "21")


def expect_one_to_leave_and_come_back(shown: Page, one: Page, other: Page) -> None:
    """The others stay, and what the lecturer does next does not pull the one back."""
    action(one, "class-follow").click()
    expect(readout(one, "following")).to_have_attribute("data-mode", "alone")
    choose_line(one, "z1")
    choose_line(shown, "C")
    expect_line(other, "C")
    expect_line(one, "z1")
    one.reload()  # a reload keeps that, and where one was
    until(one, READY)
    expect(readout(one, "following")).to_have_attribute("data-mode", "alone")
    expect_line(one, "z1")
    action(one, "class-follow").click()
    expect_line(one, "C")
    # Another step is leaving, without a press.
    other.keyboard.press(".")
    expect(readout(other, "following")).to_have_attribute("data-mode", "alone")


def expect_attention_to_be_held(shown: Page, student: Page) -> None:
    """All come, and nobody leaves."""
    follow(shown, "hold")
    expect(readout(student, "following")).to_have_attribute("data-mode", "held")
    expect(action(student, "class-follow")).to_be_hidden()
    step = shown.locator('[data-panel="working"]').get_attribute("data-step") or ""
    expect(student.locator('[data-panel="working"]')).to_have_attribute("data-step", step)
    expect_line(student, "C")
    student.keyboard.press("ArrowLeft")
    expect_line(student, "C")
    follow(shown, "show")
    expect(action(student, "class-follow")).to_be_visible()


def expect_what_is_hidden_to_be_so_for_all(shown: Page, phone: Page, desk: Page) -> None:
    """From the first line of the group on; and what the lecturer prepares is unseen."""
    shown.locator('[data-control="hide"]').select_option("backward")
    choose_line(shown, "dC_dz3")
    for page in (shown, phone, desk):
        expect(page.locator('[data-panel="working"]')).to_contain_text("not shown yet")
    shown.locator('[data-control="hide"]').select_option("nothing")
    expect(desk.locator('[data-panel="working"]')).not_to_contain_text("not shown yet")
    follow(shown, "prepare")
    choose_line(shown, "z1")
    shown.wait_for_timeout(600)
    expect_line(desk, "dC_dz3")
    follow(shown, "show")
    expect_line(desk, "z1")


def expect_a_lost_connection_to_lose_nothing(
    teach: Page, shown: Page, student: Page, page_watch: PageWatch
) -> None:
    """What happens meanwhile is made up for."""
    page_watch.allow("ERR_INTERNET_DISCONNECTED")
    question(student).locator("input").fill("(4,)")
    student.context.set_offline(True)
    expect(readout(student, "link")).to_contain_text("Connecting again")
    action(student, "send-answer").click()
    expect(readout(student, "answer")).to_contain_text("not sent yet")
    choose_line(shown, "C")  # missed
    student.context.set_offline(False)
    expect(readout(student, "answer")).not_to_contain_text("not sent yet")
    expect(readout(student, "link")).to_be_hidden()
    expect_line(student, "C")
    expect(readout(teach, "answered")).to_have_text("1 of 2 answered")


def expect_a_view_to_be_opened(teach: Page, shown: Page, one: Page, other: Page) -> None:
    """A student shows a view, and the lecturer opens it for all."""
    action(one, "class-follow").click()
    choose_line(one, "dC_dW1")
    action(one, "offer").click()
    expect(readout(one, "offered")).to_contain_text("take it back")
    before = readout(teach, "on-show").inner_text()
    shown.locator('[data-control="hide"]').select_option("update")
    choose_line(shown, "W1_next")
    expect(readout(teach, "on-show")).not_to_have_text(before)
    ask(shown, "shape")
    # In a small window, too, what the lecturer needs next is in view.
    teach.set_viewport_size({"width": 1366, "height": 768})
    expect(action(teach, "reveal")).to_be_in_viewport(ratio=1)
    expect(action(teach, "show")).to_be_in_viewport(ratio=1)
    action(teach, "open-offer").click()
    expect_line(shown, "dC_dW1")
    expect_line(other, "dC_dW1")
    expect(shown.locator('[data-control="hide"]')).to_have_value("update")
    action(one, "offer").click()
    expect(action(teach, "open-offer")).to_be_hidden()


def expect_the_key_to_stay(teach: Page, others: list[Page], requests: list[str]) -> None:
    """Only the lecturer's browser has it, and in no address."""
    kept = teach.evaluate(f"localStorage.getItem({KEY!r})")
    found = re.search(r'"key":"([\w-]{22})"', kept)
    assert found is not None
    key = found[1]
    assert not any(key in url for url in requests)
    shown, *students = others
    for page in (teach, shown, *students):
        assert key not in page.url
        assert key not in page.content()
    for student in students:
        assert key not in student.evaluate("JSON.stringify(localStorage)")


@pytest.mark.exhaustive
@in_views(sizes=(DESK, PHONE))
def test_axe_finds_nothing(teach: Page, shown: Page, newcomer: Newcomer, views: list[View]) -> None:
    """Each page as it is when it is opened is looked at in ``test_access_everywhere.py``."""
    student = join(newcomer, code_of(teach))
    action(shown, "ask").click()
    assert violations_in(shown, views) == []
    shown.keyboard.press("Escape")
    choose_line(shown, "dC_dz2")
    right = values_of(shown, "dC_da2")
    ask(shown, "array")
    fill(student, right)
    action(student, "offer").click()
    expect(action(teach, "open-offer")).to_be_visible()
    assert violations_in(teach, views) == []
    action(teach, "show-answer").click()
    for each in (teach, shown, student):
        expect(each.locator('.answer-card, [data-slot="first"]').first).to_be_visible()
        assert violations_in(each, views) == []
