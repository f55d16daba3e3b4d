"""The working of a lesson, and the experiment that shows the same numbers on the page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from textwrap import TextWrapper
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.names import biases, weights
from backprop_explorer.engine.network import network_of
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace, written
from backprop_explorer.engine.updates import Update
from backprop_explorer.texts import lessons as texts
from backprop_explorer.tutor.problem import GivenProblem

Array = NDArray[np.float64]
_CODE = TextWrapper(46, subsequent_indent=" " * 4, break_on_hyphens=False)
# Of a working that does not say how its losses are summed.
REDUCTION = "mean"


@dataclass(frozen=True, init=False)
class LessonWorking:
    """The working of a problem, with the numbers of a lesson.

    ``jacobians`` are among its lines if it says so.
    """

    problem: GivenProblem
    jacobians: bool

    def __init__(
        self,
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
    ) -> None:
        """Set the layers: W (n_in, n_out), b (n_out,) and the activation of each.

        x: (N, n_in), target: (N, n_out). ``single`` shows one sample as vectors. ``convention`` is
        that of the questions and their marks; it does not change what is computed.
        """
        samples = np.atleast_2d(_array(x))
        problem = GivenProblem(
            network_of(samples.shape[1], tuple((np.size(b), name) for _, b, name in layers)),
            [(_array(W), _array(b)) for W, b, _ in layers],
            samples,
            np.atleast_2d(_array(target)),
            Objective(cost, reduction, l1, l2, fused=fused),
            Notation.of(convention, single=single, reduction=reduction),
            None if learning_rate is None else Update(optimizer, learning_rate),
        )
        self._set(problem, jacobians)

    def _set(self, problem: GivenProblem, jacobians: bool) -> None:
        object.__setattr__(self, "problem", problem)
        object.__setattr__(self, "jacobians", jacobians)

    @classmethod
    def of(cls, problem: GivenProblem, *, jacobians: bool = False) -> LessonWorking:
        """Return the working of a problem."""
        working = cls.__new__(cls)
        working._set(problem, jacobians)
        return working

    def with_layers(self, layers: Sequence[tuple[ArrayLike, ArrayLike, str]]) -> LessonWorking:
        """Return the same working with other weights, biases and activations."""
        network = network_of(
            self.problem.network.inputs, tuple((np.size(b), name) for _, b, name in layers)
        )
        pairs = [(_array(W), _array(b)) for W, b, _ in layers]
        problem = replace(self.problem, network=network, layers=pairs)
        return LessonWorking.of(problem, jacobians=self.jacobians)

    def with_optimizer(self, name: str) -> LessonWorking:
        """Return the same working with the update of another optimizer."""
        assert self.problem.update is not None, "a working without an update"
        update = replace(self.problem.update, name=name)
        return LessonWorking.of(replace(self.problem, update=update), jacobians=self.jacobians)

    @cached_property
    def trace(self) -> Trace:
        """The trace, in the engine's row convention."""
        return self.problem.trace(jacobians=self.jacobians)

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """The nodes of its lines by id."""
        return {line.node.id: line.node for line in self.trace.lines}

    @property
    def layers(self) -> list[tuple[Array, Array, str]]:
        """W (n_in, n_out), b and the activation of each layer."""
        layers = zip(self.problem.layers, self.problem.network.layers, strict=True)
        return [(W, b, layer.activation) for (W, b), layer in layers]

    @property
    def x(self) -> Array:
        """The samples: (n_in,) for one that is shown as a vector, else (N, n_in)."""
        return self.problem.x[0] if self.problem.notation.single else self.problem.x

    @property
    def target(self) -> Array:
        """The targets: (n_out,) for one sample that is shown as a vector, else (N, n_out)."""
        return self.problem.target[0] if self.problem.notation.single else self.problem.target

    def shown(self, name: str) -> Any:
        """Return the value of a line or given, as ``convention`` shows it."""
        return self.problem.notation.show(self.trace[name], self.trace.graph.axes[name])

    def __getitem__(self, name: str) -> Any:
        """Return ``shown(name)``; raises KeyError. Lessons write ``working.z1``."""
        return self.shown(name)

    @property
    def names(self) -> Sequence[str]:
        """The ids of all lines, and the names of the givens."""
        return [*self.nodes, *self.trace.givens]

    def explained(self, name: str) -> str:
        """Return a sentence on what a line computes, and its formula, as markup."""
        told = written(self.nodes[name], self.problem.notation)
        return f"{told['text']} ${told['formula']}$"

    @property
    def code(self) -> str:
        """W, b, x and target as the convention has them, as code for a notebook."""
        arrays: dict[str, Any] = {}
        for k, (W, b, _) in enumerate(self.layers, start=1):
            turned = W.T if self.problem.notation.convention.transposed else W
            for name, value in ((weights(k), turned), (biases(k), b)):
                arrays[name if len(self.layers) > 1 else name.kind] = value
        return assigned(**arrays, x=self.x, target=self.target)

    def recipe(self, **more: Any) -> dict[str, Any]:
        """Return the recipe with exactly these numbers, for a ``Scene``.

        ``more`` replaces fields of the recipe.
        """
        problem = self.problem
        objective, update = problem.objective, problem.update or Update("sgd", 0.1)
        recipe: dict[str, Any] = {
            "dataset": {
                "name": "points",
                "x": problem.x.tolist(),
                **_points_target(problem.target, objective.cost),
                "test_fraction": 0.0,
                "standardize": False,
            },
            "network": {
                "layers": [{"units": len(b), "activation": name} for _, b, name in self.layers],
                "weights": [{"W": W.tolist(), "b": b.tolist()} for W, b, _ in self.layers],
            },
            "cost": {"name": objective.cost, "reduction": objective.reduction},
            "penalty": {"l1": objective.l1, "l2": objective.l2},
            "optimizer": {"name": update.name, "learning_rate": update.learning_rate},
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
    """Return ``name = np.array(…)`` for a notebook; whole rows, in lines that a phone shows."""
    lines = []
    for name, value in arrays.items():
        line = f"{name}\xa0=\xa0np.array({(_array(value) + 0.0).tolist()})"
        if np.ndim(value) > 1:
            line = line.replace(", ", ",\xa0").replace("],\xa0[", "], [").replace("[[", "[ [")
        lines.append(_CODE.fill(line).replace("[ [", "[[").replace("\xa0", " "))
    return "\n".join(lines)
