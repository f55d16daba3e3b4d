"""A network over pictures: weights as pictures, products with one chosen pixel, what it says."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import MINUS, action, go_to_step, open_page

pytestmark = pytest.mark.shared_page

DIGITS = (
    "#dataset.name=digits&network.layers.0.units=32&network.layers.0.activation=relu"
    "&network.layers.1.units=10&network.layers.1.activation=softmax"
    "&network.initializer=he_normal&cost.name=cross_entropy&optimizer.name=adam"
    "&optimizer.learning_rate=0.003"
)
# The colours of the canvas of the units, to tell one drawing from another.
INK = """() => {
    const canvas = [...document.querySelectorAll('canvas.unit-responses')].at(-1);
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    return data.reduce((sum, value, k) => (sum * 31 + value) % 1000003, 7);
}"""


def test_every_picture_says_what_the_network_says_of_it(page: Page) -> None:
    open_page(page, DIGITS + "&step=40&line=a2")
    pictures = page.locator(".sample-picture:visible")
    expect(pictures).to_have_count(40)
    wrong = page.locator(".sample-picture[data-wrong]")
    expect(wrong.first).to_be_visible()
    assert 0 < wrong.count() < 20
    color = wrong.first.evaluate("each => getComputedStyle(each).color")
    assert color != pictures.first.evaluate("each => getComputedStyle(each).color")
    # What it says is the largest of the outputs of that picture.
    k = int(str(wrong.first.get_attribute("data-sample")))
    said = str(wrong.first.get_attribute("title"))
    wrong.first.click()
    expect(page).to_have_url(re.compile(rf"sample={k}&"))
    expect(page.locator(f'.sample-picture[data-sample="{k}"]')).to_have_attribute(
        "aria-pressed", "true"
    )
    page.wait_for_function(
        """said => {
            const shares = [...document.querySelectorAll('[data-neuron^="2."]')]
                .map((each) => Number(each.textContent));
            return shares.indexOf(Math.max(...shares)) === said;
        }""",
        arg=int(said.split("says ")[1]),
    )


def test_the_units_show_their_weights_or_what_they_have_learned(page: Page) -> None:
    open_page(page, DIGITS + "&step=40&line=a1")
    # Units at 0 have no number.
    numbers = page.locator('[data-neuron^="1."]')
    assert 3 < numbers.count() < 32
    before = page.evaluate(INK)
    page.locator('[data-control="templates"] [data-value="change"]').click()
    expect(page).to_have_url(re.compile("templates=change"))
    page.wait_for_function(f"before => ({INK})() !== before", arg=before)
    expect(page.locator(".templates-more")).to_contain_text(re.compile(r"blue to \+0\.\d+"))
    # At the start nothing has changed.
    go_to_step(page, 0)
    expect(page.locator(".templates-more")).to_contain_text(re.compile(r"blue to \+(1|1\.0)\b"))


def test_one_pixel_is_chosen_in_weights_picture_and_products(page: Page) -> None:
    open_page(page, DIGITS + "&step=40&line=z1&entry=[10]")
    picture = page.locator('[data-picture="templates"]')
    expect(picture).to_contain_text("products above 0")
    expect(page.locator(".picture h3")).to_have_text("Unit 10: weights × picture")
    expect(picture.locator(".frame.chosen")).to_have_count(3)
    pixel = picture.locator('[data-of="W1"][data-entry="10,28"] rect').nth(1)
    pixel.click()
    expect(picture).to_contain_text("row 3, column 4")
    expect(page.locator('.over-chosen [data-element="e1.28.10"]')).to_have_count(1)
    # The sum of the products and of the bias is z.
    titles = picture.locator("title").all_text_contents()
    numbers = [float(each.replace(MINUS, "-")) for each in titles]
    assert numbers[0] > 0 > numbers[1]
    assert abs(numbers[0] + numbers[1] - numbers[2]) < 0.5  # the bias is small


def test_the_units_with_the_largest_sums_are_in_place_of_the_matrices(page: Page) -> None:
    open_page(page, DIGITS + "&step=40&line=z1")
    working = page.locator('[data-panel="working"]')
    units = working.locator(".sums-list button")
    expect(units).to_have_count(12)
    expect(working.locator(".equation")).to_be_hidden()
    sums = [float(text.replace(MINUS, "-")) for text in units.locator(".math").all_text_contents()]
    assert sums == sorted(sums, reverse=True)
    units.first.click()
    expect(units.first).to_have_attribute("aria-pressed", "true")
    # Sum, picture and network are of that unit now.
    unit = units.first.get_attribute("data-unit")
    expect(page.locator(".picture h3")).to_have_text(f"Unit {unit}: weights × picture")
    expect(page).to_have_url(re.compile(rf"selection=n1\.{unit}&"))
    action(page, "matrices").click()
    expect(working.locator(".equation")).to_be_visible()
    expect(units.first).to_be_hidden()


def test_of_a_deep_network_only_the_first_layer_has_pictures(page: Page) -> None:
    deep = DIGITS.replace(
        "layers.1.units=10&network.layers.1.activation=softmax",
        "layers.1.units=16&network.layers.1.activation=relu"
        "&network.layers.2.units=10&network.layers.2.activation=softmax",
    )
    open_page(page, deep + "&step=40&line=a3")
    expect(page.locator(".templates-more")).to_contain_text(
        "only layer 1 reads pixels and has pictures"
    )
    # Units at 0 have no number.
    assert 3 < page.locator('[data-neuron^="2."]').count() < 17
    shares = page.locator('[data-neuron^="3."]')
    expect(shares).to_have_count(10)
    assert sum(float(each) for each in shares.all_text_contents()) == pytest.approx(1, abs=0.06)
