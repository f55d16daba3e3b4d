"""Check my numbers: how what is pasted is read, kept and sent, and numbers of the explorer."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import action, field, readout
from tests.page.test_check import GIVENS, check, open_check, paste, verdicts

pytestmark = pytest.mark.shared_page


def test_how_a_text_was_read_is_shown_with_what_does_not_fit(page: Page) -> None:
    open_check(page)
    text = "dC_db1 = [0.04217315 0.07020202 0.03062348]\nz1 = [1.1 oops]\na1 = [0.5, ..., 0.5]"
    paste(page, GIVENS, text)
    said = page.locator('[data-slot="read"] .unread')
    expect(said).to_contain_text("line 7")
    expect(said).to_contain_text("set_printoptions")
    check(page)
    expect(readout(page, "verdict")).to_have_text("All correct")
    expect(page.locator('[data-note="unread"]')).to_contain_text("lines 7, 8")
    # Prints of other programs.
    text = (
        "dC_dW1\n0,00071956\t0,04156912\n0,00119779\t0,06919653\n0,0005225\t0,03018487\n"
        "dC_db1:\n0    0.04217315\n1    0.07020202\n2    0.03062348\ndtype: float64\n"
        "dC_da1\nParameter containing:\n"
        "tensor([0.23130578, 0.49200586, 0.13473569], requires_grad=True)\n"
    )
    paste(page, GIVENS, text)
    for line in ("x", "target", "W1", "b1", "dC_dW1", "dC_db1", "dC_da1"):
        expect(chip(page, line)).to_be_visible()
    expect(said).to_have_count(0)
    check(page)
    expect(readout(page, "verdict")).to_have_text("All correct")
    expect_a_chip_to_change_what_an_array_is(page)
    expect_what_does_not_fit_to_be_said(page)
    expect_settings_to_be_read(page)


def chip(page: Page, line: str) -> Locator:
    """The array that is read as a line."""
    return page.locator(f'[data-slot="read"] .chip[data-as="{line}"]')


def expect_a_chip_to_change_what_an_array_is(page: Page) -> None:
    """An unknown name is read by its numbers, and a menu changes that."""
    paste(page, GIVENS, "mitt_svar = [0.04217315 0.07020202 0.03062348]")
    mine = chip(page, "dC_dz1")
    expect(mine).to_contain_text("mitt_svar")
    mine.locator("select").select_option("a1")
    expect(chip(page, "a1")).to_have_attribute("data-state", "chosen")
    check(page)
    assert verdicts(page)["a1"] == "wrong"
    chip(page, "a1").locator("select").select_option("dC_dz1")
    expect(chip(page, "dC_dz1")).to_be_visible()
    check(page)
    assert verdicts(page)["dC_dz1"] == "correct"


def expect_what_does_not_fit_to_be_said(page: Page) -> None:
    """Where it stands."""
    said = page.locator('[data-slot="said"]')
    paste(page, "W1 = [[1 2]]\nx = [1 2 3]", "z1 = [1]")
    action(page, "check").click()
    expect(said).to_contain_text("Missing among the numbers: target.")
    paste(page, "W1 = [[1 2]]\nb1 = [1]\nx = [1 2 3]\ntarget = [1]")
    action(page, "check").click()
    expect(said).to_contain_text("W takes")
    paste(page, "", "")
    action(page, "check").click()
    expect(said).to_contain_text("no numbers")


def expect_settings_to_be_read(page: Page) -> None:
    """From words in the text and from the shapes; taken with one press, and found again."""
    givens = """W1 = [[1.5 2 3]
 [4 5 6]]
b1 = [0 0 0]
x = [1 2]
target = [1 0 0]
activation_funcs = [softmax]
cost = "cross_entropy" """
    paste(page, givens, "z1 = [ 9.5 12.  15. ]\na1 = [0.00387 0.04725 0.94888]")
    expect(field(page, "activation.0")).to_have_attribute("data-found", "softmax")
    expect(field(page, "cost")).to_have_attribute("data-found", "cross_entropy")
    expect(field(page, "convention")).to_have_attribute("data-found", "row")
    expect(readout(page, "proposal")).to_contain_text("lines agree")
    action(page, "take-settings").click()
    expect(field(page, "activation.0")).to_have_value("softmax")
    expect(field(page, "convention")).to_have_value("row")
    action(page, "find-settings").click()
    expect(field(page, "convention")).to_have_value("")


def test_a_course_is_asked_for_once(page: Page) -> None:
    """What it says is remembered, and other numbers are right in another convention."""
    open_check(page)
    halves = "dC_dz1 = [0.06325972 0.10530302 0.04593522]"
    paste(page, GIVENS, f"{halves}\ndC_db1 = [0.06325972 0.10530302 0.04593522]")
    check(page)
    expect(readout(page, "verdict")).to_have_text("All correct")
    action(page, "keep-course").click()
    expect(page.locator('[data-note="course"]')).to_contain_text("half sum")
    paste(page, GIVENS, "dC_db1 = [0.04217315 0.07020202 0.03062348]")
    check(page)
    expect(readout(page, "verdict")).to_have_text("Right, in another convention")
    expect(page.locator('[data-note="other_convention"]')).to_contain_text("the exercise says")
    action(page, "forget-course").click()
    expect(readout(page, "verdict")).to_have_text("All correct")
    action(page, "no-course").click()
    check(page)
    expect(page.locator('[data-note="course"]')).to_have_count(0)


def test_nothing_is_lost_on_reload_and_the_address_can_be_sent(page: Page) -> None:
    open_check(page)
    paste(page, GIVENS, "z1 = [1 2 3]")
    expect(page).to_have_url(re.compile("work="))
    address = page.url
    page.reload()
    expect(field(page, "paste")).to_have_value(f"{GIVENS}\n\nz1 = [1 2 3]")
    page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    page.goto("about:blank")
    page.goto(address)
    expect(field(page, "paste")).to_have_value(f"{GIVENS}\n\nz1 = [1 2 3]")


def test_givens_from_the_experiment_that_is_open(page: Page) -> None:
    open_check(page, "#step=3&sample=2&convention=row&dataset.name=moons&network.seed=5")
    expect(page.locator('[data-slot="said"]')).to_contain_text("moons, update 3, sample 2")
    text = field(page, "paste").input_value().strip()
    assert text.startswith("x = ") or "W1 = " in text
    expect(field(page, "convention")).to_have_value("row")
    expect(field(page, "activation.0")).to_have_value("tanh")
    expect(field(page, "cost")).to_have_value("binary_cross_entropy")
    assert "x = [" in text
    assert "target = [" in text
    expect(page.locator('[data-slot="explore"]')).to_have_attribute("href", re.compile("step=3"))
    # z of the first layer from the numbers on the page.
    values = {
        name: np.array(json.loads(value))
        for name, value in re.findall(r"(\w+) = (.*?)(?=\n\w|\Z)", text, re.DOTALL)
    }
    z = values["x"] @ values["W1"] + values["b1"]
    paste(page, None, f"z1 = {z}")
    check(page)
    assert verdicts(page)["z1"] == "correct"
