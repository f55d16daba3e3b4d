"""Check numbers whose givens can be read in more than one way.

A square x may have its samples as rows or as columns, and the bias in W may be its first or its
last row. The usual reading counts unless the submitted numbers fit another one better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

import numpy as np

from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import Trace
from backprop_explorer.tutor.checker.check import check
from backprop_explorer.tutor.checker.folded_bias import unfold
from backprop_explorer.tutor.checker.line_names import resolve_ambiguous
from backprop_explorer.tutor.checker.result import CheckResult
from backprop_explorer.tutor.givens import BiasEnd, GivenNumbers
from backprop_explorer.tutor.reading.printed_array import PrintedArray


class ReadGivens(Protocol):
    """Returns the givens as numbers in one of the readings. May raise InvalidInput."""

    def __call__(self, *, columns: bool = False, bias_end: BiasEnd = "first") -> GivenNumbers: ...


def check_readings(
    read: ReadGivens,
    trace_of: Callable[[GivenNumbers], tuple[Trace, Notation]],
    submitted: Mapping[str, PrintedArray],
) -> CheckResult:
    """Return the marks in the reading of the givens that fits ``submitted`` best.

    ``trace_of`` returns the working of the givens and its notation. Raises InvalidInput naming the
    argument or line.
    """
    given = read()
    best = _checked(given, trace_of, submitted)
    if best.verdict == "wrong":
        for other in _other_readings(read, given):
            result = _checked(other, trace_of, submitted)
            if _lines_right(result) > _lines_right(best):
                best = result
    return best


def _other_readings(read: ReadGivens, given: GivenNumbers) -> Iterator[GivenNumbers]:
    if not given.single and given.x.shape[0] == given.x.shape[1]:
        columns = read(columns=True)
        if not np.array_equal(columns.x, given.x):
            yield columns
    if given.folded:
        yield read(bias_end="last")


def _checked(
    given: GivenNumbers,
    trace_of: Callable[[GivenNumbers], tuple[Trace, Notation]],
    submitted: Mapping[str, PrintedArray],
) -> CheckResult:
    made, notation = trace_of(given)
    transposed = notation.convention.transposed
    lines = unfold(submitted, given.folded, made.network, transposed=transposed)
    result = check(made, notation, resolve_ambiguous(lines, made))
    return replace(result, notes=(*given.notes, *result.notes))


def _lines_right(result: CheckResult) -> int:
    return sum(mark.verdict == "correct" for mark in result.lines.values())
