"""The checker's answers to the numbers of real programs."""

from __future__ import annotations

import pytest

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
