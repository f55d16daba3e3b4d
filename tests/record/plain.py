"""Compare a recording with the program itself: its value, and difference quotients of it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backprop_explorer.record import ProgramRecording, record

STEP = 1e-5


def outputs(result: Any) -> Any:
    """The first float array or number of what a program returns."""
    if isinstance(result, tuple | list):
        return next(each for each in result if np.asarray(each).dtype.kind == "f")
    return result


def total(f: Callable[..., Any], args: Sequence[Any], upstream: Any) -> float:
    """The cost of a plain run of the program."""
    value = outputs(f(*copy.deepcopy(tuple(args))))
    return float(np.sum(value if upstream is None else value * upstream))


def arrays(args: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The paths of the float arrays among arguments, in order."""
    found: list[tuple[Any, ...]] = []

    def walk(value: Any, path: tuple[Any, ...]) -> None:
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            found.append(path)
        elif isinstance(value, dict):
            for key, each in value.items():
                walk(each, (*path, key))
        elif isinstance(value, list | tuple):
            for k, each in enumerate(value):
                walk(each, (*path, k))

    walk(tuple(args), ())
    return found


def at(args: Any, path: Sequence[Any]) -> Any:
    for part in path:
        args = args[part]
    return args


def compare(
    f: Callable[..., Any], *args: Any, upstream: Any = None, tolerance: float = 1e-6
) -> ProgramRecording:
    """Record ``f(*args)``; its value and its gradients must be those of the plain program."""
    before = copy.deepcopy(args)
    found = record(f, args, upstream=upstream)
    for path in arrays(before):
        np.testing.assert_array_equal(at(args, path), at(before, path))
    value = total(f, args, upstream)
    np.testing.assert_allclose(float(found.values[found.cost]), value, rtol=1e-12, atol=1e-14)
    paths = arrays(args)
    assert len(paths) == len(found.wrt)
    for name, path in zip(found.wrt, paths, strict=True):
        gradient = np.asarray(found.gradient(name))
        array = at(args, path)
        assert gradient.shape == array.shape, name
        numeric = np.zeros(array.shape)
        for index in np.ndindex(*array.shape):
            moved = [copy.deepcopy(args), copy.deepcopy(args)]
            for each, sign in zip(moved, (1.0, -1.0), strict=True):
                at(each, path)[index] += sign * STEP
            numeric[index] = (total(f, moved[0], upstream) - total(f, moved[1], upstream)) / (
                2.0 * STEP
            )
        scale = max(np.abs(numeric).max(initial=0.0), np.abs(gradient).max(initial=0.0), 1e-6)
        error = np.abs(gradient - numeric).max(initial=0.0) / scale
        assert error < max(tolerance, 1e-9 * abs(value) / scale), (name, error, gradient, numeric)
    return found
