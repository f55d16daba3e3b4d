"""The register of students, with their mistakes and problems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.corpus.problems import Problem

Lines = dict[str, Any]
Work = Callable[[Problem], Lines]


@dataclass(frozen=True)
class Student:
    """One implementation. ``made`` lists its mistakes in the order of the diagnoses."""

    work: Work
    made: tuple[str, ...]
    problems: tuple[str, ...]
    # Sets of lines to submit: "all", "forward", "gradients", "backward", "update".
    handed_in: tuple[str, ...]

    @property
    def name(self) -> str:
        """The function's name."""
        return self.work.__name__


STUDENTS: list[Student] = []


def student(
    made: str, *problems: str, handed_in: tuple[str, ...] = ("all", "gradients")
) -> Callable[[Work], Work]:
    """Register a student's function. Several mistakes in ``made`` are separated by blanks."""

    def register(work: Work) -> Work:
        STUDENTS.append(Student(work, tuple(made.split()), problems, handed_in))
        return work

    return register


def selected(lines: Lines, which: str) -> Lines:
    """Return the lines of the set ``which``."""
    if which == "gradients":
        return {k: v for k, v in lines.items() if k.startswith(("dC_dW", "dC_db"))}
    if which == "backward":
        return {k: v for k, v in lines.items() if k.startswith("dC_d")}
    if which == "update":
        return {k: v for k, v in lines.items() if k.endswith("_next") and k[0] in "Wb"}
    if which == "forward":
        return {k: v for k, v in lines.items() if k[0] in "zaC"}
    return lines
