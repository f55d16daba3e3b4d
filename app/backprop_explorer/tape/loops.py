"""Encode tape entries as records that call NumPy's inner loops.

NumPy exposes these loops to compilers through ``ufunc._resolve_dtypes_and_context`` and
``ufunc._get_strided_loop``. Their docstrings describe the structure and the signature used here. A
ufunc called from Python calls the same loop on the same arrays.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.tape.entries import (
    Call,
    Entry,
    NormLimit,
    ReduceCall,
    Repair,
    ScalarCall,
    ufuncs_of,
)

Array = NDArray[np.float64]
Record = NDArray[np.void]  # shape (), dtype RECORD
OPERANDS = 3
# Must match %record in runner.ll.
RECORD = np.dtype(
    [
        ("loop", np.int64),
        ("context", np.int64),
        ("auxdata", np.int64),
        ("rows", np.int64),
        ("data", np.int64, OPERANDS),
        ("per_step", np.int64, OPERANDS),
        ("per_row", np.int64, OPERANDS),
        ("dimensions", np.int64, 4),
        ("strides", np.int64, 9),
    ]
)
_CAPSULE = b"numpy_1.24_ufunc_call_info"
# Arrays with rows up to this length are traversed by columns: a loop call costs as much as about
# ten numbers, so few long calls are faster.
SHORT_ROW = 24


class NoLoopError(Exception):
    """No NumPy loop can execute this entry without Python."""


class _CallInfo(ctypes.Structure):
    """``ufunc_call_info``, see the docstring of ``numpy.ufunc._get_strided_loop``."""

    _fields_ = (
        ("loop", ctypes.c_void_p),
        ("context", ctypes.c_void_p),
        ("auxdata", ctypes.c_void_p),
        ("requires_python", ctypes.c_bool),
        ("no_floating_point_errors", ctypes.c_bool),
    )


@dataclass(frozen=True, slots=True)
class Loop:
    """Addresses of a loop and its arguments. ``owner`` keeps that memory alive."""

    loop: int
    context: int = 0
    auxdata: int = 0
    owner: Any = None


@cache  # The cache keeps the capsules alive: records point into them.
def loop_of(ufunc: np.ufunc) -> Loop:
    """Return the loop of ``ufunc`` for float64 inputs and output and any strides.

    Raises NoLoopError.
    """
    wanted = (np.dtype(np.float64),) * ufunc.nargs
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    try:
        untyped: Any = ufunc
        dtypes, capsule = untyped._resolve_dtypes_and_context(wanted)
        untyped._get_strided_loop(capsule)
        info = _CallInfo.from_address(pointer(capsule, _CAPSULE))
    except (AttributeError, TypeError, ValueError) as error:
        raise NoLoopError(ufunc.__name__) from error
    if dtypes != wanted or info.requires_python or not info.loop:
        raise NoLoopError(ufunc.__name__)
    return Loop(info.loop, info.context or 0, info.auxdata or 0, capsule)


@dataclass(frozen=True, slots=True)
class RunnerLoops:
    """Addresses of the loops that runner.ll defines because NumPy has none."""

    stop: int
    stop_above: int
    skip: int
    choose: int
    replay: int


def records_of(
    entry: Entry, own_loops: RunnerLoops, kept: list[Any], trusted: Callable[[np.ufunc], bool]
) -> list[Record]:
    """Encode ``entry`` as records, or as one "stop" record if Python must execute it.

    Python also executes entries with a ufunc that is not ``trusted``. Memory that the records point
    to, other than the arrays of the entry, is appended to ``kept``.
    """
    try:
        if all(map(trusted, ufuncs_of(entry))):
            return _records(entry, own_loops, kept)
    except NoLoopError:
        pass
    return [make_record(Loop(own_loops.stop), ())]


def _records(entry: Entry, own_loops: RunnerLoops, kept: list[Any]) -> list[Record]:
    if isinstance(entry, Call):
        return [_call(entry)]
    if isinstance(entry, ReduceCall):
        return _reduction(entry)
    if isinstance(entry, ScalarCall):
        return []  # Computed for all steps before the tape runs.
    if isinstance(entry, Repair):
        return _repair(entry, own_loops, kept)
    if isinstance(entry, NormLimit):
        return _norm_limit(entry, own_loops, kept)
    raise NoLoopError("not a NumPy call")


def make_record(
    loop: Loop,
    arrays: Iterable[NDArray[Any]],
    dimensions: Sequence[int] = (1,),
    strides: Sequence[int] = (),
    rows: int = 1,
    per_row: Sequence[int] = (),
    per_step: Sequence[int] = (),
) -> Record:
    """Encode ``rows`` calls of ``loop``; the strides are in bytes."""
    record = np.zeros((), RECORD)
    record["loop"], record["context"], record["auxdata"] = loop.loop, loop.context, loop.auxdata
    record["rows"] = rows
    for name, values in (
        ("data", [each.ctypes.data for each in arrays]),
        ("dimensions", dimensions),
        ("strides", strides),
        ("per_row", per_row),
        ("per_step", per_step),
    ):
        record[name][: len(values)] = values
    return record


def _call(entry: Call) -> Record:
    loop = loop_of(entry.ufunc)
    arrays = (*entry.inputs, entry.out)
    for each in entry.inputs:
        # NumPy copies inputs that overlap the output, and a bare loop does not. An elementwise call
        # in place is safe: it reads each number before it writes it.
        in_place = entry.ufunc.signature is None and _same(each, entry.out)
        if np.may_share_memory(each, entry.out) and not in_place:
            raise NoLoopError("an input overlaps the output")
    if not entry.out.flags.writeable or not entry.out.size:
        raise NoLoopError("the output is empty or read-only")
    if entry.ufunc is np.matmul:
        if any(each.ndim != 2 for each in arrays):
            raise NoLoopError("matmul operands must be matrices")
        (m, n), p = entry.inputs[0].shape, entry.out.shape[1]
        if entry.inputs[1].shape != (n, p) or len(entry.out) != m:
            raise NoLoopError("matmul shapes do not match")
        core = [stride for each in arrays for stride in each.strides]
        return make_record(loop, arrays, (1, m, n, p), (0, 0, 0, *core))
    if len(arrays) > OPERANDS or entry.ufunc.signature is not None:
        raise NoLoopError(f"{entry.ufunc.__name__} is not a unary or binary elementwise ufunc")
    shape = entry.out.shape
    if np.broadcast_shapes(*(each.shape for each in arrays)) != shape:
        raise NoLoopError("the output does not have the broadcast shape")
    if all(each.ndim == 0 or _flat(each, shape) for each in arrays):
        strides = [each.itemsize if each.ndim else 0 for each in arrays]
        return make_record(loop, arrays, (entry.out.size,), strides)
    if len(shape) != 2:
        raise NoLoopError(f"broadcasting to {shape}")
    # The call is elementwise, so the order of traversal does not change the result.
    down, across = zip(*(np.broadcast_to(each, shape).strides for each in arrays), strict=True)
    rows, columns = shape
    if columns <= SHORT_ROW and columns < rows:
        return make_record(loop, arrays, (rows,), down, columns, across)
    return make_record(loop, arrays, (columns,), across, rows, down)


def _same(one: Array, other: Array) -> bool:
    where = [(a.ctypes.data, a.shape, a.strides) for a in (one, other)]
    return where[0] == where[1]


def _flat(array: Array, shape: tuple[int, ...]) -> bool:
    return array.shape == shape and array.flags.c_contiguous


def _copy(source: Array, target: Array, rows: int = 1, per_row: Sequence[int] = ()) -> Record:
    """Copy one number, or one number per row."""
    return make_record(loop_of(np.positive), (source, target), (1,), (8, 8), rows, per_row)


def _reduction(entry: ReduceCall) -> list[Record]:
    array, out = entry.array, entry.out
    if not array.flags.c_contiguous or not array.size or entry.ufunc not in (np.add, np.maximum):
        raise NoLoopError("not a sum or maximum of a non-empty C-contiguous array")
    # NumPy starts a sum with 0 and a maximum with the first number.
    sums, rows = entry.ufunc is np.add, out.size
    columns = array.size // rows
    row_bytes = columns * array.itemsize
    rest = array.reshape(rows, columns)[:, 0 if sums else 1 :]
    first = _copy(_ZERO if sums else array, out, rows, (0 if sums else row_bytes, 8))
    if not rest.size:
        return [first]
    loop, per_row = loop_of(entry.ufunc), (8, row_bytes, 8)
    return [first, make_record(loop, (out, rest, out), (rest.shape[1],), (0, 8, 0), rows, per_row)]


def _address_of(value: float, kept: list[Any]) -> int:
    """Store ``value`` in memory that ``kept`` keeps alive, and return its address."""
    memory = np.array(value)
    kept.append(memory)
    return int(memory.ctypes.data)


def _repair(entry: Repair, own_loops: RunnerLoops, kept: list[Any]) -> list[Record]:
    watched = entry.watched
    arrays = (watched, entry.better, entry.out)
    if not watched.size or not all(_flat(each, watched.shape) for each in arrays):
        raise NoLoopError("the arrays of a Repair must be C-contiguous and of one shape")
    least, limit = np.zeros(()), _address_of(entry.limit, kept)
    kept.append(least)
    choose = make_record(Loop(own_loops.choose, auxdata=limit), arrays, (watched.size,))
    better = [*map(_call, entry.entries), choose]
    return [
        _copy(watched, least),
        make_record(loop_of(np.minimum), (least, watched, least), (watched.size,), (0, 8, 0)),
        # ``skip`` reads the number of records to skip from the field ``dimensions``.
        make_record(Loop(own_loops.skip, auxdata=limit), (least,), (len(better),)),
        *better,
    ]


def _norm_limit(entry: NormLimit, own_loops: RunnerLoops, kept: list[Any]) -> list[Record]:
    square = np.zeros((1, 1))
    kept.append(square)
    product = Call(np.matmul, (entry.vector[None, :], entry.vector[:, None]), square)
    limit = _address_of(entry.max_square, kept)
    return [_call(product), make_record(Loop(own_loops.stop_above, auxdata=limit), (square,))]


_ZERO = np.zeros(())
_ZERO.setflags(write=False)
