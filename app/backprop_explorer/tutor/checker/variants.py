"""A working done wrong on purpose: the same steps, with mistakes in some and numbers pinned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.backprop import Step
from backprop_explorer.engine.operations import OPS
from backprop_explorer.tutor.checker.reference import Number, ReferenceWorking, limit_update_noise
from backprop_explorer.tutor.checker.rounding_bounds import propagate
from backprop_explorer.tutor.misconceptions import Context, Misconception

# Probabilities whose sum is off by no more than this sum to 1.
SUMS_TO_ONE = 1e-12


@dataclass(frozen=True, slots=True)
class Mistake:
    """A misconception made in ``lines``, all in the same way (``detail``)."""

    misconception: Misconception
    detail: str
    lines: frozenset[str]

    @property
    def name(self) -> str:
        """The misconception's name."""
        return self.misconception.name

    @property
    def key(self) -> tuple[str, str]:
        """The mistake, wherever it is made."""
        return (self.name, self.detail)


class Variant:
    """One student's working as far as it is known: values are computed when asked for.

    ``pinned`` holds lines whose value is known from elsewhere, with how far it may be off.
    """

    __slots__ = ("_spreads", "_values", "mistakes", "pinned", "reference")

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
        self._spreads: dict[str, Number] = {}

    def with_mistake(self, mistake: Mistake) -> Variant:
        """The same working with one more mistake."""
        first = min(self.reference.order[name] for name in mistake.lines)
        return Variant(
            self.reference, (*self.mistakes, mistake), self.pinned, self._values_before(first)
        )

    def with_pinned(self, name: str, value: Number, spread: Number) -> Variant:
        """The same working with the value of one line known."""
        kept = self._values_before(self.reference.order[name])
        return Variant(self.reference, self.mistakes, {**self.pinned, name: (value, spread)}, kept)

    def _values_before(self, at: int) -> dict[str, Number]:
        """The values of the lines before the one at ``at``: a change there does not reach them."""
        order = self.reference.order
        return {n: v for n, v in self._values.items() if n in order and order[n] < at}

    def read(self, name: str) -> Number:
        """A value by its id, or None where there is no such line or given."""
        reference = self.reference
        if name in reference.givens:
            return reference.givens[name]
        if name in reference.steps or name in reference.alternative_steps:
            return self.value(name)
        return None

    def value(self, name: str) -> Number:
        """The value of a given or a line, with the mistakes made on the way to it."""
        if name in self.reference.givens:
            return self.reference.givens[name]
        if name in self._values:
            return self._values[name]
        if name in self.pinned:
            value = self.pinned[name][0]
        else:
            value = self.compute(name, self.mistakes)
        self._values[name] = value
        return value

    def compute(self, name: str, mistakes: tuple[Mistake, ...] = ()) -> Number:
        """The line from its inputs, with ``mistakes`` made in this line only."""
        step = self.reference.steps.get(name) or self.reference.alternative_steps[name]
        made = [m for m in mistakes if name in m.lines]
        result = partial(self._correct_value, step)
        # What is done to a result comes after what makes it.
        for mistake in sorted(made, key=lambda m: m.misconception.on_result):
            value = self.mistaken_value(name, mistake.misconception, mistake.detail, result)
            if value is not None:
                result = partial(_constant, value)
        return result()

    def candidate_values(self, name: str) -> Iterator[tuple[Number, Number]]:
        """The line's value and how far off it may be, by each way of computing it.

        There is another one where the program computes cost and output activation together.
        """
        yield self.value(name), self.slack(name)
        other = self.reference.alternative_steps.get(name)
        if other is not None and name not in self.pinned:
            spread, noise = self._propagated(other), self.reference.noise[name]
            yield self._correct_value(other), noise if spread is None else noise + spread

    def _correct_value(self, step: Step) -> Number:
        inputs = [self.value(i) for i in step.inputs]
        try:
            if self._reads_from_z(step):
                step = self.reference.alternative_steps[step.id]
                inputs = [self.value(i) for i in step.inputs]
            return _compute(step, inputs)
        except ValueError:
            # An input has another shape than it should have: NumPy would not have gone on.
            return np.full(np.shape(self.reference.truth[step.id]), np.nan)

    def _reads_from_z(self, step: Step) -> bool:
        """Whether this is the cost, and its a is what f makes of z: then z keeps all digits."""
        if step.phase != "cost" or step.id not in self.reference.alternative_steps:
            return False
        last = self.reference.situation.network.depth
        f = ACTIVATIONS[self.reference.situation.network.layers[-1].activation].compute
        return np.array_equal(self.value(f"a{last}"), f(self.value(f"z{last}")))

    def mistaken_value(
        self, name: str, misconception: Misconception, detail: str, right: Any = None
    ) -> Number:
        """What the misconception makes of the line, or None where it cannot be made."""
        for family, step in self.reference.operations_of(name):
            if family not in misconception.families:
                continue
            value = try_misconception(misconception, self.context_for(name, step, right), detail)
            if value is not None:
                return value
        return None

    def context_for(self, name: str, step: Step, right: Any = None) -> Context:
        """The line as a misconception sees it."""
        return Context(
            situation=self.reference.situation,
            step=step,
            inputs=tuple(self.value(i) for i in step.inputs),
            read=self.read,
            right=right or partial(self._correct_value, self.reference.steps[name]),
            fused=name == self.reference.fused_line,
        )

    def spread(self, name: str) -> Number:
        """How far ``value`` may be off because of what was pinned; None for exact."""
        if name in self.reference.givens or not self.pinned:
            return None
        if name in self.pinned:
            return self.pinned[name][1]
        if name not in self._spreads:
            step = self.reference.steps.get(name) or self.reference.alternative_steps[name]
            self._spreads[name] = self._propagated(step)
        return self._spreads[name]

    def _propagated(self, step: Step) -> Number:
        spreads = [self.spread(i) for i in step.inputs]
        return propagate(OPS[step.op], [self.value(i) for i in step.inputs], spreads)

    def slack(self, name: str) -> Number:
        """How far a right answer may be from ``value``: float64's noise and what was pinned."""
        noise, spread = self.reference.noise.get(name), self.spread(name)
        if noise is not None and np.shape(noise) != np.shape(self.value(name)):
            noise = float(np.max(noise, initial=0.0))
        if noise is not None and name in self.reference.steps:
            step = self.reference.steps[name]
            inputs = [self.value(i) for i in step.inputs]
            noise = limit_update_noise(step, noise, self.value(name), inputs)
        if spread is None or np.shape(spread) != np.shape(self.value(name)):
            return noise
        return spread if noise is None else noise + spread

    def without_mistakes(self) -> Variant:
        """The same pinned numbers, worked on rightly."""
        return Variant(self.reference, (), self.pinned)


def try_misconception(misconception: Misconception, context: Context, detail: str) -> Number:
    """What the misconception makes of a line; None where it cannot be made, or shapes forbid it."""
    try:
        return misconception.compute(context, detail)
    except ValueError:
        return None


def _compute(step: Step, inputs: Sequence[Number]) -> Number:
    """The value of a step on numbers that the program itself would never have.

    Where units mix, its short form needs outputs that sum to 1, as a student's own may not.
    """
    operation = OPS[step.op]
    if operation.family == "activation_backward":
        mixing = ACTIVATIONS[operation.name.removesuffix("_backward")].mixing
        dC_da, read = inputs
        if mixing is not None and np.any(np.abs(read.sum(axis=1) - 1.0) > SUMS_TO_ONE):
            return np.einsum("nj,njk->nk", dC_da, mixing.jacobian(read))
    return operation.compute(*inputs)


def _constant(value: Number) -> Number:
    return value
