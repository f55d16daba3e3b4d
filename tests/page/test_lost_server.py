"""A server that forgot the experiment, or that does not answer: said, and recovered from."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import action, field, open_page, readout
from tests.helpers.browsers import PageWatch

pytestmark = pytest.mark.shared_page


def forget(route: Route) -> None:
    """Answer as a server that does not have the experiment any more."""
    gone = {"title": "Not Found", "status": 404, "detail": "gone", "errors": []}
    route.fulfill(status=404, json=gone, content_type="application/problem+json")


def test_an_experiment_that_the_server_forgot_is_put_back_and_a_lost_server_is_said(
    page: Page, page_watch: PageWatch
) -> None:
    page_watch.allow("404|ERR_|Failed to load")
    open_page(page)
    page.route(re.compile(r"/experiments/[0-9a-f]{20}/steps"), forget, times=1)
    with page.expect_response(lambda r: r.url.endswith("/experiments") and r.status == 201):
        action(page, "step").click()
    expect(readout(page, "step")).to_have_text("1")
    page.route("**/api/v1/**", lambda route: route.abort())
    action(page, "step").click()
    lost = page.locator('[data-slot="notice"]')
    expect(lost).to_be_visible()
    page.unroute("**/api/v1/**")
    expect(lost).to_be_hidden()
    expect(readout(page, "step")).to_have_text("2")


@pytest.mark.exhaustive
def test_what_is_put_back_is_what_is_shown_and_not_what_was_refused(
    page: Page, page_watch: PageWatch
) -> None:
    page_watch.allow("404|422")
    open_page(page)
    field(page, "dataset.noise").fill("99")
    field(page, "dataset.noise").press("Enter")
    expect(page.locator('[data-problem="dataset.noise"]')).to_be_visible()
    page.route(re.compile(r"/steps\?.*first=1&"), forget, times=1)
    action(page, "step").click()
    expect(readout(page, "step")).to_have_text("1")


@pytest.mark.exhaustive
def test_a_server_that_is_lost_while_it_is_given_the_experiment_again(
    page: Page, page_watch: PageWatch
) -> None:
    page_watch.allow("404|ERR_|Failed to load")
    open_page(page)
    page.route(re.compile(r"/steps\?.*first=1&"), forget, times=1)
    page.route("**/api/v1/experiments", lambda route: route.abort(), times=1)
    action(page, "step").click()
    expect(readout(page, "step")).to_have_text("1")


@pytest.mark.exhaustive
def test_a_run_that_plays_stops_where_the_server_can_have_it_no_more(
    page: Page, page_watch: PageWatch
) -> None:
    page_watch.allow("404|422")
    open_page(page)
    refused = {"title": "Refused", "status": 422, "detail": "It is gone.", "errors": []}
    page.route("**/api/v1/experiments", lambda route: route.fulfill(status=422, json=refused))
    action(page, "play").click()
    expect(action(page, "pause")).to_be_visible()
    page.route("**/steps?**", forget)
    expect(page.locator('[data-slot="notice"]')).to_contain_text("It is gone.")
    expect(action(page, "play")).to_be_visible()
