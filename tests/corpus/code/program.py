"""Programs of students, and their wrong versions."""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from backprop_explorer.notebook.code import CodeCheck, check_code
from tests.corpus.problems import Problem

Arguments = Callable[[Problem, dict[str, Any]], tuple[Any, ...]]


@dataclass(frozen=True)
class Program:
    """A right program: its source, the function to call, and the arguments for a problem.

    ``wrong`` lists (misconception, text, wrong text): the text occurs once in the source, and the
    mistake is made in its line. Several names that are equally right are separated by "|".
    ``arguments`` gets the problem and the names that the source defines.
    """

    name: str
    source: str
    function: str
    problem: Problem
    arguments: Arguments
    wrong: tuple[tuple[str, str, str], ...] = field(default=())

    def versions(self) -> Iterator[Version]:
        """Yield every wrong version."""
        for misconception, text, replacement in self.wrong:
            assert self.source.count(text) == 1, (self.name, text, self.source.count(text))
            line = self.source[: self.source.index(text)].count("\n") + 1
            # A replacement may have several lines: the first one that differs is wrong.
            same = 0
            for old, new in zip(text.split("\n"), replacement.split("\n"), strict=False):
                if old != new:
                    break
                same += 1
            source = self.source.replace(text, replacement)
            yield Version(
                self,
                source,
                tuple(misconception.split("|")),
                line + same,
                left_out=replacement.strip() == "pass",
            )

    def right(self) -> Version:
        """The right version."""
        return Version(self, self.source, (), None)


class Named(Protocol):
    """A program with a name."""

    @property
    def name(self) -> str:
        """The name in a report."""
        ...


P = TypeVar("P", bound=Named)


@dataclass(frozen=True)
class JudgedVersion(Generic[P]):
    """One version of a program. ``made`` are the names that are right for its mistake.

    ``left_out``: the mistake is a statement that is missing in ``line``.
    """

    program: P
    source: str
    made: tuple[str, ...] = ()
    line: int | None = None
    left_out: bool = False

    @property
    def lines(self) -> tuple[int | None, ...]:
        """The lines that are right: for a missing statement also the one before it."""
        if self.left_out and self.line is not None:
            return (self.line, self.line - 1)
        return (self.line,)

    @property
    def name(self) -> str:
        """The name in a report."""
        return f"{self.program.name} / {'|'.join(self.made) or 'right'} / line {self.line}"


class Version(JudgedVersion[Program]):
    """A version of a program of the corpus."""

    def check(self, seed: int, **options: Any) -> CodeCheck:
        """Run the version on the problem with the numbers of ``seed``."""
        problem = self.program.problem.draw(seed)
        names = load(self.source, f"<cell {self.program.name} {abs(hash(self.source))}>")
        arguments = self.program.arguments(problem, names)
        return check_code(
            names[self.program.function]
            if isinstance(self.program.function, str)
            else self.program.function(names),
            *arguments,
            layers=list(zip(problem.W, problem.b, strict=True)),
            x=problem.x,
            target=problem.y,
            activations=list(problem.activations),
            cost=problem.cost,
            reduction=problem.reduction,
            convention=problem.convention,
            **options,
        )


def load(source: str, filename: str) -> dict[str, Any]:
    """Execute a source as a notebook does with a cell, and return its names."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    # A dataclass looks up the module that defines it.
    module = sys.modules["student"] = ModuleType("student")
    module.__file__ = filename
    names = module.__dict__
    exec(compile(source, filename, "exec"), names)
    return names


def renamed(program: Program, name: str, names: dict[str, str]) -> Program:
    """Return the program with other names of variables and functions."""

    def change(text: str) -> str:
        for old, new in names.items():
            text = re.sub(rf"\b{old}\b", new, text)
        return text

    return Program(
        name,
        change(program.source),
        change(program.function),
        program.problem,
        program.arguments,
        tuple((kind, change(text), change(wrong)) for kind, text, wrong in program.wrong),
    )


def copies(arrays: list[np.ndarray]) -> list[np.ndarray]:
    """Return copies, so that a program can change them."""
    return [each.copy() for each in arrays]
