"""Time of explaining a recorded program: recording with gradients, and the proof.

The peer is autograd's tracer with its backward pass, for the programs that it takes, in the same
turns. Its times and those of recording are of the processor, which other processes disturb least.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from types import FunctionType
from typing import Any

import autograd
import autograd.numpy as autograd_numpy
import numpy as np

import backprop_explorer as bx

HEADER = [
    *("program", "operations", "lines", "recorded, µs an operation", "autograd, µs an operation"),
    *("recorded, s", "proof, s"),
]
# Of larger programs only the recording is measured.
MOST_PROVED = 400


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


def long_recurrent(x: Any, h: Any, Wx: Any, Wh: Any, b: Any) -> Any:
    """As above, without an array of the states."""
    total = 0.0
    for t in range(x.shape[1]):
        h = np.tanh(np.dot(x[:, t], Wx) + np.dot(h, Wh) + b)
        total = total + np.mean(h**2)
    return total


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

    depth, steps, pixels, more = (4, 4, 5, 5) if small else (75, 42, 6, 850)
    weights = [normal(6, 6) if k % 2 == 0 else normal(6) for k in range(2 * depth)]
    return {
        "dense": (dense, (normal(8, 6), *weights)),
        "recurrent": (
            recurrent,
            (normal(4, steps, 3), normal(4, 5), normal(3, 5), normal(5, 5), normal(5)),
        ),
        "convolution": (convolution, (normal(2, pixels, pixels), normal(4, 2, 3, 3), normal(4))),
        **{
            f"long recurrent, {count} steps": (
                long_recurrent,
                (normal(4, count, 3), normal(4, 5), normal(3, 5), normal(5, 5), normal(5)),
            )
            for count in (more, 2 * more)
        },
    }


def peer(f: Any, args: tuple[Any, ...]) -> float | None:
    """Seconds of autograd for the gradient of f; None if it does not take the program."""
    traced = FunctionType(f.__code__, {**f.__globals__, "np": autograd_numpy})
    begin = time.process_time()
    try:
        autograd.grad(traced, tuple(range(len(args))))(*args)
    except (TypeError, ValueError):  # It has no assignment into arrays.
        return None
    return time.process_time() - begin


def rows(rounds: int = 7, *, small: bool = False) -> list[list[str]]:
    """A row for each program; medians of ``rounds``."""
    found = []
    for name, (f, args) in programs(small).items():
        recorded, others, proved = [], [], []
        for _ in range(rounds):
            begin = time.process_time()
            working = bx.explain(f, *args)
            recorded.append(time.process_time() - begin)
            count = len(working.recording.graph.of_role("forward", "cost"))
            other = peer(f, args)
            others += [] if other is None else [other]
            if count <= MOST_PROVED:
                begin = time.perf_counter()
                assert all(check.passed for check in working.checks)
                proved.append(time.perf_counter() - begin)
        median = statistics.median(recorded)
        found.append(
            [
                *(name, str(count), str(len(working)), f"{median / count * 1e6:.0f}"),
                f"{statistics.median(others) / count * 1e6:.0f}" if others else "",
                f"{median:.3f}",
                f"{statistics.median(proved):.2f}" if proved else "",
            ]
        )
    return found
