"""A tape, and how it is run for many steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.tape import native
from backprop_explorer.tape.entries import Entry, Lanes, Number, written
from backprop_explorer.tape.loops import RECORD
from backprop_explorer.tape.threads import side_by_side

Array = NDArray[np.float64]

# So many calls are worth the twentieth of a second that it takes to have the runner, and so many
# the time that it takes to write the records of a tape. Threads save as much as a call of Python
# costs at so many multiplications.
WORTH_LOADING = 100_000
WORTH_RECORDS = 400
WORTH_A_CALL = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Feed:
    """At step k, ``buffer`` has the contents of ``source[k]``, whose memory must be in one piece.

    The tape may read them where they lie, and then ``buffer``, an array of its own that the tape
    does not write to, does not change.
    """

    buffer: Array
    source: Array

    def __post_init__(self) -> None:
        first = self.source[0]
        if first.shape != self.buffer.shape or first.dtype != self.buffer.dtype:
            raise ValueError(f"{self.source.shape} does not feed {self.buffer.shape}")
        if not (np.asarray(first).flags.c_contiguous and self.buffer.flags.c_contiguous):
            raise ValueError("what is fed must be in one piece")
        if self.buffer.base is not None:
            raise ValueError("what is fed must be an array of its own")

    def fill(self, step: int) -> None:
        """Have the contents in the buffer itself."""
        self.buffer[...] = self.source[step]


class Tape:
    """Runs ``entries`` in order, step after step, with what ``feeds`` say of each step.

    Not thread-safe, as the arrays are not. Sources may be changed between two runs.
    """

    def __init__(self, entries: Sequence[Entry], feeds: Sequence[Feed] = ()) -> None:
        self.entries = tuple(entries)
        self.feeds = tuple(feeds)
        outs = [out for each in self.entries for out in written(each)]
        if any(np.may_share_memory(feed.buffer, out) for feed in feeds for out in outs):
            raise ValueError("a tape cannot write to what it is fed with")
        sizes = {out.ctypes.data: out.nbytes for out in outs}
        fed = sum(feed.buffer.nbytes for feed in feeds)
        flat = [each for entry in self.entries for each in _in_order(entry)]
        # Memory of the records and of all that is written, roughly.
        self.nbytes = int(2 * RECORD.itemsize * len(flat) + sum(sizes.values()) + fed)
        # What the runner saves at each step, and has saved, in calls of Python.
        self._worth = len(flat) + sum(
            entry.work / WORTH_A_CALL for entry in self.entries if isinstance(entry, Lanes)
        )
        self._steps = min((len(feed.source) for feed in feeds), default=None)
        self._saved = 0.0
        self._native: _Native | None = None

    def run(self, first: int = 0, until: int = 1) -> tuple[int, bool]:
        """Run the steps from ``first`` to before ``until``.

        Returns the step that comes next, and whether all was ``Within`` its bound. Where it is not
        the tape ends after that step. Raises IndexError for steps that it is not fed for.
        """
        if first < 0 or (self._steps is not None and until > self._steps):
            raise IndexError(f"steps {first} to {until} of {self._steps}")
        if self._native is None:
            self._saved += (until - first) * self._worth
            self._native = self._prepared()
        if self._native is not None:
            return self._native.run(first, until)
        for step in range(first, until):
            for feed in self.feeds:
                feed.fill(step)
            for entry in self.entries:
                if entry() is False:
                    return step + 1, False
        return until, True

    def _prepared(self) -> _Native | None:
        if self._saved < WORTH_RECORDS:
            return None
        runner = native.load() if self._saved >= WORTH_LOADING else native.loaded()
        return None if runner is None else _Native(self.entries, self.feeds, runner)

    @property
    def is_native(self) -> bool:
        """Whether it is run without Python by now."""
        return self._native is not None


def _in_order(entry: Entry) -> list[Entry]:
    """The entry, or those of its lanes."""
    if isinstance(entry, Lanes):
        return [each for entries in entry.lists for each in entries]
    return [entry]


class _Native:
    """The tape for a runner: sources are read where they are, numbers are made ahead.

    A lane of another tape is ``filled``: what it is fed with is in the buffers, too, if it needs
    them, when it is run.
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
        self._program = native.program(entries, runner)
        self._still: list[Number] = []
        # Numbers that change from step to step, where their inputs come from, where they go.
        self._moving: list[tuple[Number, list[Array], Array]] = []
        sources = {each.buffer.ctypes.data: each.source for each in feeds}
        for number in (each for each in entries if isinstance(each, Number)):
            found = [sources.get(each.ctypes.data) for each in number.inputs]
            steps = max((len(each) for each in found if each is not None), default=0)
            if not steps:
                self._still.append(number)
                continue
            given = [
                np.broadcast_to(old, steps) if new is None else new
                for old, new in zip(number.inputs, found, strict=True)
            ]
            made = np.zeros(steps)
            sources[number.out.ctypes.data] = made
            self._moving.append((number, given, made))
            self._feeds.append(Feed(number.out, made))
        for feed in self._feeds:
            self._read(feed)
        self._lanes = {
            k: [_Native(lane, self._feeds, runner, filled=True) for lane in each.lists]
            for k, each in enumerate(entries)
            if isinstance(each, Lanes)
        }

    @property
    def stops(self) -> bool:
        """Whether there is something that Python must do."""
        return self._program.stops

    def _read(self, feed: Feed) -> None:
        """Let the records that read the buffer of ``feed`` read its source."""
        records = self._program.records
        begin = feed.buffer.ctypes.data
        inside = (records["data"] >= begin) & (records["data"] < begin + feed.buffer.nbytes)
        records["data"][inside] += feed.source.ctypes.data - begin
        records["per_step"][inside] = feed.source.strides[0]

    def run(self, first: int, until: int) -> tuple[int, bool]:
        for number in self._still:
            number()
        for number, given, made in self._moving:
            columns = (each[first:until].tolist() for each in given)
            made[first:until] = [number.function(*row) for row in zip(*columns, strict=True)]
        position = self._program.position
        position[:] = first, 0
        while not self._program.run(until):
            step, record = int(position[0]), int(position[1])
            k = self._program.entry_of[record]
            lanes = self._lanes.get(k)
            if not self._filled and (lanes is None or any(each.stops for each in lanes)):
                for feed in self._feeds:
                    feed.fill(step)
            if lanes is not None:
                side_by_side([partial(lane.run, step, step + 1) for lane in lanes])
            elif self._entries[k]() is False:
                return step + 1, False
            position[1] += 1
        return until, True
