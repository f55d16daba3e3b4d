"""NumPy's inner loops: where they are, and the records with which they are called.

NumPy hands them out itself, for compilers: ``ufunc._resolve_dtypes_and_context`` and
``ufunc._get_strided_loop``, whose docstrings describe the structure and the signature used here. A
ufunc called from Python finds the same loop and calls it for the same arrays.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.tape.entries import Call, Entry, Number, Reduction, Repair, Within, ufuncs_of

Array = NDArray[np.float64]
Record = NDArray[np.void]  # of no dimension, of the type RECORD
OPERANDS = 3
# The structure of the same name in runner.ll.
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
# Rows up to this short are gone through column by column: a call costs as much as ten numbers.
SHORT_ROW = 24


class NoLoopError(Exception):
    """NumPy has no loop for this that could be called without Python."""


class _CallInfo(ctypes.Structure):
    """``ufunc_call_info``, as the docstring of ``numpy.ufunc._get_strided_loop`` has it."""

    _fields_ = (
        ("loop", ctypes.c_void_p),
        ("context", ctypes.c_void_p),
        ("auxdata", ctypes.c_void_p),
        ("requires_python", ctypes.c_bool),
        ("no_floating_point_errors", ctypes.c_bool),
    )


@dataclass(frozen=True, slots=True)
class Loop:
    """Addresses. ``owner`` keeps what is there alive."""

    loop: int
    context: int = 0
    auxdata: int = 0
    owner: Any = None


@cache  # for as long as there are records that point to it
def loop_of(ufunc: np.ufunc) -> Loop:
    """The loop of ``ufunc`` for float64 in and out, whatever the strides. Raises NoLoopError."""
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
class Ours:
    """Where the loops are that NumPy does not have (runner.ll)."""

    stop: int
    within: int
    skip: int
    choose: int


def records_of(
    entry: Entry, ours: Ours, kept: list[Any], trusted: Callable[[np.ufunc], bool]
) -> list[Record]:
    """The records that do what ``entry`` does; one that stops the tape where Python must do it.

    Python does it, too, where a ufunc is not ``trusted``. All that the records point to, beside the
    arrays of the entry, is added to ``kept``.
    """
    try:
        if all(map(trusted, ufuncs_of(entry))):
            return _records(entry, ours, kept)
    except NoLoopError:
        pass
    return [_record(Loop(ours.stop), ())]


def _records(entry: Entry, ours: Ours, kept: list[Any]) -> list[Record]:
    if isinstance(entry, Call):
        return [_call(entry)]
    if isinstance(entry, Reduction):
        return _reduction(entry)
    if isinstance(entry, Number):
        return []  # of all steps at once, before the tape is run
    if isinstance(entry, Repair):
        return _repair(entry, ours, kept)
    if isinstance(entry, Within):
        return _within(entry, ours, kept)
    raise NoLoopError("what is not a call of NumPy")


def _record(
    loop: Loop,
    arrays: Iterable[Array],
    dimensions: Sequence[int] = (1,),
    strides: Sequence[int] = (),
    rows: int = 1,
    per_row: Sequence[int] = (),
) -> Record:
    record = np.zeros((), RECORD)
    record["loop"], record["context"], record["auxdata"] = loop.loop, loop.context, loop.auxdata
    record["rows"] = rows
    for name, values in (
        ("data", [each.ctypes.data for each in arrays]),
        ("dimensions", dimensions),
        ("strides", strides),
        ("per_row", per_row),
    ):
        record[name][: len(values)] = values
    return record


def _call(entry: Call) -> Record:
    loop = loop_of(entry.ufunc)
    arrays = (*entry.inputs, entry.out)
    for each in entry.inputs:
        # Where they overlap NumPy makes copies. A call in place reads each number before it is
        # written.
        in_place = entry.ufunc.signature is None and _same(each, entry.out)
        if np.may_share_memory(each, entry.out) and not in_place:
            raise NoLoopError("inputs that overlap the result")
    if not entry.out.flags.writeable or not entry.out.size:
        raise NoLoopError("a result that cannot be written")
    if entry.ufunc is np.matmul:
        if any(each.ndim != 2 for each in arrays):
            raise NoLoopError("a product of other than matrices")
        (m, n), p = entry.inputs[0].shape, entry.out.shape[1]
        if entry.inputs[1].shape != (n, p) or len(entry.out) != m:
            raise NoLoopError("matrices that do not fit")
        core = [stride for each in arrays for stride in each.strides]
        return _record(loop, arrays, (1, m, n, p), (0, 0, 0, *core))
    if len(arrays) > OPERANDS or entry.ufunc.signature is not None:
        raise NoLoopError(f"{entry.ufunc.__name__} is of another kind")
    shape = entry.out.shape
    if np.broadcast_shapes(*(each.shape for each in arrays)) != shape:
        raise NoLoopError("a result of another shape")
    if all(each.ndim == 0 or _flat(each, shape) for each in arrays):
        strides = [each.itemsize if each.ndim else 0 for each in arrays]
        return _record(loop, arrays, (entry.out.size,), strides)
    if len(shape) != 2:
        raise NoLoopError(f"broadcasting to {shape}")
    # The sum of no entry depends on another, so that rows may come before columns or after.
    down, across = zip(*(np.broadcast_to(each, shape).strides for each in arrays), strict=True)
    rows, columns = shape
    if columns <= SHORT_ROW and columns < rows:
        return _record(loop, arrays, (rows,), down, columns, across)
    return _record(loop, arrays, (columns,), across, rows, down)


def _same(one: Array, other: Array) -> bool:
    where = [(a.ctypes.data, a.shape, a.strides) for a in (one, other)]
    return where[0] == where[1]


def _flat(array: Array, shape: tuple[int, ...]) -> bool:
    return array.shape == shape and array.flags.c_contiguous


def _copy(source: Array, target: Array, rows: int = 1, per_row: Sequence[int] = ()) -> Record:
    """Of one number, or of one in each row."""
    return _record(loop_of(np.positive), (source, target), (1,), (8, 8), rows, per_row)


def _reduction(entry: Reduction) -> list[Record]:
    array, out = entry.array, entry.out
    if not array.flags.c_contiguous or not array.size or entry.ufunc not in (np.add, np.maximum):
        raise NoLoopError("a reduction of another kind")
    # As NumPy does it: sums begin with 0, a maximum with the first of its numbers.
    sums, rows = entry.ufunc is np.add, out.size
    columns = array.size // rows
    row_bytes = columns * array.itemsize
    rest = array.reshape(rows, columns)[:, 0 if sums else 1 :]
    first = _copy(_ZERO if sums else array, out, rows, (0 if sums else row_bytes, 8))
    if not rest.size:
        return [first]
    loop, per_row = loop_of(entry.ufunc), (8, row_bytes, 8)
    return [
        first,
        _record(loop, (out, rest, out), (rest.shape[1],), (0, 8, 0), rows, per_row),
    ]


def _number(value: float, kept: list[Any]) -> int:
    """Where ``value`` is."""
    there = np.array(value)
    kept.append(there)
    return int(there.ctypes.data)


def _repair(entry: Repair, ours: Ours, kept: list[Any]) -> list[Record]:
    watched = entry.watched
    arrays = (watched, entry.better, entry.out)
    if not watched.size or not all(_flat(each, watched.shape) for each in arrays):
        raise NoLoopError("arrays that do not lie alike")
    least, limit = np.zeros(()), _number(entry.limit, kept)
    kept.append(least)
    choose = _record(Loop(ours.choose, auxdata=limit), arrays, (watched.size,))
    better = [*map(_call, entry.entries), choose]
    return [
        _copy(watched, least),
        _record(loop_of(np.minimum), (least, watched, least), (watched.size,), (0, 8, 0)),
        # How many records are skipped stands where other loops have how long their arrays are.
        _record(Loop(ours.skip, auxdata=limit), (least,), (len(better),)),
        *better,
    ]


def _within(entry: Within, ours: Ours, kept: list[Any]) -> list[Record]:
    square = np.zeros((1, 1))
    kept.append(square)
    product = Call(np.matmul, (entry.vector[None, :], entry.vector[:, None]), square)
    most = _number(entry.most, kept)
    return [_call(product), _record(Loop(ours.within, auxdata=most), (square,))]


_ZERO = np.zeros(())
_ZERO.setflags(write=False)
