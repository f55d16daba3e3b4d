"""Own data that a link holds or names, on this server and on one that does not have them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.browser import (
    MINUS,
    action,
    field,
    figure,
    go_to,
    go_to_step,
    open_elsewhere,
    open_page,
    readout,
)
from tests.helpers.browsers import PageWatch
from tests.helpers.serving import serving
from tests.page.own_data import FLOWERS, paste, points, use_points, use_table

pytestmark = pytest.mark.shared_page


@pytest.fixture
def other(settings: Settings) -> Iterator[str]:
    """The address of a second server that has never heard of what the first one was given."""
    app = create_app(settings.model_copy(update={"workers": 0}))
    with serving(app) as (port, _):
        yield f"http://127.0.0.1:{port}"


@pytest.mark.own_page  # the plane keeps what was drawn
def test_points_drawn_by_keys_are_all_in_the_link_and_are_drawn_on(page: Page) -> None:
    open_page(page)
    draw_by_keys(page)
    go_to_step(page, 7)
    cost = readout(page, "cost-train").inner_text()
    # The link holds all points; it names no data that the server keeps.
    expect(page).to_have_url(re.compile(r"step=7.*dataset.name=points&dataset\.x=\[\[0\.05"))
    assert "dataset.id" not in page.url
    open_elsewhere(page)
    expect(readout(page, "step")).to_have_text("7")
    expect(readout(page, "cost-train")).to_have_text(cost)
    expect(readout(page, "own-data")).to_contain_text("3 rows")
    # Drawing goes on with the points of a link.
    go_to(
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


def draw_by_keys(page: Page) -> None:
    """Draw a point of each of three classes with the keyboard alone, and use them."""
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


@pytest.mark.exhaustive
def test_a_link_whose_table_is_elsewhere_says_so_and_takes_it_again(
    page: Page, browser: Browser, other: str
) -> None:
    large = "x,y,kind\n" + "".join(f"{k / 100},{k % 7},{k % 2}\n" for k in range(1100))
    open_page(page)
    expect(paste(page, large)).to_contain_text("Too many for a link")
    use_table(page)
    expect(readout(page, "own-data")).to_contain_text("They are on this server")
    go_to_step(page, 9)
    expect(page).to_have_url(re.compile("step=9.*dataset.name=uploaded"))
    cost = readout(page, "cost-train").inner_text()
    context = browser.new_context(base_url=other)
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
    expect(paste(page, large)).to_contain_text("Too many for a link")
    use_table(page)
    gone = {"title": "Not Found", "status": 404, "detail": "gone", "errors": []}
    lost = {
        "field": "dataset.id",
        "message": "this server does not have these data: upload them again",
    }
    refused = {"title": "Refused", "status": 422, "detail": "no data", "errors": [lost]}
    page.route("**/steps?**", lambda route: route.fulfill(status=404, json=gone))
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


@pytest.mark.exhaustive
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
