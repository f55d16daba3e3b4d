"""Programs written as text, with their mistakes marked in comments.

A file of ``written`` has several programs. Each starts with ``== NAME``, the lines ``problem:`` and
``call:``, and an empty line or the source. In the source, comments after a line say what else may
stand in its place:

    z = x @ W + b
    #! missing_bias: z = x @ W
    #= z = np.dot(x, W) + b

``#!`` gives a mistake and the line with this mistake (``pass``: the line is left out), ``#=`` another
right line. The comments are removed before a program runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from backprop_explorer.notebook.code import CodeCheck, check_code
from tests.corpus.code.program import JudgedVersion, load
from tests.corpus.problems import Problem

FOLDER = Path(__file__).parent / "written"
_MARK = re.compile(r"^(\s*)#([!=]) (?:([\w|]+): )?(.*)$")
# The name of Problem's option, for each word of a "problem:" line.
_OPTIONS = ("cost", "reduction", "convention", "target")


@dataclass(frozen=True)
class WrittenProgram:
    """One program: its lines without comments, and what may stand in place of each line.

    ``wrong`` has (line from 1, mistakes, text), ``other`` (line, text) of other right lines.
    """

    name: str
    problem: Problem
    options: dict[str, float]
    call: str
    lines: tuple[str, ...]
    wrong: tuple[tuple[int, tuple[str, ...], str], ...] = ()
    other: tuple[tuple[int, str], ...] = ()

    def versions(self) -> Iterator[WrittenVersion]:
        """Yield every wrong version."""
        for line, made, text in self.wrong:
            yield WrittenVersion(self, self._with({line: text}), made, line, text.strip() == "pass")

    def right_versions(self) -> Iterator[WrittenVersion]:
        """Yield the program as it is, with each other right line, and with all of them."""
        yield WrittenVersion(self, self._with({}))
        for line, text in self.other:
            yield WrittenVersion(self, self._with({line: text}))
        if len(self.other) > 1:
            yield WrittenVersion(self, self._with(dict(self.other)))

    def _with(self, changes: dict[int, str]) -> str:
        rows = [changes.get(at, row) for at, row in enumerate(self.lines, start=1)]
        return "\n".join(rows) + "\n"


class WrittenVersion(JudgedVersion[WrittenProgram]):
    """A version of a written program."""

    def check(self, seed: int, **options: Any) -> CodeCheck:
        """Run the version on the problem with the numbers of ``seed``."""
        problem = self.program.problem.draw(seed)
        names = load(self.source, f"<cell {self.program.name} {abs(hash(self.source))}>")
        layers = list(zip(problem.W, problem.b, strict=True))
        given: dict[str, Any] = {"x": problem.x, "y": problem.y, "layers": layers, "np": np}
        given |= {"W": list(problem.W), "b": list(problem.b), "labels": problem.y.argmax(-1)}
        for k, (W, b) in enumerate(layers, start=1):
            given |= {f"W{k}": W, f"b{k}": b}
        function, _, arguments = self.program.call.partition("::")
        scope = {**names, **given}
        return check_code(
            eval(function, scope),
            *(eval(f"({arguments},)", scope) if arguments else ()),
            layers=layers,
            x=problem.x,
            target=problem.y,
            activations=list(problem.activations),
            cost=problem.cost,
            reduction=problem.reduction,
            convention=problem.convention,
            **self.program.options,
            **options,
        )


def read_set(name: str) -> tuple[WrittenProgram, ...]:
    """Read the programs of one file."""
    parts = re.split(r"^== ", (FOLDER / f"{name}.txt").read_text(), flags=re.MULTILINE)
    return tuple(_read_program(f"{name} ", part) for part in parts if part.strip())


@dataclass
class _Source:
    """The source while it is read."""

    lines: list[str] = field(default_factory=list)
    wrong: list[tuple[int, tuple[str, ...], str]] = field(default_factory=list)
    other: list[tuple[int, str]] = field(default_factory=list)

    def add(self, row: str) -> None:
        mark = _MARK.match(row)
        if mark is None:
            self.lines.append(row)
            return
        indent, kind, made, text = mark.groups()
        line, row = len(self.lines), f"{indent}{text}"
        if kind == "!":
            self.wrong.append((line, tuple(made.split("|")), row))
        else:
            self.other.append((line, row))


def _read_program(prefix: str, part: str) -> WrittenProgram:
    name, problem, call, *rows = part.rstrip().split("\n")
    source = _Source()
    for row in rows:
        source.add(row)
    setting, options = _read_problem(name, problem.removeprefix("problem:"))
    return WrittenProgram(
        prefix + name,
        setting,
        options,
        call.removeprefix("call:").strip(),
        tuple(source.lines),
        tuple(source.wrong),
        tuple(source.other),
    )


def _read_problem(name: str, text: str) -> tuple[Problem, dict[str, float]]:
    words = {key: values for key, *values in (part.split() for part in text.split(";"))}
    return Problem(
        name,
        tuple(map(int, words["sizes"])),
        tuple(words["activations"]),
        samples=int(words["samples"][0]) if "samples" in words else None,
        **{key: words[key][0] for key in _OPTIONS if key in words},  # type: ignore[arg-type]
    ), {key: float(words[key][0]) for key in ("l1", "l2", "learning_rate") if key in words}
