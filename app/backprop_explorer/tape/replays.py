"""Run one tape many times, each time on other values, without Python in between.

A tape of its own copies one row of each source into the buffers of the tape, runs it, and copies
its results into one row of each target. So networks of one shape are trained one after another in
the same buffers, by the same calls: each gives the same bits as alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.tape.loops import RECORD, Loop, Record, loop_of, make_record
from backprop_explorer.tape.tape import NativeTape, Tape

Array = NDArray[np.float64]
Copy = tuple[Array, Array]

# Must match %inner in runner.ll.
_INNER = np.dtype(
    [
        ("records", np.int64),
        ("count", np.int64),
        ("first", np.int64),
        ("end", np.int64),
        ("position", np.int64, 2),
    ]
)


class Replays:
    """Runs of ``tape`` with the rows of ``loads``, whose results go to the rows of ``stores``.

    ``loads`` are pairs (buffer, source): before run k, ``buffer`` becomes ``source[k]``. ``stores``
    are pairs (buffer, target): after it, ``target[k]`` becomes ``buffer``. A buffer is an array of
    the tape or the source of a feed, not the buffer of a feed. Raises ValueError unless all arrays
    are C-contiguous float64 and as many rows as there are fit.
    """

    def __init__(self, tape: Tape, loads: Sequence[Copy], stores: Sequence[Copy]) -> None:
        self._tape = tape
        self._loads, self._stores = tuple(loads), tuple(stores)
        pairs = (*self._loads, *self._stores)
        [self.count] = {len(rows) for _, rows in pairs}
        for buffer, rows in pairs:
            if rows.shape != (self.count, *buffer.shape):
                raise ValueError(f"rows of shape {rows.shape} for a buffer of {buffer.shape}")
            if any(
                not each.flags.c_contiguous or each.dtype != np.float64 for each in (buffer, rows)
            ):
                raise ValueError("buffers and rows must be C-contiguous and float64")
        # What a run reached: the end, or minus the step after the one at which it stopped.
        self._reached = np.zeros(self.count, np.int64)
        self._native: _NativeReplays | None = None

    def run(self, first: int = 0, until: int = 1) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Run the steps from ``first`` to ``until`` − 1 once for each row.

        Returns what ``Tape.run`` returns, for each row: the next step, and whether no NormLimit
        ended the run. Both arrays are (rows,). Raises IndexError as ``Tape.run`` does.
        """
        self._tape.check_steps(first, until)
        encoded = self._tape.native((until - first) * self.count)
        if encoded is not None and encoded.runs_alone:
            if self._native is None:
                self._native = _NativeReplays(encoded, self._loads, self._stores, self._reached)
            self._native.run(first, until)
        else:
            self._in_python(first, until)
        return np.abs(self._reached), self._reached >= 0

    def _in_python(self, first: int, until: int) -> None:
        for k in range(self.count):
            for buffer, source in self._loads:
                buffer[...] = source[k]
            reached, good = self._tape.run(first, until)
            self._reached[k] = reached if good else -reached
            for buffer, target in self._stores:
                target[k] = buffer


class _NativeReplays:
    """The copies and the runs as records of the native runner, one step for each row."""

    def __init__(
        self,
        inner: NativeTape,
        loads: Sequence[Copy],
        stores: Sequence[Copy],
        reached: NDArray[np.int64],
    ) -> None:
        self._inner = inner
        self._settings: Any = np.zeros((), _INNER)
        self._settings["records"] = inner.program.records.ctypes.data
        self._settings["count"] = len(inner.program.records)
        replay = Loop(inner.runner.own_loops.replay, auxdata=self._settings.ctypes.data)
        records = [
            *(_copy(source, 0, buffer) for buffer, source in loads),
            make_record(replay, (reached,), per_step=(reached.itemsize,)),
            *(_copy(target, 1, buffer) for buffer, target in stores),
        ]
        self._records = np.array(records, RECORD)
        self._position = np.zeros(2, np.int64)
        self._count = len(reached)
        self._run = partial(
            inner.runner.run,
            self._records.ctypes.data,
            len(self._records),
            self._position.ctypes.data,
            self._count,
        )

    def run(self, first: int, until: int) -> None:
        self._inner.prepare(first, until)
        self._settings["first"], self._settings["end"] = first, until
        self._position[:] = 0
        self._run()


def _copy(rows: Array, operand: int, buffer: Array) -> Record:
    """Copy a row into the buffer (operand 0 of the copy is the row) or back (operand 1)."""
    per_step = [0, 0]
    per_step[operand] = rows.strides[0]
    arrays = (rows, buffer) if operand == 0 else (buffer, rows)
    return make_record(
        loop_of(np.positive), arrays, (buffer.size,), (8, 8), per_step=tuple(per_step)
    )
