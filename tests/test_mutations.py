"""The planted defects can still be planted, and their tests are there."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.helpers.environment import ROOT
from tests.mutations.page import PAGE
from tests.mutations.program import PROGRAM

ALL = (*PAGE, *PROGRAM)


@pytest.mark.parametrize("file", sorted({each.file for each in ALL}))
def test_each_can_be_planted(file: str) -> None:
    text = (ROOT / file).read_text()
    for each in ALL:
        if each.file == file:
            assert text.count(each.before) == 1, each
            assert each.before != each.after


def test_each_names_tests_that_exist() -> None:
    paths = {path.partition("[")[0] for each in ALL for path in each.tests}
    missing = []
    for path in sorted(paths):
        file, _, name = path.partition("::")
        if not (ROOT / file).exists() or (name and f"def {name}(" not in (ROOT / file).read_text()):
            missing.append(path)
    assert missing == []


def test_each_names_cases_that_make_test_runs(request: pytest.FixtureRequest) -> None:
    collected = {item.nodeid for item in request.session.items}
    functions = {name.partition("[")[0] for name in collected}
    named = {path for each in ALL for path in each.tests if "::" in path}
    # A run of a few files collects no others.
    asked = {path for path in named if path.partition("[")[0] in functions}
    assert [path for path in asked if "[" in path and path not in collected] == []


def test_none_is_listed_twice() -> None:
    assert [each for each, count in Counter(ALL).items() if count > 1] == []
