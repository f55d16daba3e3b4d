"""Own data on the page: tables pasted, uploaded and refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import action, field, figure, go_to_step, open_page, readout
from tests.helpers import cases
from tests.helpers.axe import DESK, PHONE, View, in_views, violations_in
from tests.helpers.browsers import PageWatch
from tests.page.own_data import FLOWERS, paste, points, use_table, write

pytestmark = pytest.mark.shared_page

PAYLOAD = "<img src=x onerror=alert(1)>"


def test_a_pasted_table_becomes_the_experiment(page: Page) -> None:
    open_page(page)
    said = paste(page, FLOWERS)
    expect(said).to_contain_text("30 rows: 3 classes (lily, setosa, virginica) from 2 features.")
    expect(said).to_contain_text("The link will hold them.")
    expect(said).to_contain_text("output layer 3 × softmax, cost cross-entropy")
    use_table(page)
    expect(readout(page, "own-data")).to_contain_text("Fitted to 3 classes")
    expect(field(page, "dataset.name")).to_have_value("points")
    expect(field(page, "cost.name")).to_have_value("cross_entropy")
    expect(page).to_have_url(re.compile(r"dataset\.name=points&dataset\.x=\[\["))
    expect(figure(page, "network")).to_be_visible()
    expect(page.locator('[data-slot="overlay"]')).to_contain_text("virginica")
    go_to_step(page, 20)


@pytest.mark.exhaustive
def test_columns_are_chosen_in_the_preview(page: Page) -> None:
    open_page(page)
    said = paste(page, FLOWERS)
    expect(said).to_contain_text("classes")
    page.get_by_label("learn length", exact=True).check()
    expect(said).to_contain_text("30 rows: a number from 1 feature.")
    # Words cannot be learned from: the box that would take them cannot be ticked.
    expect(page.get_by_label("from kind", exact=True)).to_be_disabled()
    use_table(page)
    expect(readout(page, "own-data")).to_contain_text(
        "Fitted to a number: output layer 1 × identity"
    )
    expect(figure(page, "data")).to_contain_text("width")


@pytest.mark.own_page
def test_a_cell_that_is_no_number_is_named_and_header_and_task_can_be_said(
    page: Page, page_watch: PageWatch
) -> None:
    page_watch.allow("422")
    open_page(page)
    bad = "width,length,kind\n1.5,4.2,a\n5.1,many,b\n4.9,5.6,b\n"
    write(page, bad)
    problem = page.locator("#own-problem")
    expect(problem).to_contain_text("Row 3, column 'length': the cell is not a number")
    expect(page.locator("#own-csv")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".own-preview td.bad")).to_have_text("many")
    expect(page.locator("#own-csv")).to_have_value(bad)
    expect(action(page, "use-table")).to_be_disabled()
    action(page, "show-row").click()
    chosen = page.locator("#own-csv").evaluate(
        "box => box.value.slice(box.selectionStart, box.selectionEnd)"
    )
    assert chosen == "5.1,many,b"
    # Closed and opened again, it is still there; a column that is not learned from does no harm.
    page.keyboard.press("Escape")
    action(page, "own-table").click()
    expect(page.locator("#own-csv")).to_have_value(bad)
    page.get_by_label("from length", exact=True).uncheck()
    expect(problem).to_have_text("")
    expect(action(page, "use-table")).to_be_enabled()
    # Whether there is a header, and what is learned, can be said.
    said = write(page, "1,2,1\n3,1,2\n2,2,1\n5,1,3\n")
    expect(said).to_contain_text("4 rows: 3 classes (1, 2, 3)")
    page.locator("[data-control=own-task]").get_by_text("a number").click()
    expect(said).to_contain_text("4 rows: a number from 2 features")
    page.locator("[data-control=own-header]").get_by_text("yes").click()
    expect(said).to_contain_text("3 rows")
    expect(page.locator(".own-preview thead")).to_contain_text("1 (3)")
    page.locator("[data-control=own-header]").get_by_text("no").click()
    expect(page.locator(".own-preview thead")).to_contain_text("column 1")


def test_another_target_or_another_file_is_chosen(
    page: Page, page_watch: PageWatch, tmp_path: Path
) -> None:
    page_watch.allow("422")
    open_page(page)
    said = paste(page, "width,kind,place\n1.5,a,here\n2.5,b,here\n3.5,a,here\n")
    expect(page.locator("#own-problem")).to_contain_text("At least two different classes")
    page.get_by_label("learn kind", exact=True).check()
    expect(said).to_contain_text("2 classes (a, b) from 1 feature")
    # As a spreadsheet in Germany writes it: semicolons, decimal commas, Windows-1252.
    file = tmp_path / "table.csv"
    file.write_bytes("Länge;Art\n1,5;groß\n2,5;klein\n3,5;groß\n".encode("cp1252"))
    page.locator("#own-file").set_input_files(file)
    expect(said).to_contain_text("3 rows: 2 classes (groß, klein) from 1 feature")
    expect(page.locator("#own-csv")).to_have_value(re.compile("Länge;Art"))
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.items.add(new File([text], 'flowers.csv'));
            const dialog = document.getElementById('own-table');
            dialog.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true}));
        }""",
        FLOWERS,
    )
    expect(said).to_contain_text("30 rows")


def test_hostile_names_are_text_everywhere(page: Page) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    open_page(page)
    rows = "".join(f'{k / 7},{k % 5},"{("<b>B</b>", PAYLOAD)[k % 2]}"\n' for k in range(24))
    said = paste(page, f'"{PAYLOAD}","<a href=javascript:alert(1)>x</a>","$$x$$"\n{rows}')
    expect(said).to_contain_text("2 classes (<b>B</b>, <img")
    expect(page.locator(".own-preview thead")).to_contain_text(PAYLOAD)
    use_table(page)
    expect(figure(page, "data")).to_contain_text("<img src=x onerror=alert(1)")
    expect(page.locator('[data-slot="overlay"]')).to_contain_text("<img src=x")
    assert page.locator("img:not(.example > img, .runs-apart)").count() == 0
    assert page.locator('[data-figure="data"] a').count() == 0
    # Pointed at, a point says its class: that text is not markup either.
    page.evaluate(
        """() => {
            const box = document.querySelector('[data-figure="data"]');
            const curve = box.data.findIndex(t => t.meta === 'train' && t.x.length);
            Plotly.Fx.hover(box, [{curveNumber: curve, pointNumber: 0}]);
        }"""
    )
    expect(figure(page, "data").locator(".hoverlayer")).to_contain_text("<b>B</b>")
    action(page, "draw-points").click()
    action(page, "draw-from-data").click()
    expect(page.locator(".draw-classes")).to_contain_text(PAYLOAD)
    expect(points(page)).to_have_count(24)


@in_views(sizes=(PHONE, DESK))
def test_axe_finds_nothing_in_the_dialogs(
    page: Page, page_watch: PageWatch, views: list[View]
) -> None:
    page_watch.allow("422")
    page.set_viewport_size(PHONE)
    open_page(page, "#dataset.samples=30")
    action(page, "experiment").click()
    paste(page, FLOWERS.replace("1.00", "one"))
    expect(page.locator("#own-problem")).to_contain_text("Row 2")
    expect_in_order(page, views, afresh=True)
    said = paste(page, FLOWERS.replace(",lily", ",", 2))
    action(page, "leave-out").click()
    expect(said).to_contain_text("2 incomplete rows are left out.")
    expect(action(page, "use-table")).to_be_enabled()
    # Only the rows look different now; the dialog was looked at in every view before.
    expect_in_order(page, views if cases.everything else views[1:])
    page.locator("#own-csv").press("Escape")
    action(page, "draw-points").click()
    action(page, "draw-from-data").click()
    expect(points(page)).to_have_count(30)
    expect_in_order(page, views if cases.everything else views[:1])


def expect_in_order(page: Page, views: list[View], *, afresh: bool = False) -> None:
    """On a desk and on a phone axe finds nothing, and page and dialog are no wider than shown."""
    for view in views:
        first = cases.everything or view == views[0]
        # Later states have the controls of the first one: once is enough.
        found = violations_in(page, [view], afresh=afresh and first, others=afresh or first)
        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        dialog = page.locator("dialog[open]")
        assert dialog.evaluate("box => box.scrollWidth <= box.clientWidth")
