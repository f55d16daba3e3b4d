"""Mistakes in the update of the parameters."""

from __future__ import annotations

from typing import Any

from backprop_explorer.engine.ops import OPS
from backprop_explorer.tutor.misconceptions.misconception import Context, Misconception


def _with_input(context: Context, name: str, value: Any) -> Any:
    """Compute the line with one input replaced; None if the line does not have this input."""
    if name not in context.node.inputs:
        return None
    at = context.node.inputs.index(name)
    inputs = [value if k == at else given for k, given in enumerate(context.inputs)]
    return OPS[context.node.op].compute(*inputs)


# The last operation of each optimizer, which subtracts the step from the parameter.
_UPDATE_OPERATIONS = ("descend", "move", "look_ahead", "scaled_descend")


def _ascent(context: Context, detail: str) -> Any:
    if context.node.op not in _UPDATE_OPERATIONS:
        return None
    parameter = context.inputs[0]
    return 2.0 * parameter - context.right()


def _no_rate(context: Context, detail: str) -> Any:
    name = "learning_rate"
    if name not in context.node.inputs:
        name = f"{name}{context.node.layer}"
    return _with_input(context, name, 1.0)


def _no_correction(context: Context, detail: str) -> Any:
    return context.inputs[0] if context.node.op == "correct" else None


def _step_only(context: Context, detail: str) -> Any:
    if context.node.op not in _UPDATE_OPERATIONS:
        return None
    step = context.right() - context.inputs[0]
    return -step if detail == "opposite" else step


def _no_root(context: Context, detail: str) -> Any:
    if context.node.op != "scaled_descend":
        return None
    p, g, s, rate, epsilon = context.inputs
    return p - rate * g / (s + epsilon)


def _unsquared(context: Context, detail: str) -> Any:
    if context.node.op == "sum_of_squares":
        return context.inputs[0] + context.inputs[1]
    if context.node.op != "average_of_squares":
        return None
    s, g, beta = context.inputs
    return beta * s + (1.0 - beta) * g


UPDATES = (
    Misconception(
        name="gradient_ascent",
        title="step along the gradient",
        did="The step was added to the parameters, not subtracted.",
        why="The gradient points in the direction in which C grows, so gradient descent subtracts"
        " it; check the sign in the update.",
        families=("update",),
        compute=_ascent,
        on_result=True,
    ),
    Misconception(
        name="learning_rate_missing",
        title="learning rate left out",
        did="The gradient was used without the learning rate.",
        why="The step is as long as the whole gradient; check what sets its length in the update"
        " rule.",
        families=("update",),
        compute=_no_rate,
    ),
    Misconception(
        name="bias_correction_missing",
        title="Adam without its bias correction",
        did="The running means were not divided by 1 − βᵗ.",
        why="They start at zero and are too small at first; check m̂ and v̂, and count t from 1.",
        families=("update",),
        compute=_no_correction,
    ),
    Misconception(
        name="step_instead_of_parameters",
        title="step instead of new parameters",
        did="The result is the change of the parameters, not the new parameters.",
        why="The update starts from the old values; check what your last line assigns to W and b.",
        families=("update",),
        compute=_step_only,
        details=lambda context: ("", "opposite"),
        on_result=True,
    ),
    Misconception(
        name="root_missing",
        title="square root left out",
        did="The gradient was divided by the squares gathered so far, without the square root.",
        why="Only the root has the units of a gradient; check the denominator of the update.",
        families=("update",),
        compute=_no_root,
    ),
    Misconception(
        name="gradient_not_squared",
        title="gradient not squared",
        did="The gradient was added up instead of its square.",
        why="Adagrad, RMSProp and Adam scale by the size of past gradients, which has no sign;"
        " check what you add up.",
        families=("update",),
        compute=_unsquared,
    ),
)
