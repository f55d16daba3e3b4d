"""A part of the corpus of students; python -m tests.corpus.report checks all."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.corpus.carried import (
    MAX_GAMING_SHARE,
    gaming_submission,
    honest_submission,
    share_carried,
    submissions,
)
from tests.corpus.marks import Marked, mark_case, wrong_cases
from tests.corpus.report import MIN_FIRST_RIGHT
from tests.corpus.right import right_cases
from tests.corpus.single import linear_output_multiplied_by_itself
from tests.corpus.students import STUDENTS
from tests.helpers.cases import covering, exhaustive
from tests.tutor.test_misconceptions import PROMISED


@pytest.fixture(scope="module", params=["few", exhaustive("all")])
def marked(request: pytest.FixtureRequest) -> list[Marked]:
    """Every student, every problem and every format; or all combinations that suit."""
    cases = list(wrong_cases([0]))
    if request.param == "few":
        features = [(c.student.name, c.problem.name, c.which, c.written) for c in cases]
        cases = [cases[index] for index in covering(dict(enumerate(features)))]
    return [mark_case(case) for case in cases]


def test_the_corpus_has_a_student_for_every_promised_mistake() -> None:
    made = {name for student in STUDENTS for name in student.made}
    assert set(PROMISED) <= made
    assert len(STUDENTS) >= 60


def test_no_wrong_submission_is_marked_correct(marked: list[Marked]) -> None:
    assert [one.case.name for one in marked if one.result.verdict != "wrong"] == []


def test_the_first_diagnosis_is_right(marked: list[Marked]) -> None:
    wrong = [(one.case.name, one.named) for one in marked if not one.first_right]
    assert len(wrong) <= (1 - MIN_FIRST_RIGHT) * len(marked), wrong


def test_every_mistake_is_named(marked: list[Marked]) -> None:
    wrong = [(one.case.name, one.named) for one in marked if not one.all_named]
    assert len(wrong) <= (1 - MIN_FIRST_RIGHT) * len(marked), wrong


def test_two_mistakes_at_once_are_both_named(marked: list[Marked]) -> None:
    pairs = [one for one in marked if len(one.case.student.made) > 1]
    assert pairs
    assert [one.case.name for one in pairs if not one.all_named] == []


def test_every_misconception_is_found_at_least_once(marked: list[Marked]) -> None:
    right: dict[str, int] = defaultdict(int)
    for one in marked:
        right[one.case.student.made[0]] += one.first_right
    assert [name for name, count in right.items() if not count] == []


def test_a_linear_output_multiplied_by_itself_is_named_first() -> None:
    """For one output a constant factor gives the same number."""
    students = [s for s in STUDENTS if s.work is linear_output_multiplied_by_itself]
    cases = [case for case in wrong_cases(range(2)) if case.student in students]
    assert {case.problem.activations[-1] for case in cases} == {"identity"}
    for case in cases:
        result = mark_case(case).result
        assert [d.misconception for d in result.diagnoses][:1] == list(case.student.made)


@pytest.mark.parametrize("count", [100, exhaustive(1000)])
def test_no_correct_submission_is_marked_wrong(count: int) -> None:
    refused = [(c.name, c.summary) for c in right_cases(count, seed=7) if c.verdict != "correct"]
    assert refused == []


@pytest.mark.parametrize("count", [40, exhaustive(250)])
def test_honest_work_after_a_mistake_follows(count: int) -> None:
    worked = submissions(honest_submission, count)
    assert sum(len(one.carried) for one in worked) > 4 * count
    assert [(one.name, one.refused) for one in worked if one.refused] == []


@pytest.mark.parametrize("count", [8, exhaustive(180)])
def test_zeros_constants_and_copies_do_not_follow(count: int) -> None:
    gaming = submissions(gaming_submission, count)
    assert share_carried(gaming) <= MAX_GAMING_SHARE, [(one.name, one.carried) for one in gaming]
