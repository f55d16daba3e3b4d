"""plotly.js runs only the kinds of figures that the page draws."""

from __future__ import annotations

import logging
import re

import pytest
from backprop_explorer.web.assets import installed_file
from backprop_explorer.web.plotly_js import KINDS, REGISTERED, slim
from playwright.sync_api import Page

from tests.browser import open_page
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def source() -> bytes:
    """The file as it is installed."""
    return installed_file("plotly", "package_data/plotly.min.js").read_bytes()


def test_only_the_list_of_what_is_registered_is_shorter(source: bytes) -> None:
    made = slim(source).decode()
    (before,), (after,) = REGISTERED.findall(source.decode()), REGISTERED.findall(made)
    assert made.replace(after, before) == source.decode()
    assert after.count("()") == len(KINDS) < before.count("()")


def test_the_page_has_what_it_draws_and_nothing_else(page: Page) -> None:
    open_page(page)
    kinds = page.evaluate("() => Object.keys(Plotly.PlotSchema.get().traces)")
    assert sorted(kinds) == sorted([*KINDS, "scatter"])
    files = (ROOT / "static" / "js" / "figures").glob("*.js")
    drawn = re.findall(r"type: \"(\w+)\"", "".join(file.read_text() for file in files))
    axes = {"linear", "log", "category", "line", "rect", "circle", "path"}
    assert set(drawn) - axes == {*KINDS, "scatter"}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (".register([", ".enroll([", "expected one list of registered types, found 0"),
        ('name:"contour"', 'name:"contours"', "expected each of bar, contour, heatmap once"),
        ('name:"box"', 'name:"bar"', "expected each of bar, contour, heatmap once"),
    ],
)
def test_a_file_of_another_form_is_served_whole(
    source: bytes, caplog: pytest.LogCaptureFixture, old: str, new: str, problem: str
) -> None:
    other = source.replace(old.encode(), new.encode())
    assert other != source
    with caplog.at_level(logging.WARNING):
        assert slim(other) == other
    assert problem in caplog.text
