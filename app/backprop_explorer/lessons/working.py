"""The problem of a lesson, and the experiment that shows the same numbers on the page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from textwrap import TextWrapper
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.names import TARGET, X
from backprop_explorer.engine.network import network_of
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import written
from backprop_explorer.engine.updates import Update
from backprop_explorer.texts import lessons as texts
from backprop_explorer.tutor.problem import Problem

Array = NDArray[np.float64]
_CODE = TextWrapper(46, subsequent_indent=" " * 4, break_on_hyphens=False)
# Of a working that does not say how its losses are summed.
REDUCTION = "mean"


def lesson_problem(
    layers: Sequence[tuple[ArrayLike, ArrayLike, str]],
    x: ArrayLike,
    target: ArrayLike,
    cost: str = "mse",
    reduction: str = REDUCTION,
    convention: str = "column",
    single: bool = True,
    fused: bool = True,
    learning_rate: float | None = None,
    optimizer: str = "sgd",
    jacobians: bool = False,
    l1: float = 0.0,
    l2: float = 0.0,
) -> Problem:
    """Return the problem of W (n_in, n_out), b (n_out,) and the activation of each layer.

    x: (N, n_in), target: (N, n_out). ``single`` shows one sample as vectors. ``convention`` is that
    of the questions and their marks; it does not change what is computed.
    """
    samples = np.atleast_2d(_array(x))
    return Problem(
        network_of(samples.shape[1], tuple((np.size(b), name) for _, b, name in layers)),
        [(_array(W), _array(b)) for W, b, _ in layers],
        samples,
        np.atleast_2d(_array(target)),
        Objective(cost, reduction, l1, l2, fused=fused),
        Notation.of(convention, single=single, reduction=reduction),
        None if learning_rate is None else Update(optimizer, learning_rate),
        jacobians,
    )


# The name that lessons of others may import.
LessonWorking = lesson_problem


def explained(problem: Problem, line: str) -> str:
    """Return a sentence on what a line of a working computes, and its formula, as markup."""
    told = written(problem.trace.graph.by_id[line], problem.notation)
    return f"{told['text']} ${told['formula']}$"


def code_of(problem: Problem) -> str:
    """Return W, b, x and target as the convention has them, as code for a notebook."""
    arrays: dict[str, Any] = {}
    for name in problem.trace.graph.parameters:
        arrays[name if len(problem.layers) > 1 else name.kind] = problem[name]
    return assigned(**arrays, x=problem[X], target=problem[TARGET])


def recipe_of(problem: Problem, target: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the recipe of an experiment with exactly these numbers.

    ``target`` is that of ``points`` data, by default class indices where these are possible.
    """
    objective, update = problem.objective, problem.update or Update("sgd", 0.1)
    return {
        "dataset": {
            "name": "points",
            "x": problem.x.tolist(),
            **(target or _points_target(problem.target, objective.cost)),
            "test_fraction": 0.0,
            "standardize": False,
        },
        "network": {
            "layers": [asdict(layer) for layer in problem.network.layers],
            "weights": [{"W": W.tolist(), "b": b.tolist()} for W, b in problem.layers],
        },
        "cost": {"name": objective.cost, "reduction": objective.reduction},
        "penalty": {"l1": objective.l1, "l2": objective.l2},
        "optimizer": {"name": update.name, "learning_rate": update.learning_rate},
        "batch": {"size": None, "shuffle": False},
    }


def _array(values: ArrayLike) -> Array:
    return np.asarray(values, dtype=np.float64)


def _points_target(target: Array, cost: str) -> dict[str, Any]:
    """Return a target (N, n_out) as ``points`` data has it: class indices, or numbers."""
    outputs = target.shape[1]
    one_hot = ((target == 0) | (target == 1)).all() and (target.sum(axis=1) == 1).all()
    if outputs > 1 and one_hot:
        classes = [texts.class_title(k) for k in range(outputs)]
        return {"target": target.argmax(axis=1).tolist(), "classes": classes}
    if outputs == 1 and COSTS[cost].tasks == ("classification",):
        return {"target": target[:, 0].astype(int).tolist(), "classes": ["0", "1"]}
    return {"target": target[:, 0].tolist() if outputs == 1 else target.tolist()}


def listed(values: ArrayLike, decimals: int = 4) -> str:
    """Return numbers as NumPy prints them, on one line, for a sentence or for code."""
    rounded = np.round(_array(values), decimals) + 0.0  # without −0.0
    text = np.array2string(rounded, precision=decimals, separator=", ", suppress_small=True)
    # NumPy pads "0." to the width of the others.
    tight = re.sub(r"(?<=\[)\s+|\s+(?=[,\]])", "", " ".join(text.split()))
    return re.sub(r"\.(?=[,\]])", "", tight)


def assigned(**arrays: ArrayLike) -> str:
    """Return ``name = np.array(…)`` for a notebook; whole rows, in lines that a phone shows."""
    lines = []
    for name, value in arrays.items():
        line = f"{name}\xa0=\xa0np.array({(_array(value) + 0.0).tolist()})"
        if np.ndim(value) > 1:
            line = line.replace(", ", ",\xa0").replace("],\xa0[", "], [").replace("[[", "[ [")
        lines.append(_CODE.fill(line).replace("[ [", "[[").replace("\xa0", " "))
    return "\n".join(lines)
