"""A lesson's text, the network and the working beside it count from 0, as NumPy does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import open_page, readout
from tests.helpers.lesson_page import lesson, open_lesson

pytestmark = pytest.mark.shared_page


def test_a_lesson_and_the_page_beside_it_count_alike(page: Page) -> None:
    open_lesson(page, "second-layer")
    expect(lesson(page)).to_contain_text("a1")
    expect(page.locator(".label-input").first).to_have_text("x₀")
    page.locator('[data-panel="working"] [data-cell="a1.0"]').hover()
    expect(readout(page, "entry").locator(".entry-name")).to_have_text("𝑎⁽¹⁾₀")


def test_a_sum_names_the_units_as_the_network_does(page: Page) -> None:
    open_page(page, "#line=z2")
    names = page.locator(".ledger-of")
    expect(names.first).to_have_text("unit 0")
    expect(page.locator(".label-unit").first).to_have_text("0")
    expect(page.locator(".label-input").first).to_have_text("x₀")
