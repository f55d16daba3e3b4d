"""What can be taken along: the link, numbers as NumPy, files that hold or recompute the run."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Download, Page, Route, expect

from tests.browser import MINUS, action, choose_line, field, number, open_page, readout
from tests.helpers.browsers import PageWatch

pytestmark = pytest.mark.shared_page


def allow_copying(page: Page) -> None:
    """What a person allows when the browser asks."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])


def copied(page: Page) -> str:
    """What is in the clipboard."""
    return str(page.evaluate("() => navigator.clipboard.readText()"))


def download(page: Page, kind: str) -> Download:
    """Take a file from the menu."""
    menu = page.locator("#share")
    if not menu.is_visible():
        action(page, "share").click()
    with page.expect_download() as waiting:
        action(page, f"export-{kind}").click()
    return waiting.value


def test_share_copies_the_link_and_opens_the_menu(page: Page) -> None:
    allow_copying(page)
    open_page(page, "#step=7&line=a2")
    places = "() => [...document.querySelectorAll('.top a')].map((a) => a.offsetLeft)"
    before = page.evaluate(places)
    action(page, "share").click()
    expect(action(page, "share")).to_have_text("Link copied")
    assert page.evaluate(places) == before
    expect(page.locator("#share")).to_be_visible()
    link, _, view = copied(page).partition("#")
    assert view == page.url.partition("#")[2]
    assert "step=7" in view
    # What a server needs for the picture of a preview.
    assert re.search(r"/\?run=[0-9a-f]{20}&step=7&sample=0&line=a2$", link)
    page.keyboard.press("Escape")
    expect(page.locator("#share")).to_be_hidden()


@pytest.mark.exhaustive
def test_what_was_typed_a_moment_ago_is_in_the_link(page: Page) -> None:
    """It is of the experiment that was typed, whether the server has been asked for it or not."""
    allow_copying(page)
    open_page(page, "#step=7&line=a2")
    asked = re.compile(r"/experiments$")
    page.route(asked, lambda _: None)  # no answer comes
    field(page, "optimizer.learning_rate").evaluate(
        """field => {
            field.value = '0.321';
            field.dispatchEvent(new Event('input', { bubbles: true }));
            document.querySelector('[data-action="share"]').click();
        }"""
    )
    expect(readout(page, "shared")).to_have_text("Link copied")
    link = copied(page)
    assert "optimizer.learning_rate=0.321" in link
    assert "step=" not in link  # another experiment begins
    assert "line=a2" in link
    page.keyboard.press("Escape")
    with page.expect_request(asked):
        field(page, "dataset.noise").fill("0.123")
        field(page, "dataset.noise").press("Enter")
    action(page, "share").click()
    expect(readout(page, "shared")).to_have_text("Link copied")
    link = copied(page)
    assert "optimizer.learning_rate=0.321" in link
    assert "dataset.noise=0.123" in link
    page.unroute(asked)
    open_page(page, link[link.index("#") :])
    expect(field(page, "dataset.noise")).to_have_value("0.123")
    expect(field(page, "optimizer.learning_rate")).to_have_value("0.321")


def test_a_line_is_copied_as_python_that_runs(page: Page) -> None:
    allow_copying(page)
    open_page(page, "#step=9")
    choose_line(page, "z2")
    page.keyboard.press("s")
    action(page, "copy-numpy").click()
    expect(readout(page, "shared")).to_contain_text("is copied")
    names: dict[str, Any] = {}
    exec(copied(page), names)
    assert names["z2"] == pytest.approx(names["W2"] @ names["a1"] + names["b2"], abs=1e-12)
    page.keyboard.press("Escape")
    # Any matrix is copied by its caption.
    choose_line(page, "z1")
    matrix = page.locator('[data-panel="working"] [data-variable="W1"]')
    matrix.hover()
    matrix.get_by_role("button", name="as NumPy").click()
    expect(page.locator('[data-slot="announce"]')).to_contain_text("copied as NumPy")
    names = {"np": np}
    exec(copied(page), names)
    titles = matrix.locator("[data-index]").evaluate_all("all => all.map(cell => cell.title)")
    assert names["W1"].ravel().tolist() == [float(t.replace(MINUS, "-")) for t in titles]


def test_files_are_of_the_step_and_sample_on_screen(page: Page) -> None:
    open_page(page, "#step=11&sample=4&line=z1")
    trace = json.loads(Path(download(page, "trace").path()).read_text())
    assert (trace["step"], trace["rows"]) == (11, [4])
    z1 = next(line["value"] for line in trace["lines"] if line["id"] == "z1")
    cells = page.locator('[data-panel="working"] [data-variable="z1"] [data-index]')
    titles = cells.evaluate_all("all => all.map(cell => cell.title)")
    assert z1 == [float(t.replace(MINUS, "-")) for t in titles]
    history = download(page, "history")
    rows = list(csv.DictReader(Path(history.path()).read_text().splitlines()))
    assert [int(row["step"]) for row in rows][-1] == 11
    assert history.suggested_filename.endswith("-history.csv")


def test_a_notebook_a_script_and_torch_code(page: Page) -> None:
    open_page(page, "#step=5")
    notebook = json.loads(Path(download(page, "notebook").path()).read_text())
    assert notebook["nbformat"] == 4
    for kind in ("script", "pytorch"):
        file = download(page, kind)
        compile(Path(file.path()).read_text(), file.suggested_filename, "exec")
        expect(readout(page, "shared")).to_contain_text("is downloaded")
    with np.load(download(page, "weights").path()) as weights:
        assert sum(weights[name].size for name in weights) == 37


@pytest.mark.exhaustive
def test_while_playing_the_link_is_of_the_step_on_screen(page: Page) -> None:
    allow_copying(page)
    open_page(page)
    action(page, "play").click()
    page.wait_for_function(
        "() => Number(document.querySelector('[data-readout=step]').textContent) >= 20"
    )
    before = number(readout(page, "step"))
    page.keyboard.press("s")
    expect(readout(page, "shared")).to_have_text("Link copied")
    after = number(readout(page, "step"))
    found = re.search(r"[#&]step=(\d+)", copied(page))
    assert found is not None, copied(page)
    assert before <= int(found[1]) <= after
    expect(action(page, "pause")).to_be_visible()


@pytest.mark.exhaustive
def test_a_file_of_a_run_that_the_server_forgot_is_made_all_the_same(
    page: Page, page_watch: PageWatch
) -> None:
    page_watch.allow("404")
    open_page(page, "#step=3")
    gone = json.dumps({"status": 404, "title": "Not Found", "detail": "gone", "errors": []})

    def forget(route: Route) -> None:
        route.fulfill(status=404, content_type="application/problem+json", body=gone)

    page.route("**/export/history*", forget, times=1)
    with page.expect_response(lambda r: r.url.endswith("/experiments") and r.status == 201):
        rows = list(csv.DictReader(Path(download(page, "history").path()).read_text().splitlines()))
    assert [int(row["step"]) for row in rows][-1] == 3
    expect(readout(page, "shared")).to_contain_text("is downloaded")


def test_why_a_file_is_refused_is_said_in_the_menu(page: Page, page_watch: PageWatch) -> None:
    page_watch.allow("422")
    open_page(page)
    error = {"field": "step", "message": "too far"}
    refused = json.dumps({"status": 422, "title": "No", "detail": "Too far.", "errors": [error]})
    page.route(
        "**/export/history*",
        lambda route: route.fulfill(
            status=422, content_type="application/problem+json", body=refused
        ),
    )
    action(page, "share").click()
    action(page, "export-history").click()
    expect(readout(page, "shared")).to_have_text("Too far.")
