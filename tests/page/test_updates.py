"""Lines of an update: whose update they show, and that training makes it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import choose_line, expect_line, expect_working_of, open_page, readout

pytestmark = pytest.mark.shared_page


def shown(page: Page, variable: str) -> list[str]:
    """The full numbers of a matrix in the working."""
    entries = page.locator(f'[data-panel="working"] [data-variable="{variable}"]').first
    found: list[str] = entries.locator("[data-index]").evaluate_all("all => all.map(e => e.title)")
    return found


def switch(page: Page, numbers: str) -> Locator:
    return page.locator(f'[data-panel="ribbon"] [data-numbers="{numbers}"]')


def test_after_a_step_the_weights_are_what_the_update_said(page: Page) -> None:
    open_page(page, "#step=21&sample=3&line=W1_next")
    said = readout(page, "whose-update")
    expect(said).to_contain_text("Train makes this update")
    expect(said).to_contain_text("the batch, 32 samples")
    expect(switch(page, "batch")).to_have_attribute("aria-pressed", "true")
    expect(readout(page, "sample")).to_have_text("batch of 32")
    made = shown(page, "W1_next")
    page.keyboard.press(".")
    expect_working_of(page, 22)
    assert shown(page, "W1") == made
    # The lines before it are of the sample again.
    choose_line(page, "dC_dW1")
    expect(readout(page, "sample")).to_contain_text("3 · ")


def test_back_from_an_update_no_line_shows_the_batch_meanwhile(page: Page) -> None:
    open_page(page, "#step=3&line=W3_next")
    expect(readout(page, "sample")).to_have_text("batch of 32")
    page.evaluate(
        """() => {
            window.seen = new Set();
            const working = document.querySelector('[data-panel="working"]');
            new MutationObserver(() => {
                const own = working.querySelector('[data-variable="z1"]');
                if (own) window.seen.add(own.querySelectorAll('td').length);
            }).observe(working,
                {childList: true, subtree: true, attributes: true, characterData: true});
        }"""
    )
    choose_line(page, "z1")
    expect(readout(page, "sample")).to_contain_text("0 · ")
    assert page.evaluate("() => [...window.seen]") == [4]


def test_one_sample_alone_is_a_press_away_and_stays(page: Page) -> None:
    open_page(page, "#step=21&sample=3&line=b3_next")
    expect(readout(page, "sample")).to_have_text("batch of 32")
    batch = shown(page, "b3_next")
    switch(page, "sample").click()
    expect(readout(page, "whose-update")).to_contain_text("Sample 3 alone would make this update")
    expect(readout(page, "whose-update")).to_contain_text("Train does not")
    expect(readout(page, "sample")).to_contain_text("3 · ")
    assert shown(page, "b3_next") != batch
    page.reload()
    expect(switch(page, "sample")).to_have_attribute("aria-pressed", "true")
    switch(page, "batch").click()
    # Its numbers come after the button is pressed.
    expect(readout(page, "whose-update")).to_contain_text("Train makes this update")
    assert shown(page, "b3_next") == batch


def test_the_passes_and_the_update_keep_a_choice_of_their_own(page: Page) -> None:
    open_page(page, "#sample=3&line=dC_dW1")
    switch(page, "batch").click()
    choose_line(page, "W1_next")
    switch(page, "sample").click()
    expect(switch(page, "sample")).to_have_text("sample 3")
    expect(readout(page, "sample")).to_contain_text("3 · ")
    expect(page).to_have_url(re.compile("numbers=sample"))
    page.reload()
    expect(readout(page, "sample")).to_contain_text("3 · ")
    choose_line(page, "z1")
    expect(switch(page, "batch")).to_have_attribute("aria-pressed", "true")


def test_a_path_from_an_update_stays_with_the_batch(page: Page) -> None:
    open_page(page, "#step=21&sample=3&line=W1_next&entry=[1,0]")
    expect(readout(page, "sample")).to_have_text("batch of 32")
    gradient = shown(page, "dC_dW1")[2]
    page.locator('[data-variable="dC_dW1"] [data-index="1,0"]').first.click()
    expect_line(page, "dC_dW1")
    expect(readout(page, "sample")).to_have_text("batch of 32")
    assert shown(page, "dC_dW1")[2] == gradient
    page.keyboard.press("Backspace")
    expect_line(page, "W1_next")
    choose_line(page, "z1")
    expect(readout(page, "sample")).to_contain_text("3 · ")
