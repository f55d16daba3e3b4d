"""Check numbers whose givens can be read in more than one way.

A square x may have its samples as rows or as columns, and the bias in W may be its first or its
last row. The usual reading counts unless the submitted numbers fit another one better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backprop_explorer.tutor.checker.check import check
from backprop_explorer.tutor.checker.folded_bias import unfold
from backprop_explorer.tutor.checker.line_names import resolve_ambiguous
from backprop_explorer.tutor.checker.result import CheckResult
from backprop_explorer.tutor.problem import GivenArrays, GivenProblem
from backprop_explorer.tutor.reading.printed_array import PrintedArray


def check_readings(
    given: GivenArrays,
    submitted: Mapping[str, PrintedArray],
    *,
    fused: bool = True,
    jacobians: bool = False,
) -> CheckResult:
    """Return the marks in the reading of the givens that fits ``submitted`` best.

    Raises InvalidInput naming the argument or line.
    """

    def checked(problem: GivenProblem) -> CheckResult:
        made = problem.trace(fused=fused, jacobians=jacobians)
        transposed = problem.notation.convention.transposed
        lines = unfold(submitted, problem.folded, made.network, transposed=transposed)
        result = check(made, problem.notation, resolve_ambiguous(lines, made))
        return replace(result, notes=(*problem.notes, *result.notes))

    usual = given.problem()
    best = checked(usual)
    if best.verdict == "wrong":
        for other in given.other_readings(usual):
            result = checked(other)
            if _lines_right(result) > _lines_right(best):
                best = result
    return best


def _lines_right(result: CheckResult) -> int:
    return sum(mark.verdict == "correct" for mark in result.lines.values())
