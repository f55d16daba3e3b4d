"""The gradient of a recorded forward pass, and the arrays that a right backward pass may have.

``Truth`` is reverse mode over the recorded steps by the rules of their operations. ``KnownArrays``
recognises an array among known ones, up to a factor, sign, transposition and axes of length 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import EACH, Applied, Array, Place, Rule
from backprop_explorer.tutor.program.steps import Run, Step

# How far an array may be from a factor times another, relative to its length.
DOUBLE, SINGLE = 2e-5, 3e-3
MAX_SLOPES, MAX_CHAIN = 3000, 14
_LINEAR_SLOPES = frozenset({"add", "subtract", "negative", "copy", "broadcast_to"})


class Share(NamedTuple):
    """What one reading step contributes to the gradient of a value."""

    reader: int
    position: int
    of: int
    value: Array


class Truth:
    """Gradients of Σ seed · value by every value that moves with a float source of the run."""

    def __init__(
        self,
        run: Run,
        seeds: Mapping[int, Array],
        factors: Mapping[tuple[int, int], float] | None = None,
        bridges: Mapping[int, Mapping[int, Array]] | None = None,
    ) -> None:
        """Compute the gradients; with mistakes if some are given.

        ``factors`` are of shares, by the reader and the position of its input. ``bridges`` has,
        for a value a, the slope by which its gradient is multiplied for an earlier value z.
        """
        factors, bridges = factors or {}, bridges or {}
        self.run = run
        self.gradients: dict[int, Array] = {}
        self.shares: list[Share] = []
        for index, seed in seeds.items():
            shape = np.shape(run.steps[index].value)
            self._add(index, np.broadcast_to(np.asarray(seed, dtype=float), shape))
        self.roots = tuple(seeds)
        for index in range(max(seeds), -1, -1):
            step = run.steps[index]
            gradient = self.gradients.get(index)
            if gradient is None or not step.op or not np.any(gradient):
                continue
            for of, slope in bridges.get(index, {}).items():
                self._add(of, gradient * slope)
            for rule, position in rules_of(step) if index not in bridges else ():
                of = step.inputs[position]
                if run.moves[of]:
                    value = pull(run, step, rule, position, gradient)
                    if value is not None:
                        value = value * factors.get((index, position), 1.0)
                        self.shares.append(Share(index, position, of, value))
                        self._add(of, value)

    def _add(self, index: int, value: Any) -> None:
        before = self.gradients.get(index)
        self.gradients[index] = np.array(value, float) if before is None else before + value

    @cached_property
    def forward(self) -> frozenset[int]:
        """The steps that the root is computed from, and the root."""
        return self.run.ancestors(self.roots)

    @cached_property
    def slopes(self) -> dict[tuple[int, int], Array]:  # noqa: C901 - two passes over the steps
        """∂a/∂z of each elementwise chain from z to a in the forward pass that is no constant."""
        run, local = self.run, defaultdict[int, list[tuple[int, Array]]](list)
        for index in sorted(self.forward):
            step = run.steps[index]
            if not run.moves[index] or not is_elementwise(run, step):
                continue
            for rule, position in rules_of(step):
                of = step.inputs[position]
                if run.moves[of] and run.steps[of].value.shape == step.value.shape:
                    ones = np.ones(step.value.shape)
                    slope = pull(run, step, rule, position, ones)
                    if slope is not None:
                        local[index].append((of, slope))
        found: dict[tuple[int, int], Array] = {}
        for start in sorted({of for each in local.values() for of, _ in each}):
            reached: dict[int, Array] = {start: np.ones(run.steps[start].value.shape)}
            for index in sorted(local):
                if index <= start or len(reached) > MAX_CHAIN:
                    continue
                terms = [slope * reached[of] for of, slope in local[index] if of in reached]
                if terms:
                    reached[index] = sum(terms[1:], start=terms[0])
            for index, slope in reached.items():
                if index != start and slope.size and (np.ptp(slope) > 0 or slope.size == 1):
                    found[start, index] = slope
            if len(found) > MAX_SLOPES:
                break
        return found


def is_elementwise(run: Run, step: Step) -> bool:
    """Whether each entry is made of one entry of its inputs; some may be set to constants."""
    if step.op == "setitem":
        return not any(run.moves[each] for each in step.inputs[1:])
    return step.op != "" and OPS[step.op].family == "elementwise"


def rules_of(step: Step) -> list[tuple[Rule, int]]:
    """Return the backward rules of a step's operation, each with the position of its input."""
    found = []
    for rule in OPS[step.op].backward:
        places = range(len(step.inputs)) if rule.input == EACH else (rule.input,)
        found += [(rule, place) for place in places if place < len(step.inputs)]
    return found


def pull(
    run: Run,
    step: Step,
    rule: Rule,
    position: int,
    gradient: Array,
    replaced: Mapping[int, Array] | None = None,
) -> Array | None:
    """Return the share of the gradient of input ``position``; None if the rule has no value.

    ``replaced`` are values of steps that differ from the recorded ones.
    """
    known = replaced or {}
    values = [known.get(each, run.steps[each].value) for each in step.inputs]
    result = known.get(step.index, step.value)
    own = values[position]
    operands: list[Any] = []
    for each in rule.operands:
        if each == "others":
            operands += [*values[:position], *values[position + 1 :]]
        elif isinstance(each, slice):
            operands += values[each]
        elif isinstance(each, Applied):
            operands.append(OPS[each.op].compute(values[each.input]))
        elif each == "g":
            operands.append(gradient)
        else:
            operands.append(result if each == "result" else values[each])
    keywords: dict[str, Any] = {}
    if rule.attributes is not None:
        shapes = tuple(np.shape(each) for each in values)
        moving = tuple(run.moves[each] for each in step.inputs)
        place = Place(dict(step.keywords), shapes, np.shape(result), position, moving)
        keywords = rule.attributes(place)
    try:
        value = OPS[rule.op].compute(*operands, **keywords)
        if OPS[step.op].stretches and np.shape(value) != np.shape(own):
            value = OPS["sum_stretched"].compute(value, shape=np.shape(own))
    except (ValueError, TypeError, IndexError, FloatingPointError):
        return None
    found: Array = np.nan_to_num(np.asarray(value, dtype=float))
    return found


class Matched(NamedTuple):
    """A known array: ``value`` = ``factor`` · known. ``turned``: it is transposed."""

    label: Any
    factor: float
    turned: bool


class KnownArrays:
    """Known arrays with labels. ``find`` compares with all of the same number of entries."""

    def __init__(self, tolerance: float) -> None:
        self._tolerance = tolerance
        self._known: dict[int, list[tuple[Array, Any, bool]]] = defaultdict(list)
        self._stacked: dict[int, tuple[Array, Array]] = {}

    def add(self, value: Any, label: Any) -> None:
        """Add an array, and its transpose where that is another one."""
        value = np.asarray(value, dtype=float)
        if not value.size or not np.isfinite(value).all() or not value.any():
            return
        squeezed = np.squeeze(value)
        self._stacked.pop(value.size, None)
        self._known[value.size].append((squeezed.ravel(), label, False))
        if squeezed.ndim > 1:
            self._known[value.size].append((squeezed.T.ravel(), label, True))
        if squeezed.ndim > 2:
            swapped = squeezed.swapaxes(-1, -2)
            self._known[value.size].append((swapped.ravel(), label, True))

    def find(self, value: Any) -> list[Matched]:
        """Return the known arrays that ``value`` is a multiple of, exact ones first."""
        value = np.asarray(value, dtype=float)
        known = self._known.get(value.size)
        if not known or not np.isfinite(value).all() or not value.any():
            return []
        if value.size not in self._stacked:
            rows = np.array([each for each, _, _ in known])
            self._stacked[value.size] = rows, np.einsum("ij,ij->i", rows, rows)
        rows, squares = self._stacked[value.size]
        flat = np.squeeze(value).ravel()
        factors = rows @ flat / squares
        length = float(flat @ flat)
        if flat.size == 1:
            near = np.abs(np.abs(factors) - 1.0) <= 1e-9
        else:
            off = np.maximum(0.0, length - factors * factors * squares)
            # Entries that are nearly equal are nearly a multiple of all such.
            spread = float(np.sum((flat - flat.mean()) ** 2))
            near = off <= self._tolerance**2 * min(length, 10.0 * spread) + 1e-13 * length
        found = [
            Matched(known[at][1], float(factors[at]), known[at][2]) for at in near.nonzero()[0]
        ]
        return sorted(found, key=lambda each: (each.turned, abs(abs(each.factor) - 1.0) > 1e-6))


def multiple(value: Any, of: Any, tolerance: float) -> float | None:
    """Return c with ``value`` = c · ``of``, else None; arrays of one entry always have one."""
    value, of = np.ravel(np.asarray(value, float)), np.ravel(np.asarray(of, float))
    square = float(of @ of)
    if value.size != of.size or not square or not np.isfinite(value).all():
        return None
    factor = float(value @ of) / square
    off = value - factor * of
    near = float(off @ off) <= tolerance**2 * float(value @ value)
    return factor if factor and near else None
