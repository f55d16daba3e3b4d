"""A class whose server is killed, and a student's page that sleeps: nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser import action, choose_line, expect_line, open_page, readout, until
from tests.helpers.browsers import PageWatch
from tests.helpers.servers import RunningServer, start_server
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


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[list[RunningServer]]:
    """A server that a test kills; it appends the next one."""
    servers = [start_server(tmp_path)]
    yield servers
    for each in servers:
        each.process.kill()
        each.process.wait()
        assert each.process.stdout is not None
        each.process.stdout.close()


def test_a_killed_server_loses_nothing(
    browser: Browser, own_server: list[RunningServer], tmp_path: Path
) -> None:
    """What is acknowledged stays, what is typed is sent, and a reveal does not overtake it."""
    url = own_server[0].url
    lecturer, *classmates = (
        browser.new_context(base_url=url, reduced_motion="reduce", viewport=PHONE) for _ in range(3)
    )
    try:
        teach = lecturer.new_page()
        teach.goto("/teach")
        action(teach, "open-room").click()
        expect(teach).to_have_url(re.compile("/teach/"))
        until(teach, READY)
        shown = lecturer.new_page()
        open_page(shown, "#step=3&line=z2")
        expect(readout(shown, "code")).to_have_text(code_of(teach))
        students = [each.new_page() for each in classmates]
        for student in students:
            student.goto(f"/join/{code_of(teach)}")
            until(student, READY)
        right = values_of(shown, "z2")
        ask(shown, "array")
        fill(students[0], right)
        expect(readout(teach, "answered")).to_have_text("1 of 2 answered")
        inputs = question(students[1]).locator(".entry input")
        inputs.first.fill("1.5")

        own_server[0].process.kill()
        own_server[0].process.wait()
        for k, value in enumerate(right):
            inputs.nth(k).fill(f"{value:.9g}")
        action(students[1], "send-answer").click()
        expect(readout(students[1], "answer")).to_contain_text("not sent yet")
        action(shown, "reveal").click()
        # Both wait for the server, which says that it is asked again.
        expect(shown.locator("body")).to_contain_text("Asking again")
        port = url.rpartition(":")[2]
        own_server.append(start_server(tmp_path, "--port", port))
        for student in students:
            expect(readout(student, "answer")).to_have_attribute("data-kind", "right")
        expect(readout(teach, "count-right")).to_have_text("2")
        expect(readout(students[0], "class-counts")).to_contain_text("2 right")
    finally:
        for context in (lecturer, *classmates):
            context.close()


def test_a_page_that_slept_is_where_the_class_is(
    teach: Page, shown: Page, newcomer: Newcomer, page_watch: PageWatch
) -> None:
    """A phone in a pocket: its scripts stand still and its connection ends."""
    page_watch.allow("ERR_INTERNET_DISCONNECTED")
    student = join(newcomer, code_of(teach), PHONE)
    ask(shown, "shape")
    question(student).locator("input").fill("(4,")
    session = student.context.new_cdp_session(student)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    student.context.set_offline(True)
    choose_line(shown, "dC_dz2")
    ask(shown, "sign")
    # Who comes late is asked, too.
    late = join(newcomer, code_of(teach))
    expect(question(late).locator(".question-number")).to_have_text("Question 2")
    student.context.set_offline(False)
    session.send("Page.setWebLifecycleState", {"state": "active"})
    expect_line(student, "dC_dz2")
    expect(question(student).locator(".question-number")).to_have_text("Question 2")
    expect(readout(student, "link")).to_be_hidden()
    # A matrix has all its fields in view where the panel is as narrow as it can be.
    choose_line(shown, "dC_dW2")
    ask(shown, "array")
    for width, height in ((1120, 800), (1280, 720)):
        late.set_viewport_size({"width": width, "height": height})
        fields = question(late).locator(".entry input")
        expect(fields).to_have_count(16)
        for k in (3, 15):
            expect(fields.nth(k)).to_be_in_viewport(ratio=1)


def test_a_question_that_is_late_is_shown(teach: Page, shown: Page, newcomer: Newcomer) -> None:
    """The lecturer goes on while a student's question is on its way."""
    late, other = (join(newcomer, code_of(teach)) for _ in range(2))
    waiting: list[Route] | None = []

    def hold(route: Route) -> None:
        route.continue_() if waiting is None else waiting.append(route)

    late.route("**/rooms/*/questions/*", hold)
    with late.expect_request("**/rooms/*/questions/*"):
        ask(shown, "sign")
    choose_line(shown, "a2")
    expect_line(other, "a2")
    held, waiting = waiting, None
    for each in held:
        each.continue_()
    expect(question(late)).to_be_visible()
    expect_line(late, "a2")
