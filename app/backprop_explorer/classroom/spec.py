"""What a question asks, as it is stored: complete, so that marking needs nothing else.

A question about a line keeps the givens of the working (weights, samples, targets), not the
experiment: any worker can mark an answer without training first, and with the same bits.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator

from backprop_explorer.classroom.room import Kind
from backprop_explorer.lessons.seed import Seed
from backprop_explorer.tutor.problem import Problem

# How long the checker looks for mistakes in an answer. With its usual 0.1 s an answer that it does
# not recognise takes 0.2 s of a processor, and 300 at once a minute; this is enough to find every
# single mistake in a network of three layers.
SEARCH_SECONDS = 0.02
Array = NDArray[np.float64]


def _problem(given: Any) -> Problem:
    return given if isinstance(given, Problem) else Problem.from_dict(given)


StoredProblem = Annotated[Problem, PlainValidator(_problem), PlainSerializer(Problem.as_dict)]


class Spec(BaseModel):
    """A question. ``own``: every student has other numbers, drawn from a seed."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    own: bool = False
    line: str | None = None
    entry: tuple[int, ...] | None = None
    givens: StoredProblem | None = None
    prompt: str = ""
    options: tuple[str, ...] = ()
    right: int = 0
    reasons: tuple[str, ...] = ()
    lesson: str = ""
    card: str = ""
    seed: Seed = 1

    def problem(self, seed: Seed | None = None) -> Problem | None:
        """Return the problem that it is about; with a ``seed`` the one of a student's numbers."""
        if self.givens is None:
            return None
        problem = self.givens if seed is None else drawn(self.givens, seed)
        return problem.with_lines([] if self.line is None else [self.line])

    def content(self) -> bytes:
        """The question as the store keeps it."""
        return self.model_dump_json().encode()


def drawn(problem: Problem, seed: Seed) -> Problem:
    """Return the problem with weights, biases and samples for a calculation by hand.

    They have two decimals and depend on ``seed`` only.
    """
    number = int.from_bytes(hashlib.sha256(str(seed).encode()).digest()[:8], "big")
    rng = np.random.default_rng(number)

    def draw(shape: tuple[int, ...], most: float) -> Array:
        # Not 0: a sign would be undecided, and a product would hide a mistake.
        size = rng.integers(5, round(100 * most), shape) / 100
        numbers: Array = size * rng.choice((-1.0, 1.0), shape)
        return numbers

    layers = [(draw(W.shape, 1.5), draw(b.shape, 0.8)) for W, b in problem.layers]
    return replace(problem, layers=layers, x=draw(problem.x.shape, 2.0))
