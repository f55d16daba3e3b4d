"""One's own numbers in the explorer's working, marked in place; the way to /check and back."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import (
    MINUS,
    WALKING,
    action,
    choose_line,
    expect_line,
    field,
    go_to,
    open_page,
    readout,
)
from tests.helpers.cases import exhaustive

pytestmark = pytest.mark.shared_page


def cells(page: Page, line: str) -> Locator:
    """The entries of the line's own matrix."""
    return page.locator(f'[data-panel="working"] .matrix.output[data-variable="{line}"] td')


def values(page: Page, variable: str) -> np.ndarray:
    """The full numbers of a matrix in the working."""
    found = page.locator(f'[data-panel="working"] [data-variable="{variable}"]').first
    rows = found.locator("tr").evaluate_all(
        "all => all.map(row => [...row.cells].map(cell => cell.title))"
    )
    numbers = [[float(cell.replace(MINUS, "-")) for cell in row] for row in rows]
    return np.array(numbers)


# An ``expect`` after it says what did not come, and has not looked in vain before.
UNTIL_ANOTHER_MARK = f"""async (before) => {{ {WALKING}
    const said = document.querySelector('[data-readout="own-mark"]');
    await until(() => !['', before].includes(said.innerText), 2);
}}"""


def hand_in(page: Page, text: str) -> None:
    """Open the field of the line and type or paste into it."""
    if not page.locator('[data-control="own-numbers"]').is_visible():
        page.keyboard.press("m")
    box = page.locator('[data-control="own-numbers"]')
    box.fill(text)
    before = readout(page, "own-mark").inner_text()
    box.press("Enter")
    page.evaluate(UNTIL_ANOTHER_MARK, before)


def marks(page: Page, line: str) -> list[str | None]:
    """How each shown entry of the line is marked."""
    found = cells(page, line).evaluate_all("all => all.map(cell => cell.dataset.marked ?? null)")
    return list(found)


# Upper and lower end of the element are on screen, and nothing lies over them.
ON_TOP = """cell => {
    const { left, top, right, bottom } = cell.getBoundingClientRect();
    return [top + 4, bottom - 4].every((y) =>
        cell.contains(document.elementFromPoint((left + right) / 2, y)));
}"""


def test_the_right_numbers_come_with_the_marks_and_nothing_covers_them(page: Page) -> None:
    open_page(page, "#line=z2&step=20")
    known = values(page, "z2")
    page.keyboard.press("m")
    expect(page.locator('[data-control="own-numbers"]')).to_be_focused()
    expect(cells(page, "z2")).to_have_text(["?"] * 4)
    assert f"{known[0, 0]:.4f}".replace("-", MINUS) not in page.locator("body").inner_text()
    # Everything but the line stays.
    expect(page.locator('[data-variable="W2"] td').first).not_to_have_text("?")
    expect(page.locator('[data-figure="data"]')).to_be_visible()
    hand_in(page, str(known + np.array([[0], [1], [0], [0]])))
    expect(readout(page, "own-mark")).to_contain_text("3 of 4 entries")
    assert marks(page, "z2") == ["right", "wrong", "right", "right"]
    assert cells(page, "z2").evaluate_all(f"all => all.map({ON_TOP})") == [True] * 4


@pytest.mark.parametrize("convention", [exhaustive("column"), "row"])
def test_each_entry_is_marked_where_it_stands(page: Page, convention: str) -> None:
    page.set_viewport_size({"width": 768, "height": 1024})  # where no column is folded away
    open_page(page, f"#step=3&sample=2&line=dC_dW2&convention={convention}")
    own = values(page, "dC_dW2")
    own[1, 2] *= 2
    hand_in(page, str(own))
    said = readout(page, "own-mark")
    expect(said).to_contain_text("Wrong. 15 of 16 entries are right.")
    expect(said).to_be_in_viewport()
    wanted = ["right"] * 16
    wanted[6] = "wrong"
    assert marks(page, "dC_dW2") == wanted
    # By a sign and in words too, not by colour alone.
    expect(cells(page, "dC_dW2").nth(6)).to_contain_text("✗")
    expect(cells(page, "dC_dW2").nth(6)).to_contain_text("yours is wrong")
    own[1, 2] /= 2
    hand_in(page, str(own.tolist()))
    expect(said).to_have_text(re.compile("Right"))
    assert marks(page, "dC_dW2") == ["right"] * 16


def test_what_is_no_number_and_what_cannot_be_marked_are_said(page: Page) -> None:
    open_page(page, "#sample=2&line=C&optimizer.name=adam")
    said = readout(page, "own-mark")
    hand_in(page, "about half")
    expect(said).to_contain_text("not an array")
    hand_in(page, "0.1")
    expect(said).to_contain_text("Wrong.")
    choose_line(page, "z1")
    hand_in(page, "[1 2 3]")
    expect(said).to_contain_text("Wrong.")
    expect(said).to_contain_text("(3,)")
    # An array that cannot be marked is in no other's way.
    z1 = values(page, "z1")[:, 0]
    hand_in(page, "W1_next = [[1 2] [3 4]]")
    expect(said).to_contain_text("W1_next cannot be marked")
    hand_in(page, f"z1 = {z1.tolist()}\nW1_next = [[1 2] [3 4]]")
    expect(said).to_contain_text("Right.")
    expect(said).to_contain_text("W1_next cannot be marked")
    page.locator(".submitted-numbers summary").click()  # the right numbers are shown again
    choose_line(page, "a1")
    hand_in(page, str(values(page, "a1")[:, 0].tolist()))
    expect(said).to_have_text(re.compile("^✓Right.$"))
    choose_line(page, "z1")
    expect(said).to_contain_text("W1_next cannot be marked")
    assert set(marks(page, "z1")) == {"right"}


@pytest.mark.exhaustive
def test_marking_is_offered_where_the_givens_are_enough(page: Page) -> None:
    open_page(page)
    own = page.locator(".submitted-numbers")
    for optimizer, offered in (("adam", False), ("sgd", True)):
        go_to(page, f"#line=z1&optimizer.name={optimizer}")
        expect(own).to_be_visible()
        choose_line(page, "W1_next")
        expect(own).to_be_visible(visible=offered)
        page.keyboard.press("m")
        expect(page.locator('[data-control="own-numbers"]')).to_be_visible(visible=offered)
        page.locator('[data-panel="ribbon"] [aria-current="step"]').focus()
        choose_line(page, "z1")
        expect(own).to_be_visible()


@pytest.mark.parametrize("sample", [exhaustive("2"), "batch"])
def test_to_the_checker_and_back_to_the_sum(page: Page, sample: str) -> None:
    open_page(page, f"#step=3&sample={sample}&convention=row&batch.size=5&line=C")
    if sample == "batch":
        mark_several_lines(page)
    link = page.get_by_role("link", name="Check my numbers")
    expect(link).to_have_attribute("href", re.compile(rf"^\./check#step=3&line=C&sample={sample}&"))
    page.keyboard.press("c")
    expect(link).to_have_attribute("href", re.compile("convention=lecture"))
    link.click()
    expect(page.locator("body")).to_have_attribute("data-ready", "true")
    said = page.locator('[data-slot="said"]')
    expect(said).to_contain_text(
        "update 3, " + ("sample 2" if sample == "2" else "the whole batch")
    )
    expect(field(page, "convention")).to_have_value("lecture")
    expect(field(page, "paste")).to_be_focused()
    # Only the gradients are pasted; the second entry is off.
    page.keyboard.insert_text("dC_db2 = [1 2 3 4]")
    page.keyboard.press("Control+Enter")
    wrong = page.locator('[data-panel="marking"] [data-line="dC_db2"]')
    expect(wrong).to_have_attribute("data-verdict", "wrong")
    wrong.locator('[data-action="explore"]').click()
    expect(page.locator("body")).to_have_attribute("data-ready", "true")
    expect_line(page, "dC_db2")
    expect(readout(page, "step")).to_have_text("3")
    expect(readout(page, "entry")).to_have_attribute("data-index", "0")
    expect(page).to_have_url(re.compile(f"sample={sample}"))


def mark_several_lines(page: Page) -> None:
    """Hand in two lines of the batch at once; each is marked where it is shown."""
    cost = page.locator('[data-panel="working"] [data-variable="C"] output').first
    shown = str(cost.get_attribute("title"))
    choose_line(page, "dC_db2")
    own = values(page, "dC_db2")[0]  # a row, as the samples are
    hand_in(page, f"C = {shown}\ndC_db2 = {own + np.array([1, 0, 0, 0])}")
    expect(readout(page, "own-mark")).to_contain_text("3 of 4 entries")
    assert marks(page, "dC_db2") == ["wrong", "right", "right", "right"]
    choose_line(page, "C")
    expect(readout(page, "own-mark")).to_contain_text("Right.")


def test_own_givens_open_in_the_explorer_beside_the_right_numbers(page: Page) -> None:
    page.goto("/check")
    expect(page.locator("body")).to_have_attribute("data-ready", "true")
    action(page, "example").click()
    wrong = page.locator('[data-panel="marking"] [data-line="dC_dz1"]')
    wrong.locator('[data-action="explore"]').click()
    expect(page.locator("body")).to_have_attribute("data-ready", "true")
    expect_line(page, "dC_dz1")
    # One's own array stands beside the right one; what comes after follows from it.
    compared = readout(page, "mine-and-ours")
    expect(compared.locator('[data-compared="mine"]')).to_contain_text("0.1758")
    expect(compared.locator('[data-compared="ours"]')).to_contain_text("0.0422")
    expect(compared.locator('[data-compared="difference"]')).to_contain_text("0.1337")
    choose_line(page, "dC_dW1")
    expect(readout(page, "own-mark")).to_contain_text("Follows from yours")
    choose_line(page, "dC_dz1")
    assert values(page, "dC_dz1")[:, 0] == pytest.approx([0.04217315, 0.07020202, 0.03062348])
    expect(page).to_have_url(re.compile("dataset.name=points"))


@pytest.mark.parametrize("step", [0, 3])
def test_numbers_of_another_activation_are_marked_again_with_it(page: Page, step: int) -> None:
    """At step 0 in the whole run, later from the step on, whose weights stay."""
    open_page(page, f"#step={step}&sample=2&line=a1")
    if step:
        hand_in_a_likely_mistake(page)
        choose_line(page, "a1")
    z = values(page, "z1")[:, 0]
    hand_in(page, str((1 / (1 + np.exp(-z))).tolist()))
    said = readout(page, "own-mark")
    offer = said.locator('[data-action="set-activation"]')
    expect(offer).to_have_text("Set layer 1 to sigmoid")
    offer.click()
    expect(said).to_have_text(re.compile("Right"))
    assert marks(page, "a1") == ["right"] * 4
    expect(field(page, "network.layers.1.activation")).to_have_value("tanh")
    if step == 0:
        expect(field(page, "network.layers.0.activation")).to_have_value("sigmoid")
    else:
        expect(page.locator('[data-panel="edits"] li')).to_contain_text("layer 1 sigmoid")
    page.locator('[data-panel="ribbon"] [aria-current="step"]').focus()
    page.keyboard.press("Control+z")
    expect(said).to_contain_text("Wrong.")
    expect(offer).to_be_visible()


def hand_in_a_likely_mistake(page: Page) -> None:
    """The mistake is named beside it, what it leads to follows, and it stays with its step."""
    choose_line(page, "dC_dz2")
    gradient = values(page, "dC_da2")[:, 0]
    hand_in(page, str(gradient))  # without the slope of tanh
    expect(page.locator('[data-misconception="missing_activation_derivative"]')).to_be_visible()
    choose_line(page, "dC_db2")
    expect(page.locator('[data-control="own-numbers"]')).to_have_value("")
    hand_in(page, str(gradient))
    expect(readout(page, "own-mark")).to_contain_text("consistent with your own earlier")
    # Each line keeps what was typed for it.
    choose_line(page, "dC_dz2")
    expect(page.locator('[data-control="own-numbers"]')).to_have_value(str(gradient))
    expect(readout(page, "own-mark")).to_contain_text("Wrong")
    # Another step is another working.
    page.locator('[data-panel="ribbon"] [aria-current="step"]').focus()
    page.keyboard.press(".")
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-step", "4")
    expect(readout(page, "own-mark")).to_be_empty()
    assert set(marks(page, "dC_dz2")) == {None}
