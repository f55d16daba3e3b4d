"""A kept run stays beside the one that is shown, and beside those that the server refuses."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import action, expect_working_of, field, go_to, go_to_step, open_page, readout
from tests.helpers.browsers import PageWatch
from tests.page.test_branch import branch

pytestmark = pytest.mark.shared_page

OF_REFERENCE = re.compile(r"/([0-9a-f]{20})/steps\?.*once=curves(,|%2C)boundary")


def keep(page: Page) -> None:
    """Keep the run to compare with, and go back to the page."""
    action(page, "compare").click()
    page.keyboard.press("Escape")


def test_a_kept_run_stays_while_the_form_changes(page: Page) -> None:
    open_page(page, "#step=25")
    keep(page)
    expect(page.locator('[data-run="reference"]')).to_contain_text("update 25")
    field(page, "optimizer.learning_rate").fill("0.5")
    field(page, "optimizer.learning_rate").press("Enter")
    expect(readout(page, "step")).to_have_text("0")
    go_to_step(page, 25)
    expect(page.locator('[data-run="current"]')).to_contain_text("learning rate 0.5")
    expect(page.locator('[data-run="reference"]')).to_contain_text("learning rate 0.1")


def refuse(route: Route, status: int) -> None:
    """What the server answers to what it cannot make, or no longer has."""
    body = json.dumps({"status": status, "title": "No", "detail": "It is gone.", "errors": []})
    route.fulfill(status=status, content_type="application/problem+json", body=body)


def keep_and_change(page: Page) -> str:
    """Keep the run, show another one beside it, and return the id of the kept one."""
    open_page(page)
    with page.expect_request(OF_REFERENCE) as asked:
        keep(page)
    field(page, "optimizer.learning_rate").fill("0.5")
    field(page, "optimizer.learning_rate").press("Enter")
    expect(page.locator('[data-run="reference"]')).to_contain_text("learning rate 0.1")
    return str(OF_REFERENCE.search(asked.value.url)[1])


@pytest.mark.exhaustive
def test_a_kept_run_that_the_server_forgot_is_given_to_it_again(
    page: Page, page_watch: PageWatch
) -> None:
    page_watch.allow("404")
    kept = keep_and_change(page)
    forgotten = [kept]

    def remember(route: Route) -> None:
        forgotten.clear()
        route.continue_()

    def look(route: Route) -> None:
        if forgotten:
            refuse(route, 404)
        else:
            route.continue_()

    page.route(f"**/experiments/{kept}/steps**", look)
    page.route("**/experiments", remember)
    action(page, "step").click()
    expect(page.locator('[data-run="reference"]')).to_contain_text("update 1,")


def test_a_kept_run_that_cannot_be_made_again_is_let_go_with_a_word(
    page: Page, page_watch: PageWatch
) -> None:
    page_watch.allow("404|422")
    kept = keep_and_change(page)
    page.route(f"**/experiments/{kept}/steps**", lambda route: refuse(route, 404))
    page.route("**/experiments", lambda route: refuse(route, 422))
    action(page, "step").click()
    expect(page.locator('[data-slot="notice"]')).to_contain_text("The run to compare with")
    expect(page.locator('[data-slot="comparison"]')).to_be_hidden()
    expect(readout(page, "step")).to_have_text("1")


@pytest.mark.exhaustive
def test_a_run_is_kept_as_soon_as_the_server_is_back(page: Page, page_watch: PageWatch) -> None:
    page_watch.allow("ERR_|Failed to load")
    open_page(page, "#step=4")
    page.route("**/api/v1/**", lambda route: route.abort())
    keep(page)
    lost = page.locator('[data-slot="notice"]')
    expect(lost).to_contain_text("does not answer")
    page.unroute("**/api/v1/**")
    expect(lost).to_be_hidden()
    expect(page.locator('[data-run="reference"]')).to_contain_text("update 4,")


@pytest.mark.exhaustive
def test_what_the_server_refuses_changes_no_comparison(page: Page, page_watch: PageWatch) -> None:
    page_watch.allow("422")
    keep_and_change(page)
    notice = page.locator('[data-slot="notice"]')
    close = notice.get_by_role("button", name="Close")
    reference = page.locator('[data-run="reference"]')
    page.route("**/experiments", lambda route: refuse(route, 422), times=1)
    action(page, "both-runs").click()
    page.keyboard.press("x")
    expect(notice).to_contain_text("It is gone.")
    page.keyboard.press("Escape")
    close.click()
    action(page, "step").click()
    expect(reference).to_contain_text("update 1,")
    expect(reference).to_contain_text("learning rate 0.1")
    page.route("**/experiments", lambda route: refuse(route, 422), times=1)
    branch(page, learning_rate="0.9")
    expect(notice).to_contain_text("It is gone.")
    close.click()
    action(page, "step").click()
    expect_working_of(page, 2)
    expect(reference).to_contain_text("learning rate 0.1: update 2,")


def test_a_comparison_ends_with_a_word_where_the_other_run_has_other_data(page: Page) -> None:
    open_page(page, "#step=5&reference={'dataset':{'name':'xor'}}")
    expect(page.locator('[data-slot="notice"]')).to_contain_text("the kept run has other data")
    expect(page.locator('[data-slot="comparison"]')).to_be_hidden()
    expect(readout(page, "step")).to_have_text("5")
    # The same points in other units: costs can be compared, maps cannot.
    go_to(page, "#step=5&reference={'dataset':{'standardize':false}}")
    action(page, "both-runs").click()
    view = page.locator('[data-slot="two-runs"]')
    expect(view).to_contain_text("Two runs that differ in one setting")
    expect(view.locator(".runs-table tr + tr td")).to_have_count(6)
    expect(view.locator(".run-planes")).to_be_hidden()


def test_a_comparison_ends_when_another_example_is_chosen(page: Page) -> None:
    open_page(page)
    keep(page)
    expect(page.locator('[data-run="reference"]')).to_be_visible()
    page.locator(".experiment-name").click()
    page.get_by_role("button", name="XOR").click()
    expect(page).to_have_url(re.compile("dataset.name=xor"))
    expect(page.locator('[data-slot="comparison"]')).to_be_hidden()
    assert "reference" not in page.url


def test_two_runs_are_shown_with_one_cross_hair_and_one_time_line(page: Page) -> None:
    open_page(page, "#step=60")
    branch(page, activation="relu")
    expect(page.locator('[data-run="reference"]')).to_contain_text("update 60,")
    go_to_step(page, 90)
    action(page, "both-runs").click()
    view = page.locator('[data-slot="two-runs"]')
    expect(view).to_be_visible()
    expect(page).to_have_url(re.compile("both=true"))
    expect(view).to_contain_text("layers 1–2 relu from update 60")
    expect(view.get_by_text(re.compile(r"\d+ of 300 points on the wrong side"))).to_have_count(2)
    expect(readout(page, "disagree")).to_have_text(re.compile(r"^\d+ % of the area"))
    page.locator('[data-plane="A"]').hover(position={"x": 120, "y": 90})
    expect(view.locator(".run-value")).to_have_count(2)
    expect(view.locator(".cross-hair")).to_have_count(4)
    # The numbers of both, under each other's letters.
    numbers = view.locator(".runs-table tr + tr td").all_text_contents()
    assert numbers[0] == f"{float(numbers[0]):.4}"
    assert numbers[0] != numbers[1]
    # One time line moves both.
    line = view.get_by_role("slider", name=re.compile("cost, test"))
    line.focus()
    page.keyboard.press("ArrowLeft")
    expect(readout(page, "step")).to_have_text("89")
    expect(page.locator('[data-run="reference"]')).to_contain_text("update 89,")
    before = view.locator(".run-name").all_text_contents()
    page.keyboard.press("x")
    expect(view.locator(".run-name").first).to_have_text(re.compile(before[1][1:]))
    # A swap whose frame has not come yet neither hides the view nor takes Escape away.
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    of_kept = re.compile(r"/steps\?")
    page.route(of_kept, hold)
    with page.expect_request(of_kept):
        page.keyboard.press("x")
    expect(view).to_be_visible()
    page.keyboard.press("Escape")
    expect(view).to_be_hidden()
    for route in waiting:
        route.continue_()
    page.unroute_all()
    expect(page.locator('[data-run="reference"]')).to_contain_text("update 89,")
    expect(view).to_be_hidden()
    expect(page).not_to_have_url(re.compile("both=true"))


@pytest.mark.exhaustive
def test_on_a_phone_a_slider_wipes_between_the_two_maps(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, "#step=5")
    keep(page)
    action(page, "both-runs").click()
    one, other = (page.locator(f'[data-plane="{name}"]') for name in "AB")
    expect(other).to_be_visible()
    assert one.bounding_box() == other.bounding_box()
    page.locator(".runs-wipe").fill("20")
    expect(other).to_have_css("clip-path", "inset(0px 0px 0px 20%)")
    page.set_viewport_size({"width": 1440, "height": 900})
