"""Mistakes in the update of the parameters."""

from __future__ import annotations

from typing import Any

from backprop_explorer.engine.operations import OPS
from backprop_explorer.tutor.misconceptions.misconception import Context, Misconception


def _with_input(context: Context, name: str, value: Any) -> Any:
    """The line with one of its numbers replaced; None where it does not read that number."""
    if name not in context.step.inputs:
        return None
    at = context.step.inputs.index(name)
    inputs = [value if k == at else given for k, given in enumerate(context.inputs)]
    return OPS[context.step.op].compute(*inputs)


# The last line of every optimizer, in which its step is subtracted from the parameter.
_LAST = ("descend", "move", "look_ahead", "scaled_descend")


def _ascent(context: Context, detail: str) -> Any:
    if context.step.op not in _LAST:
        return None
    parameter = context.inputs[0]
    return 2.0 * parameter - context.right()


def _no_rate(context: Context, detail: str) -> Any:
    return _with_input(context, "learning_rate", 1.0)


def _no_correction(context: Context, detail: str) -> Any:
    return context.inputs[0] if context.step.op == "correct" else None


def _step_only(context: Context, detail: str) -> Any:
    if context.step.op not in _LAST:
        return None
    return context.right() - context.inputs[0]


def _no_root(context: Context, detail: str) -> Any:
    if context.step.op != "scaled_descend":
        return None
    p, g, s, rate, epsilon = context.inputs
    return p - rate * g / (s + epsilon)


def _unsquared(context: Context, detail: str) -> Any:
    if context.step.op == "sum_of_squares":
        return context.inputs[0] + context.inputs[1]
    if context.step.op != "average_of_squares":
        return None
    s, g, beta = context.inputs
    return beta * s + (1.0 - beta) * g


UPDATES = (
    Misconception(
        name="gradient_ascent",
        title="step along the gradient",
        did="The step was added to the parameters.",
        why="The gradient points to where C grows, so a descent subtracts it; look at the sign in"
        " the update.",
        families=("update",),
        compute=_ascent,
        on_result=True,
    ),
    Misconception(
        name="learning_rate_missing",
        title="learning rate left out",
        did="The gradient was used without the learning rate.",
        why="The gradient gives the direction and η the length of the step; multiply by η.",
        families=("update",),
        compute=_no_rate,
    ),
    Misconception(
        name="bias_correction_missing",
        title="Adam without its bias correction",
        did="The running means were used without dividing by 1 − βᵗ.",
        why="They start at zero and are too small at first; look at m̂ and v̂, and count t from 1.",
        families=("update",),
        compute=_no_correction,
    ),
    Misconception(
        name="step_instead_of_parameters",
        title="step instead of new parameters",
        did="The change of the parameters stands where the new parameters belong.",
        why="The update starts from the old value; add the step to W and b.",
        families=("update",),
        compute=_step_only,
        on_result=True,
    ),
    Misconception(
        name="root_missing",
        title="square root left out",
        did="The gradient was divided by the running mean of squares, without its root.",
        why="Only the root has the units of a gradient; look at the denominator of the update.",
        families=("update",),
        compute=_no_root,
    ),
    Misconception(
        name="gradient_not_squared",
        title="gradient not squared",
        did="The gradient itself was collected where its square belongs.",
        why="Adagrad, RMSProp and Adam scale by the size of past gradients; square each entry.",
        families=("update",),
        compute=_unsquared,
    ),
)
