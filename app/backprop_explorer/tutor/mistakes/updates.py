"""Mistakes in the update of the parameters."""

from __future__ import annotations

from typing import Any

from backprop_explorer.engine.names import LEARNING_RATE
from backprop_explorer.engine.ops import OPS
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.mistakes.relations import MistakePlace
from backprop_explorer.tutor.mistakes.rule import Misconception, MistakeSite, WrongRule

UPDATE = MistakePlace("update")
# The last operation of each optimizer, which subtracts the step from the parameter.
_STEPS = tuple(map(MistakePlace, ("descend", "move", "look_ahead", "scaled_descend")))


def _no_rate(site: MistakeSite) -> Any:
    """Compute the line with a learning rate of 1; None if it has none."""
    rates = [name.quantity == LEARNING_RATE for name in site.node.inputs]
    if not any(rates):
        return None
    values = [
        1.0 if is_rate else site.read(name)
        for is_rate, name in zip(rates, site.node.inputs, strict=True)
    ]
    return OPS[site.node.op].compute(*values)


UPDATES = (
    Misconception(
        name=ids.GRADIENT_ASCENT,
        title="step along the gradient",
        did="The step was added to the parameters, not subtracted.",
        why="The gradient points in the direction in which C grows, so gradient descent subtracts"
        " it; check the sign in the update.",
        rules=(WrongRule(_STEPS, lambda p, right: 2.0 * p - right, (0, "right")),),
    ),
    Misconception(
        name=ids.LEARNING_RATE_MISSING,
        title="learning rate left out",
        did="The gradient was used without the learning rate.",
        why="The step is as long as the whole gradient; check what sets its length in the update"
        " rule.",
        rules=(WrongRule(UPDATE, _no_rate, ("site",)),),
    ),
    Misconception(
        name=ids.BIAS_CORRECTION_MISSING,
        title="Adam without its bias correction",
        did="The running means were not divided by 1 − βᵗ.",
        why="They start at zero and are too small at first; check m̂ and v̂, and count t from 1.",
        rules=(WrongRule(MistakePlace("correct"), lambda mean: mean, (0,)),),
    ),
    Misconception(
        name=ids.STEP_INSTEAD_OF_PARAMETERS,
        title="step instead of new parameters",
        did="The result is the change of the parameters, not the new parameters.",
        why="The update starts from the old values; check what your last line assigns to W and b.",
        rules=(
            WrongRule(_STEPS, lambda p, right: right - p, (0, "right")),
            WrongRule(_STEPS, lambda p, right: p - right, (0, "right"), "opposite"),
        ),
    ),
    Misconception(
        name=ids.ROOT_MISSING,
        title="square root left out",
        did="The gradient was divided by the squares gathered so far, without the square root.",
        why="Only the root has the units of a gradient; check the denominator of the update.",
        rules=(
            WrongRule(
                MistakePlace("scaled_descend"),
                lambda p, g, s, rate, epsilon: p - rate * g / (s + epsilon),
                (0, 1, 2, 3, 4),
            ),
        ),
    ),
    Misconception(
        name=ids.GRADIENT_NOT_SQUARED,
        title="gradient not squared",
        did="The gradient was added up instead of its square.",
        why="Adagrad, RMSProp and Adam scale by the size of past gradients, which has no sign;"
        " check what you add up.",
        rules=(
            WrongRule(MistakePlace("sum_of_squares"), lambda s, g: s + g, (0, 1)),
            WrongRule(
                MistakePlace("average_of_squares"),
                lambda s, g, beta: beta * s + (1.0 - beta) * g,
                (0, 1, 2),
            ),
        ),
    ),
)
