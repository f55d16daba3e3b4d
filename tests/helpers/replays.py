"""Compute lines of a trace again, each from only its inputs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from backprop_explorer.engine.graph import replay
from backprop_explorer.engine.trace import Trace


def differing_lines(trace: Trace) -> Iterable[str]:
    """Yield the ids of lines whose replay differs from their value in any bit: none if correct."""
    values = trace.values()
    for line in trace.lines:
        again = np.asarray(replay(line.node, values), dtype=np.float64)
        if again.tobytes() != np.asarray(line.value, dtype=np.float64).tobytes():
            yield line.node.id
