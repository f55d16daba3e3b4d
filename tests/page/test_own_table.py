"""A table of one's own: rows left out, exported files, and axes in the units of its columns."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from tests.browser import MINUS, action, figure, open_page, readout
from tests.helpers.axe import PHONE
from tests.helpers.browsers import PageWatch
from tests.page.own_data import FLOWERS, use_table, write

pytestmark = pytest.mark.shared_page


@pytest.mark.own_page
def test_incomplete_rows_can_be_left_out(page: Page, page_watch: PageWatch) -> None:
    """One empty cell blocked a table, and was said one at a time."""
    page_watch.allow("422")
    open_page(page)
    said = write(page, FLOWERS.replace(",lily", ",", 2))
    problem = page.locator("#own-problem")
    expect(problem).to_contain_text("2 of 30 rows have an empty cell: rows 4, 7.")
    expect(problem).not_to_contain_text("incomplete=")
    expect(action(page, "use-table")).to_be_disabled()
    action(page, "show-row").click()
    assert page.evaluate("getSelection().toString()").endswith(",")
    action(page, "leave-out").click()
    expect(said).to_contain_text("28 rows: 3 classes")
    expect(said).to_contain_text("2 incomplete rows are left out.")
    expect(problem).to_be_empty()
    expect(page.locator(".own-preview")).to_be_focused()
    row = page.locator(".own-preview tbody tr", has=page.get_by_role("rowheader", name="4"))
    expect(row.locator("td").first).to_have_class("left-out")
    use_table(page)
    expect(readout(page, "own-data")).to_contain_text("28 rows.")
    # Another table is asked about again.
    write(page, "a,b\n1,2.5\n,3.5\n4,4.5\n")
    expect(problem).to_contain_text("1 of 3 rows has an empty cell: row 3, column 'a'.")
    expect(action(page, "leave-out")).to_have_text("Leave this row out")
    # Keys that no control of the dialog gets do not reach the page behind it.
    line = page.locator(".working").get_attribute("data-line")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(problem).to_be_hidden()
    assert page.locator(".working").get_attribute("data-line") == line


def test_exported_files_are_used_as_they_are(page: Page) -> None:
    open_page(page)
    text = 'length,width,"class","class index",part\r\n' + "".join(
        f"{k}.5,{k * k}.25,{'+-'[k % 2]}1,{k % 2},{'test' if k > 7 else 'train'}\r\n"
        for k in range(10)
    )
    said = write(page, text)
    expect(said).to_contain_text("10 rows: 2 classes (+1, -1) from 2 features.")
    roles = [page.locator(f'[data-role="{role}"]') for role in ("target-2", "feature-0")]
    for role in roles:
        expect(role).to_be_checked()
    for column in (3, 4):
        expect(page.locator(f'[data-role="feature-{column}"]')).not_to_be_checked()
    use_table(page)
    page.wait_for_url(lambda url: "classes=['+1','-1']" in unquote(url))
    # Two targets come back as well.
    text = "x,y (1 of 2),y (2 of 2),part\n" + "".join(
        f"{k}.5,{k * k}.25,{-k}.5,train\n" for k in range(10)
    )
    expect(write(page, text)).to_contain_text("10 rows: 2 numbers from 1 feature.")
    for column in (1, 2):
        expect(page.locator(f'[data-role="target-{column}"]')).to_be_checked()
    use_table(page)
    expect(readout(page, "own-data")).to_contain_text("output layer 2 × identity")


BODIES = "Høyde (cm),Vekt (kg),art\n" + "".join(
    f"{150 + 2 * (k % 20)},{50 + 1.5 * (k % 17) + 10 * (k % 2)},{'ab'[k % 2]}\n" for k in range(40)
)


def axis(page: Page, which: str) -> list[float]:
    """The numbers at the ticks of the data figure."""
    texts = figure(page, "data").locator(f".{which}tick text").all_text_contents()
    return [float(text.replace(MINUS, "-")) for text in texts]


@pytest.mark.exhaustive
def test_axes_have_the_units_of_the_data(page: Page) -> None:
    """Standardised numbers stood beside "Høyde (cm)"."""
    open_page(page)
    expect(write(page, BODIES)).to_contain_text("40 rows")
    use_table(page)
    expect_units_of_the_data(page)
    page.set_viewport_size(PHONE)
    page.locator("#tab-data").click()
    expect_units_of_the_data(page)


def expect_units_of_the_data(page: Page) -> None:
    expect(figure(page, "data")).to_contain_text("Høyde (cm)")
    x, y = axis(page, "x"), axis(page, "y")
    assert min(x) >= 130
    assert max(x) <= 210
    assert min(y) >= 30
    assert max(y) <= 110
    assert 3 <= len(x) <= 6
    assert 3 <= len(y) <= 6
    texts = page.evaluate(
        """() => document.querySelector('[data-figure="data"]').data
            .filter(({ meta }) => meta === 'train')
            .flatMap(({ text, x, y }) => text.map((one, k) => [one, x[k], y[k]]))"""
    )
    heights = [float(re.search(r"Høyde \(cm\): ([\d.]+)", text)[1]) for text, *_ in texts]  # type: ignore[index]
    assert min(heights) >= 150
    assert max(heights) <= 188
    # A tick stands where its number is.
    places = page.evaluate(
        """() => {
            const { xaxis } = document.querySelector('[data-figure="data"]')._fullLayout;
            return [xaxis.tickvals, xaxis.ticktext.map(Number)];
        }"""
    )
    standardised = {round(height, 4): x for height, (_, x, _y) in zip(heights, texts, strict=True)}
    (low, p), (high, q) = min(standardised.items()), max(standardised.items())
    for place, height in zip(*places, strict=True):
        assert place == pytest.approx(p + (height - low) * (q - p) / (high - low), abs=1e-6)


@pytest.mark.exhaustive
def test_a_regression_says_its_target_in_its_units(page: Page) -> None:
    open_page(page)
    text = "Vekt (kg),Pris (kr)\n" + "".join(f"{k},{1000 + 250 * k + k % 3}.5\n" for k in range(30))
    expect(write(page, text)).to_contain_text("30 rows: a number from 1 feature.")
    use_table(page)
    expect(figure(page, "data")).to_contain_text("Vekt (kg)")
    assert max(axis(page, "y")) > 5000
    texts = page.evaluate(
        """() => document.querySelector('[data-figure="data"]').data
            .flatMap(({ text }) => text ?? [])"""
    )
    wrong = [t for t in texts if not re.search(r" · \d{4}<br>Vekt \(kg\): \d+$", t)]
    assert wrong == []
