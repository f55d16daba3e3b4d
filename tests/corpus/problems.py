"""The problems of the students: small networks with random numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backprop_explorer.compute.check_requests import CheckRequest
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import Trace
from backprop_explorer.limits import Limits
from tests.corpus.tools import ACTIVATIONS


@dataclass(frozen=True)
class Problem:
    """Sizes and settings of a network; ``draw`` adds the numbers.

    ``W`` and ``b`` are lists of arrays in the problem's convention. ``f`` and ``df`` are the
    activations and their derivatives, as functions of z.
    """

    name: str
    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    samples: int | None = None  # None: one sample, as vectors
    cost: str = "mse"
    reduction: str = "mean"
    convention: str = "column"
    target: str = "numbers"
    penalty: dict[str, float] = field(default_factory=dict)
    optimizer: dict[str, Any] | None = None
    fused: bool = True
    scale: float = 1.0
    W: list[np.ndarray] = field(default_factory=list)
    b: list[np.ndarray] = field(default_factory=list)
    x: np.ndarray = field(default_factory=lambda: np.empty(0))
    y: np.ndarray = field(default_factory=lambda: np.empty(0))

    def draw(self, seed: int) -> Problem:
        """Return the same problem with random numbers."""
        rng = np.random.default_rng([seed, *self.name.encode()])
        W, b = [], []
        for n_in, n_out in zip(self.sizes, self.sizes[1:], strict=False):
            shape = (n_out, n_in) if self.convention == "column" else (n_in, n_out)
            W.append(self.scale * rng.normal(size=shape))
            b.append(self.scale * rng.normal(size=n_out))
        n = () if self.samples is None else (self.samples,)
        x = rng.normal(size=(*n, self.sizes[0]))
        if self.target == "class":
            y = np.eye(self.sizes[-1])[rng.integers(self.sizes[-1], size=n)]
        elif self.target == "bits":
            y = rng.integers(2, size=(*n, self.sizes[-1])).astype(float)
        else:
            y = rng.random(size=(*n, self.sizes[-1]))
        return replace(self, W=W, b=b, x=x, y=y)

    @property
    def f(self) -> list[Any]:
        """The activation functions."""
        return [ACTIVATIONS[name][0] for name in self.activations]

    @property
    def df(self) -> list[Any]:
        """Their derivatives."""
        return [ACTIVATIONS[name][1] for name in self.activations]

    @property
    def L(self) -> int:  # noqa: N802
        """The number of layers."""
        return len(self.W)

    def request(self) -> dict[str, Any]:
        """Return the givens in the format of the API."""
        return {
            "layers": [
                {"W": W.tolist(), "b": b.tolist(), "activation": activation}
                for W, b, activation in zip(self.W, self.b, self.activations, strict=True)
            ],
            "x": self.x.tolist(),
            "target": self.y.tolist(),
            "cost": self.cost,
            "reduction": self.reduction,
            "convention": self.convention,
            "penalty": {"l1": 0, "l2": 0, **self.penalty},
            "optimizer": self.optimizer,
            "fused": self.fused,
        }

    def working(self, submitted: dict[str, Any]) -> tuple[Trace, Notation, Any]:
        """Return the arguments of the checker."""
        request = CheckRequest.model_validate({**self.request(), "submitted": submitted})
        problem = request.problem(Limits()).with_lines(request.submitted)
        return problem.trace, problem.notation, request.submitted


_SGD = {"name": "sgd", "learning_rate": 0.1}

PROBLEMS = {
    p.name: p
    for p in (
        Problem("one layer", (2, 3), ("sigmoid",)),
        Problem("two layers", (2, 3, 4), ("sigmoid", "sigmoid")),
        Problem("sigmoid then relu", (2, 3, 4), ("sigmoid", "relu")),
        Problem("square", (3, 3, 3), ("tanh", "sigmoid")),
        Problem("square relu", (3, 3, 3, 3), ("relu", "leaky_relu", "identity")),
        Problem("deep", (3, 4, 4, 4, 2), ("tanh", "elu", "softplus", "sigmoid")),
        Problem("scalar chain", (1, 1, 1), ("sigmoid", "sigmoid"), reduction="half_sum"),
        Problem("regression", (2, 5, 1), ("tanh", "identity"), reduction="half_sum"),
        Problem("gates", (3, 4, 3), ("silu", "gelu"), reduction="sum"),
        Problem("lecture", (3, 4, 2), ("sigmoid", "sigmoid"), convention="lecture",
                reduction="half_sum"),
        Problem("lecture square", (3, 3, 3), ("tanh", "tanh"), convention="lecture"),
        Problem("vanishing", (2, 3, 2), ("sigmoid", "sigmoid"), scale=4.0),
        Problem("huber", (3, 4, 3), ("tanh", "identity"), cost="huber", reduction="sum"),
        Problem("batch", (4, 5, 3), ("relu", "sigmoid"), 6, convention="row"),
        Problem("batch square", (3, 3, 3), ("tanh", "tanh"), 5, convention="row"),
        Problem("batch as wide", (3, 3, 3), ("sigmoid", "tanh"), 3, convention="row"),
        Problem("batch deep", (4, 6, 6, 3, 1), ("tanh", "sigmoid", "leaky_relu", "identity"), 8,
                convention="row"),
        Problem("batch columns", (3, 4, 2), ("sigmoid", "identity"), 4, convention="column",
                reduction="batch_mean"),
        Problem("iris", (4, 8, 3), ("sigmoid", "softmax"), 10, "cross_entropy", "sum", "row",
                "class"),
        Problem("iris mean", (4, 6, 3), ("relu", "softmax"), 9, "cross_entropy", "batch_mean",
                "row", "class"),
        Problem("iris apart", (4, 5, 3), ("tanh", "softmax"), 7, "cross_entropy", "sum", "row",
                "class", fused=False),
        Problem("one flower", (4, 5, 3), ("sigmoid", "softmax"), None, "cross_entropy", "sum",
                "column", "class"),
        Problem("binary", (2, 4, 1), ("tanh", "sigmoid"), 7, "binary_cross_entropy", "mean",
                "row", "bits"),
        Problem("binary apart", (3, 4, 2), ("tanh", "sigmoid"), None, "binary_cross_entropy",
                "mean", "column", "bits", fused=False),
        Problem("softmax mse", (3, 4, 3), ("tanh", "softmax"), None, target="class"),
        Problem("ridge", (4, 5, 2), ("tanh", "identity"), 6, convention="row",
                penalty={"l2": 0.01}, optimizer=_SGD),
        Problem("ridge square", (3, 3, 3), ("tanh", "sigmoid"), 5, convention="row",
                penalty={"l2": 0.1}),
        Problem("lasso", (3, 4, 2), ("sigmoid", "identity"), None, penalty={"l1": 0.02},
                optimizer=_SGD),
        Problem("descent", (2, 3, 2), ("sigmoid", "sigmoid"), optimizer=_SGD),
        Problem("descent batch", (3, 4, 2), ("tanh", "identity"), 5, convention="row",
                optimizer=_SGD),
        Problem("momentum", (3, 4, 2), ("tanh", "identity"), 5, convention="row",
                optimizer={"name": "momentum", "learning_rate": 0.05, "momentum": 0.9}),
        Problem("nesterov", (3, 4, 2), ("tanh", "identity"), 5, convention="row",
                optimizer={"name": "nesterov", "learning_rate": 0.05, "momentum": 0.9}),
        Problem("adagrad", (3, 4, 2), ("tanh", "identity"), 5, convention="row",
                optimizer={"name": "adagrad", "learning_rate": 0.05}),
        Problem("rmsprop", (3, 4, 2), ("tanh", "identity"), 5, convention="row",
                optimizer={"name": "rmsprop", "learning_rate": 0.02}),
        Problem("adam", (3, 4, 2), ("relu", "identity"), 5, convention="row",
                optimizer={"name": "adam", "learning_rate": 0.01}),
    )
}  # fmt: skip
