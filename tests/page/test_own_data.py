"""Own data on the page: tables pasted, uploaded, refused; points drawn by mouse and keys; links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import MINUS, action, field, figure, go_to_step, open_page, readout
from tests.conftest import PageWatch, RunningServer, start_server, stop_server
from tests.helpers.axe import DESK, PHONE, View, in_views, violations_in

KINDS = ("setosa", "virginica", "lily")
FLOWERS = "width,length,kind\n" + "".join(
    f"{1 + k % 3 + k / 50:.2f},{2 * (k % 3) + k / 40:.2f},{KINDS[k % 3]}\n" for k in range(30)
)
PAYLOAD = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A second server that has never heard of what the first one was given."""
    running = start_server(tmp_path_factory.mktemp("other"))
    yield running
    stop_server(running.process)


def paste(page: Page, text: str) -> Locator:
    """Open the dialog, paste a table into its box, and return what is said of it."""
    box = table_box(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    box.press("ControlOrMeta+a")
    box.press("ControlOrMeta+v")
    return readout(page, "own-summary")


def write(page: Page, text: str) -> Locator:
    """As ``paste``, but typed: the server is asked when no key has come for a moment."""
    table_box(page).fill(text)
    return readout(page, "own-summary")


def table_box(page: Page) -> Locator:
    """The box for a table, its dialog open."""
    if not page.locator("#own-table").is_visible():
        action(page, "own-table").click()
    return page.locator("#own-csv")


def use_table(page: Page) -> None:
    """Learn the table, and wait for its working."""
    with page.expect_response(lambda r: "/trace?" in r.url and r.ok):
        action(page, "use-table").click()
    expect(page.locator("#own-table")).to_be_hidden()


def plane_click(page: Page, x: float, y: float) -> None:
    """Click a place in the plane, given from −1 to 1."""
    box = page.locator("[data-figure=plane] .plane-axes rect").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * (x + 1) / 2, box["y"] + box["height"] * (1 - y) / 2)


def points(page: Page) -> Locator:
    """The drawn points."""
    return page.locator("[data-figure=plane] .mark")


def use_points(page: Page) -> None:
    """Learn the drawn points, and wait for their working."""
    with page.expect_response(lambda r: "/trace?" in r.url and r.ok):
        action(page, "use-points").click()
    expect(page.locator("#draw-points")).to_be_hidden()


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


def test_header_and_task_can_be_said(page: Page) -> None:
    open_page(page)
    said = write(page, "1,2,1\n3,1,2\n2,2,1\n5,1,3\n")
    expect(said).to_contain_text("4 rows: 3 classes (1, 2, 3)")
    page.locator("[data-control=own-task]").get_by_text("a number").click()
    expect(said).to_contain_text("4 rows: a number from 2 features")
    page.locator("[data-control=own-header]").get_by_text("yes").click()
    expect(said).to_contain_text("3 rows")
    expect(page.locator(".own-preview thead")).to_contain_text("1 (3)")
    page.locator("[data-control=own-header]").get_by_text("no").click()
    expect(page.locator(".own-preview thead")).to_contain_text("column 1")


def test_a_cell_that_is_no_number_is_named_and_nothing_typed_is_lost(
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


def test_a_target_that_cannot_be_learned_leaves_the_choice_open(
    page: Page, page_watch: PageWatch
) -> None:
    page_watch.allow("422")
    open_page(page)
    said = paste(page, "width,kind,place\n1.5,a,here\n2.5,b,here\n3.5,a,here\n")
    expect(page.locator("#own-problem")).to_contain_text("At least two different classes")
    page.get_by_label("learn kind", exact=True).check()
    expect(said).to_contain_text("2 classes (a, b) from 1 feature")


def test_a_file_is_chosen_or_dropped(page: Page, tmp_path: Path) -> None:
    open_page(page)
    action(page, "own-table").click()
    # As a spreadsheet in Germany writes it: semicolons, decimal commas, Windows-1252.
    file = tmp_path / "table.csv"
    file.write_bytes("Länge;Art\n1,5;groß\n2,5;klein\n3,5;groß\n".encode("cp1252"))
    page.locator("#own-file").set_input_files(file)
    said = readout(page, "own-summary")
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
    assert page.locator("img:not(.thumbnail > img)").count() == 0
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


def test_points_are_put_moved_removed_and_brought_back(page: Page) -> None:
    open_page(page)
    action(page, "draw-points").click()
    action(page, "use-points").click()
    expect(page.locator("#draw-points [role=alert]")).to_contain_text("at least two classes")
    for x, y in ((-0.5, 0.5), (-0.25, 0.5), (0, 0)):
        plane_click(page, x, y)
    expect(points(page)).to_have_count(3)
    plane_click(page, 0, 0)
    expect(points(page)).to_have_count(2)
    expect(readout(page, "draw-said")).to_contain_text("point of class A removed, 2 left")
    action(page, "draw-undo").click()
    expect(points(page)).to_have_count(3)
    action(page, "draw-redo").click()
    expect(points(page)).to_have_count(2)
    place = points(page).first.get_attribute("transform")
    box = points(page).first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 40, steps=5)
    page.mouse.up()
    expect(points(page)).to_have_count(2)
    expect(points(page).first).not_to_have_attribute("transform", str(place))
    action(page, "draw-undo").click()
    expect(points(page).first).to_have_attribute("transform", str(place))
    action(page, "draw-clear").click()
    expect(points(page)).to_have_count(0)
    # A cloud is one step.
    page.locator("[data-control=draw-cloud]").check()
    plane_click(page, -0.5, 0)
    expect(points(page)).to_have_count(8)
    expect(readout(page, "draw-said")).to_contain_text("8 points of class A put around")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(points(page)).to_have_count(16)
    page.keyboard.press("u")
    expect(points(page)).to_have_count(8)
    # The press ends the typing of a name, with which the classes are drawn: it still counts.
    page.locator("#draw-name").fill("inner")
    page.locator('[data-class="0"]').click()
    expect(page.locator('[data-class="1"]')).to_contain_text("inner")
    expect(page.locator('[data-class="0"]')).to_have_attribute("aria-pressed", "true")


def test_points_are_drawn_with_the_keyboard_alone(page: Page) -> None:
    open_page(page)
    action(page, "draw-points").press("Enter")
    plane = figure(page, "plane")
    expect(plane).to_be_focused()
    said = readout(page, "draw-said")
    for key in ("ArrowRight", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    expect(said).to_have_text("point of class A put at 0.05, 0.05")
    page.keyboard.press("2")
    expect(said).to_have_text("class B")
    page.keyboard.press("Shift+ArrowLeft")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(said).to_have_text(f"point of class B put at {MINUS}0.16, 0.05")
    page.keyboard.press("3")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("point of class C")
    expect(points(page)).to_have_count(3)
    page.keyboard.press("Delete")
    expect(points(page)).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(points(page)).to_have_count(3)
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(said).to_have_text(f"point of class C left at {MINUS}0.16, {MINUS}0.1")
    page.keyboard.press("]")
    expect(said).to_have_text("point of class A at 0.05, 0.05")
    use_points(page)
    expect(readout(page, "own-data")).to_contain_text("3 rows. The link holds them.")
    expect(page).to_have_url(re.compile(r"dataset\.x=\[\[0\.05,0\.05\],\[-0\.16,0\.05\],"))


def test_a_curve_is_drawn_and_learned(page: Page) -> None:
    open_page(page)
    action(page, "draw-points").click()
    page.locator("[data-control=draw-kind]").get_by_text("a curve").click()
    for k in range(-4, 5):
        plane_click(page, k / 5, (k / 5) ** 2 - 0.4)
    use_points(page)
    expect(readout(page, "own-data")).to_contain_text("Fitted to a number")
    page.wait_for_function(
        "() => document.querySelector('[data-figure=\"data\"]').data"
        ".some(t => t.mode === 'lines' && t.x.length > 50)"
    )


def test_values_are_drawn_and_the_present_data_are_a_start(page: Page) -> None:
    open_page(page)
    action(page, "draw-points").click()
    action(page, "draw-from-data").click()
    expect(points(page)).to_have_count(300)
    page.locator("[data-control=draw-kind]").get_by_text("values").click()
    page.keyboard.press("Tab")
    action(page, "draw-clear").click()
    page.locator("#draw-value").fill("-2,5")
    figure(page, "plane").press("Enter")
    figure(page, "plane").press("+")
    figure(page, "plane").press("ArrowUp")
    figure(page, "plane").press("Enter")
    page.locator("#draw-value").fill("2.5")
    figure(page, "plane").press("ArrowUp")
    figure(page, "plane").press("Enter")
    colours = points(page).evaluate_all("all => all.map(one => getComputedStyle(one).fill)")
    low, _, high = ([int(part) for part in re.findall(r"\d+", colour)] for colour in colours)
    assert low[0] > low[2]  # orange
    assert high[2] > high[0]  # blue
    use_points(page)
    expect(page).to_have_url(re.compile(r"dataset\.target=\[-2\.5,-2\.4,2\.5\]"))
    expect(page).to_have_url(re.compile(r"dataset\.features=\['x"))


def test_a_link_with_drawn_points_opens_on_a_fresh_server(
    page: Page, browser: Browser, other: RunningServer
) -> None:
    open_page(page)
    action(page, "draw-points").click()
    for k in range(8):
        plane_click(page, -0.7 + k / 5, 0.4 if k % 2 else -0.4)
        page.keyboard.press("1" if k % 2 else "2")
    use_points(page)
    go_to_step(page, 7)
    cost = readout(page, "cost-train").inner_text()
    expect(page).to_have_url(re.compile("step=7.*dataset.name=points"))
    context = browser.new_context(base_url=other.url)
    second = context.new_page()
    open_page(second, page.url[page.url.index("#") :])
    expect(readout(second, "step")).to_have_text("7")
    expect(readout(second, "cost-train")).to_have_text(cost)
    expect(readout(second, "own-data")).to_contain_text("8 rows")
    context.close()


def test_a_link_whose_table_is_elsewhere_says_so_and_takes_it_again(
    page: Page, browser: Browser, other: RunningServer
) -> None:
    large = "x,y,kind\n" + "".join(f"{k / 100},{k % 7},{k % 2}\n" for k in range(1100))
    open_page(page)
    expect(paste(page, large)).to_contain_text("Too many for a link")
    use_table(page)
    expect(readout(page, "own-data")).to_contain_text("They are on this server")
    go_to_step(page, 9)
    expect(page).to_have_url(re.compile("step=9.*dataset.name=uploaded"))
    cost = readout(page, "cost-train").inner_text()
    context = browser.new_context(base_url=other.url)
    second = context.new_page()
    open_page(second, page.url[page.url.index("#") :])
    notice = second.locator('[data-slot="notice"]')
    expect(notice).to_contain_text("a table that is not on this server")
    notice.get_by_role("button", name="Upload it again").click()
    paste(second, large.replace("0.01,1,1", "0.02,1,1"))
    expect(second.locator(".wanted")).to_contain_text("not the table of the link")
    paste(second, large)
    expect(second.locator(".wanted")).to_contain_text("This is the table of the link")
    use_table(second)
    expect(readout(second, "step")).to_have_text("9")
    expect(readout(second, "cost-train")).to_have_text(cost)
    expect(notice).to_be_hidden()
    context.close()


def test_a_server_that_lost_the_table_is_given_it_again(page: Page, page_watch: PageWatch) -> None:
    page_watch.allow("404|422")
    large = "x,y,kind\n" + "".join(f"{k / 90},{k % 7},{k % 2}\n" for k in range(1050))
    open_page(page)
    paste(page, large)
    expect(action(page, "use-table")).to_be_enabled()
    use_table(page)
    gone = {"title": "Not Found", "status": 404, "detail": "gone", "errors": []}
    lost = {
        "field": "dataset.id",
        "message": "this server does not have these data: upload them again",
    }
    refused = {"title": "Refused", "status": 422, "detail": "no data", "errors": [lost]}
    page.route("**/frames/**", lambda route: route.fulfill(status=404, json=gone))
    page.route("**/api/v1/experiments", lambda route: route.fulfill(status=422, json=refused))
    action(page, "step").click()
    notice = page.locator('[data-slot="notice"]')
    expect(notice).to_contain_text("a table that is not on this server")
    page.unroute_all()
    notice.get_by_role("button", name="Upload it again").click()
    # What was pasted is still in the box.
    expect(page.locator(".wanted")).to_contain_text("This is the table of the link")
    use_table(page)
    action(page, "step").click()
    expect(readout(page, "step")).to_have_text("1")


def test_drawing_goes_on_with_the_points_of_a_link(page: Page) -> None:
    open_page(
        page,
        "#dataset.name=points&dataset.x=[[0.125,1.0625],[2,3],[4,5]]&dataset.target=[0,1,1]"
        "&dataset.classes=['no','yes']",
    )
    action(page, "draw-points").click()
    expect(points(page)).to_have_count(3)
    expect(page.locator(".draw-classes")).to_contain_text("yes")
    figure(page, "plane").press("Enter")
    use_points(page)
    # To the last digit as they were, and one more.
    expect(page).to_have_url(re.compile(r"dataset\.x=\[\[0\.125,1\.0625\],\[2,3\],\[4,5\],\["))


def test_own_data_are_come_back_to(page: Page) -> None:
    open_page(page)
    paste(page, FLOWERS)
    expect(action(page, "use-table")).to_be_enabled()
    use_table(page)
    with page.expect_response(lambda r: "/trace?" in r.url and r.ok):
        field(page, "dataset.name").select_option("moons")
    expect(readout(page, "own-data")).to_be_hidden()
    with page.expect_response(lambda r: "/trace?" in r.url and r.ok):
        field(page, "dataset.name").select_option("points")
    expect(readout(page, "own-data")).to_contain_text("30 rows")


@in_views((PHONE, DESK))
def test_axe_finds_nothing_in_the_dialogs(
    page: Page, page_watch: PageWatch, views: list[View]
) -> None:
    page_watch.allow("422")
    page.set_viewport_size(PHONE)
    open_page(page)
    action(page, "experiment").click()
    paste(page, FLOWERS.replace("1.00", "one"))
    expect(page.locator("#own-problem")).to_contain_text("Row 2")
    expect_in_order(page, views, afresh=True)
    paste(page, FLOWERS)
    expect(action(page, "use-table")).to_be_enabled()
    expect_in_order(page, views)
    page.keyboard.press("Escape")
    action(page, "draw-points").click()
    action(page, "draw-from-data").click()
    expect(points(page)).to_have_count(300)
    expect_in_order(page, views)


def expect_in_order(page: Page, views: list[View], *, afresh: bool = False) -> None:
    """On a desk and on a phone axe finds nothing, and page and dialog are no wider than shown."""
    for view in views:
        assert violations_in(page, [view], afresh=afresh) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        dialog = page.locator("dialog[open]")
        assert dialog.evaluate("box => box.scrollWidth <= box.clientWidth")
