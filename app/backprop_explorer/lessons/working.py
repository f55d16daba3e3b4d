"""The working of a lesson, and the experiment that shows the same numbers on the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.network import network_of
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace, written
from backprop_explorer.engine.updates import Update
from backprop_explorer.texts import lessons as texts
from backprop_explorer.tutor.problem import GivenProblem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LessonWorking:
    """A backpropagation with given layers, data and cost.

    layers: W (n_in, n_out), the row convention, and b (n_out,) of each layer, with its activation.
    x: (N, n_in), target: (N, n_out). ``single`` shows one sample as vectors. ``convention`` is that
    of the questions and their marks; it does not change what is computed.
    """

    layers: Sequence[tuple[ArrayLike, ArrayLike, str]]
    x: ArrayLike
    target: ArrayLike
    cost: str = "mse"
    reduction: str = "mean"
    convention: str = "column"
    single: bool = True
    fused: bool = True
    learning_rate: float | None = None
    optimizer: str = "sgd"
    jacobians: bool = False
    l1: float = 0.0
    l2: float = 0.0

    @cached_property
    def trace(self) -> Trace:
        """The trace, in the engine's row convention."""
        pairs = [(_array(W), _array(b)) for W, b, _ in self.layers]
        x = np.atleast_2d(_array(self.x))
        layers = tuple((len(b), each[2]) for (_, b), each in zip(pairs, self.layers, strict=True))
        problem = GivenProblem(
            network_of(x.shape[1], layers),
            pairs,
            x,
            np.atleast_2d(_array(self.target)),
            Objective(self.cost, self.reduction, self.l1, self.l2, fused=self.fused),
            self.notation,
            None if self.learning_rate is None else Update(self.optimizer, self.learning_rate),
        )
        return problem.trace(jacobians=self.jacobians)

    @property
    def notation(self) -> Notation:
        """The notation in which its numbers are shown and asked for."""
        return Notation.of(self.convention, single=self.single, reduction=self.reduction)

    def shown(self, name: str) -> Any:
        """Return the value of a line or given, as ``convention`` shows it."""
        for line in self.trace.lines:
            if line.id == name:
                return self.notation.show(line.value, line.node.axes)
        return self.notation.show(self.trace.givens[name], self.trace.graph.axes[name])

    def __getitem__(self, name: str) -> Any:
        """Return ``shown(name)``; raises KeyError. Lessons write ``working.dC_da1``."""
        return self.shown(name)

    @property
    def names(self) -> Sequence[str]:
        """The ids of all lines, and the names of the givens."""
        return [*(line.id for line in self.trace.lines), *self.trace.givens]

    def explained(self, name: str) -> str:
        """Return a sentence on what a line computes, and its formula, as markup."""
        line = next(each for each in self.trace.lines if each.id == name)
        told = written(line.node, self.notation)
        return f"{told['text']} ${told['formula']}$"

    @property
    def code(self) -> str:
        """W, b, x and target as the convention has them, as code for a notebook."""
        arrays: dict[str, Any] = {}
        for k, (W, b, _) in enumerate(self.layers, start=1):
            number = str(k) if len(self.layers) > 1 else ""
            turned = np.asarray(W).T if self.convention == "column" else W
            arrays |= {f"W{number}": turned, f"b{number}": b}
        return assigned(**arrays, x=self.x, target=self.target)

    def recipe(self, **more: Any) -> dict[str, Any]:
        """Return the recipe with exactly these numbers, for a ``Scene``.

        ``more`` replaces fields of the recipe.
        """
        x = np.atleast_2d(_array(self.x))
        target = np.atleast_2d(_array(self.target))
        recipe: dict[str, Any] = {
            "dataset": {
                "name": "points",
                "x": x.tolist(),
                **_points_target(target, self.cost),
                "test_fraction": 0.0,
                "standardize": False,
            },
            "network": {
                "layers": [{"units": len(_array(b)), "activation": a} for _, b, a in self.layers],
                "weights": [
                    {"W": _array(W).tolist(), "b": _array(b).tolist()} for W, b, _ in self.layers
                ],
            },
            "cost": {"name": self.cost, "reduction": self.reduction},
            "penalty": {"l1": self.l1, "l2": self.l2},
            "optimizer": {"name": self.optimizer, "learning_rate": self.learning_rate or 0.1},
            "batch": {"size": None, "shuffle": False},
        }
        return {**recipe, **more}


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
    """Return ``name = np.array(…)`` lines for a notebook."""
    return "\n".join(
        f"{name} = np.array({(_array(value) + 0.0).tolist()})" for name, value in arrays.items()
    )
