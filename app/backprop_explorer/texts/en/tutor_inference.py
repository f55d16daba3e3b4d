"""Texts of ``tutor_inference``."""

from __future__ import annotations

from collections.abc import Sequence

# tutor/inference/check.py
GIVENS_DO_NOT_FIT = (
    "The shapes of x, W, b and the target do not fit each other in any order. Name them, or add "
    "the missing ones."
)
NO_GRADIENT_READ = (
    "What was read is right so far, but no gradient was read. Name the arrays that were not read."
)
RIGHT_OTHERWISE = "Your numbers are right, in another convention."
STEP_IS_ADDED = (
    "Your gradients have the opposite sign: they come from target − prediction, and the step is "
    "added."
)
DIVIDES_LATE = (
    "Your ∂C/∂z belong to the cost of each sample alone, and your gradients of the weights divide "
    "by N."
)
COST_PRINTED_OTHERWISE = (
    "The printed cost has another constant in front than the cost of your gradients."
)
GRADIENTS_TURNED = "Your gradients of W are printed transposed to W."


def givens_missing(names: object) -> str:
    return f"Nothing could be checked. Missing among the numbers: {names}."


def passes(number: int, count: int) -> str:
    return f"The text has {count} passes of a loop; pass {number} is checked."


def constant_factor(factor: float) -> str:
    return f"Every gradient has the constant factor {factor:.6g}, which the learning rate absorbs."


def other_reduction(theirs: object, ours: object) -> str:
    return f"Your cost is reduced by {theirs}; the exercise says {ours}."


def other_orientation(theirs: object) -> str:
    return f"Your W is in the convention {theirs}."


def reason(activations: Sequence[str], cost: str, reduction: str, agree: int, of: int) -> str:
    names = " and ".join(dict.fromkeys(activations))
    return f"With {names}, and {cost} as {reduction}, {agree} of {of} lines agree."
