"""Check my numbers: how what is pasted is read, kept and sent, and numbers of the explorer."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser import action, field, readout
from tests.helpers.browsers import PageWatch
from tests.page.test_check import GIVENS, check, open_check, paste, verdicts

pytestmark = pytest.mark.shared_page


def test_how_a_text_was_read_is_shown_with_what_does_not_fit(
    page: Page, page_watch: PageWatch
) -> None:
    page_watch.allow("422")
    open_check(page)
    text = "dC_db1 = [0.04217315 0.07020202 0.03062348]\nz1 = [1.1 oops]\na1 = [0.5, ..., 0.5]"
    paste(page, GIVENS, text)
    said = page.locator('[data-slot="submitted-read"] .unread')
    expect(said).to_contain_text("Line 2, column 11")
    expect(said).to_contain_text("Line 3")
    expect(said).to_contain_text("set_printoptions")
    check(page)
    expect(readout(page, "verdict")).to_have_text("All correct")
    expect(page.locator('[data-note="unread"]')).to_contain_text("lines 2, 3")
    expect(field(page, "submitted")).to_have_value(text)
    # Prints of other programs.
    text = (
        "dC_dW1\n0,00071956\t0,04156912\n0,00119779\t0,06919653\n0,0005225\t0,03018487\n"
        "dC_db1:\n0    0.04217315\n1    0.07020202\n2    0.03062348\ndtype: float64\n"
        "dC_da1\nParameter containing:\n"
        "tensor([0.23130578, 0.49200586, 0.13473569], requires_grad=True)\n"
    )
    paste(page, GIVENS, text)
    chips = page.locator('[data-slot="submitted-read"] .chip')
    expect(chips).to_have_text(
        [re.compile(r"dC_dW1.*3.*2"), re.compile("dC_db1.*3"), re.compile("dC_da1.*3")]
    )
    expect(page.locator('[data-slot="submitted-read"] .unread')).to_have_count(0)
    check(page)
    expect(readout(page, "verdict")).to_have_text("All correct")
    # An array of an unknown name can be given its line.
    paste(page, GIVENS, "my_delta = [0.04217315 0.07020202 0.03062348]")
    page.locator('[data-panel="submitted"] select').select_option("dC_dz1")
    expect(page.locator('[data-slot="submitted-read"] .chip')).to_contain_text("dC_dz1")
    check(page)
    assert verdicts(page)["dC_dz1"] == "correct"
    expect_what_does_not_fit_to_be_said(page)
    expect_settings_to_be_read(page)


def expect_what_does_not_fit_to_be_said(page: Page) -> None:
    """Where it stands."""
    paste(page, "W1 = [[1 2]]\nx = [1 2 3]", "z1 = [1]")
    action(page, "check").click()
    expect(page.locator('[data-slot="givens-said"]')).to_contain_text("no target")
    paste(page, "W1 = [[1 2]]\nb1 = [1]\nx = [1 2 3]\ntarget = [1]")
    action(page, "check").click()
    expect(page.locator('[data-slot="givens-said"]')).to_contain_text("W takes")
    paste(page, "", "")
    action(page, "check").click()
    expect(page.locator('[data-slot="givens-said"]')).to_contain_text("no layers")


def expect_settings_to_be_read(page: Page) -> None:
    """From the text, and the convention from the shapes."""
    givens = """W1 = [[1 2 3]
 [4 5 6]]
b1 = [0 0 0]
x = [1 2]
target = [1 0 0]
activation_funcs = [softmax]
cost = "cross_entropy" """
    paste(page, givens)
    expect(field(page, "convention")).to_have_value("row")
    expect(field(page, "activation.0")).to_have_value("softmax")
    expect(field(page, "cost")).to_have_value("cross_entropy")
    expect(page.locator('[data-slot="givens-read"]')).to_contain_text("(n_in, n_out)")


def test_nothing_is_lost_on_reload_and_the_address_can_be_sent(page: Page) -> None:
    open_check(page)
    paste(page, GIVENS, "z1 = [1 2 3]")
    expect(page).to_have_url(re.compile("work="))
    address = page.url
    page.reload()
    expect(field(page, "submitted")).to_have_value("z1 = [1 2 3]")
    page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    page.goto("about:blank")
    page.goto(address)
    expect(field(page, "givens")).to_have_value(GIVENS)


def test_givens_from_the_experiment_that_is_open(page: Page) -> None:
    open_check(page, "#step=3&sample=2&convention=row&dataset.name=moons&network.seed=5")
    expect(page.locator('[data-slot="givens-said"]')).to_contain_text("moons, step 3, sample 2")
    text = field(page, "givens").input_value()
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
