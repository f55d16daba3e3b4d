"""Run the checker on the corpus."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_explorer.tutor.checker import CheckResult, check
from tests.corpus import batch, costs, lecture, pairs, single, single_back, training
from tests.corpus.problems import PROBLEMS, Problem
from tests.corpus.students import STUDENTS, Student, selected

# The import registers the students.
CHAPTERS = (single, single_back, batch, costs, lecture, training, pairs)


def as_text(value: Any) -> str:
    """Text as NumPy prints it."""
    return np.array2string(np.asarray(value, dtype=float), threshold=10**6)


def as_repr(value: Any) -> str:
    """Text as a notebook cell shows it."""
    with np.printoptions(threshold=10**6):
        return repr(np.asarray(value, dtype=float))


def as_list(value: Any) -> Any:
    """Lists with all digits."""
    return np.asarray(value, dtype=float).tolist()


def as_rounded_list(value: Any) -> Any:
    """Lists with eight digits after the point."""
    return np.round(np.asarray(value, dtype=float), 8).tolist()


def as_single_text(value: Any) -> str:
    """Text as NumPy prints a float32 array, with the fewest digits that identify a number."""
    return np.array2string(np.asarray(value, dtype=np.float32), threshold=10**6)


WRITTEN = (as_list, as_text, as_rounded_list, as_repr, as_single_text)


@dataclass(frozen=True)
class Case:
    """A student, a problem with numbers, the submitted lines, and their format."""

    student: Student
    problem: Problem
    which: str
    written: Any

    @property
    def name(self) -> str:
        """The name in a report."""
        return f"{self.student.name} / {self.problem.name} / {self.which}"

    def submitted(self) -> dict[str, Any]:
        """Return the lines in the format of the API."""
        with np.errstate(all="ignore"):
            lines = selected(self.student.work(self.problem), self.which)
        return {name: self.written(value) for name, value in lines.items()}


@dataclass(frozen=True)
class Marked:
    """A case and the checker's result."""

    case: Case
    result: CheckResult
    seconds: float

    @property
    def named(self) -> list[str]:
        """The misconceptions of the diagnoses, in order."""
        return [diagnosis.misconception for diagnosis in self.result.diagnoses]

    @property
    def first_right(self) -> bool:
        """Whether the first diagnosis is one of the student's mistakes."""
        return bool(self.named) and self.named[0] in self.case.student.made

    @property
    def all_named(self) -> bool:
        """Whether every mistake is among the diagnoses."""
        return set(self.case.student.made) <= set(self.named)


def wrong_cases(seeds: Iterable[int]) -> Iterator[Case]:
    """Yield every student with each of their problems, with numbers for each seed."""
    written = itertools.cycle(WRITTEN)
    for seed in seeds:
        for student in STUDENTS:
            for name in student.problems:
                for which in student.handed_in:
                    yield Case(student, PROBLEMS[name].draw(seed), which, next(written))


def mark(problem: Problem, submitted: dict[str, Any]) -> tuple[CheckResult, float]:
    """Return the checker's result and its processor time in seconds."""
    trace, notation, printed = problem.working(submitted)
    start = time.thread_time()
    result = check(trace, notation, printed)
    return result, time.thread_time() - start


def mark_case(case: Case) -> Marked:
    """Run the checker on a case."""
    result, seconds = mark(case.problem, case.submitted())
    return Marked(case, result, seconds)
