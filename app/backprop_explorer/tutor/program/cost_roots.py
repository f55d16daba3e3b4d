"""What a program may differentiate, with its gradient and how much of the program this explains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.compared_numbers import is_compared
from backprop_explorer.tutor.program.steps import Run
from backprop_explorer.tutor.program.truth import Truth

Kind = Literal[
    "own",
    "upstream",
    "mse",
    "mae",
    "huber",
    "binary_cross_entropy",
    "cross_entropy",
    "hinge",
    "poisson",
]

LINEAR = frozenset(
    {"add", "subtract", "negative", "multiply", "divide", "sum", "mean", "matmul", "reshape"}
    | {"transpose", "getitem", "setitem", "copy", "astype", "stretch", "stack", "einsum"}
)

# The operations of a number that others add up to, but for their factors.
ADDS_UP = frozenset({"add", "subtract", "multiply", "divide", "negative", "copy", "reshape"})

SHOWS = frozenset({"getitem", "reshape", "transpose", "copy", "astype"})

INFINITE = 1e6  # what stands for the cost of a round before the first one


@dataclass(frozen=True, eq=False)
class CostRoot:
    """``seeds``: the gradient of the cost by some steps. ``meets``: where they meet the target.

    ``kind`` is "own" for a cost that the program computes, else the assumed entry of COSTS.
    ``constants`` are steps that are taken for constants, such as the targets of Q-learning.
    ``given_as``: the names of given arrays that were taken for the seeds, though nobody told so.
    """

    kind: Kind
    seeds: Mapping[int, Array]
    meets: tuple[int, ...] = ()
    is_sure: bool = True
    is_told: bool = False
    constants: frozenset[int] = frozenset()
    given_as: str = ""


@dataclass(eq=False)
class Fit:
    """A root with its gradient, and how much of the program it explains."""

    root: CostRoot
    truth: Truth
    given: float = 0.0  # results and updates that are multiples of a source's gradient
    inner: int = 0  # other values of the backward pass that are gradients
    factors: list[float] = field(default_factory=list)  # of the results
    moved: set[int] = field(default_factory=set)  # parameters that moved by a multiple of it
    known: set[int] = field(default_factory=set)  # values of the backward pass that are gradients
    others: list[Fit] = field(default_factory=list)  # the next likely ones


def terms_of(run: Run, numbers: Iterable[int]) -> set[int]:
    """Return the numbers that some numbers add up, but for their factors."""
    found, waiting = set[int](), list(numbers)
    while waiting:
        step = run.steps[waiting.pop()]
        inner = [each for each in step.inputs if run.moves[each]]
        if step.op in ADDS_UP and all(run.steps[each].value.size == 1 for each in inner):
            waiting += inner
        else:
            found.add(step.index)
    return found


def changes_in(run: Run) -> set[int]:
    """Return the numbers that say how far a cost is from that of the round before, or infinity."""
    found = set[int]()
    for step in run.steps:
        if step.op == "subtract" and step.value.size == 1:
            one, other = (run.steps[each] for each in step.inputs)
            before = (one.op and one.site == other.site) or not np.isfinite(step.value).all()
            before = before or is_compared(run, step)
            given = (each for each in (one, other) if not each.op)
            if before or any(abs(float(e.value.ravel()[0])) > INFINITE for e in given):
                found.add(step.index)
        elif step.op == "absolute" and step.inputs[0] in found:
            found.add(step.index)
    return found
