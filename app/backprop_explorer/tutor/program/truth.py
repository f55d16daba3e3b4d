"""The gradient of a recorded forward pass, and the arrays that a right backward pass may have.

``Truth`` is reverse mode over the recorded steps by the rules of their operations. ``KnownArrays``
recognises an array among known ones, up to a factor, sign, transposition and axes of length 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from heapq import heappop, heappush
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import EACH, Applied, Array, Place, Rule
from backprop_explorer.tutor.program.steps import Run, Step

# How far an array may be from a factor times another, relative to its length.
EXTREMES = {"max": np.max, "min": np.min}
DOUBLE, SINGLE = 2e-5, 3e-3
MAX_SLOPES, MAX_CHAIN = 3000, 14


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
        constants: Collection[int] = (),
    ) -> None:
        """Compute the gradients; with mistakes if some are given.

        ``constants`` are steps that no gradient goes back through.
        ``factors`` are of shares, by the reader and the position of its input. ``bridges`` has,
        for a value a, the slope by which its gradient is multiplied for an earlier value z.
        """
        factors, bridges = factors or {}, bridges or {}
        self.run = run
        self.gradients: dict[int, Array] = {}
        self.shares: list[Share] = []
        self._waiting: list[int] = []
        for index, seed in seeds.items():
            shape = np.shape(run.steps[index].value)
            self._add(index, np.array(np.broadcast_to(np.asarray(seed, dtype=float), shape)))
        self.roots = tuple(seeds)
        while self._waiting:  # the last step first
            index = -heappop(self._waiting)
            step, gradient = run.steps[index], self.gradients[index]
            if not step.op or not gradient.any():
                continue
            for of, slope in bridges.get(index, {}).items():
                self._add(of, gradient * slope)
            for rule, position in rules_of(step) if index not in bridges else ():
                of = step.inputs[position]
                if run.moves[of] and of not in constants:
                    value = pull(run, step, rule, position, gradient)
                    if value is not None:
                        if (index, position) in factors:
                            value = value * factors[index, position]
                        self.shares.append(Share(index, position, of, value))
                        self._add(of, value)

    def _add(self, index: int, value: Any) -> None:
        before = self.gradients.get(index)
        if before is None:
            heappush(self._waiting, -index)
        self.gradients[index] = value if before is None else before + value

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


def rules_of(step: Step) -> Sequence[tuple[Rule, int]]:
    """Return the backward rules of a step's operation, each with the position of its input."""
    return _rules(step.op, len(step.inputs))


@cache
def _rules(op: str, inputs: int) -> list[tuple[Rule, int]]:
    found = []
    for rule in OPS[op].backward:
        places = range(inputs) if rule.input == EACH else (rule.input,)
        found += [(rule, place) for place in places if place < inputs]
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
    found: Array = np.asarray(value, dtype=float)
    if run.shares_ties and step.op in EXTREMES:
        axis = step.keywords.get("axis")
        equal = are_equal(own, step)
        found = found.sum(axis=axis, keepdims=True) * equal / equal.sum(axis=axis, keepdims=True)
    return found if np.isfinite(found).all() else np.nan_to_num(found)


def are_equal(value: Array, step: Step) -> Array:
    """Return which entries of an array equal its largest ones, or its smallest ones, along the axes
    of a step.
    """
    extreme = EXTREMES[step.op](value, axis=step.keywords.get("axis"), keepdims=True)
    found: Array = value == extreme
    return found


class Matched(NamedTuple):
    """A known array: ``value`` = ``factor`` · known. ``turned``: it is transposed."""

    label: Any
    factor: float
    turned: bool


class Matches:
    """Known arrays in order; those after the first are made when they are read, which is rare."""

    def __init__(self, found: Iterable[Matched] = ()) -> None:
        self._waiting = iter(found)
        self._read = list(islice(self._waiting, 1))

    def __iter__(self) -> Iterator[Matched]:
        """Iterate over all."""
        yield from self.first
        self._read += self._waiting
        yield from self._read[1:]

    def __bool__(self) -> bool:
        """Whether there is one."""
        return bool(self._read)

    @property
    def first(self) -> list[Matched]:
        """The first one in a list, which is empty without one."""
        return self._read[:1]


class _Group:
    """Known arrays of one number of entries: different ones are rows; labels by their row."""

    def __init__(self) -> None:
        self.rows: dict[bytes, int] = {}
        self.owners, self.turned, self.labels = list[int](), list[bool](), list[Any]()
        self._stacked: tuple[Array, Array, Array, Array] | None = None

    def add(self, row: bytes, turned: bool, label: Any) -> None:
        self.owners.append(self.rows.setdefault(row, len(self.rows)))
        self.turned.append(turned)
        self.labels.append(label)
        self._stacked = None

    @property
    def stacked(self) -> tuple[Array, Array, Array, Array]:
        """The rows, their squares, and of each label its row and whether it is transposed."""
        if self._stacked is None:
            rows = np.frombuffer(b"".join(self.rows)).reshape(len(self.rows), -1)
            squares = np.einsum("ij,ij->i", rows, rows)
            self._stacked = rows, squares, np.array(self.owners), np.array(self.turned)
        return self._stacked


class KnownArrays:
    """Known arrays with labels. ``find`` compares with all of the same number of entries."""

    def __init__(self, tolerance: float) -> None:
        self._tolerance = tolerance
        self._groups: dict[int, _Group] = defaultdict(_Group)

    def add(self, value: Any, label: Any) -> None:
        """Add an array, and its transpose where that is another one."""
        value = np.asarray(value, dtype=float)
        if not value.size or not np.isfinite(value).all() or not value.any():
            return
        squeezed, group = np.squeeze(value), self._groups[value.size]
        group.add(squeezed.tobytes(), False, label)
        if squeezed.ndim > 1:
            group.add(squeezed.T.tobytes(), True, label)
        if squeezed.ndim > 2:
            group.add(squeezed.swapaxes(-1, -2).tobytes(), True, label)

    def find(self, value: Any) -> Matches:
        """Return the known arrays that ``value`` is a multiple of, exact ones first."""
        near, factors = self._near(value)
        if not near.any():
            return Matches()
        group = self._groups[np.size(value)]
        _, _, owners, turned = group.stacked
        found = near[owners].nonzero()[0]
        of = owners[found]
        order = np.argsort(
            2 * turned[found] + (np.abs(np.abs(factors[of]) - 1.0) > 1e-6), kind="stable"
        )
        return Matches(
            Matched(group.labels[at], float(factors[owners[at]]), bool(turned[at]))
            for at in found[order].tolist()
        )

    def knows(self, value: Any) -> bool:
        """Whether ``value`` is a multiple of a known array."""
        return bool(self._near(value)[0].any())

    def _near(self, value: Any) -> tuple[Array, Array]:
        """Return of which different arrays a value is a multiple, and the factors."""
        value = np.asarray(value, dtype=float)
        group = self._groups.get(value.size)
        if group is None or not np.isfinite(value).all() or not value.any():
            return _NONE, _NONE
        rows, squares, _, _ = group.stacked
        flat = value.ravel()
        factors = rows @ flat / squares
        if flat.size == 1:
            return np.abs(np.abs(factors) - 1.0) <= 1e-9, factors
        length = float(flat @ flat)
        off = np.maximum(0.0, length - factors * factors * squares)
        if off.min() > (self._tolerance**2 + 1e-13) * length:
            return _NONE, _NONE
        # Entries that are nearly equal are nearly a multiple of all such.
        spread = float(np.sum((flat - flat.mean()) ** 2))
        least = self._tolerance**2 * min(length, 10.0 * spread) + 1e-13 * length
        return off <= least, factors


_NONE = np.zeros(0, bool)


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
