"""Numbers of students' own programs, and how the checker answers them.

``real_students.json`` has the numbers of 42 hand-written implementations from public repositories,
run on small networks: givens, submitted lines, what is true, the expected answer, and a note. It
has numbers only, no code.

A case counts as one of

right       the expected verdict and first wrong line, and the expected mistake named first
helpful     the expected verdict; the mistake is named, but not first, or nothing is named
misleading  the expected verdict; only other mistakes are named
wrong       a correct program is called wrong, a wrong one correct, or the numbers are refused
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backprop_explorer.compute.check_requests import CheckRequest
from backprop_explorer.engine.errors import ExplorerError
from backprop_explorer.limits import Limits
from backprop_explorer.tutor.checker import CheckResult

REAL_STUDENTS = Path(__file__).with_name("real_students.json")
# The expected share of the cases with givens that a request can express.
MIN_AS_EXPECTED = 0.95
GRADES = ("right", "helpful", "misleading", "wrong")
# ∂C/∂z without 1/N counts as a convention, so the first wrong line of these is a later one.
# Mistakes that have a name now, by program.
NAMED_SINCE = {"tb-l2": "penalty_of_wrong_layer"}
FIRST_WRONG = {"sz-mnist/full": "dC_db2", "kd-dnn/full": "dC_dz1"}


@dataclass(frozen=True)
class RealCase:
    """One submission of one program."""

    id: str
    givens: dict[str, Any]
    submitted: dict[str, Any]
    truth: str
    expected_misconception: str | None
    expected_first_wrong: str | None
    also_acceptable: list[str]
    expected_verdict: str
    expressible: bool
    note: str

    @property
    def acceptable(self) -> list[str]:
        """The mistakes that may be named first."""
        expected = self.expected_misconception
        if expected is None:
            expected = NAMED_SINCE.get(self.id.split("/")[0])
        return ([] if expected is None else [expected]) + self.also_acceptable


@dataclass(frozen=True)
class RealMark:
    """The checker's answer to a case."""

    case: RealCase
    result: CheckResult | None
    refused: str
    seconds: float

    @property
    def named(self) -> list[str]:
        """The misconceptions of the diagnoses, in order."""
        return [] if self.result is None else [d.misconception for d in self.result.diagnoses]

    @property
    def grade(self) -> str:
        """One of right, helpful, misleading, wrong."""
        case, result = self.case, self.result
        if result is None or result.verdict != case.expected_verdict:
            return "wrong"
        if result.verdict == "correct":
            return "right"
        if any(name not in case.acceptable for name in self.named[:1]):
            return "helpful" if set(self.named) & set(case.acceptable) else "misleading"
        expected = FIRST_WRONG.get(case.id, case.expected_first_wrong)
        right_line = result.first_wrong == expected
        return (
            "right" if right_line and (self.named or not case.expected_misconception) else "helpful"
        )


@lru_cache(maxsize=1)
def real_cases() -> tuple[RealCase, ...]:
    """Read all cases."""
    return tuple(RealCase(**case) for case in json.loads(REAL_STUDENTS.read_text()))


def mark_real(case: RealCase) -> RealMark:
    """Run the checker on a case."""
    start = time.thread_time()
    try:
        request = CheckRequest.model_validate({**case.givens, "submitted": case.submitted})
        result = request.result(Limits())
    except (ValidationError, ExplorerError) as error:
        return RealMark(case, None, str(error), time.thread_time() - start)
    return RealMark(case, result, "", time.thread_time() - start)


def share_as_expected(marks: Sequence[RealMark]) -> float:
    """The share of the cases with expressible givens that are answered as expected."""
    expressible = [mark for mark in marks if mark.case.expressible]
    return sum(mark.grade == "right" for mark in expressible) / len(expressible)


def serious(marks: Sequence[RealMark]) -> list[RealMark]:
    """The cases with expressible givens whose verdict or diagnosis is false."""
    return [m for m in marks if m.case.expressible and m.grade in ("wrong", "misleading")]
