"""Limit the work of a search.

The work is estimated, not timed, so that the same submission always gets the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from backprop_explorer.tutor.checker.reference import ReferenceWorking

# Estimated time of a guess, and of each line that it computes again.
GUESS_SECONDS = 25e-6
LINE_SECONDS = 4e-6
NUMBERS_PER_SECOND = 2e8
MULTIPLICATIONS_PER_SECOND = 2e9
SEARCH_SECONDS = 0.06
# A time limit that has passed: the checker compares numbers and does not search for mistakes.
NO_SEARCH = -1.0
# A large network may take longer: this many times the time of its whole working.
WORKINGS = 12.0


class Budget:
    """The work that is left for the search of one submission, in estimated seconds.

    ``seconds``: for a small network. Less finds fewer combinations of mistakes.
    """

    def __init__(self, reference: ReferenceWorking, seconds: float = SEARCH_SECONDS) -> None:
        self._reference = reference
        self._seconds = {name: self._estimate(name) for name in reference.nodes}
        self.left = seconds + WORKINGS * sum(self._seconds.values())

    def _estimate(self, name: str) -> float:
        """Estimate the time to compute one line, in seconds."""
        node, network = self._reference.nodes[name], self._reference.trace.network
        numbers = float(np.size(self._reference.truth[name]))
        seconds = LINE_SECONDS + numbers / NUMBERS_PER_SECOND
        if node.layer is not None and node.op in ("affine", "weight_gradient", "input_gradient"):
            n_in, n_out = network.shapes[node.layer - 1]
            samples = self._reference.trace.samples
            seconds += samples * n_in * n_out / MULTIPLICATIONS_PER_SECOND
        return seconds

    def spend(self, first: str, lines: Iterable[str], kept: float = 0.0) -> bool:
        """Subtract the time to recompute those of ``lines`` that come at or after ``first``.

        Returns False if less than ``kept`` seconds are left.
        """
        order = self._reference.order
        at = order[first]
        self.left -= GUESS_SECONDS
        self.left -= sum(self._seconds[line] for line in lines if order[line] >= at)
        return self.left >= kept
