"""What if: weights changed by hand, undone and redone; a second run with a change; health."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import (
    MINUS,
    action,
    edits,
    entry,
    expect_ready,
    field,
    go_to_step,
    number,
    open_elsewhere,
    open_page,
    readout,
    value,
)
from tests.helpers.browsers import PageWatch

pytestmark = pytest.mark.shared_page


def set_weight(page: Page, index: str, text: str) -> None:
    """Type another value for an entry of W1."""
    entry(page, "W1", index).dblclick()
    box = page.locator('[data-control="what-if"]')
    box.fill(text)
    box.press("Enter")
    expect(entry(page, "W1", index)).to_have_attribute("title", text.replace("-", MINUS))


def branch(page: Page, **choices: str) -> None:
    """Keep the run, and change a second one from the step that is shown."""
    page.keyboard.press("n")
    for k, (setting, choice) in enumerate(choices.items()):
        if k:  # the change before is there
            expect(page.locator('[data-run="current"]')).to_contain_text("from update")
        page.locator('[data-control="change-setting"]').select_option(setting)
        value = page.locator('[data-control="change-value"]:visible')
        if setting == "learning_rate":
            value.fill(choice)
        else:
            value.select_option(choice)
        action(page, "change-run").click()
    page.keyboard.press("Escape")
    # The address is written a little later: opened elsewhere it would show both runs.
    expect(page).not_to_have_url(re.compile("both=true"))


def reference_curve(page: Page) -> Any:
    """The reference's cost in the training figure."""
    script = """() => document.querySelector('[data-figure="training-curves"]').data
        .filter(t => (t.hovertemplate || '').startsWith('reference, train'))
        .map(t => [...t.y])[0]"""
    return page.evaluate(script)


def test_typed_weights_change_everything_that_reads_them_and_are_undone(page: Page) -> None:
    open_page(page, "#step=20&line=z1")
    cost = number(readout(page, "cost-train"))
    z, x = value(entry(page, "z1", "2")), value(entry(page, "x", "1"))
    was = str(entry(page, "W1", "2,1").get_attribute("title"))
    before = value(entry(page, "W1", "2,1"))
    other = str(entry(page, "W1", "0,0").get_attribute("title"))
    set_weight(page, "2,1", "1.5")
    expect(readout(page, "step")).to_have_text("20")
    assert value(entry(page, "z1", "2")) == pytest.approx(z + (1.5 - before) * x, abs=1e-9)
    assert number(readout(page, "cost-train")) != cost
    expect(edits(page)).to_have_count(1)
    expect(edits(page)).to_contain_text("from 1 to 2 = 1.5")
    expect(page).to_have_url(re.compile(r"edits\.0\.set=W1\[1,2\]&edits\.0\.to=1\.5"))
    set_weight(page, "0,0", "3")
    expect(edits(page)).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(entry(page, "W1", "0,0")).to_have_attribute("title", other)
    expect(entry(page, "W1", "2,1")).to_have_attribute("title", "1.5")
    page.keyboard.press("Control+z")
    expect(edits(page)).to_have_count(0)
    expect(entry(page, "W1", "2,1")).to_have_attribute("title", was)
    page.keyboard.press("Control+Shift+z")
    expect(entry(page, "W1", "2,1")).to_have_attribute("title", "1.5")
    expect(readout(page, "step")).to_have_text("20")
    expect_what_a_smaller_network_cannot_have_to_be_dropped(page)


def expect_what_a_smaller_network_cannot_have_to_be_dropped(page: Page) -> None:
    set_weight(page, "3,1", "1")
    action(page, "units-fewer").click()
    expect(edits(page)).to_have_count(0)
    expect(entry(page, "z1", "2")).to_be_visible()
    expect(entry(page, "z1", "3")).to_have_count(0)


@pytest.mark.exhaustive
def test_a_change_is_taken_back_from_the_run_that_there_is(page: Page) -> None:
    open_page(page, "#step=3&edits.0.step=2&edits.0.set=b1[0]&edits.0.to=1")
    field(page, "batch.seed").fill("5")
    field(page, "batch.seed").press("Enter")
    expect(page).to_have_url(re.compile("batch.seed=5"))
    action(page, "edit-remove").click()
    expect(edits(page)).to_have_count(0)
    expect(field(page, "batch.seed")).to_have_value("5")
    expect(page).to_have_url(re.compile("batch.seed=5"))


def test_a_bias_is_changed_with_the_keyboard(page: Page) -> None:
    open_page(page, "#step=3&line=z2")
    cell = entry(page, "b2", "0")
    before = value(cell)
    cell.focus()
    page.keyboard.press("+")
    expect(edits(page)).to_have_count(1)
    page.wait_for_function(
        'old => Number(document.querySelector(\'[data-variable="b2"] [data-index="0"]\')'
        ".title.replace('\\u2212', '-')) > old + 0.09",
        arg=before,
    )
    entry(page, "b2", "0").focus()
    page.keyboard.press("Enter")
    page.locator('[data-control="what-if"]').fill("0.25")
    page.keyboard.press("Enter")
    expect(entry(page, "b2", "0")).to_have_attribute("title", "0.25")
    expect(edits(page)).to_have_count(1)


def test_a_double_click_opens_an_entry_that_takes_numbers_only(page: Page) -> None:
    open_page(page, "#line=z1")
    before = str(entry(page, "W1", "0,0").get_attribute("title"))
    what_if = page.locator('[data-control="what-if"]')
    entry(page, "W1", "0,0").dblclick()
    what_if.fill("x2")
    page.keyboard.press("Enter")
    expect(what_if).to_have_count(0)
    expect(entry(page, "W1", "0,0")).to_have_attribute("title", before)
    expect(edits(page)).to_have_count(0)
    # A double click counts also where the cell is drawn again between its two presses.
    box = entry(page, "W1", "0,0").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down(click_count=2)
    entry(page, "W1", "0,0").evaluate("cell => cell.replaceWith(cell.cloneNode(true))")
    page.mouse.up(click_count=2)
    expect(what_if).to_be_focused()


def test_a_second_run_goes_on_beside_the_first_and_is_in_the_address(page: Page) -> None:
    open_page(page, "#step=30")
    branch(page, optimizer="adam", activation="relu")
    own, kept = (page.locator(f'[data-run="{name}"]') for name in ("current", "reference"))
    expect(own).to_contain_text("adam with learning rate 0.01 from update 30, layers 1–2 relu")
    expect(page).to_have_url(re.compile("reference=.*edits"))
    expect(kept).to_contain_text("as it was: update 30")
    texts = [kept.inner_text(), own.inner_text()]
    open_elsewhere(page)
    expect(page.locator("[data-run]")).to_have_text(texts)
    go_to_step(page, 60)
    expect(kept).to_contain_text("update 60")
    costs = [float(run.inner_text().split("cost ")[1].split(",")[0]) for run in (own, kept)]
    assert costs[0] != costs[1]
    page.locator("#tab-training-curves").click()
    page.wait_for_function(
        """() => document.querySelector('[data-figure="training-curves"]').data
        ?.some(t => (t.hovertemplate || '').startsWith('reference') && t.x.length > 50)"""
    )
    assert reference_curve(page)[-1] == pytest.approx(costs[1], rel=1e-3)
    action(page, "both-runs").click()
    # The keys are its own from when it is there.
    expect(page.locator('[data-slot="two-runs"]')).to_be_visible()
    page.keyboard.press("x")
    expect(own).to_contain_text(f"cost {costs[1]:.4f}")
    page.keyboard.press("Escape")
    expect(edits(page)).to_have_count(0)
    action(page, "end-comparison").click()
    expect(page.locator('[data-slot="comparison"]')).to_be_hidden()
    expect(action(page, "compare")).to_be_focused()


def test_what_a_second_run_cannot_take_is_said(page: Page) -> None:
    open_page(page)
    page.keyboard.press("n")
    page.locator('[data-control="change-setting"]').select_option("learning_rate")
    problem = page.locator(".runs-change .problem")
    rate = page.locator('[data-control="change-value"]:visible')
    for typed, says in (
        ("0.1", "B has this already"),
        ("fast", "is a number"),
        (f"{MINUS}1", "0 or more"),
        (" ", "is a number"),
    ):
        rate.fill(typed)
        action(page, "change-run").click()
        expect(problem).to_contain_text(says)
    # Any number: with a decimal comma and a minus sign as they are set in print.
    rate.fill(f"5,0e{MINUS}2")
    rate.press("Enter")
    expect(edits(page)).to_contain_text("0.05")
    # The form says what holds now, also after going back.
    expect(rate).to_have_value("0.05")
    page.go_back()
    expect(rate).to_have_value("0.1")


def test_health_of_each_layer(page: Page, page_watch: PageWatch) -> None:
    open_page(
        page,
        "#step=40&network.layers.0.units=4&network.layers.0.activation=relu&network.layers.1.units=1&network.layers.1.activation=sigmoid",
    )
    asked = len(page_watch.requests)
    page.locator("#tab-health").click()
    rows = page.locator(".health-table tbody tr")
    expect(rows).to_have_count(2)
    found = next(url for url in page_watch.requests if "/steps?" in url and "first=40&" in url)
    answer = page.request.get(found.replace("arrays=base64", "arrays=lists")).json()
    layers = answer["steps"][0]["frame"]["layers"]
    ratios = [layer["gradient"]["update_ratio"] for layer in layers]
    shown = rows.locator("td:nth-child(5)").all_text_contents()
    assert [float(each) for each in shown] == pytest.approx(ratios, rel=0.05)
    # The frame has all of it; a trace of the whole batch was computed once more for this column.
    assert [url for url in page_watch.requests[asked:] if "/trace" in url] == []
    expect(rows.first.locator("td").first).to_have_text(re.compile(r"\d+ %"))
    expect(rows.first.locator("td").nth(3)).to_have_text(re.compile(r"0\.\d+"))
    expect(rows.first.locator("svg rect").first).to_be_attached()
    expect(page).to_have_url(re.compile("tab=health"))
    for _ in range(3):  # past the cost nearby and the map
        page.keyboard.press("h")
    expect(page.locator('[data-figure="gradient-flow"]')).to_be_visible()


def test_an_alarm_is_answered_beside_the_run_that_raised_it(page: Page) -> None:
    layers = "&".join(
        f"network.layers.{k}.units={n}&network.layers.{k}.activation=sigmoid"
        for k, n in enumerate([5, 5, 5, 5, 5, 5, 1])
    )
    open_page(page, f"#{layers}&step=3")
    offer = page.locator('[data-alarm="vanishing"] [data-action="remedy"]').first
    expect(offer).to_have_text("Use ReLU from here on")
    offer.click()
    expect(page.locator('[data-run="current"]')).to_contain_text("layers 1–6 relu from update 3")
    # The form says what holds at the start, and beside it what does not hold any more.
    expect(field(page, "network.layers.0.activation")).to_have_value("sigmoid")
    expect(readout(page, "later")).to_have_text("layers 1–6 relu from update 3")
    expect(page.locator('[data-run="reference"]')).to_be_visible()
    expect(readout(page, "step")).to_have_text("3")


def test_the_way_back_leads_to_what_was_shown_last(page: Page) -> None:
    """Two lines and another experiment in one moment: the address was not written between them."""
    open_page(page, "#step=0&line=z1")
    before = page.evaluate(
        """button => {
            for (const key of ["ArrowRight", "ArrowRight"])
                document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
            button.click();
            return history.length;
        }""",
        action(page, "reseed").element_handle(),
    )
    page.wait_for_function("before => history.length > before", arg=before)
    page.go_back()
    expect_ready(page)
    expect(page).to_have_url(re.compile(r"line=z2"))
