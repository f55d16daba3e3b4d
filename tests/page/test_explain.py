"""Any number explains itself: back to data and parameters, through Jacobians, in any notation."""

from __future__ import annotations

import math
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import (
    MINUS,
    action,
    choose_line,
    entry,
    expect_line,
    expect_working_of,
    go_to,
    held,
    line_ids,
    open_page,
    press_notation,
    readout,
    value,
)

pytestmark = pytest.mark.shared_page


def path(page: Page) -> Locator:
    """The way back."""
    return page.locator('[data-panel="working"] .path')


def test_a_number_is_followed_back_to_the_data(page: Page) -> None:
    open_page(page, "#line=dC_dW1&entry=[1,0]")
    entry(page, "dC_dz1", "1").click()
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", "dC_dz1")
    entry(page, "z1", "1").click()
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", "z1")
    # The entry that was clicked is the one that is now written out.
    expect(readout(page, "entry")).to_have_attribute("data-index", "1")
    expect(path(page).locator("li")).to_have_count(3)
    entry(page, "x", "0").click()
    expect(readout(page, "source")).to_contain_text("Data: x₀ of training sample 0")
    expect(path(page).locator("li")).to_have_count(4)
    # A stop is gone to also while the origin of a given is shown.
    stops = path(page).locator("button.stop")
    expect(stops).to_have_count(3)  # two lines before, and the shown one
    stops.nth(1).click()
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", "dC_dz1")
    expect(readout(page, "source")).to_have_count(0)


def test_a_path_has_only_what_the_chosen_entry_reads(page: Page) -> None:
    open_page(page, "#line=dC_dW1&entry=[0,1]")
    entry(page, "dC_dz1", "2").click()
    expect_line(page, "dC_dz1")
    stops = path(page).locator("li")
    expect(stops).to_have_text(["∂𝐶/∂𝑊⁽¹⁾₂₁", "∂𝐶/∂𝑧⁽¹⁾₂"])
    # ∂C/∂W⁽¹⁾₂₁ does not depend on another entry.
    page.locator('[data-panel="working"] .matrix.output [data-index="0"]').click()
    expect(path(page)).to_be_hidden()
    # The origin of a given belongs to an entry, too.
    choose_line(page, "dC_dW1")
    entry(page, "x", "0").click()
    expect(stops).to_have_text([re.compile("⁽¹⁾₀₀$"), re.compile("₀ = ")])
    page.locator('[data-panel="working"] .matrix.output [data-index="0,1"]').click()
    expect(path(page)).to_be_hidden()


def test_backspace_and_the_stops_lead_back(page: Page) -> None:
    open_page(page, "#line=dC_da1&entry=[2]")
    entry(page, "dC_dz2", "3").click()
    entry(page, "dC_da2", "3").click()
    expect(path(page).locator("li")).to_have_count(3)
    expect(path(page).locator("button.stop").first).to_have_attribute("title", "Back to it")
    page.keyboard.press("Backspace")
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", "dC_dz2")
    path(page).locator("button.stop").first.click()
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", "dC_da1")
    expect(readout(page, "entry")).to_have_attribute("data-index", "2")
    expect(path(page)).to_be_hidden()
    # Also one that is drawn again while it is pressed.
    entry(page, "dC_dz2", "3").click()
    expect_line(page, "dC_dz2")
    with held(page, path(page).locator("button.stop").first):
        # As when the pointer has only just left an entry: its marks go in the next frame.
        entry(page, "dC_da2", "0").dispatch_event("pointermove")
        expect(readout(page, "entry")).to_have_attribute("data-index", "3")
        expect(entry(page, "dC_da2", "0")).to_have_class(re.compile("target"))
    expect_line(page, "dC_da1")
    # The ribbon leaves the path.
    entry(page, "dC_dz2", "3").click()
    expect(path(page)).to_be_visible()
    choose_line(page, "z2")
    expect(path(page)).to_be_hidden()


def test_a_pointer_that_rests_points_at_nothing_new(page: Page) -> None:
    open_page(page, "#line=dC_dW1&selection=e1.1.1")
    written = readout(page, "entry")
    page.locator('.picture [data-of="dC_dW1"][data-entry="3,0"]').first.hover()
    expect(written).to_have_attribute("data-index", "3,0")
    for line in ("dC_db1", "W1_next"):
        page.keyboard.press("ArrowRight")
        expect_line(page, line)
    expect(written).to_have_attribute("data-index", "1,1")
    expect(entry(page, "dC_dW1", "3,0")).not_to_have_class(re.compile("target|source"))


def test_what_is_pressed_while_a_step_arrives_is_what_was_meant(page: Page) -> None:
    wide = "&".join(
        f"network.layers.{k}.units={n}&network.layers.{k}.activation={activation}"
        for k, (n, activation) in enumerate([(4, "tanh"), (10, "tanh"), (1, "sigmoid")])
    )
    open_page(page, f"#{wide}&line=dC_da1&entry=[2]")
    with held(page, readout(page, "entry").locator("button.more")):
        page.keyboard.press(".")
        expect_working_of(page, 1)
    expect(readout(page, "entry").locator("button.more")).to_have_count(0)
    with held(page, entry(page, "dC_dz2", "1")):
        page.keyboard.press(".")
        expect_working_of(page, 2)
    expect_line(page, "dC_dz2")
    with held(page, path(page).locator("button.stop").first):
        page.keyboard.press(".")
        expect_working_of(page, 3)
    expect_line(page, "dC_da1")
    expect_working_of(page, 2)


def test_a_weight_leads_through_its_updates_to_the_initializer(page: Page) -> None:
    open_page(page, "#line=z1&step=2")
    weight = value(entry(page, "W1", "2,1"))
    entry(page, "W1", "2,1").click()
    expect(readout(page, "source")).to_contain_text("as update 2 left it")
    action(page, "step-before").click()
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", "W1_next")
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-step", "1")
    assert value(entry(page, "W1_next", "2,1")) == pytest.approx(weight, rel=0.2)
    first = path(page).locator("button.stop").first
    expect(first).to_have_attribute("title", "Back to it, update 2")
    entry(page, "W1", "2,1").click()
    action(page, "step-before").click()
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-step", "0")
    entry(page, "W1", "2,1").click()
    expect(readout(page, "source")).to_contain_text(re.compile("drawn by .*seed 0"))
    # The update of the whole batch makes exactly the next weight.
    page.keyboard.press("Escape")
    go_to(page, "#line=z1&step=2&sample=batch")
    expect_working_of(page, 2)
    weight = value(entry(page, "W1", "0,1"))
    entry(page, "W1", "0,1").click()
    action(page, "step-before").click()
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-step", "1")
    expect(readout(page, "entry")).to_have_attribute("data-index", "0,1")
    assert value(entry(page, "W1_next", "0,1")) == weight


def test_jacobians_appear_and_the_product_collapses(page: Page) -> None:
    open_page(page)
    plain = line_ids(page)
    press_notation(page, "jacobians")
    expect(page.locator('[data-panel="ribbon"] [data-line="da2_dz2"]')).to_be_attached()
    assert set(line_ids(page)) - set(plain) >= {"da2_dz2", "dz2_dW2", "dz2_db2", "dz2_da1"}
    choose_line(page, "da2_dz2")
    assert value(entry(page, "da2_dz2", "0,1")) == 0
    assert value(entry(page, "da2_dz2", "1,1")) > 0
    choose_line(page, "dz2_dW2")
    expect(page.locator('[data-variable="dz2_dW2"] .slice')).to_have_count(4)
    entry(page, "dz2_dW2", "1,2,0").hover()
    expect(readout(page, "entry")).to_contain_text("0, because 1 ≠ 2")
    choose_line(page, "dC_dW2")
    expect(readout(page, "collapse")).to_contain_text("outer product")
    expect(readout(page, "collapse")).to_contain_text("Of its 64 entries 48 are 0")
    press_notation(page, "jacobians")
    expect(page.locator('[data-panel="ribbon"] [data-line="da2_dz2"]')).to_have_count(0)
    assert line_ids(page) == plain


@pytest.mark.exhaustive
def test_the_jacobian_by_the_weights_has_their_indices(page: Page) -> None:
    network = "network.layers.0.units=3&network.layers.1.units=1"
    open_page(page)
    for convention, shape in (("column", "(3×3×2)"), ("row", "(3×2×3)"), ("lecture", "(3×2×3)")):
        go_to(page, f"#{network}&convention={convention}&jacobians=true&line=dz1_dW1")
        expect(page.locator('[data-panel="working"]')).to_contain_text(shape)
        column = convention == "column"
        # W from input 0 to unit 2: it moves z of unit 2, by x of input 0.
        entry(page, "dz1_dW1", "2,2,0" if column else "2,0,2").hover()
        name = readout(page, "entry").locator(".entry-name")
        expect(name).to_contain_text("₂₀" if column else "₀₂")
        assert value(entry(page, "dz1_dW1", "2,2,0" if column else "2,0,2")) == value(
            entry(page, "x", "0")
        ), convention
        assert value(entry(page, "dz1_dW1", "2,1,0" if column else "2,0,1")) == 0, convention


def test_cost_and_output_apart_give_the_same_gradient(page: Page) -> None:
    open_page(page, "#line=dC_dz3")
    together = value(entry(page, "dC_dz3", "0"))
    press_notation(page, "unfuse")
    expect(page.locator('[data-panel="ribbon"] [data-line="dC_da3"]')).to_be_attached()
    expect(page.locator('[data-panel="working"] [data-variable="dC_da3"]')).to_be_visible()
    assert value(entry(page, "dC_dz3", "0")) == pytest.approx(together, rel=1e-12)
    expect(readout(page, "remark")).to_contain_text("Two lines")
    # Another scaling says what it changes.
    go_to(page, "#line=dC_dW3")
    before = value(entry(page, "dC_dW3", "0,0"))
    press_notation(page, "reduction", "half_sum")
    expect(readout(page, "remark")).to_contain_text("every gradient × 0.5")
    assert value(entry(page, "dC_dW3", "0,0")) == pytest.approx(before / 2, rel=1e-12)
    expect(page).to_have_url(re.compile("reduction=half_sum"))


def test_softmax_apart_has_its_full_jacobian_and_its_cost_a_sum_in_the_logarithm(
    page: Page,
) -> None:
    recipe = "dataset.name=blobs&dataset.classes=3&cost.name=cross_entropy"
    layers = "network.layers.0.units=3&network.layers.0.activation=softmax"
    open_page(page, f"#{recipe}&{layers}&fused=false&jacobians=true")
    choose_line(page, "da1_dz1")
    off = value(entry(page, "da1_dz1", "0,1"))
    assert off < 0
    assert off == value(entry(page, "da1_dz1", "1,0"))
    go_to(page, f"#{recipe}&cost.reduction=sum&{layers}&line=C&sample=0")
    written = readout(page, "entry")
    expect(written).to_contain_text("log(exp(")
    text = written.inner_text().replace(MINUS, "-").replace("·", "*").replace("\u00a0", " ")
    sides = [" ".join(side.split()) for side in text.split("=")]
    # The sum of y_j (log(e^z1 + e^z2 + e^z3) − z_j); where y_j = 0, the term is 0.
    term, _, others = sides[1].partition("+ 2 smaller")
    assert (term.count("exp("), others.strip()) == (3, "terms")
    names = {"log": math.log, "exp": math.exp}
    assert eval(term, names) == pytest.approx(float(sides[-1]), rel=1e-3)


@pytest.mark.exhaustive
def test_another_convention_says_what_moves(page: Page) -> None:
    open_page(page, "#line=z1&entry=[2]")
    number = value(entry(page, "z1", "2"))
    press_notation(page, "convention", "lecture")
    expect(readout(page, "remark")).to_contain_text("ᵀ moves")
    expect(readout(page, "remark").locator("math")).to_have_count(2)
    assert value(entry(page, "z1", "2")) == number
    choose_line(page, "dC_dW1")
    expect(readout(page, "remark")).to_be_hidden()
    entry(page, "dC_dW1", "1,3").click()
    press_notation(page, "convention", "column")
    expect(readout(page, "entry")).to_have_attribute("data-index", "3,1")
