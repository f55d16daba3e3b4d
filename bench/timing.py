"""Timing on a noisy machine: the candidates take turns, and each figure is a median."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

Work = Callable[[], object]

ROUNDS = 15
SLICE_SECONDS = 0.04


def _repeats(work: Work) -> int:
    """How many calls of ``work`` fit into a time slice of a round."""
    work()
    count = 1
    while True:
        begin = time.perf_counter()
        for _ in range(count):
            work()
        spent = time.perf_counter() - begin
        if spent >= SLICE_SECONDS / 4:
            return max(1, round(count * SLICE_SECONDS / spent))
        count *= 4


def microseconds(
    contestants: Mapping[str, Work],
    rounds: int = ROUNDS,
    of: Callable[[list[float]], float] = statistics.median,
    before: Callable[[str], object] = str,
) -> dict[str, float]:
    """The median (or ``of``) over the rounds of the time of one call in µs, by candidate.

    A round times every candidate once, so that a slow phase of the machine affects all of them.
    ``before`` is called with the candidate's name before its turn; it then warms up for as long as
    it is timed: threads that have slept run on one processor for some 30 ms before they spread.
    """
    repeats = {}
    for name, work in contestants.items():
        before(name)
        repeats[name] = _repeats(work)
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, work in contestants.items():
            before(name)
            for _ in range(repeats[name]):
                work()
            begin = time.perf_counter()
            for _ in range(repeats[name]):
                work()
            times[name].append((time.perf_counter() - begin) / repeats[name])
    return {name: 1e6 * of(found) for name, found in times.items()}
