"""What a question asks, as it is stored: complete, so that marking needs nothing else.

A question about a line keeps the givens of the working (weights, samples, targets), not the
experiment: any worker can mark an answer without training first, and with the same bits.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from backprop_explorer.classroom.room import Kind
from backprop_explorer.engine import names
from backprop_explorer.engine.trace import Trace
from backprop_explorer.lessons.seed import Seed
from backprop_explorer.lessons.working import LessonWorking
from backprop_explorer.tutor.checker.line_names import trace_requirements
from backprop_explorer.tutor.problem import can_fuse

# How long the checker looks for mistakes in an answer. With its usual 0.1 s an answer that it does
# not recognise takes 0.2 s of a processor, and 300 at once a minute; this is enough to find every
# single mistake in a network of three layers.
SEARCH_SECONDS = 0.02
Array = NDArray[np.float64]


class StoredGivens(BaseModel):
    """The givens of a working in the row convention: W (n_in, n_out), x (N, n_in)."""

    model_config = ConfigDict(frozen=True)

    layers: list[tuple[list[list[float]], list[float], str]]
    x: list[list[float]]
    target: list[list[float]]
    single: bool
    cost: str
    reduction: str
    l1: float
    l2: float
    convention: str
    learning_rate: float | None
    lines: list[str]

    def working(self, seed: Seed | None = None, names: tuple[str, ...] = ()) -> LessonWorking:
        """Return the working; with a ``seed`` the one of other weights, biases and samples.

        ``names``: further lines that it must have.
        """
        layers = [(np.array(W), np.array(b), activation) for W, b, activation in self.layers]
        x = np.array(self.x)
        if seed is not None:
            layers, x = _drawn(layers, x, seed)
        needed = trace_requirements([*self.lines, *names], len(layers))
        target = np.array(self.target)
        return LessonWorking(
            layers=layers,
            x=x[0] if self.single else x,
            target=target[0] if self.single else target,
            cost=self.cost,
            reduction=self.reduction,
            convention=self.convention,
            single=self.single,
            fused=not needed.unfused_output and can_fuse(self.cost, target),
            learning_rate=self.learning_rate,
            jacobians=needed.jacobians,
            l1=self.l1,
            l2=self.l2,
        )


class Spec(BaseModel):
    """A question. ``own``: every student has other numbers, drawn from a seed."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    own: bool = False
    line: str | None = None
    entry: tuple[int, ...] | None = None
    givens: StoredGivens | None = None
    prompt: str = ""
    options: tuple[str, ...] = ()
    right: int = 0
    lesson: str = ""
    card: str = ""
    seed: Seed = 1

    def content(self) -> bytes:
        """The question as the store keeps it."""
        return self.model_dump_json().encode()


def givens_of(
    trace: Trace, *, single: bool, convention: str, learning_rate: float | None, lines: list[str]
) -> StoredGivens:
    """Return the givens of ``trace``."""

    def listed(name: str) -> Any:
        return trace.givens[name].tolist()

    layers = [
        (listed(names.weights(k)), listed(names.biases(k)), layer.activation)
        for k, layer in enumerate(trace.network.layers, start=1)
    ]
    objective = trace.objective
    return StoredGivens(
        layers=layers,
        x=listed("x"),
        target=listed("target"),
        single=single,
        cost=objective.cost,
        reduction=objective.reduction,
        l1=objective.l1,
        l2=objective.l2,
        convention=convention,
        learning_rate=learning_rate,
        lines=lines,
    )


def _drawn(
    layers: list[tuple[Array, Array, str]], x: Array, seed: Seed
) -> tuple[list[tuple[Array, Array, str]], Array]:
    """Draw weights, biases and samples with two decimals, as for a calculation by hand."""
    number = int.from_bytes(hashlib.sha256(str(seed).encode()).digest()[:8], "big")
    rng = np.random.default_rng(number)

    def draw(shape: tuple[int, ...], most: float) -> Array:
        # Not 0: a sign would be undecided, and a product would hide a mistake.
        size = rng.integers(5, round(100 * most), shape) / 100
        drawn: Array = size * rng.choice((-1.0, 1.0), shape)
        return drawn

    drawn = [(draw(W.shape, 1.5), draw(b.shape, 0.8), activation) for W, b, activation in layers]
    return drawn, draw(x.shape, 2.0)
