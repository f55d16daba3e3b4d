"""Terms of the field can be pressed, and how the working is written is chosen in one menu."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.optimizers import OPTIMIZERS
from tests.browser import action, choose_line, line_ids, open_page, press_notation, readout
from tests.helpers.lesson_page import DA, open_lesson
from tests.page.conftest import Newcomer

pytestmark = pytest.mark.shared_page

TERMS = Path(__file__).parents[2] / "static" / "js" / "text" / "en" / "terms.js"
BOX = ".term-box:popover-open"
# Words of the field, as textbooks have them in their index.
FIELD = (
    "accuracy activation adagrad adam autograd backward batch bias cost cross-entropy dead "
    "derivative difference-quotient dropout epoch error finite-differences forward gradient "
    "hyper-parameter initializer input jacobian layer learning-rate mini-batch momentum neuron "
    "optimizer output parameter penalty perceptron prediction probability regularisation relu "
    "rmsprop running-mean sample saturated sigmoid slope softmax standardised tangent tanh target "
    "test unit update velocity weight"
)


def entries() -> set[str]:
    """Every word that has an entry."""
    text = TERMS.read_text(encoding="utf-8").split("table: `")[1]
    table = text.split("`")[0].strip().split("\n")
    own = table[::4]
    titles = [each.title for table in (ACTIVATIONS, COSTS, OPTIMIZERS) for each in table.values()]
    found = [*"|".join(own).split("|"), *(re.sub(r" \(.*", "", title) for title in titles)]
    return {word.lower() for word in found}


def test_every_term_on_the_page_has_an_entry(page: Page) -> None:
    """In the sentences of all lines and pictures, in the help and in the menu."""
    open_page(page, "#line=z1")
    known, seen = entries(), ""
    for line in line_ids(page):
        choose_line(page, line)
        seen += page.locator("body").inner_text().lower()
    action(page, "help").click()
    seen += page.locator("#help").inner_text().lower()
    page.keyboard.press("Escape")
    used = {word.replace("-", " ") for word in FIELD.split()} | {"cross-entropy"}
    used = {word for word in used if re.search(rf"\b{word}(s|es)?\b", seen)}
    assert len(used) > 25
    assert {word for word in used if word not in known} == set()


# Labels and sentences that have a term of the field, and in which none can be pressed.
SILENT = r"""([places, field]) => [...document.querySelectorAll(places)]
    .filter((each) => each.checkVisibility() && !each.closest('.visually-hidden'))
    .filter((each) => new RegExp(`\\b(${field.join('|')})s?\\b`, 'i').test(each.textContent))
    .filter((each) => !each.querySelector('.defined'))
    .map((each) => each.textContent)"""
LABELS = (
    "label.soft:not(.goto), .layer-name, .figure-head h2, .health-table thead th, .transport dt, "
    ".phase-name"
)


def test_terms_in_labels_read_outs_figures_and_watch_can_be_pressed(page: Page) -> None:
    open_page(page, "#step=20&tab=health")
    field = [word.replace("-", " ") for word in FIELD.split()]
    for group in page.locator("details.group").all():
        group.locator("summary").click()
        assert page.evaluate(SILENT, [LABELS, field]) == []
    page.locator('label [data-term="batch size"]').click()
    expect(page.locator(BOX)).to_contain_text("The samples of one update")
    expect(page.locator(f"{BOX} .term-lesson")).to_have_text("Lesson: A batch of samples ›")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    for k in range(1, 13):
        expect(page.locator('[data-panel="watch"]')).to_have_attribute("data-watch", str(k))
        assert page.evaluate(SILENT, [".watch-text", field]) == []
        page.keyboard.press("ArrowRight")


def test_the_box_of_an_activation_has_its_curve(page: Page) -> None:
    open_page(page, "#line=a1&entry=[3]")
    page.locator('[data-panel="working"] .sentence [data-term="tanh"]').click()
    shown = page.locator(BOX)
    curve = shown.locator(".term-curve")
    expect(curve).to_have_attribute("aria-label", "tanh and its tangent, with slope 0.57")
    expect(shown).to_contain_text("0.5 → 0.462")
    page.keyboard.press("Escape")
    # A term without a curve has none.
    page.locator('[data-panel="working"] .sentence [data-term="layer"]').click()
    expect(shown).to_be_visible()
    expect(curve).to_be_hidden()


def test_a_term_is_explained_with_the_numbers_of_the_run(page: Page) -> None:
    open_page(page, "#line=dC_dz1&entry=[3]")
    word = page.locator('[data-panel="working"] .sentence [data-term="slope"]')
    word.click()
    shown = page.locator(BOX)
    expect(shown).to_contain_text("How much the output changes")
    cell = page.locator('[data-panel="working"] [data-index="3"]').first
    expect(cell).to_be_visible()
    expect(shown.locator(".term-example")).to_contain_text("0.5728")
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    expect(word).to_be_focused()


def test_it_closes_by_tab_past_its_end_and_by_a_press_outside(page: Page) -> None:
    open_page(page, "#line=z1")
    word = page.locator('[data-panel="working"] .sentence .defined').first
    word.focus()
    page.keyboard.press("Enter")
    expect(page.locator(BOX)).to_have_attribute("role", "dialog")
    page.keyboard.press("Tab")
    expect(page.locator(f"{BOX} [data-action=close]")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(BOX)).to_have_count(0)
    expect(word).to_be_focused()
    word.click()
    expect(page.locator(BOX)).to_be_visible()
    page.mouse.click(5, 5)
    expect(page.locator(BOX)).to_have_count(0)


def test_terms_in_the_help_can_be_pressed(page: Page) -> None:
    open_page(page, "#line=z1")
    action(page, "help").click()
    page.locator('#help .words [data-term="epoch"]').click()
    expect(page.locator(BOX)).to_contain_text("One pass of the training")
    expect(page.locator(f"{BOX} .term-example")).to_contain_text("7 updates")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


def test_on_a_phone_it_comes_from_below(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, "#line=z1")
    page.locator('[data-panel="working"] .sentence .defined').first.click()
    expect(page.locator(BOX)).to_be_visible()
    found = page.locator(BOX).bounding_box()
    assert found is not None
    assert (found["x"], found["width"]) == (0, 390)
    assert found["y"] + found["height"] == pytest.approx(844, abs=1)


def test_ones_course_is_asked_once_and_begins_the_next_visit(newcomer: Newcomer) -> None:
    page = newcomer()
    open_page(page, "#line=dC_dW1")
    press_notation(page, "convention", "row")
    expect(readout(page, "remark")).to_contain_text("Vectors lie")
    action(page, "notation").click()
    page.locator('#notation [data-action="keep-course"]').click()
    expect(page.locator("#notation")).to_contain_text("Your course: mean, W in the row")
    page.goto("about:blank")
    page.goto("/")
    chosen = page.locator('#notation [data-value="row"]')
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(page.locator('#notation [data-action="no-course"]')).to_have_count(0)


def test_no_example_tells_what_a_lesson_asks(page: Page) -> None:
    open_lesson(page, card=DA)
    page.locator('[data-panel="ribbon"] [data-term="backward"]').click()
    shown = page.locator(BOX)
    expect(shown).to_contain_text("From the cost to all gradients")
    expect(shown.locator(".term-example")).to_be_empty()
