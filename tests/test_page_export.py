"""What can be taken along: the link, numbers as NumPy, files that hold or recompute the run."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser import MINUS, action, choose_line, open_page, readout


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
    action(page, "share").click()
    expect(action(page, "share")).to_have_text("Link copied")
    expect(page.locator("#share")).to_be_visible()
    assert copied(page) == page.url
    assert "step=7" in page.url
    page.keyboard.press("Escape")
    expect(page.locator("#share")).to_be_hidden()


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


def test_any_matrix_is_copied_by_its_caption(page: Page) -> None:
    allow_copying(page)
    open_page(page)
    matrix = page.locator('[data-panel="working"] [data-variable="W1"]')
    matrix.hover()
    matrix.get_by_role("button", name="as NumPy").click()
    expect(matrix.locator(".copy")).to_have_text("copied")
    names: dict[str, Any] = {"np": np}
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
