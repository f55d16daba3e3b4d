"""Makes a parameter of each part of one long vector that holds the weights of all layers.

``W1 = weights[:12].reshape(4, 3)`` shows entries of ``weights``, and ``W1 -= rate * dW1`` writes
into them: what is read and updated are the parts. Of an argument that two layers copy, what is read
and updated are the copies.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.tutor.program.steps import COPIES, Run, Step

Order = NDArray[np.int64]
_SHOWS = frozenset({"getitem", "strided", "reshape"})
MIN_ENTRIES = 4


class _Vector(NamedTuple):
    """A vector: the steps that stand for it, and the entries that each view or write has."""

    versions: list[int]
    entries: dict[int, Order]


def split_parameters(run: Run) -> None:
    """Let views of parts of a vector, and writes into them, be steps of parts of their own."""
    found = list[tuple[Step, _Vector]]()
    for step in run.steps:
        is_vector = not step.op and step.value.ndim == 1 and step.value.size >= MIN_ENTRIES
        vector = _vector(run, step) if is_vector and step.value.dtype.kind == "f" else None
        found += [(step, vector)] if vector is not None else []
    for step, vector in found:
        _split(run, step, vector)
    if found:
        _read_once(run, {at for _, vector in found for at in vector.entries})
        run.forget()


def separate_copies(run: Run) -> None:
    """Let the copies of an argument that is only copied, and of which one is updated, be arrays of
    their own.
    """
    for source in run.sources:
        copies, waiting = list[Step](), [source]
        for at in waiting:
            for reader in map(run.steps.__getitem__, run.readers[at]):
                if reader.op in COPIES and reader.name:
                    copies.append(reader)
                elif reader.op == "getitem" and reader.inputs == (at,):
                    waiting.append(reader.index)
                else:
                    copies, waiting[:] = [], []
                    break
        if len(copies) > 1 and any(_is_updated(run, each) for each in copies):
            for copied in copies:
                copied.op, copied.inputs, copied.keywords = "", (), {}
            run.forget()


def _is_updated(run: Run, array: Step) -> bool:
    """Whether what has the name of an array is the array plus something."""
    readers = map(run.steps.__getitem__, run.readers[array.index])
    return any(e.op in ("add", "subtract") and e.name == array.name for e in readers)


def _read_once(run: Run, parts: set[int]) -> None:
    """Let equal views of one part be one step, as they are of an array of its own."""
    same, known = dict[int, int](), dict[object, int]()
    for step in run.steps:
        step.inputs = tuple(same.get(each, each) for each in step.inputs)
        if step.op not in _SHOWS or not parts.intersection((step.index, *step.inputs)):
            continue
        parts.add(step.index)
        whole = run.steps[step.inputs[0]]
        if step.op == "reshape" and step.value.shape == whole.value.shape:
            same[step.index] = whole.index
            continue
        key = step.op, step.inputs, repr(step.keywords)
        same |= {step.index: known[key]} if key in known else {}
        known.setdefault(key, step.index)


def _vector(run: Run, base: Step) -> _Vector | None:
    """Return how a vector is read and written; None if it is read as a whole, or has one part."""
    versions, entries = [base.index], dict[int, Order]()
    numbers = np.arange(base.value.size, dtype=float)
    shaped = False
    for at in versions:
        for reader in map(run.steps.__getitem__, run.readers[at]):
            writes = reader.op == "setitem" and reader.inputs[0] == at
            if len(reader.inputs) != 1 + writes or (not writes and reader.op not in _SHOWS):
                return None
            if writes:
                versions.append(reader.index)
                # Where each entry of the value is written.
                value = run.steps[reader.inputs[1]].value
                count = np.arange(1.0, 1 + value.size).reshape(value.shape)
                order = run.compute(reader, [np.zeros(numbers.size), count])
                if np.count_nonzero(order) != value.size:
                    return None
                entries[reader.index] = np.argsort(order)[order.size - value.size :]
            else:
                entries[reader.index] = run.compute(reader, [numbers]).astype(int)
                readers = [run.steps[k] for k in run.readers[reader.index]]
                shaped |= reader.value.ndim > 1 or any(k.op == "reshape" for k in readers)
    parts = {frozenset(each.ravel().tolist()) for each in entries.values()}
    apart = sum(map(len, parts)) == len(frozenset().union(*parts))
    written = {frozenset(entries[at].ravel().tolist()) for at in versions[1:]}
    return _Vector(versions, entries) if shaped and apart and len(written) > 1 else None


def _split(run: Run, base: Step, vector: _Vector) -> None:
    """Replace the views and writes of a vector."""
    path, last = base.path, run.after.get(base.index, base.index)
    current = dict[frozenset[int], tuple[int, Order]]()  # what stands for each part, and its order
    changed = dict[frozenset[int], int]()
    for at in sorted(vector.entries):
        step, order = run.steps[at], vector.entries[at].ravel()
        part = frozenset(order.tolist())
        if step.op == "setitem":
            if part in current and not np.array_equal(current[part][1], order):
                continue
            current[part] = step.inputs[1], order
            changed[part] = step.inputs[1]
            step.op, step.inputs, step.keywords = "", (), {}
        elif part not in current:
            current[part] = at, order
            step.op, step.inputs, step.keywords = "", (), {}
            if path is not None:
                step.path = f"{path}[{order.min()}:{order.max() + 1}]"
                run.after[at] = at
        else:
            now, known = current[part]
            if np.array_equal(known, order):
                step.op, step.inputs = "reshape", (now,)
                step.keywords = {"shape": step.value.shape}
    if path is not None:
        for at, order in vector.entries.items():
            part = frozenset(order.ravel().tolist())
            if run.steps[at].path is not None and part in changed and last in vector.versions:
                run.after[at] = changed[part]
        run.after[base.index] = base.index
    for results in (run.returned, run.state):
        results[:] = [each for each in results if each.index not in vector.versions]
