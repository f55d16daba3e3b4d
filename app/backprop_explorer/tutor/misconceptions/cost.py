"""Mistakes in the value of the cost, and of its penalty."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.ops import OPS
from backprop_explorer.texts import tutor_misconceptions as texts
from backprop_explorer.tutor.misconceptions.misconception import Array, Context, Misconception


def _other_costs(context: Context) -> Sequence[str]:
    """List the other costs with the reduction of the exercise, then with other reductions."""
    objective = context.situation.objective
    reductions = [objective.reduction, *(r for r in REDUCTIONS if r != objective.reduction)]
    return [f"{c}/{r}" for r in reductions for c in COSTS if c != objective.cost]


def _prediction(context: Context) -> Array:
    a: Array = context.read(names.activation(context.depth))
    return a


def _wrong_cost(context: Context, detail: str) -> Any:
    if context.node.op == "total_cost":
        return None
    cost, reduction = detail.split("/")
    _, target, factor = context.inputs
    if reduction != context.situation.objective.reduction:
        factor = REDUCTIONS[reduction].factor(*target.shape)
    return float(OPS[cost].compute(_prediction(context), target, factor))


def _wrong_cost_doubt(context: Context, detail: str) -> float:
    cost, reduction = detail.split("/")
    rare = 0.1 if cost in ("huber", "mae") else 0.0
    return rare + (0.0 if reduction == context.situation.objective.reduction else 0.2)


def _cost_of_pairs(context: Context, detail: str) -> Any:
    """Compute the cost with predictions (N, 1) and targets (N,), broadcast to (N, N)."""
    if context.node.op == "total_cost":
        return None
    _, target, factor = context.inputs
    samples = len(target)
    if target.shape[1] != 1 or samples == 1:
        return None
    factor = factor / samples if detail == "mean" else factor
    loss = COSTS[context.situation.objective.cost].loss
    return float(factor * loss(_prediction(context), target.T).sum())


def _cost_factors(context: Context) -> Sequence[str]:
    return [*REDUCTIONS, "half"]


def _cost_scale(context: Context, detail: str) -> Any:
    if context.node.op == "total_cost":
        return None
    _, target, factor = context.inputs
    other = 0.5 * factor if detail == "half" else REDUCTIONS[detail].factor(*target.shape)
    return float(context.right() * other / factor)


def _cost_scale_words(detail: str) -> str:
    return texts.HALF_OF_IT if detail == "half" else REDUCTIONS[detail].title


def _cost_sign(context: Context, detail: str) -> Any:
    return None if context.node.op == "total_cost" else -context.right()


def _penalty_left_out(context: Context, detail: str) -> Any:
    return context.inputs[0] if context.node.op == "total_cost" else None


def _penalty_in_cost(context: Context, detail: str) -> Any:
    if context.node.op != "total_cost":
        return None
    data, *penalties = context.inputs
    total, objective = sum(penalties), context.situation.objective
    if detail in ("biases", "weights"):
        if objective.biases != (detail == "weights"):
            return None
        biases = [context.read(names.biases(k)) for k in range(1, context.depth + 1)]
        of_biases = sum(
            objective.l1 * np.abs(b).sum() + 0.5 * objective.l2 * np.square(b).sum() for b in biases
        )
        return data + total + (of_biases if detail == "biases" else -of_biases)
    return data + _PENALTY_FACTORS[detail](context.situation.samples) * total


_PENALTY_FACTORS: Mapping[str, Callable[[int], float]] = {
    "doubled": lambda samples: 2.0,
    "halved": lambda samples: 0.5,
    "divided": lambda samples: 1.0 / samples,
    "subtracted": lambda samples: -1.0,
    "halved and divided": lambda samples: 0.5 / samples,
    "doubled and divided": lambda samples: 2.0 / samples,
    "multiplied": lambda samples: samples,
}
_PENALTY_IN_COST = {
    "doubled": texts.TWICE_AS_LARGE,
    "divided": texts.DIVIDED_BY_SAMPLES,
    "halved": texts.HALF_AS_LARGE,
    "biases": texts.WITH_BIASES,
    "weights": texts.WITHOUT_BIASES,
    "halved and divided": texts.HALF_AND_DIVIDED,
    "doubled and divided": texts.TWICE_AND_DIVIDED,
    "subtracted": texts.SUBTRACTED,
    "multiplied": texts.MULTIPLIED_BY_SAMPLES,
}


COST = (
    Misconception(
        name="cost_scale",
        title="cost scaled differently",
        did="The cost is off by a constant factor: it was taken as {detail}.",
        why="The factor also scales all gradients; compare what you divide the cost by with the"
        " given definition.",
        families=("cost",),
        compute=_cost_scale,
        details=_cost_factors,
        words=_cost_scale_words,
    ),
    Misconception(
        name="cost_sign",
        title="sign of the cost",
        did="The cost has the opposite sign.",
        why="A cost falls as the prediction gets better; check the sign in front of the sum.",
        families=("cost",),
        compute=_cost_sign,
    ),
    Misconception(
        name="wrong_cost_value",
        title="another cost",
        did="The cost was computed as {detail}.",
        why="Each cost measures the error in its own way; check which cost is required.",
        families=("cost",),
        compute=_wrong_cost,
        details=_other_costs,
        words=lambda detail: COSTS[detail.split("/")[0]].title,
        doubt=_wrong_cost_doubt,
    ),
    Misconception(
        name="broadcast_columns_in_cost",
        title="(N, 1) − (N,) gives (N, N) in the cost",
        did="The cost compares every prediction with the targets of all samples: an array of shape"
        " (N, 1) and one of shape (N,) were combined.",
        why="NumPy stretches both to (N, N) without an error; print the shapes of both before you"
        " subtract.",
        families=("cost",),
        compute=_cost_of_pairs,
        details=lambda context: ("mean", "sum"),
    ),
    Misconception(
        name="penalty_scale_in_cost",
        title="penalty scaled differently in the cost",
        did="The penalty in the cost is {detail}.",
        why="Penalties are defined with λ or λ/2, with or without a division by N; compare the"
        " definition with yours, and take the gradient from the same one.",
        families=("cost",),
        compute=_penalty_in_cost,
        details=lambda context: tuple(_PENALTY_IN_COST),
        words=lambda detail: _PENALTY_IN_COST[detail],
    ),
    Misconception(
        name="penalty_missing_in_cost",
        title="penalty left out of the cost",
        did="The cost does not contain the penalty.",
        why="With L1 or L2 the penalty of the weights of every layer is added; check the last line"
        " of the cost.",
        families=("cost",),
        compute=_penalty_left_out,
    ),
)
