"""A class, live: one lecturer and two students, each in a browser of their own."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser import action, choose_line, expect_line, field, open_page, readout, until
from tests.helpers.axe import View, in_views, violations_in
from tests.helpers.browsers import DESK, PageWatch
from tests.helpers.environment import ROOT
from tests.page.in_class import (
    PHONE,
    READY,
    Newcomer,
    ask,
    code_of,
    fill,
    join,
    question,
    values_of,
)

KEY = "backprop-explorer.rooms"
# Of what the lecturer changes until it is on a student's page. The server's part is measured by
# `python -m bench class`; here two browsers draw on the same processors.
FOLLOW_SECONDS = 5


def test_a_class_follows_leaves_and_comes_back(
    teach: Page, shown: Page, newcomer: Newcomer
) -> None:
    code = code_of(teach)
    phone = newcomer(PHONE)
    phone.goto("/join")
    field(phone, "code").fill(code.lower().replace("-", " "))
    action(phone, "join").click()
    until(phone, READY)
    students = [phone, join(newcomer, code)]
    for student in students:
        expect_line(student, "z2")  # late comers arrive at the present state
        expect(student.locator('[data-panel="working"]')).to_have_attribute("data-step", "20")
    expect(readout(teach, "here")).to_contain_text("2 here, 2 joined")
    # The sum has room beside the class, and the settings below the lecturer's bar.
    for size in ({"width": 768, "height": 1024}, {"width": 1280, "height": 720}):
        students[1].set_viewport_size(size)
        expect(students[1].locator(".written-out .result")).to_be_in_viewport(ratio=1)
    form = shown.locator(".form")
    assert form.evaluate("form => form.scrollHeight <= form.clientHeight + 1")
    shown.keyboard.press("ArrowRight")
    began = time.monotonic()
    for student in students:
        expect_line(student, "a2")
    assert time.monotonic() - began < FOLLOW_SECONDS
    # An entry, another step and another experiment are followed, too.
    shown.locator('[data-panel="working"] .output [data-index="1"]').first.click()
    expect(students[1].locator('.output [data-index="1"].target').first).to_be_visible()
    shown.keyboard.press(".")
    expect(phone.locator('[data-panel="working"]')).to_have_attribute("data-step", "21")

    # One leaves; the others stay, and what the lecturer does next does not pull the one back.
    one, other = students
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

    # Attention is held: all come, and nobody leaves.
    action(shown, "hold").click()
    expect(readout(other, "following")).to_have_attribute("data-mode", "held")
    expect(action(other, "class-follow")).to_be_hidden()
    step = shown.locator('[data-panel="working"]').get_attribute("data-step") or ""
    expect(other.locator('[data-panel="working"]')).to_have_attribute("data-step", step)
    expect_line(other, "C")
    other.keyboard.press("ArrowLeft")
    expect_line(other, "C")
    action(shown, "hold").click()
    expect(action(other, "class-follow")).to_be_visible()

    # What is hidden is hidden for all, from the first line of the group on.
    shown.locator('[data-control="hide"]').select_option("backward")
    choose_line(shown, "dC_dz3")
    for page in (shown, *students):
        expect(page.locator('[data-panel="working"]')).to_contain_text("not shown yet")
    shown.locator('[data-control="hide"]').select_option("nothing")
    expect(other.locator('[data-panel="working"]')).not_to_contain_text("not shown yet")

    # The lecturer prepares something unseen, and shows it.
    action(shown, "showing").click()
    choose_line(shown, "z1")
    shown.wait_for_timeout(600)
    expect_line(other, "dC_dz3")
    action(shown, "showing").click()
    expect_line(other, "z1")


def test_a_student_shows_a_view_and_the_lecturer_opens_it(
    teach: Page, shown: Page, newcomer: Newcomer
) -> None:
    one, other = join(newcomer, code_of(teach)), join(newcomer, code_of(teach))
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


def test_the_key_stays_with_the_lecturer_and_a_lost_connection_loses_nothing(
    teach: Page, shown: Page, newcomer: Newcomer, page_watch: PageWatch
) -> None:
    page_watch.allow("ERR_INTERNET_DISCONNECTED")
    kept = teach.evaluate(f"localStorage.getItem({KEY!r})")
    found = re.search(r'"key":"([\w-]{22})"', kept)
    assert found is not None
    key = found[1]
    student = join(newcomer, code_of(teach))
    choose_line(shown, "dC_dz2")
    expect_line(student, "dC_dz2")
    ask(shown, "shape")
    expect(question(student)).to_be_visible()
    assert not any(key in url for url in page_watch.requests)
    for page in (teach, shown, student):
        assert key not in page.url
        assert key not in page.content()
    assert key not in student.evaluate("JSON.stringify(localStorage)")
    # Without the key the lecturer's view shows nothing of the class, and ends nothing.
    stranger = newcomer()
    stranger.goto(teach.url)
    expect(readout(stranger, "refused")).to_contain_text("does not have the lecturer's key")
    # What happens while the connection is lost is made up for.
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
    expect(readout(teach, "answered")).to_have_text("1 of 1 answered")
    # The end of the class is told to all.
    teach.on("dialog", lambda dialog: dialog.accept())
    action(teach, "end-class").click()
    page_watch.allow("404")
    expect(readout(student, "ended")).to_contain_text("has ended")
    student.goto("/join/0000-0000")
    expect(readout(student, "ended")).to_contain_text("no class with this code")


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


@pytest.mark.exhaustive
def test_the_links_of_the_lecture_open(page: Page) -> None:
    text = (ROOT / "docs" / "lecture.md").read_text(encoding="utf-8")
    links = re.findall(r"\(http://127\.0\.0\.1:8000/(#[^)]+)\)", text)
    assert len(links) >= 5
    open_page(page)
    for link in links:
        line = re.search(r"line=(\w+)", link)
        assert line is not None
        page.evaluate("link => { location.hash = link; }", link)
        expect_line(page, line[1])
        expect(page.locator('[data-panel="working"]')).to_have_attribute("data-step", "20")
    expect(page.locator("[data-slot=notice]")).to_be_hidden()
