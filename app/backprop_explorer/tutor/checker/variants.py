"""The working with given mistakes, and with values pinned to given numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.activation import Activation
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.ops import OPS
from backprop_explorer.tutor.checker.reference import Number, ReferenceWorking, limit_update_noise
from backprop_explorer.tutor.mistakes import MISCONCEPTIONS, MistakeSite, mistaken
from backprop_explorer.tutor.mistakes.slopes import SLOPES_OF_OUTPUTS

# Tolerance for the sum of probabilities.
SUM_TOLERANCE = 1e-12
# Mistakes that change a finished result, so that they come after the others of a line.
_ON_RESULT = frozenset(m.name for m in MISCONCEPTIONS.values() if m.on_result)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A misconception applied in ``lines``, with the same ``detail`` in all of them."""

    name: str
    detail: str
    lines: frozenset[str]

    @property
    def key(self) -> tuple[str, str]:
        """The misconception and its detail, without the lines."""
        return (self.name, self.detail)


class Variant:
    """A working with ``mistakes``. Values are computed on demand and cached.

    ``pinned`` maps lines to a known value and its spread.
    """

    __slots__ = (
        *("_begun", "_coarseness", "_rights", "_spreads", "_values"),
        *("mistakes", "pinned", "reference"),
    )

    def __init__(
        self,
        reference: ReferenceWorking,
        mistakes: tuple[Mistake, ...] = (),
        pinned: Mapping[str, tuple[Number, Number]] | None = None,
        values: dict[str, Number] | None = None,
    ) -> None:
        self.reference = reference
        self.mistakes = mistakes
        self.pinned = dict(pinned or {})
        self._values: dict[str, Number] = {} if values is None else values
        self._begun: set[str] = set()
        self._rights: dict[str, Number] = {}
        self._spreads: dict[str, Number] = {}
        self._coarseness: float | None = None

    def with_mistake(self, mistake: Mistake) -> Variant:
        """Return the same working with one more mistake."""
        first = min(self.reference.order[name] for name in mistake.lines)
        made = Variant(
            self.reference, (*self.mistakes, mistake), self.pinned, self._values_before(first)
        )
        made._coarseness = self.coarseness  # the same pinned lines
        return made

    def with_pinned(self, name: str, value: Number, spread: Number) -> Variant:
        """Return the same working with the value of one line pinned."""
        kept = self._values_before(self.reference.order[name])
        return Variant(self.reference, self.mistakes, {**self.pinned, name: (value, spread)}, kept)

    def _values_before(self, at: int) -> dict[str, Number]:
        """Return the cached values of the lines before position ``at``, which stay valid."""
        order = self.reference.order
        return {n: v for n, v in self._values.items() if n in order and order[n] < at}

    @property
    def coarseness(self) -> float:
        """The largest spread of a pinned line, as a part of its largest entry."""
        if self._coarseness is None:
            self._coarseness = max(
                (
                    float(np.max(spread, initial=0.0) / max(np.max(np.abs(value)), 1e-300))
                    for value, spread in self.pinned.values()
                    if spread is not None and np.size(value)
                ),
                default=0.0,
            )
        return self._coarseness

    def read(self, name: str) -> Number:
        """Return a value by its id, None for an unknown id."""
        reference = self.reference
        if name in reference.givens:
            return reference.givens[name]
        if name in reference.nodes or name in reference.other_nodes:
            return self.value(name)
        return None

    def value(self, name: str) -> Number:
        """Return the value of a given or a line, with the effect of all mistakes before it."""
        if name in self._values:
            return self._values[name]
        if name in self.reference.givens:
            return self.reference.givens[name]
        if name in self.pinned:
            value = self.pinned[name][0]
        elif name in self._begun:
            # Two mistakes that take the results of each other's lines are not possible together.
            return np.full(np.shape(self.reference.truth[name]), np.nan)
        else:
            self._begun.add(name)
            try:
                value = self.compute(name, self.mistakes)
            finally:
                self._begun.discard(name)
        self._values[name] = value
        return value

    def compute(self, name: str, mistakes: tuple[Mistake, ...] = ()) -> Number:
        """Compute the line from its inputs, with ``mistakes`` applied in this line only."""
        node = self.reference.nodes.get(name) or self.reference.other_nodes[name]
        made = [m for m in mistakes if name in m.lines]
        if not made:
            return self._correct_value(node)
        result: Callable[[], Number] = partial(self._correct_value, node)
        for mistake in sorted(made, key=lambda m: m.name in _ON_RESULT):
            for step in self.reference.steps_of(name):
                site = self.site(step, result)
                value = mistaken(site, MISCONCEPTIONS[mistake.name], mistake.detail)
                if value is not None:
                    result = partial(_constant, value)
                    break
        return result()

    def candidate_values(self, name: str) -> Iterator[tuple[Number, Number]]:
        """Yield the line's value and slack for each correct way of computing it.

        There are two if cost and output activation can be fused.
        """
        yield self.value(name), self.slack(name)
        other = self.reference.other_nodes.get(name)
        if other is not None and name not in self.pinned:
            spread, noise = self._propagated(other), self.reference.noise[name]
            yield self._correct_value(other), noise if spread is None else noise + spread

    def _correct_value(self, node: Node) -> Number:
        inputs = [self.value(i) for i in node.inputs]
        try:
            if self.reference.slopes_of_outputs and node.operation.family == "activation_backward":
                slope = SLOPES_OF_OUTPUTS.get(node.op.removesuffix("_backward"))
                if slope is not None:
                    return inputs[0] * slope(self.value(names.activation(node.id.layer or 0)))
            if self._use_program_cost(node):
                node = self.reference.other_nodes[node.id]
                inputs = [self.value(i) for i in node.inputs]
            return _compute(node, inputs)
        except ValueError:
            # An input has a wrong shape: NumPy raises an error here.
            return np.full(np.shape(self.reference.truth[node.id]), np.nan)

    def _use_program_cost(self, node: Node) -> bool:
        """Whether to compute the cost from z: if a = f(z), z keeps more digits than a."""
        if node.role != "cost" or node.id not in self.reference.other_nodes:
            return False
        last = self.reference.trace.network.depth
        f = ACTIVATIONS[self.reference.trace.network.layers[-1].activation].compute
        a, z = self.value(names.activation(last)), self.value(names.weighted_sum(last))
        return np.array_equal(a, f(z))

    def sites(self, name: str) -> Iterator[MistakeSite]:
        """Yield the line as places of mistakes."""
        return map(self.site, self.reference.steps_of(name))

    def site(self, node: Node, result: Callable[[], Number] | None = None) -> MistakeSite:
        """Return a node as the place of a mistake; ``result`` is its value before the mistake."""
        reference = self.reference
        right = self._right_value
        return MistakeSite(reference.relations, node, reference.evidence, self.read, right, result)

    def _right_value(self, name: str) -> Number:
        # Several misconceptions of one line compute with it.
        if name not in self._rights:
            self._rights[name] = self._correct_value(self.reference.nodes[name])
        return self._rights[name]

    def spread(self, name: str) -> Number:
        """Return the spread of ``value`` that comes from pinned values, None if it is exact."""
        if name in self.reference.givens or not self.pinned:
            return None
        if name in self.pinned:
            return self.pinned[name][1]
        if name not in self._spreads:
            node = self.reference.nodes.get(name) or self.reference.other_nodes[name]
            self._spreads[name] = self._propagated(node)
        return self._spreads[name]

    def _propagated(self, node: Node) -> Number:
        spreads = [self.spread(i) for i in node.inputs]
        return node.operation.propagated([self.value(i) for i in node.inputs], spreads)

    def slack(self, name: str) -> Number:
        """Return how far a correct answer may be from ``value``: rounding noise plus spread."""
        noise, spread = self.reference.noise.get(name), self.spread(name)
        if noise is not None and np.shape(noise) != np.shape(self.value(name)):
            noise = float(np.max(noise, initial=0.0))
        if noise is not None and self.reference.few_digits and self.mistakes:
            # The rounding of the givens grows with the numbers.
            noise = noise * max(
                1.0, _largest(self.value(name)) / _largest(self.reference.truth[name])
            )
        if noise is not None and name in self.reference.nodes:
            node = self.reference.nodes[name]
            inputs = [self.value(i) for i in node.inputs]
            noise = limit_update_noise(node, noise, self.value(name), inputs)
        if spread is None or np.shape(spread) != np.shape(self.value(name)):
            return noise
        return spread if noise is None else noise + spread

    def without_mistakes(self) -> Variant:
        """Return the correct working with the same pinned values."""
        return Variant(self.reference, (), self.pinned)


@lru_cache(maxsize=256)
def _operation(op: str) -> tuple[Callable[..., Any], Activation | None]:
    """Return what computes an operation, and the activation of a backward step."""
    of = op.removesuffix("_backward")
    backward = OPS[op].family == "activation_backward"
    return OPS[op].compute, ACTIVATIONS[of] if backward else None


def _compute(node: Node, inputs: Sequence[Number]) -> Number:
    """Compute a step with a student's numbers.

    The engine's short form of softmax's backward step needs outputs that sum to 1. For other
    outputs the full Jacobian is used. Arrays of different shapes are broadcast, as in a program.
    """
    compute, activation = _operation(node.op)
    if activation is not None:
        g, read = inputs
        if activation.derivative is not None:
            if np.shape(g) != np.shape(read):
                return g * activation.derivative(read)
        elif activation.mixing is not None and np.any(
            np.abs(read.sum(axis=1) - 1.0) > SUM_TOLERANCE
        ):
            return np.einsum("nj,njk->nk", g, activation.mixing.jacobian(read))
    return compute(*inputs)


def _largest(value: Number) -> float:
    """Return the largest entry in absolute value, not below the smallest normal number."""
    return max(float(np.max(np.abs(value), initial=0.0)), float(np.finfo(np.float64).tiny))


def _constant(value: Number) -> Number:
    return value
