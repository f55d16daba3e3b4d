"""Compares the updates that are divided by the root of a sum or average of squares, exactly: the
change times what divides it is a rate times the gradient, whatever ε is added to the root.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.steps import Run, Step
from backprop_explorer.tutor.program.truth import Truth, multiple
from backprop_explorer.tutor.program.updates import linear, near

FEWEST = 3  # entries by which a square is told from an absolute value and an ε


class AlignedUpdates(Protocol):
    """What is compared of an alignment."""

    run: Run
    truth: Truth
    outcomes: list[Outcome]
    tolerance: float

    def is_rate(self, factor: float) -> bool:
        """Whether a factor is a learning rate of the program."""


class _Divided(NamedTuple):
    """An update by g / r: its rate, and what r, or the root that it is, is made of."""

    outcome: Outcome
    rate: float
    root: Step | None
    of_squares: bool
    of_sizes: bool
    average: int | None  # the sum that keeps squares, or sizes, of the rounds


def compare_roots(alignment: AlignedUpdates) -> None:
    """Mark updates that are divided by squares or by a root of sizes, which no optimizer does, and
    those that lack the learning rate of others.
    """
    known = [each for e in alignment.outcomes if (each := _divided(alignment, e)) is not None]
    usual = [each for each in known if each.root is not None and each.of_squares]
    rates = [(sum(near(a.rate, b.rate) for b in usual), a.rate) for a in usual]
    times, rate = max(rates, default=(0, 0.0))
    for each in known:
        made, name, at = each.outcome, None, each.outcome.index
        if each.root is None and each.of_squares and each.average is not None:
            name = ids.ROOT_MISSING
        elif each.root is not None and each.of_sizes and each.average is not None:
            name, at = ids.GRADIENT_NOT_SQUARED, each.average
        elif near(abs(each.rate), 1.0) and not near(each.rate, rate) and alignment.is_rate(rate):
            # Of two updates the one has the rate of the program.
            name = ids.LEARNING_RATE_MISSING if 2 * times >= len(known) else None
        if name is not None:
            made.state, made.cause = "wrong", (name, at, None)


def _divided(alignment: AlignedUpdates, outcome: Outcome) -> _Divided | None:
    """Return how an update is divided; None if it is not, or is made of more than that."""
    run, source = alignment.run, outcome.source
    if not outcome.is_update or outcome.cause is not None or source is None:
        return None
    if outcome.state not in ("right", "rule", "wrong"):
        return None
    before, after = run.steps[source].value, run.steps[outcome.index].value
    gradient = alignment.truth.gradients.get(source)
    if gradient is None or before.shape != after.shape or np.count_nonzero(gradient) < FEWEST:
        return None
    behind = run.ancestors([outcome.index]) - alignment.truth.forward
    divisions = [e for e in map(run.steps.__getitem__, sorted(behind)) if e.op == "divide"]
    sizes = [run.steps[each.inputs[1]].value.size for each in divisions]
    own = [each for each, size in zip(divisions, sizes, strict=True) if size == before.size > 1]
    if not own:
        return None
    divisor = run.steps[own[-1].inputs[1]]
    by = divisor.value.reshape(before.shape)
    rate = multiple((after - before) * by, gradient, alignment.tolerance)
    if rate is None:
        return None
    root, power = _root_of(run, divisor), 1
    if root is not None:
        by, power = root.value.reshape(before.shape), 2
    squares = _is_sum(by**power, gradient**2, alignment.tolerance)
    of_sizes = not squares and _is_sum(by**power, abs(gradient), alignment.tolerance)
    return _Divided(outcome, rate, root, squares, of_sizes, _average_of(run, divisor))


def _is_sum(value: Array, of: Array, tolerance: float) -> bool:
    """Whether an array is a multiple of another one, perhaps plus a small constant."""
    if multiple(value, of, tolerance) is not None:
        return True
    found = linear(value, [of, np.ones_like(of)], tolerance)
    return found is not None and abs(found[1]) < 1e-3


def _root_of(run: Run, divisor: Step) -> Step | None:
    """Return the root that an array is, perhaps plus ε."""
    if divisor.op == "add":
        arrays = [run.steps[k] for k in divisor.inputs if run.steps[k].value.size > 1]
        divisor = arrays[0] if len(arrays) == 1 else divisor
    is_root = divisor.op == "sqrt"
    if divisor.op == "power":
        is_root = abs(float(run.steps[divisor.inputs[1]].value.ravel()[0]) - 0.5) < 1e-9
    return divisor if is_root else None


def _average_of(run: Run, divisor: Step) -> int | None:
    """Return the last sum of arrays that a divisor is made of: where the average is kept."""
    for step in map(run.steps.__getitem__, sorted(run.ancestors([divisor.index]), reverse=True)):
        # What is kept may begin with a number, 0.
        kept = [k for k in step.inputs if run.steps[k].value.size > 1 or not run.steps[k].value]
        if step.op == "add" and len(kept) == 2:
            return step.index
    return None
