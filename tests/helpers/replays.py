"""Compute lines of a trace again, each from only its inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from backprop_explorer.engine.trace import Line, Trace


def replay(line: Line, values: Mapping[str, Any]) -> Any:
    """Compute the value of a line again from only its inputs. It has the same bits."""
    return line.operation.compute(*(values[name] for name in line.step.inputs))


def differing_lines(trace: Trace) -> Iterable[str]:
    """Yield the ids of lines whose replay differs from their value in any bit: none if correct."""
    values = trace.values()
    for line in trace.lines:
        again = np.asarray(replay(line, values), dtype=np.float64)
        if again.tobytes() != np.asarray(line.value, dtype=np.float64).tobytes():
            yield line.id
