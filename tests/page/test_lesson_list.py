"""The list of lessons and what a browser keeps of them; sizes, themes, and pure parts of both."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from backprop_explorer.lessons.seed import MAX_CHARACTERS, Seed, read_seed
from tests.browser import action, readout
from tests.helpers.axe import DESK, SIZES, View, in_views, violations_in, violations_in_both_themes
from tests.helpers.cases import exhaustive
from tests.helpers.lesson_page import (
    COUNT,
    DA,
    SEED,
    SIGNED,
    answer,
    check,
    give,
    go_on,
    lesson,
    open_lesson,
    question_of,
    results,
)
from tests.helpers.lessons import ONE, cards, wrong_answer
from tests.page.test_access_everywhere import FEW, found_in

pytestmark = pytest.mark.shared_page


def test_a_reload_keeps_what_was_done_and_a_file_brings_it_back(page: Page, tmp_path: Path) -> None:
    open_lesson(page)
    answer(page, 0)
    go_on(page, cards(ONE, SEED)[1].title)
    page.goto("/lessons")
    expect(page.locator("#seed")).to_have_value(str(SEED))
    row = page.locator(f'[data-lesson="{ONE}"]')
    expect(row.locator('[data-readout="done"]')).to_have_text(f"1 of {COUNT}")
    with page.expect_download() as download:
        action(page, "export").click()
    saved = tmp_path / "progress.json"
    download.value.save_as(saved)
    row.get_by_role("link").click()
    expect(readout(page, "card")).to_have_text(cards(ONE, SEED)[1].title)
    assert results(page)[:2] == ["alone", "open"]
    # A card that is done is as it was left; only what later cards ask is hidden.
    action(page, "card-previous").click()
    expect(readout(page, "mark")).to_have_attribute("data-kind", "right")
    ribbon = page.locator('[data-panel="ribbon"]')
    expect(ribbon.locator('[data-line="dC_da1"][data-veiled]')).to_be_visible()
    expect(ribbon.locator('[data-line="C"][data-veiled]')).to_have_count(0)
    # Of another seed nothing is done.
    page.goto(f"/lessons?seed={SEED + 1}")
    expect(row.locator('[data-readout="done"]')).to_have_text("")
    seed_field(page).fill(str(SEED))
    expect(row.locator('[data-readout="done"]')).to_have_text(f"1 of {COUNT}")
    action(page, "forget").click()
    action(page, "forget-now").click()
    expect(row.locator('[data-readout="done"]')).to_have_text("")
    expect_progress_to_be_read(page, saved)


def expect_progress_to_be_read(other: Page, saved: Path) -> None:
    """In a browser that has none, from the file; what is no progress changes nothing."""
    other.evaluate("() => localStorage.clear()")
    other.goto(f"/lessons?seed={SEED}")
    done = other.locator(f'[data-lesson="{ONE}"] [data-readout="done"]')
    expect(done).to_have_text("")
    other.locator("#progress-file").set_input_files(saved)
    expect(done).to_have_text(f"1 of {COUNT}")
    for text in ("{}", "nothing", '{"version": 1, "lessons": {"x": 5}}'):
        file = {"name": "x.json", "mimeType": "application/json", "buffer": text.encode()}
        other.locator("#progress-file").set_input_files(file)  # type: ignore[arg-type]
        expect(other.locator('[data-slot="said"]')).to_contain_text(
            "0 lessons" if "version" in text else "no progress"
        )
        expect(done).to_have_text(f"1 of {COUNT}")


@pytest.mark.exhaustive
def test_a_link_gives_a_class_the_same_numbers(browser: Browser, page: Page) -> None:
    page.goto("/lessons")
    expect(page.locator("body")).to_have_attribute("data-ready", "true")
    seed_field(page).fill("2025")
    expect(page).to_have_url(re.compile(r"/lessons\?seed=2025$"))
    link = page.locator(f'[data-lesson="{ONE}"] a')
    expect(link).to_have_attribute("href", f"./lessons/{ONE}?seed=2025")
    link.click()
    expect(readout(page, "card")).not_to_be_empty()
    context = browser.new_context(base_url=page.url.split("/lessons")[0])
    other = context.new_page()
    other.goto(page.url)
    expect(readout(other, "card")).not_to_be_empty()
    own, theirs = (lesson(each).locator("pre").inner_text() for each in (page, other))
    assert own == theirs
    context.close()
    page.goto(f"/lessons/{ONE}?seed=2026")
    expect(lesson(page).locator("pre")).not_to_have_text(own)


def test_the_list_fits_every_size_and_a_seed_that_is_none_is_said(page: Page) -> None:
    page.goto("/lessons")
    expect(page.locator("body")).to_have_attribute("data-ready", "true")
    for text in (" ", "x" * (MAX_CHARACTERS + 1), ""):
        seed_field(page).fill(text)
        expect(page.locator('[data-slot="seed-said"]')).to_contain_text("A number or text")
        link = page.locator(f'[data-lesson="{ONE}"] a')
        expect(link).to_have_attribute("href", re.compile("seed=1$"))
    for size in SIZES:
        page.set_viewport_size(size)
        fits(page)
    expect_seeds_to_be_read_as_by_the_server(page)
    for path in ("/lessons", f"/lessons/{ONE}"):
        page.goto(f"{path}?seed={'x' * (MAX_CHARACTERS + 1)}")
        expect(page.locator("main")).to_contain_text("The seed in the address cannot be used")


@pytest.mark.parametrize(
    "seeds",
    [["Åse & 1=1/#?%", "__proto__"], exhaustive(["abc", "20241234567"])],
    ids=["odd", "plain"],
)
def test_any_text_is_a_seed(page: Page, seeds: list[str]) -> None:
    """Long student numbers and text were seed 1, all of them, without a word."""
    page.goto("/lessons")
    expect(page.locator("body")).to_have_attribute("data-ready", "true")
    done = page.locator(f'[data-lesson="{ONE}"] [data-readout="done"]')
    for seed in seeds:
        seed_field(page).fill(f" {seed} ")
        expect(done).to_have_text("")
        link = page.locator(f'[data-lesson="{ONE}"] a')
        expect(link).to_have_attribute("href", f"./lessons/{ONE}?seed={quote(seed, safe='')}")
        link.click()
        expect(readout(page, "card")).not_to_be_empty()
        expect(page.locator(".lesson-place")).to_contain_text(f"seed {seed}")
        shown = lesson(page).locator("pre").inner_text()
        assert shown in cards(ONE, seed)[0].text
        assert shown not in cards(ONE, 1)[0].text
        answer(page, 0, seed=seed)
        page.goto(f"/lessons?seed={quote(seed, safe='')}")
        expect(page.locator("#seed")).to_have_value(seed)
        expect(done).to_have_text(f"1 of {COUNT}")
    page.goto("/lessons?seed=1")
    expect(done).to_have_text("")


def expect_seeds_to_be_read_as_by_the_server(page: Page) -> None:
    texts = [
        *("7", "007", " 7\n", "2147483647", "2147483648", "00000000000000000000000000000000001"),
        *("-1", "+1", "1.0", "1e3", "٣", "７", "abc", "ABC", " a  b ", "K\u00e5re", "Ka\u030are"),
        *("\ufeffx", "x\u200b", "\u200b", "\x1cx", "\u2028x", "", "x" * 100, "x" * 101),
        *("😀" * 100, "😀" * 101, "e\u0301" * 100, "\ufb03", "\U0001d15e", "a\u0000b"),
    ]
    found = page.evaluate(
        """async texts => {
            const m = await import('/static/js/lessons/seed.js');
            return texts.map(m.readSeed);
        }""",
        texts,
    )
    assert found == [None if each is None else str(each) for each in map(seed_or_none, texts)]


def seed_or_none(text: str) -> Seed | None:
    try:
        return read_seed(text)
    except ValueError:
        return None


@pytest.mark.own_page
def test_a_browser_that_keeps_nothing(page: Page) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})"
    )
    open_lesson(page)
    expect(lesson(page)).to_contain_text("keeps nothing")
    answer(page, 0)
    assert results(page)[0] == "alone"
    page.goto("/lessons")
    expect(page.locator('[data-slot="not-kept"]')).to_be_visible()


def test_a_lesson_that_there_is_not(page: Page, page_watch: Any) -> None:
    page_watch.allow("404")
    response = page.goto("/lessons/none?seed=3")
    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("alert")).to_contain_text("no lesson of this name")
    expect(page.locator(f'[data-lesson="{ONE}"] a')).to_have_attribute(
        "href", f"../lessons/{ONE}?seed=3"
    )


def seed_field(page: Page) -> Locator:
    """The field of the seed, which is folded: it is for lecturers."""
    page.locator(".for-lecturers").evaluate("all => { all.open = true; }")
    return page.locator("#seed")


def fits(page: Page) -> None:
    """Wait until the page is as narrow as the window: figures follow its size a moment later."""
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")


@in_views(1)
def test_a_lesson_in_every_size_and_theme(page: Page, views: list[View]) -> None:
    open_lesson(page)
    give(page, question_of(0), wrong_answer(question_of(0)))
    check(page, "wrong")
    action(page, "hint").click()
    expect(page.locator(".hint-text")).not_to_be_empty()
    assert list(found_in(page, FEW["/lessons/{name}"])) == []
    page.emulate_media(contrast="no-preference")
    page.set_viewport_size(DESK)
    answer(page, 0)
    for card in (SIGNED, DA):
        page.locator(".card-dot").nth(card).click()
        expect(readout(page, "card")).to_have_text(cards(ONE, SEED)[card].title)
        if card == SIGNED:
            answer(page, card)
            panel = '[data-panel="lesson"]'  # the rest was judged before
            assert violations_in_both_themes(page, within=panel) == []
    give(page, question_of(DA), wrong_answer(question_of(DA)))
    check(page, "wrong")
    assert violations_in(page, views, afresh=False, within='[data-panel="lesson"]') == []
    for size in SIZES:
        page.set_viewport_size(size)
        fits(page)
        # The working is in reach, and the way back to the question.
        if size["width"] <= 1100:
            action(page, "to-working").click()
        expect(page.locator('[data-panel="working"] .part-formula')).to_be_in_viewport()


STORED_BY_POSITION = """([seed, name]) => localStorage.setItem('backprop-explorer.lessons',
    JSON.stringify({ version: 1, seed, lessons: { [name]: { [seed]: { at: 1, cards: {
        0: { result: 'alone', tries: 2, hint: false, answer: ANSWER },
        4: { result: null, tries: 3, hint: true, answer: null } } } } } }))"""


def test_progress_of_before_is_kept_by_name(page: Page) -> None:
    """Version 1 kept cards by position, so that an inserted card shifted them."""
    page.goto("/lessons")
    right = json.dumps(question_of(0).solution())
    page.evaluate(STORED_BY_POSITION.replace("ANSWER", right), [SEED, ONE])
    page.goto("/lessons")
    expect(page.locator("#seed")).to_have_value(str(SEED))
    done = page.locator(f'[data-lesson="{ONE}"] [data-readout="done"]')
    expect(done).to_have_text(f"1 of {COUNT}")
    page.goto(f"/lessons/{ONE}?seed={SEED}")
    expect(readout(page, "card")).to_have_text(cards(ONE, SEED)[1].title)
    assert results(page)[0] == "alone"
    book = page.evaluate("JSON.parse(localStorage.getItem('backprop-explorer.lessons'))")
    own = book["lessons"][ONE][str(SEED)]
    names = [card.name for card in cards(ONE, SEED)]
    assert book["version"] == 3
    assert own["at"] == names[1]
    assert set(own["cards"]) == {names[0], names[4]}
    assert own["cards"][names[4]]["tries"] == 3
    page.goto(f"/lessons?seed={SEED}")
    expect(done).to_have_text(f"1 of {COUNT}")


@pytest.mark.exhaustive
def test_an_inserted_card_shifts_no_progress(page: Page) -> None:
    open_lesson(page)
    answer(page, 0)
    names = [card.name for card in cards(ONE, SEED)]

    def inserted(route: Route) -> None:
        response = route.fetch()
        found = response.json()
        text = {"name": "new", "title": "New", "text": [], "scene": None, "question": None}
        first = {**text, "scene": found["cards"][0]["scene"], "later": []}
        found["outline"].insert(0, {"name": "new", "title": "New", "asks": False})
        route.fulfill(response=response, json={**found, "cards": [first, *found["cards"]]})

    page.route(re.compile(rf"/api/v1/lessons/{ONE}/cards"), inserted)
    page.goto("/lessons")
    open_lesson(page, card=1)
    shown = page.locator(".card-dot").evaluate_all("all => all.map(e => e.dataset.result)")
    assert shown[:3] == ["text", "alone", "open"]
    expect(readout(page, "mark")).to_have_attribute("data-kind", "right")
    assert names[0] != "new"
