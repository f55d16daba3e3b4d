"""The tape: a list of entries that runs for many steps, in Python or natively."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.tape import native
from backprop_explorer.tape.entries import Entry, ParallelBranches, ScalarCall, written
from backprop_explorer.tape.loops import RECORD
from backprop_explorer.tape.threads import run_parallel

Array = NDArray[np.float64]

# Number of Python calls saved from which compiling the runner (50 ms) pays off.
MIN_CALLS_TO_COMPILE = 100_000
# Number of Python calls saved from which encoding a tape as records pays off.
MIN_CALLS_TO_ENCODE = 400
# Work, in multiplications, at which threads save as much time as one Python call costs.
WORK_PER_CALL = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Feed:
    """An input that changes with the step: at step k, ``buffer`` holds ``source[k]``.

    A native tape reads ``source[k]`` directly and may leave ``buffer`` unchanged. The tape must not
    write to ``buffer``. Raises ValueError unless ``buffer`` owns its memory, both are C-contiguous,
    and ``source[k]`` has the shape and dtype of ``buffer``.
    """

    buffer: Array
    source: Array

    def __post_init__(self) -> None:
        first = self.source[0]
        if first.shape != self.buffer.shape or first.dtype != self.buffer.dtype:
            raise ValueError(
                f"source {self.source.shape} does not fit a buffer of shape {self.buffer.shape}"
            )
        if not (np.asarray(first).flags.c_contiguous and self.buffer.flags.c_contiguous):
            raise ValueError("buffer and source must be C-contiguous")
        if self.buffer.base is not None:
            raise ValueError("buffer must own its memory, not be a view")

    def fill(self, step: int) -> None:
        """Copy the contents of ``step`` into the buffer."""
        self.buffer[...] = self.source[step]


class Tape:
    """Runs ``entries`` in order for each step, with the inputs that ``feeds`` give.

    ``nbytes`` estimates the memory of the records and of all written arrays. Not thread-safe: runs
    share the arrays. The sources of feeds may change between runs. Raises ValueError if an entry
    writes to the buffer of a feed.
    """

    def __init__(self, entries: Sequence[Entry], feeds: Sequence[Feed] = ()) -> None:
        self.entries = tuple(entries)
        self.feeds = tuple(feeds)
        outs = [out for each in self.entries for out in written(each)]
        if any(np.may_share_memory(feed.buffer, out) for feed in feeds for out in outs):
            raise ValueError("an entry writes to the buffer of a feed")
        sizes = {out.ctypes.data: out.nbytes for out in outs}
        fed = sum(feed.buffer.nbytes for feed in feeds)
        flat = [each for entry in self.entries for each in _in_order(entry)]
        self.nbytes = int(2 * RECORD.itemsize * len(flat) + sum(sizes.values()) + fed)
        # Time that the runner saves per step, and would have saved so far, in Python calls.
        self._saved_per_step = len(flat) + sum(
            entry.work / WORK_PER_CALL
            for entry in self.entries
            if isinstance(entry, ParallelBranches)
        )
        self._steps = min((len(feed.source) for feed in feeds), default=None)
        self._saved = 0.0
        self._native: NativeTape | None = None

    def run(self, first: int = 0, until: int = 1) -> tuple[int, bool]:
        """Run the steps from ``first`` to ``until`` − 1.

        Returns the next step and True, or False if a NormLimit ended the run after the last step.
        Raises IndexError for steps without an input in ``feeds``.
        """
        self.check_steps(first, until)
        encoded = self.native(until - first)
        if encoded is not None:
            return encoded.run(first, until)
        for step in range(first, until):
            for feed in self.feeds:
                feed.fill(step)
            for entry in self.entries:
                if entry() is False:
                    return step + 1, False
        return until, True

    def check_steps(self, first: int, until: int) -> None:
        """Raise IndexError if ``feeds`` have no input for one of these steps."""
        if first < 0 or (self._steps is not None and until > self._steps):
            raise IndexError(f"steps {first} to {until} are out of range: feeds have {self._steps}")

    def native(self, steps: int) -> NativeTape | None:
        """Return the tape encoded for the native runner; None while that does not pay off.

        ``steps`` is the number of steps that the caller is about to run.
        """
        if self._native is None:
            self._saved += steps * self._saved_per_step
            if self._saved >= MIN_CALLS_TO_ENCODE:
                compiled = self._saved >= MIN_CALLS_TO_COMPILE
                runner = native.load() if compiled else native.loaded()
                if runner is not None:
                    self._native = NativeTape(self.entries, self.feeds, runner)
        return self._native

    @property
    def is_native(self) -> bool:
        """Whether the tape now runs natively."""
        return self._native is not None


def _in_order(entry: Entry) -> list[Entry]:
    """The entry, or those of its branches."""
    if isinstance(entry, ParallelBranches):
        return [each for entries in entry.branches for each in entries]
    return [entry]


class NativeTape:
    """A tape encoded for the native runner.

    Records read the sources of feeds directly. Scalar calls are computed for all steps before the
    run. ``filled`` marks a branch of another tape: that tape fills the buffers of feeds before it
    runs the branch, if the branch needs them.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        feeds: Sequence[Feed],
        runner: native.Runner,
        filled: bool = False,
    ) -> None:
        self._entries = entries
        self._feeds = list(feeds)
        self._filled = filled
        self.runner = runner
        self.program = native.program(entries, runner)
        # Scalar calls with the same result at every step.
        self._constant: list[ScalarCall] = []
        # Scalar calls that depend on the step, with one array of values for each input and for the
        # result.
        self._per_step: list[tuple[ScalarCall, list[Array], Array]] = []
        sources = {each.buffer.ctypes.data: each.source for each in feeds}
        for number in (each for each in entries if isinstance(each, ScalarCall)):
            found = [sources.get(each.ctypes.data) for each in number.inputs]
            steps = max((len(each) for each in found if each is not None), default=0)
            if not steps:
                self._constant.append(number)
                continue
            inputs = [
                np.broadcast_to(old, steps) if new is None else new
                for old, new in zip(number.inputs, found, strict=True)
            ]
            results = np.zeros(steps)
            sources[number.out.ctypes.data] = results
            self._per_step.append((number, inputs, results))
            self._feeds.append(Feed(number.out, results))
        for feed in self._feeds:
            self._redirect(feed)
        self._branches = {
            k: [NativeTape(branch, self._feeds, runner, filled=True) for branch in each.branches]
            for k, each in enumerate(entries)
            if isinstance(each, ParallelBranches)
        }

    def _redirect(self, feed: Feed) -> None:
        """Make the records that read the buffer of ``feed`` read its source."""
        records = self.program.records
        begin = feed.buffer.ctypes.data
        inside = (records["data"] >= begin) & (records["data"] < begin + feed.buffer.nbytes)
        records["data"][inside] += feed.source.ctypes.data - begin
        records["per_step"][inside] = feed.source.strides[0]

    @property
    def runs_alone(self) -> bool:
        """Whether a run needs no Python between its first and its last record."""
        return not (self._branches or self.program.stops)

    def prepare(self, first: int, until: int) -> None:
        """Compute the scalar calls of the steps from ``first`` to ``until`` − 1."""
        for number in self._constant:
            number()
        for number, inputs, results in self._per_step:
            columns = (each[first:until].tolist() for each in inputs)
            results[first:until] = [number.function(*row) for row in zip(*columns, strict=True)]

    def run(self, first: int, until: int) -> tuple[int, bool]:
        """As ``Tape.run``."""
        self.prepare(first, until)
        position = self.program.position
        position[:] = first, 0
        while not self.program.run(until):
            step, record = int(position[0]), int(position[1])
            k = self.program.entry_of[record]
            branches = self._branches.get(k)
            if not self._filled and (
                branches is None or any(each.program.stops for each in branches)
            ):
                for feed in self._feeds:
                    feed.fill(step)
            if branches is not None:
                run_parallel([partial(branch.run, step, step + 1) for branch in branches])
            elif self._entries[k]() is False:
                return step + 1, False
            position[1] += 1
        return until, True
