"""plotly.js runs only the trace types that the page uses."""

from __future__ import annotations

import logging
import re

import pytest
from playwright.sync_api import Page

from backprop_explorer.web.assets import installed_file
from backprop_explorer.web.plotly_js import KINDS, REGISTERED, slim
from tests.browser import open_page
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def source() -> bytes:
    """The installed file."""
    return installed_file("plotly", "package_data/plotly.min.js").read_bytes()


def test_only_the_list_of_registered_types_is_shorter(source: bytes) -> None:
    made = slim(source).decode()
    (before,), (after,) = REGISTERED.findall(source.decode()), REGISTERED.findall(made)
    assert made.replace(after, before) == source.decode()
    assert after.count("()") == len(KINDS) < before.count("()")


def test_exactly_the_used_trace_types_are_registered(page: Page) -> None:
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
def test_a_file_of_unknown_form_is_served_unchanged(
    source: bytes, caplog: pytest.LogCaptureFixture, old: str, new: str, problem: str
) -> None:
    other = source.replace(old.encode(), new.encode())
    assert other != source
    with caplog.at_level(logging.WARNING):
        assert slim(other) == other
    assert problem in caplog.text
