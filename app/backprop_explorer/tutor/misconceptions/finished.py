"""Gradients of W and b that were changed after they were computed: clipped, or a constant added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.texts import tutor_misconceptions as texts
from backprop_explorer.tutor.misconceptions.misconception import Array, Context, Misconception

# An array needs this many entries to show that a constant was added to it.
MIN_ENTRIES_OF_OFFSET = 4
# A detail: the constant, λ for example, is there in place of the penalty's gradient.
FOR_PENALTY = "penalty"
# torch.nn.utils.clip_grad_norm_ adds this to the length before it divides by it.
TORCH_EPSILON = 1e-6


def _limits(context: Context) -> Sequence[str]:
    return context.situation.limits


def _clipped(context: Context, detail: str) -> Any:
    right = context.right()
    how, limit = detail.split(" ")
    bound = float(limit)
    if how == "entries":
        return np.clip(right, -bound, bound)
    length = float(np.linalg.norm(right))
    if how != "length":
        length = _length_of_all(context, biases=how != "weights")
    if length <= bound:
        return None
    return right * (bound / (length + (TORCH_EPSILON if how == "torch" else 0.0)))


def _length_of_all(context: Context, *, biases: bool) -> float:
    """Return the length of all gradients of W, and of b, as one vector."""
    objective = context.situation.objective
    total = 0.0
    for k in range(1, context.depth + 1):
        below: Array = context.read(names.activation(k - 1))
        dC_dz: Array = context.read(names.gradient(names.weighted_sum(k)))
        W, b = context.read(names.weights(k)), context.read(names.biases(k))
        of_W = below.T @ dC_dz + objective.l1 * np.sign(W) + objective.l2 * W
        of_b = dC_dz.sum(axis=0)
        if objective.biases:
            of_b = of_b + objective.l1 * np.sign(b) + objective.l2 * b
        total += float(np.vdot(of_W, of_W)) + (float(np.vdot(of_b, of_b)) if biases else 0.0)
    return float(np.sqrt(total))


def _clipped_words(detail: str) -> str:
    how, limit = detail.split(" ")
    return {
        "entries": texts.clipped_entries(limit),
        "length": texts.clipped_length(limit),
        "weights": texts.clipped_with_weights(limit),
    }.get(how, texts.clipped_together(limit))


def _offsets(context: Context) -> Sequence[str]:
    found = [repr(offset) for offset in context.situation.offsets]
    if context.node.op.startswith("penalized"):
        found += [f"{each} {FOR_PENALTY}" for each in found]
    return found


def _with_offset(context: Context, detail: str) -> Any:
    """Add the constant; in an array of few entries it cannot be told from other mistakes."""
    right = context.right()
    offset, _, instead = detail.partition(" ")
    if np.size(right) < MIN_ENTRIES_OF_OFFSET:
        return None
    if instead:
        *_, W, l1, l2 = context.inputs
        right = right - l1 * np.sign(W) - l2 * W
    return right + float(offset)


def _offset_words(detail: str) -> str:
    offset, _, instead = detail.partition(" ")
    number = f"{float(offset):g}"
    return texts.for_the_penalty(number) if instead else number


FINISHED = (
    Misconception(
        name="gradient_clipped",
        title="gradient clipped",
        did="The gradient was clipped {detail}.",
        why="Clipping belongs to the update: it keeps a step short, but what it returns is not the"
        " derivative of C; compare before you clip.",
        families=("weight_gradient", "bias_gradient"),
        compute=_clipped,
        details=_limits,
        words=_clipped_words,
        on_result=True,
        doubt=lambda context, detail: 0.15,
    ),
    Misconception(
        name="constant_added",
        title="constant added to ∂C/∂W",
        did="The same constant, {detail}, was added to every entry of ∂C/∂W.",
        why="A constant in C has the derivative 0, so nothing is added to a gradient; look for a"
        " number that is added in the line, such as a small number against division by 0.",
        families=("weight_gradient",),
        compute=_with_offset,
        details=_offsets,
        words=_offset_words,
        on_result=True,
        doubt=lambda context, detail: 0.2,
    ),
)
