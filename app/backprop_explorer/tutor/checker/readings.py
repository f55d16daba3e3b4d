"""Check numbers whose givens can be read in more than one way.

A square x may have its samples as rows or as columns, and the bias in W may be its first or its
last row. The usual reading counts unless the submitted numbers fit another one better. Where the
bias is a row of W, ∂C/∂W has the row of ∂C/∂b, and the a of the layer below a column of ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.network import Network
from backprop_explorer.engine.trace import Trace
from backprop_explorer.tutor.checker.check import check
from backprop_explorer.tutor.checker.check_result import CheckResult
from backprop_explorer.tutor.problem import BiasEnd, Problem
from backprop_explorer.tutor.reading.arrays import reading_of_size
from backprop_explorer.tutor.reading.printed_array import PrintedArray
from backprop_explorer.tutor.spellings import OF_WEIGHTS, known_id, spellings


def check_readings(problem: Problem, submitted: Mapping[str, PrintedArray]) -> CheckResult:
    """Return the marks in the reading of the givens that fits ``submitted`` best.

    Raises InvalidInput naming the argument or line.
    """

    def right(result: CheckResult) -> int:
        return sum(mark.verdict == "correct" for mark in result.lines.values())

    best = _checked(problem, submitted)
    if best.verdict == "wrong":
        for other in problem.others:
            best = max(best, _checked(other, submitted), key=right)
    return best


def _checked(problem: Problem, submitted: Mapping[str, PrintedArray]) -> CheckResult:
    trace = problem.with_lines(submitted).trace
    turned = problem.notation.orientation("ij").turns
    lines = unfold(submitted, problem.folded, trace.network, transposed=turned)
    result = check(trace, problem.notation, resolve_ambiguous(lines, trace))
    return replace(result, notes=(*problem.notes, *result.notes))


def unfold(
    printed: Mapping[str, PrintedArray],
    folded: Mapping[int, BiasEnd],
    network: Network,
    *,
    transposed: bool,
) -> dict[str, PrintedArray]:
    """Return the submission with ∂C/∂W and ∂C/∂b apart, and without columns of ones.

    ``folded`` tells for each layer from 0 which row of W is the bias; ``transposed`` tells that it
    is a column.
    """
    lines: dict[str, PrintedArray] = {}
    for name, array in printed.items():
        lines[name] = array
        meaning = next(iter(spellings(name)), None)
        layer = None if meaning is None else meaning.number(network.depth)
        if meaning is None or layer is None or array.values.ndim != 2:
            continue
        if meaning.quantity in OF_WEIGHTS and layer - 1 in folded:
            axis = 1 if transposed else 0
            if array.values.shape[axis] == network.shapes[layer - 1][0] + 1:
                bias, lines[name] = _split(array, axis, folded[layer - 1])
                b = names.biases(layer)
                b = b if meaning.quantity == "W" else names.gradient(b)
                lines.setdefault(names.updated(b) if meaning.updated else b, bias)
        elif meaning.quantity == "a":
            # The number in the name does not matter, since programs count layers in several ways.
            for index, end in folded.items():
                if array.values.shape[1] == network.shapes[index][0] + 1:
                    ones, rest = _split(array, 1, end)
                    if np.all(ones.values == 1.0):
                        lines[name] = rest
                        break
    return lines


def _split(array: PrintedArray, axis: int, end: BiasEnd) -> tuple[PrintedArray, PrintedArray]:
    """Return the first or the last part along ``axis``, and the rest."""
    at, rest = (0, slice(1, None)) if end == "first" else (-1, slice(None, -1))

    def part(of: slice | int) -> PrintedArray:
        index = (slice(None),) * axis + (of,)
        return replace(array, values=array.values[index], quantum=array.quantum[index])

    return part(at), part(rest)


def resolve_ambiguous(printed: Mapping[str, PrintedArray], trace: Trace) -> dict[str, PrintedArray]:
    """Return ``printed`` with each ambiguous array read in the way that fits its line's size."""
    sizes: dict[str, int] = {line.node.id: np.size(line.value) for line in trace.lines}
    ids = {name: known_id(name, sizes, trace.network.depth) for name in printed}
    return {
        name: reading_of_size(line, sizes.get(ids[name] or "", 0)) for name, line in printed.items()
    }
