"""Time of explaining a recorded program: recording with gradients, and the proof."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import backprop_explorer as bx

HEADER = ["program", "operations", "lines", "recorded, µs an operation", "recorded, s", "proof, s"]


def dense(x: Any, *weights: Any) -> Any:
    """Layers of tanh."""
    for W, b in zip(weights[::2], weights[1::2], strict=True):
        x = np.tanh(x @ W + b)
    return np.mean(x**2)


def recurrent(x: Any, h: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    """One state after the other, written into an array."""
    states = np.zeros((x.shape[0], x.shape[1], h.shape[1]))
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ Wx + h @ Wh + b)
        states[:, t] = h
    return np.mean(states**2)


def convolution(x: Any, w: Any, b: Any) -> Any:
    """A convolution in loops over places and filters."""
    filters, size = w.shape[0], w.shape[-1]
    places = x.shape[-1] - size + 1
    out = np.zeros((filters, places, places))
    for i in range(places):
        for j in range(places):
            window = x[:, i : i + size, j : j + size]
            for f in range(filters):
                out[f, i, j] = np.sum(window * w[f]) + b[f]
    return np.sum(np.maximum(out, 0) ** 2)


def programs(small: bool) -> dict[str, tuple[Callable[..., Any], tuple[Any, ...]]]:
    """The programs with their arguments, by name."""
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> Any:
        return 0.5 * rng.normal(size=shape)

    depth, steps, pixels = (4, 4, 5) if small else (75, 42, 6)
    weights = [normal(6, 6) if k % 2 == 0 else normal(6) for k in range(2 * depth)]
    return {
        "dense": (dense, (normal(8, 6), *weights)),
        "recurrent": (
            recurrent,
            (normal(4, steps, 3), normal(4, 5), normal(3, 5), normal(5, 5), normal(5)),
        ),
        "convolution": (convolution, (normal(2, pixels, pixels), normal(4, 2, 3, 3), normal(4))),
    }


def rows(rounds: int = 7, *, small: bool = False) -> list[list[str]]:
    """A row for each program; medians of ``rounds``."""
    found = []
    for name, (f, args) in programs(small).items():
        recorded, proved = [], []
        for _ in range(rounds):
            begin = time.perf_counter()
            working = bx.explain(f, *args)
            middle = time.perf_counter()
            assert all(check.passed for check in working.checks)
            recorded.append(middle - begin)
            proved.append(time.perf_counter() - middle)
        count = len(working.recording.graph.of_role("forward", "cost"))
        median = statistics.median(recorded)
        found.append(
            [
                *(name, str(count), str(len(working)), f"{median / count * 1e6:.0f}"),
                *(f"{median:.3f}", f"{statistics.median(proved):.2f}"),
            ]
        )
    return found
