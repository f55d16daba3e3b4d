"""The checker's answers to the numbers of real programs."""

from __future__ import annotations

from typing import Any

import pytest

from backprop_explorer.tutor.checker.search import Search, SearchState
from tests.corpus.real import (
    MIN_AS_EXPECTED,
    RealMark,
    mark_real,
    real_cases,
    serious,
    share_as_expected,
)


@pytest.fixture(scope="module")
def marks() -> list[RealMark]:
    return [mark_real(case) for case in real_cases()]


def test_the_answers_are_as_expected(marks: list[RealMark]) -> None:
    assert len(marks) == 80
    others = [(m.case.id, m.grade, m.named) for m in marks if m.grade != "right"]
    assert share_as_expected(marks) >= MIN_AS_EXPECTED, others


def test_no_right_program_is_called_wrong_and_no_diagnosis_misleads(marks: list[RealMark]) -> None:
    assert [(m.case.id, m.grade, m.named, m.refused) for m in serious(marks)] == []


def answer(mark: RealMark) -> dict[str, Any]:
    return {} if mark.result is None else mark.result.as_dict()


def test_a_coarser_search_that_is_left_out_would_find_the_same(
    marks: list[RealMark], monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[Search] = []
    states = Search.states

    def counted(search: Search) -> list[SearchState]:
        searched.append(search)
        return states(search)

    monkeypatch.setattr(Search, "states", counted)
    wrong = [m for m in marks if m.result and m.result.verdict == "wrong"]
    again = [mark_real(m.case) for m in wrong]
    least = len(searched)
    monkeypatch.setattr(Search, "depends", property(lambda _: True, lambda *_: None), raising=False)
    forced = [mark_real(m.case) for m in wrong]
    assert [answer(m) for m in forced] == [answer(m) for m in again]
    assert len(searched) - least > least
