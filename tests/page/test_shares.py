"""One sample and the batch: what each sample brings to an entry, to the sample and back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import (
    MINUS,
    WALKING,
    action,
    choose_line,
    go_to,
    number,
    open_page,
    press_notation,
    readout,
)
from tests.helpers.axe import violations_in_both_themes

pytestmark = pytest.mark.shared_page

BATCH = "#step=40&line=dC_dW2&sample=batch"


def cell(page: Page, variable: str, index: str) -> float:
    """The full value of an entry of the working."""
    place = f'[data-panel="working"] [data-variable="{variable}"] [data-index="{index}"]'
    return float(str(page.locator(place).get_attribute("title")).replace(MINUS, "-"))


def bars(page: Page) -> Locator:
    """The bars, one a sample."""
    return page.locator("[data-control=parts] rect[data-sample]")


def slider(page: Page) -> Locator:
    """What the keys move."""
    return page.locator("[data-control=parts]")


def read(text: str) -> float:
    """A number as the page writes it, such as −8.3·10⁻⁵."""
    powers = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return float(text.replace(MINUS, "-").replace("·10", "e").translate(powers))


# What the panel says of each part, from the first on.
EACH_PART = f"""async () => {{ {WALKING}
    const said = [];
    for (let k = 0; k < 32; k++) {{
        await frame();
        said.push(document.querySelector('[data-readout="sample-part"]').innerText);
        press('ArrowRight');
    }}
    return said;
}}"""


def part_in(text: str) -> tuple[int, float]:
    """(sample, its part) that a text of the panel names."""
    found = re.match(r"sample (\d+)[^:]*: (\S+?),? ", f"{text} ")
    assert found is not None, text
    return int(found.group(1)), read(found.group(2))


def part(page: Page) -> tuple[int, float]:
    """(sample, its part) that the panel names."""
    return part_in(readout(page, "sample-part").inner_text())


def open_batch(page: Page, fragment: str = BATCH) -> None:
    """The working of a batch, with the bars drawn."""
    open_page(page, fragment)
    expect(bars(page).first).to_be_attached()


def test_the_parts_of_all_samples_add_up_to_the_entry(page: Page) -> None:
    open_batch(page)
    expect(bars(page)).to_have_count(32)
    slider(page).focus()
    page.keyboard.press("Home")
    every = [part_in(text) for text in page.evaluate(EACH_PART)]
    assert len({sample for sample, _ in every}) == 32
    parts = [value for _, value in every]
    assert sum(parts) == pytest.approx(cell(page, "dC_dW2", "0,0"), rel=2e-3)
    said = readout(page, "parts-sum")
    expect(said).to_contain_text("Together the 32 parts are")
    expect(said).to_contain_text("1/32 of what its sample alone would give")
    # Sign is colour, and the colour is the sign's.
    orange = page.locator("[data-control=parts] rect.below").count()
    assert orange == sum(value < 0 for value in parts)
    # By size the first pulls hardest and is marked.
    page.locator("[data-control=parts-order]").get_by_text("by size").click()
    slider(page).focus()
    page.keyboard.press("Home")
    hardest, largest = part(page)
    page.keyboard.press("ArrowRight")
    assert abs(part(page)[1]) <= abs(largest)
    expect(readout(page, "parts-sum")).to_contain_text(
        re.compile(rf"sample {hardest} \([^)]*\) pulls hardest here")
    )
    expect(page.locator("[data-control=parts] rect.hardest")).to_have_count(1)
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile(r"^sample \d+ \(.*%"))
    # Other lines and single samples have none.
    choose_line(page, "dC_dz2")
    expect(slider(page)).to_be_hidden()
    choose_line(page, "dC_dW1")
    expect(bars(page)).to_have_count(32)
    page.keyboard.press("b")
    expect(slider(page)).to_be_hidden()
    expect(action(page, "parts-back")).to_be_hidden()


def test_to_the_sample_and_back_with_the_keyboard_and_with_the_mouse(page: Page) -> None:
    open_batch(page)
    action(page, "sample-parts").press("Enter")
    expect(slider(page)).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    sample, own = part(page)
    page.keyboard.press("Enter")
    expect(readout(page, "sample")).to_contain_text(str(sample))
    expect(page).to_have_url(re.compile(f"sample={sample}&entry=\\[0,0\\]"))
    back = action(page, "parts-back")
    expect(back).to_be_focused()
    # Alone it is the whole gradient of one sample, of which the batch has taken a 32nd.
    assert cell(page, "dC_dW2", "0,0") / 32 == pytest.approx(own, rel=1e-3)
    page.keyboard.press("Enter")
    expect(readout(page, "sample")).to_contain_text("batch of 32")
    expect(slider(page)).to_be_focused()
    assert part(page) == (sample, own)
    # Bars lie next to each other: the place along the axis is what is meant, however small the bar.
    box = slider(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 4.5 / 32, box["y"] + box["height"] / 2)
    sample, _ = part(page)
    page.mouse.down()
    page.mouse.up()
    expect(readout(page, "sample")).to_contain_text(str(sample))
    expect(action(page, "parts-back")).to_be_visible()


@pytest.mark.exhaustive
def test_another_entry_line_and_scaling_have_their_own_parts(page: Page) -> None:
    open_batch(page)
    asked = re.compile(r"/shares\?")
    gradient = page.locator('[data-panel="working"] [data-variable="dC_dW2"]')
    folded = gradient.locator(".unfold")
    if folded.count():  # as many columns as there is room for are shown
        folded.first.click()
    with page.expect_response(asked):
        gradient.locator('[data-index="2,1"]').click()
    said = readout(page, "parts-sum")
    expect(page.locator(".sample-parts-head")).to_contain_text("₂₁")
    together = re.compile(r"parts are (\S+),")
    expect(said).to_have_text(together)

    def total() -> float:
        found = together.search(said.inner_text())
        assert found is not None
        return read(found.group(1))

    expect(page.locator(".waiting-for")).to_have_count(0)
    assert total() == pytest.approx(cell(page, "dC_dW2", "2,1"), rel=1e-3)
    with page.expect_response(asked):
        press_notation(page, "reduction", "sum")
    expect(said).not_to_contain_text("1/32")
    expect(page.locator(".waiting-for")).to_have_count(0)
    assert total() == pytest.approx(cell(page, "dC_dW2", "2,1"), rel=1e-3)
    with page.expect_response(asked):
        press_notation(page, "convention", "row")
    expect(page.locator(".sample-parts-head")).to_contain_text("₁₂")
    expect(page.locator(".waiting-for")).to_have_count(0)
    assert total() == pytest.approx(cell(page, "dC_dW2", "1,2"), rel=1e-3)
    with page.expect_response(asked):
        choose_line(page, "dC_db1")
    expect(page.locator(".sample-parts-head")).to_contain_text(
        "₁"
    )  # the chosen weight comes from it
    expect(page.locator(".waiting-for")).to_have_count(0)
    assert total() == pytest.approx(cell(page, "dC_db1", "1"), rel=1e-3)


def test_a_penalty_and_parts_that_are_all_zero_are_said(page: Page) -> None:
    open_batch(page, f"{BATCH}&penalty.l2=0.1&network.seed=3")
    said = readout(page, "parts-sum")
    expect(said).to_contain_text("with the penalty's")
    numbers = [
        float(text.replace(MINUS, "-"))
        for text in re.findall(rf"(?:are|penalty's|entry,) ({MINUS}?[\d.]+\d)", said.inner_text())
    ]
    assert numbers[0] + numbers[1] == pytest.approx(numbers[2], abs=1e-4)
    assert number(readout(page, "sample-part")) >= 0
    # None pulls hardest where every part is zero.
    go_to(page, "#network.initializer=zeros&line=dC_dW1&sample=batch")
    expect(said).to_contain_text("Every part is 0.")
    expect(said).not_to_contain_text("hardest")
    expect(page.locator("[data-control=parts] rect.hardest")).to_have_count(0)
    expect(readout(page, "sample-part")).to_contain_text(re.compile(r"^sample \d+ \([^)]*\): 0 "))
    # Of a dead unit it is said who pulls at the others.
    dead = "&".join(
        f"edits.{k}.step=0&edits.{k}.set={name}&edits.{k}.to={value}"
        for k, (name, value) in enumerate([("W1[0,0]", 0), ("W1[1,0]", 0), ("b1[0]", -9)])
    )
    go_to(
        page,
        f"#network.layers.0.units=3&network.layers.0.activation=relu&network.layers.1.units=1"
        f"&network.layers.1.activation=sigmoid&{dead}&line=dC_dW1&sample=batch&entry=[0,0]",
    )
    expect(said).to_contain_text(
        re.compile(r"Every part is 0 here; sample \d+ \([^)]*\) pulls hardest on the whole layer\.")
    )
    expect(page.locator("[data-control=parts] rect.hardest")).to_have_count(0)


@pytest.mark.exhaustive
def test_axe_finds_nothing(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_batch(page)
    action(page, "sample-parts").click()
    assert violations_in_both_themes(page) == []
    slider(page).press("Enter")
    expect(action(page, "parts-back")).to_be_visible()
    assert violations_in_both_themes(page) == []
