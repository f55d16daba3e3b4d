"""What wrong steps of a backward pass should be: the operations after them, undone.

From what a wrong result should be, the way leads back: a product is divided by its other factor, of
a sum the other term is subtracted, and the factor of a matrix product is looked for among the true
gradients. What a loop adds up are the shares of its rounds.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.steps import Step

_FORMS = frozenset({"reshape", "copy", "astype", "transpose", "negative"})
_TRIED, _PASSES = 200, 4  # gradients of one shape; through the rounds of a loop


class NeededValues:
    """The values that steps need for all wrong results to be right: ``values``, by step."""

    def __init__(self, alignment: Alignment, region: list[int], wrong: Iterable[Outcome]) -> None:
        self._alignment, self._run = alignment, alignment.run
        self._inside = set(region)
        self._of: dict[int, int] = {}  # the source that a step is a result of
        self.values: dict[int, Array] = {}
        self._present: dict[int, Array] = {}
        is_known = alignment.fit.root.kind in ("own", "upstream") or alignment.exact
        self._main = alignment.mains.get(False, 1.0 if is_known else alignment.main or 1.0)
        for each in wrong:
            self._add(each)
        self._sure = set[int]()
        self._walk(region)
        rounds = any(len(self._run.sites[self._run.steps[at].site]) > 1 for at in region)
        known = 0
        for _ in range(_PASSES if rounds else 0):
            if len(self._sure) == known:
                break
            # With what is right in later rounds, what is read beside it there is right, too.
            known = len(self._sure)
            changes = {at: partial(_constant, self.values[at]) for at in self._sure}
            self._present = self._run.replayed(changes) or {}
            self._walk(region)

    def _walk(self, region: list[int]) -> None:
        seen = set[int]()
        for at in reversed(region):
            if at in self.values and not self._add_rounds(at):
                for position, given in enumerate(self._run.steps[at].inputs):
                    if given in self._inside and given not in self._sure:
                        found = self.operand(at, position)
                        # What is read beside it may be wrong: true arrays come first.
                        others = self._inside.intersection(self._run.steps[at].inputs) - {given}
                        is_sure = found is not None and others <= self._sure
                        is_sure = is_sure and self._alignment.library.knows(found)
                        self._sure |= {given} if is_sure else set()
                        if found is not None and (is_sure or given not in seen):
                            self.values[given], self._of[given] = found, self._of[at]
                            seen.add(given)

    def _value(self, at: int) -> Array:
        return self._present.get(at, self._run.steps[at].value)

    def present(self, at: int) -> Array:
        """Return what a step gives of what it should read."""
        step = self._run.steps[at]
        return self._run.compute(step, [self._value(each) for each in step.inputs])

    def _add(self, outcome: Outcome) -> None:
        step, wanted, source = self._run.steps[outcome.index], outcome.wanted, outcome.source
        if wanted is None or source is None or wanted.size != step.value.size:
            return
        value = self._main * wanted.reshape(step.value.shape)
        if outcome.is_update:
            rate = self._alignment.mains.get(True)
            if rate is None:
                return
            before = self._run.steps[source].value.reshape(step.value.shape)
            value = before + rate * wanted.reshape(step.value.shape)
        self.values[outcome.index], self._of[outcome.index] = value, source

    def _add_rounds(self, at: int) -> bool:
        """Add what the rounds of a loop add up to a result: the shares of the rounds."""
        run, step = self._run, self._run.steps[at]
        rounds = [k for k in run.sites[step.site] if k >= run.start]
        if step.op != "add" or len(rounds) < 2 or at != rounds[-1]:
            return False
        terms = []
        for before, k in zip([None, *rounds], rounds, strict=False):
            others = [e for e in run.steps[k].inputs if e != before]
            if len(others) != 1 + (before is None):
                return False
            terms.append(others[-1])
        of, truth = self._of[at], self._alignment.truth
        places: dict[tuple[Any, int], dict[int, Array]] = {}
        for share in truth.shares:
            if share.of == of and share.value.shape == step.value.shape:
                place = run.steps[share.reader].place, share.position
                places.setdefault(place, {})[share.reader] = self._main * share.value
        for (place, _), shares in places.items():
            readers = truth.forward.intersection(run.places[place], run.readers[of])
            if len(readers) == len(terms):
                none = np.zeros(step.value.shape)  # a share of 0 is none
                ordered = [shares.get(k, none) for k in sorted(readers, reverse=True)]
                orders = [ordered, ordered[::-1]]
                values = [run.steps[k].value for k in terms]
                hits = [sum(map(_same, values, order)) for order in orders]
                for k, value in zip(terms, orders[hits[1] > hits[0]], strict=True):
                    if k in self._inside:
                        self.values[k], self._of[k] = value, self._of[at]
                return True
        return False

    def operand(self, at: int, position: int) -> Array | None:
        """Return what an input of a step must be for the step to be what is needed, if known."""
        run, step, value = self._run, self._run.steps[at], self.values[at]
        given = run.steps[step.inputs[position]].value
        found: Array | None = None
        with np.errstate(all="ignore"):
            if step.op in ("add", "subtract", "multiply", "divide"):
                other = self._value(step.inputs[1 - position])
                found = _undone(step.op, position, value, other, given)
            elif step.op in _FORMS:
                found = _formed_back(step, value, given)
            elif step.op in ("matmul", "sum") and position < 2:
                found = self._tried(step, position, value)
        if found is None or not np.isfinite(found).all():
            return None
        return _narrowed(found, given.shape)

    def _tried(self, step: Step, position: int, value: Array) -> Array | None:
        """Return the true gradient of which a product or sum is what is needed."""
        inputs = [self._value(each) for each in step.inputs]
        shape = inputs[position].shape
        if not value.any():
            return np.zeros(shape)
        gradients = self._alignment.gradients_of(shape)
        for gradient in gradients[:_TRIED]:
            inputs[position] = gradient
            found = self._run.compute(step, inputs)
            length = float(np.sum(found * found))
            factor = float(np.sum(found * value)) / length if length else 0.0
            if factor and _same(found * factor, value):
                return factor * gradient
        return None


def _same(one: Array, other: Array) -> bool:
    bound = 1e-7 * float(np.abs(other).max(initial=0.0))
    return one.shape == other.shape and bool((np.abs(one - other) <= bound).all())


def _undone(op: str, position: int, value: Array, other: Array, given: Array) -> Array:
    if op == "add":
        return value - other
    if op == "subtract":
        return value + other if position == 0 else other - value
    if op == "divide":
        return value * other if position == 0 else other / value
    # Where the other factor is 0, any value gives 0.
    kept = np.broadcast_to(given, np.broadcast_shapes(given.shape, value.shape))
    known = np.broadcast_to(other, value.shape) != 0.0
    found: Array = np.where(known, value / np.where(other == 0.0, 1.0, other), kept)
    return found


def _formed_back(step: Step, value: Array, given: Array) -> Array | None:
    if step.op == "negative":
        return -value
    if step.op != "transpose":
        return value.reshape(given.shape) if value.size == given.size else None
    entries = np.arange(given.size).reshape(given.shape)
    moved = np.asarray(OPS["transpose"].compute(entries, **step.keywords))
    found = np.empty(given.size)
    found[moved.ravel()] = value.ravel()
    return found.reshape(given.shape)


def _narrowed(value: Array, shape: tuple[int, ...]) -> Array | None:
    """Return a stretched value in the shape that it had before, None if it is none."""
    if value.shape == shape:
        return value
    while value.ndim > len(shape):
        if not np.allclose(value, value[:1], rtol=1e-7, atol=1e-300):
            return None
        value = value[0]
    for axis, length in enumerate(shape):
        if length == 1 < value.shape[axis]:
            first = value.take([0], axis)
            if not np.allclose(value, first, rtol=1e-7, atol=1e-300):
                return None
            value = first
    return value if value.shape == shape else None


def _constant(value: Array, step: Step, inputs: Any, values: Any) -> Array:
    return value
