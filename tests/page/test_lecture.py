"""The lecture of docs/lecture.md, played by a lecturer and three students in their browsers."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect

from tests.browser import action, expect_line, readout, until
from tests.helpers.browsers import DESK, PageWatch
from tests.helpers.environment import ROOT
from tests.page.in_class import (
    ANDROID,
    READY,
    Newcomer,
    ask,
    code_of,
    fill,
    join,
    question,
    send,
    values_of,
)

SMALL_PHONE: ViewportSize = {"width": 375, "height": 812}
SMALL_PROJECTOR: ViewportSize = {"width": 1280, "height": 720}
# All panels beside each other, and the student's as narrow as it can be.
LAPTOPS: tuple[ViewportSize, ...] = ({"width": 1120, "height": 800}, SMALL_PROJECTOR)
LINK = re.compile(r"\(http://127\.0\.0\.1:8000/(#[^)]+)\)")


def test_the_lecture_is_played(
    teach: Page, shown: Page, newcomer: Newcomer, page_watch: PageWatch, tmp_path: Path
) -> None:
    text = (ROOT / "docs" / "lecture.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in text.splitlines() if re.match(r"\| \d+–\d+ \|", line)]
    links = {row[1].strip(): LINK.findall(row[2])[0] for row in rows if LINK.search(row[2])}
    assert len(links) == 6
    phone = join(newcomer, code_of(teach), SMALL_PHONE, **ANDROID)
    students = [phone, *(join(newcomer, code_of(teach)) for _ in range(2))]
    with teach.context.expect_page() as opened:
        action(teach, "screen").click()
    screen = opened.value
    page_watch.attach(screen)
    until(screen, READY)
    every = [shown, *students]
    expect_nothing_before_it_is_shown(shown, every, links["0–5"])
    expect_a_shape(shown, teach, screen, students, links["5–10"])
    expect_a_sign_in_time(shown, teach, screen, students, links["10–15"])
    expect_two_rounds(shown, teach, screen, students, links["15–25"])
    expect_own_numbers_and_a_shown_answer(shown, teach, screen, students, links["25–35"])
    # The network with own numbers has one sample; the next link names another one's.
    page_watch.allow("422")
    expect_words(shown, teach, screen, students, links["40–45"])
    page_watch.allow("403.*students")
    expect_a_closed_door(teach, newcomer)
    expect_a_record(teach, tmp_path)
    expect_names_to_be_told(teach, screen, students[0])
    # The screen has no key, and its token is in no address that a server sees.
    kept = json.loads(teach.evaluate("localStorage.getItem('backprop-explorer.rooms')"))
    [room] = kept["rooms"].values()
    assert room["key"] not in screen.url + screen.content()
    assert room["screen"] in screen.url
    assert not any(room["screen"] in url.partition("#")[0] for url in page_watch.requests)


OFFER = """async (view) => {
    const { rooms } = JSON.parse(localStorage['backprop-explorer.rooms']);
    const [[code, { token }]] = Object.entries(rooms);
    const headers = { 'content-type': 'application/json', 'X-Student-Token': token };
    const body = JSON.stringify({ view });
    await fetch(`/api/v1/rooms/${code}/offer`, { method: 'PUT', headers, body });
}"""


def expect_names_to_be_told(teach: Page, screen: Page, student: Page) -> None:
    """The lecturer reads what a student named before it is on any screen."""
    points = "dataset.name=points&dataset.points.x=[[0,1],[1,0]]&dataset.points.target=[0,1]"
    student.evaluate(OFFER, f"{points}&dataset.points.classes=['rude','names']")
    expect(readout(teach, "own-names")).to_contain_text("rude, names")
    assert "names" not in screen.locator("main").inner_text()


CUT = "all => all.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).length"
BETWEEN = """() => {
    const [fields, numbers] = ['form.question .values', '[data-panel="working"] .equation'].map(
        (selector) => document.querySelector(selector).getBoundingClientRect());
    return numbers.top - fields.bottom;
}"""


def show(page: Page, link: str) -> str:
    """Open a link of the lecture in the explorer; return its line."""
    page.evaluate("link => { location.hash = link; }", link)
    line = re.search(r"line=(\w+)", link)
    assert line is not None
    expect_line(page, line[1])
    return line[1]


def expect_hidden(pages: list[Page], line: str) -> None:
    """Neither formula nor shape nor numbers of the line are on any screen."""
    for page in pages:
        expect_line(page, line)
        working = page.locator('[data-panel="working"]')
        expect(working).to_contain_text("This line is not shown yet")
        expect(working).not_to_contain_text("(4)")


def expect_nothing_before_it_is_shown(shown: Page, every: list[Page], link: str) -> None:
    line = show(shown, link)
    action(shown, "hide-from-line").click()
    expect_hidden(every, line)
    action(shown, "hide-from-line").click()
    for page in every:
        expect(page.locator('[data-panel="working"]')).not_to_contain_text("not shown yet")


def answered(teach: Page, screen: Page, number: int) -> None:
    for page in (teach, screen):
        expect(readout(page, "answered")).to_have_text(f"{number} of 3 answered")


def expect_a_shape(shown: Page, teach: Page, screen: Page, students: list[Page], link: str) -> None:
    line = show(shown, link)
    expect_hidden([shown, *students], line)
    ask(shown, "shape")
    for student, shape in zip(students, ("(4,)", "(4,)", "(2,)"), strict=True):
        question(student).locator("input").fill(shape)
        send(student)
    answered(teach, screen, 3)
    expect(screen.locator(".hall-prompt")).to_contain_text("shape")
    action(shown, "reveal").click()
    for verdict, count in (("right", 2), ("close", 0), ("wrong", 1)):
        expect(readout(screen, f"count-{verdict}")).to_have_text(str(count))
    # The line is seen now, the next one is not.
    for page in (shown, *students):
        expect(page.locator('[data-panel="working"]')).not_to_contain_text("not shown yet")
    shown.keyboard.press("ArrowRight")
    expect_hidden([shown, *students], "a2")


def expect_a_sign_in_time(
    shown: Page, teach: Page, screen: Page, students: list[Page], link: str
) -> None:
    line = show(shown, link)
    expect_hidden([shown, *students], line)
    ask(shown, "sign")
    teach.locator('[data-control="timer"]').select_option("30")
    for page in (teach, screen, *students):
        expect(readout(page, "time-left")).to_contain_text("s left")
    # What is typed is kept in the browser, whole or not; a reload loses none.
    signs = question(students[0]).locator(".choice")
    signs.first.get_by_title("positive").click()
    students[0].reload()
    until(students[0], READY)
    pressed = question(students[0]).locator('[aria-pressed="true"]')
    expect(pressed).to_have_count(1)
    for student in students:
        question(student).locator(".choice").first.get_by_title("positive").click()
        send(student)
    action(teach, "reveal").click()
    expect(readout(students[0], "answer")).to_have_attribute("data-kind", re.compile("right|wrong"))


def expect_two_rounds(
    shown: Page, teach: Page, screen: Page, students: list[Page], link: str
) -> None:
    line = show(shown, link)
    expect_hidden([shown, *students], line)
    ask(shown, "formula")
    for k, student in enumerate(students):
        question(student).locator("input").nth(k % 2).check()
        send(student)
    for size in LAPTOPS:
        students[1].set_viewport_size(size)
        assert question(students[1]).locator(".option label").evaluate_all(CUT) == 0, size
    students[1].set_viewport_size(DESK)
    bars = teach.locator(".option-bars .bar-round:not(.before) strong")
    expect(bars.nth(0)).to_have_text("2")
    expect(bars.nth(1)).to_have_text("1")
    # On the screen bars are there when the lecturer says so.
    expect(screen.locator(".option-bars li").first).to_be_visible()
    expect(screen.locator(".bar-round")).to_have_count(0)
    action(teach, "bars").click()
    expect(screen.locator(".bar-round").first).to_be_visible()
    action(teach, "close-answers").click()
    action(teach, "ask-again").click()
    for student in students:
        expect(question(student).locator(".question-number")).to_contain_text("Question 4")
        question(student).locator("input").first.check()
        send(student)
    expect(bars.nth(0)).to_have_text("3")
    expect(teach.locator(".option-bars .before strong").nth(1)).to_have_text("1")
    expect(screen.locator(".before")).to_have_count(0)
    action(teach, "reveal").click()
    for page in (teach, screen):
        right = page.locator('.option-bars [data-mark="right"]')
        expect(right).to_have_count(1)
        expect(page.locator(".option-bars .reason").first).to_be_visible()
        expect(page.locator(".option-bars .before").first).to_be_visible()
    expect(students[0].locator(".reasons")).to_be_visible()


def expect_own_numbers_and_a_shown_answer(
    shown: Page, teach: Page, screen: Page, students: list[Page], link: str
) -> None:
    show(shown, link)
    action(shown, "ask").click()
    expect(shown.locator("#ask-own")).not_to_be_checked()
    shown.locator("#ask-own").check()
    shown.locator('[data-control="ask-kind"] [data-value="array"]').click()
    action(shown, "ask-go").click()
    for student in students:
        expect(question(student).locator(".question-number")).to_contain_text("Question 5")
        expect(student.locator('[data-panel="working"]')).to_have_attribute("data-step", "0")
        fill(student, values_of(student, "dC_da2"))
    # The numbers that it is computed from stand below the fields on a phone, and beside them else.
    assert 0 < students[0].evaluate(BETWEEN) < 200
    for size in LAPTOPS:
        students[1].set_viewport_size(size)
        for field in question(students[1]).locator(".entry input").all():
            expect(field).to_be_in_viewport(ratio=1)
    students[1].set_viewport_size(DESK)
    answered(teach, screen, 3)
    teach.locator('[data-misconception="missing_activation_derivative"] button').click()
    expect(screen.locator(".answer-card")).to_have_count(0)
    action(teach, "show-answer").click()
    card = screen.locator(".answer-card")
    # Each has other numbers: nobody else gave it.
    expect(card.locator("h2")).to_have_text("A wrong answer")
    expect(card.locator('[data-readout="shown-sum"]')).to_contain_text("tanh")
    # It takes no room from the lecturer's figures.
    for size in (DESK, SMALL_PROJECTOR):
        shown.set_viewport_size(size)
        expect(shown.locator(".bar-answer")).to_be_visible()
        expect(action(shown, "answer-next")).to_be_in_viewport(ratio=1)
        height = shown.locator('[data-figure="network"]').evaluate("each => each.clientHeight")
        assert height > 100, size


def expect_words(shown: Page, teach: Page, screen: Page, students: list[Page], link: str) -> None:
    show(shown, link)
    action(shown, "ask").click()
    shown.locator('[data-control="ask-kind"] [data-value="text"]').click()
    expect(shown.locator("#ask-own")).not_to_be_checked()
    shown.locator("#ask-prompt").fill("What does the learning rate change?")
    action(shown, "ask-go").click()
    texts = ("the size of the step", "Size of the steps", "rude words")
    for student, text in zip(students, texts, strict=True):
        student.locator('form.question[data-kind="text"] textarea').fill(text)
        send(student)
    groups = teach.locator(".word-groups li")
    expect(groups).to_have_count(2)
    expect(groups.first).to_contain_text("2")
    action(teach, "show-words").first.click()
    expect(screen.locator(".answer-card")).to_contain_text(
        re.compile("size of the steps?", re.IGNORECASE)
    )
    assert "rude" not in screen.content()


def expect_a_closed_door(teach: Page, newcomer: Newcomer) -> None:
    """Who comes now is told so; who was there before is not put out."""
    action(teach, "remove-silent").click()
    expect(teach.locator('[data-slot="announce"]')).to_have_text("0 students removed")
    action(teach, "door").click()
    expect(action(teach, "door")).to_have_attribute("aria-pressed", "true")
    late = newcomer()
    late.goto(f"/join/{code_of(teach)}")
    expect(readout(late, "ended")).to_contain_text("takes no more students")


def expect_a_record(teach: Page, folder: Path) -> None:
    """Saved before the class ends, and read later."""
    action(teach, "end-class").click()
    with teach.expect_download() as saving:
        action(teach, "save-record").click()
    saving.value.save_as(folder / "class.json")
    with teach.expect_download() as saving:
        action(teach, "save-table").click()
    saving.value.save_as(folder / "class.csv")
    table = list(csv.DictReader((folder / "class.csv").read_text().splitlines()))
    options = [row for row in table if row["question"] == "4"]
    assert [row["count"] for row in options] == ["3", "0", "0", "0"]
    assert options[0]["text"].startswith("How is $")
    assert options[0]["option"].startswith("$")
    [mistake] = [row for row in table if row["question"] == "5"]
    assert mistake["misconception"] == "missing_activation_derivative"
    assert (mistake["at_line"], mistake["count"]) == ("dC_dz2", "3")
    later = teach.context.new_page()
    later.goto("/teach")
    until(later, READY)
    later.locator('[data-field="record"]').set_input_files(folder / "class.json")
    record = readout(later, "record")
    expect(record).to_contain_text("3 students joined")
    expect(record).to_contain_text("rude words")
    expect(record.locator(".option-bars").first).to_be_visible()
    later.close()
