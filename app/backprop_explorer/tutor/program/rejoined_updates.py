"""Updates of an array in parts that are joined again: weights and a column of biases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.tutor.program.steps import COPIES, Run, Step

_SHOWS = frozenset({"getitem", "transpose", "reshape", "strided", *COPIES})
_JOINS = frozenset({"stack", "concatenate"})
_ARRANGES = _SHOWS | _JOINS | {"stretch"}


class _ArrayPart(NamedTuple):
    """Entries of an array, by their positions in it."""

    base: int
    order: NDArray[np.int64]
    changes: frozenset[int] = frozenset()  # what is added to them


def rejoined_updates(run: Run, made: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield arrays of constants (``made``), and what joins all their parts again, each part plus
    something: ``W = np.hstack([W[:, :1] - rate * db, W[:, 1:] - rate * dW])``.
    """
    if not any(step.op in _JOINS for step in run.steps):
        return
    parts, seen = dict[int, _ArrayPart](), set[object]()
    for step in run.steps:
        part = _shown(run, step, made, parts)
        if part is not None:
            parts[step.index] = part
    sums = {step.index: part for step in run.steps if (part := _summed(step, parts)) is not None}
    for step in run.steps:
        joined = _arranged(run, step, sums) if step.op in _ARRANGES else None
        if joined is None:
            continue
        sums[step.index] = joined
        base = run.steps[joined.base]
        whole = np.arange(base.value.size).reshape(base.value.shape)
        place = base.index, step.site
        if not seen.isdisjoint((base.index, place)) or not np.array_equal(joined.order, whole):
            continue
        seen.add(place)
        # An update depends on its parameter, but x @ W in x @ W + b not on b.
        if all(base.index in run.ancestors([each]) for each in joined.changes):
            seen.add(base.index)
            yield base.index, step.index


def _shown(
    run: Run, step: Step, made: Sequence[bool], parts: dict[int, _ArrayPart]
) -> _ArrayPart | None:
    """Return which entries of an array of constants a step shows, if it shows only some of them."""
    if made[step.index] or step.op not in _SHOWS:
        return None
    at = step.inputs[0]
    of = run.steps[at]
    if made[at] and of.value.ndim > 1 and of.value.dtype.kind == "f":
        while run.steps[at].op in COPIES:
            at = run.steps[at].inputs[0]
        parts.setdefault(
            step.inputs[0], _ArrayPart(at, np.arange(of.value.size).reshape(of.value.shape))
        )
    return _arranged(run, step, parts)


def _summed(step: Step, parts: dict[int, _ArrayPart]) -> _ArrayPart | None:
    """Return which entries something is added to."""
    if step.op not in ("add", "subtract"):
        return None
    terms = step.inputs[:1] if step.op == "subtract" else step.inputs[:2]
    found = [each for each in terms if each in parts]
    if len(found) != 1 or parts[found[0]].order.shape != step.value.shape:
        return None
    (other,) = [each for each in step.inputs if each != found[0]] or found
    return parts[found[0]]._replace(changes=frozenset([other]))


def _arranged(run: Run, step: Step, parts: dict[int, _ArrayPart]) -> _ArrayPart | None:
    """Return which entries a step arranges, of one array."""
    count = len(step.inputs) if step.op in _JOINS else 1
    known = [parts.get(each) for each in step.inputs[:count]]
    bases = {each.base for each in known if each is not None}
    if None in known or len(bases) != 1:
        return None
    orders = [each.order for each in known if each is not None]
    indices = [run.steps[each].value for each in step.inputs[count:]]
    order = run.compute(step, [*orders, *indices])
    changes = frozenset[int]().union(*(each.changes for each in known if each is not None))
    return _ArrayPart(bases.pop(), order.astype(int), changes)
