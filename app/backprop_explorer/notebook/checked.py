"""``check``: compare a student's numbers with the working, with a display as on the check page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from html import escape
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.names import named
from backprop_explorer.notebook.arrays import plain
from backprop_explorer.notebook.givens import Options, read_problem, with_options
from backprop_explorer.notebook.html import document, mathml, matrix, shape_text, verdict_line
from backprop_explorer.texts import notebook as texts
from backprop_explorer.tutor.checker import CheckResult
from backprop_explorer.tutor.checker.readings import check_readings
from backprop_explorer.tutor.problem import Problem
from backprop_explorer.tutor.reading.arrays import parse_array
from backprop_explorer.tutor.reading.printed_array import PrintedArray, from_array

_MARKS = {"correct": "✓", "follows": "✓ follows", "wrong": "✗"}


class Checked(CheckResult):
    """The marks of a submission.

    ``verdict`` is "correct", "wrong" or "incomplete", ``summary`` says it in one or two sentences;
    ``first_wrong`` is the id of the first wrong line or None; ``diagnoses`` are the likely
    mistakes, the best explanation first; ``lines`` has a mark for every line of the working, with
    ``entries``, which are right; ``notes`` are remarks that are not mistakes of the computation.
    """

    problem: Problem
    _submitted: Mapping[str, PrintedArray]

    def __init__(
        self, result: CheckResult, problem: Problem, submitted: Mapping[str, PrintedArray]
    ) -> None:
        super().__init__(*(getattr(result, each.name) for each in fields(result)))
        # Its fields cannot be set in the usual way: they are frozen.
        vars(self).update(problem=problem, _submitted=submitted)

    def entries(self, name: str) -> NDArray[np.bool_] | None:
        """Return which entries of a submitted line are right; None if its shape is wrong."""
        return self.lines[name].entries

    def __bool__(self) -> bool:
        """Whether the verdict is "correct"."""
        return self.verdict == "correct"

    def __repr__(self) -> str:
        """Return the summary, the diagnoses, and the mark of each submitted line."""
        rows = [f"{self.verdict}: {self.summary}"]
        rows += [texts.likely_mistake(each.message) for each in self.diagnoses]
        rows += [
            f"  {_MARKS[mark.verdict]:<9} {name}"
            for name, mark in self.lines.items()
            if mark.verdict != "missing"
        ]
        return "\n".join(rows)

    def _repr_html_(self) -> str:
        """Return the verdict, the diagnoses, and each submitted line with its wrong entries."""
        parts = [verdict_line(self.verdict, self.summary)]
        parts += [f'<div class="bx-note">{escape(each.message)}</div>' for each in self.diagnoses]
        parts += [f'<div class="bx-note bx-soft">{escape(n.message)}</div>' for n in self.notes]
        for name, mark in self.lines.items():
            submitted = self._submitted.get(self.names.get(name, ""))
            if mark.verdict == "missing" or submitted is None:
                continue
            opened = " open" if mark.verdict == "wrong" else ""
            values = submitted.values
            right = mark.entries
            if right is not None and right.shape != values.shape:
                right = None
            parts.append(
                f"<details{opened}><summary>{_MARKS[mark.verdict]} {mathml(named(name).latex)} "
                f'<span class="bx-soft">{escape(shape_text(values))}</span></summary>'
                f'<div class="bx-body">{matrix(values, right)}</div></details>'
            )
        return document(*parts)


def read_submitted(submitted: Mapping[str, Any]) -> dict[str, PrintedArray]:
    """Read arrays, numbers, or text as NumPy prints it. Raises InvalidInput naming the line."""
    if not isinstance(submitted, Mapping):
        raise InvalidInput("submitted", texts.SUBMITTED_DICT)
    printed = {}
    for name, value in submitted.items():
        if isinstance(value, str):
            printed[name] = parse_array(value)
            continue
        try:
            printed[name] = from_array(np.asarray(plain(value), dtype=np.float64))
        except (TypeError, ValueError):
            raise InvalidInput(f"submitted.{name}", texts.ARRAY_OR_TEXT) from None
    return printed


@with_options
def check(
    submitted: Mapping[str, Any],
    layers: Sequence[Any],
    x: Any,
    target: Any,
    **options: Unpack[Options],
) -> Checked:
    """Compare ``submitted`` with the working of the same givens as in ``trace``.

    ``submitted`` maps line ids such as "z1", "dC_dz2", "dC_dW1" (``trace(…).ids`` lists them) to
    arrays, or to text as NumPy prints it. Arrays have the shapes that ``trace`` returns. Raises
    InvalidInput naming the argument or line.
    """
    problem = read_problem(layers, x, target, **options)
    printed = read_submitted(submitted)
    return Checked(check_readings(problem, printed), problem, printed)
