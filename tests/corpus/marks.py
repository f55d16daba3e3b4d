"""Runs the corpus through the checker and counts."""

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

# Importing them registers their students.
CHAPTERS = (single, single_back, batch, costs, lecture, training, pairs)


def as_text(value: Any) -> str:
    """As NumPy prints it."""
    return np.array2string(np.asarray(value, dtype=float), threshold=10**6)


def as_repr(value: Any) -> str:
    """As the notebook's last line shows it."""
    with np.printoptions(threshold=10**6):
        return repr(np.asarray(value, dtype=float))


def as_list(value: Any) -> Any:
    """All digits."""
    return np.asarray(value, dtype=float).tolist()


def as_rounded_list(value: Any) -> Any:
    """Eight digits after the point."""
    return np.round(np.asarray(value, dtype=float), 8).tolist()


def as_single_text(value: Any) -> str:
    """As NumPy prints a float32 array: the fewest digits that tell its numbers apart."""
    return np.array2string(np.asarray(value, dtype=np.float32), threshold=10**6)


WRITTEN = (as_list, as_text, as_rounded_list, as_repr, as_single_text)


@dataclass(frozen=True)
class Case:
    """A student, a problem with numbers, and what is handed in how."""

    student: Student
    problem: Problem
    which: str
    written: Any

    @property
    def name(self) -> str:
        """What to call it in a report."""
        return f"{self.student.name} / {self.problem.name} / {self.which}"

    def submitted(self) -> dict[str, Any]:
        """The lines as they go over the wire."""
        with np.errstate(all="ignore"):
            lines = selected(self.student.work(self.problem), self.which)
        return {name: self.written(value) for name, value in lines.items()}


@dataclass(frozen=True)
class Marked:
    """A case and what the checker said."""

    case: Case
    result: CheckResult
    seconds: float

    @property
    def named(self) -> list[str]:
        """The misconceptions named, in order."""
        return [diagnosis.misconception for diagnosis in self.result.diagnoses]

    @property
    def first_right(self) -> bool:
        """Whether the first diagnosis is the mistake, or one of two."""
        return bool(self.named) and self.named[0] in self.case.student.made

    @property
    def all_named(self) -> bool:
        """Whether every mistake is among the diagnoses."""
        return set(self.case.student.made) <= set(self.named)


def wrong_cases(seeds: Iterable[int]) -> Iterator[Case]:
    """Every student on every problem of theirs, each with its own numbers."""
    written = itertools.cycle(WRITTEN)
    for seed in seeds:
        for student in STUDENTS:
            for name in student.problems:
                for which in student.handed_in:
                    yield Case(student, PROBLEMS[name].draw(seed), which, next(written))


def mark(problem: Problem, submitted: dict[str, Any]) -> tuple[CheckResult, float]:
    """What the checker says, and the processor time it takes."""
    trace, notation, printed = problem.working(submitted)
    start = time.thread_time()
    result = check(trace, notation, printed)
    return result, time.thread_time() - start


def mark_case(case: Case) -> Marked:
    """A case through the checker."""
    result, seconds = mark(case.problem, case.submitted())
    return Marked(case, result, seconds)
