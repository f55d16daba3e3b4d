"""The corpus of programs itself: right ones are right, and each mistake changes the results."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.corpus.programs.entries import Version, versions

VERSIONS = versions()
RIGHT = {each.name: each for each in VERSIONS if not each.made}


def numbers(value: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """Yield the float arrays and numbers in a value, its containers and objects."""
    seen = set() if seen is None else seen
    if isinstance(value, np.ndarray | float | np.floating):
        if np.asarray(value).dtype.kind == "f":
            yield np.asarray(value)
    elif id(value) not in seen and not isinstance(value, str | type):
        seen.add(id(value))
        inner = value.values() if isinstance(value, dict) else value
        if not isinstance(value, dict | list | tuple):
            inner = vars(getattr(value, "__self__", value)).values() if _has_state(value) else ()
        for each in inner:
            yield from numbers(each, seen)


def _has_state(value: Any) -> bool:
    return hasattr(value, "__self__") or (hasattr(value, "__dict__") and not callable(value))


def run(version: Version) -> tuple[list[Any], Any]:
    """Run a version; return its results and what a pair's backward function returned."""
    (function, *arguments), options = version.arguments()
    arguments = copy.deepcopy(arguments)
    if "forward" in options:
        out = options["forward"](*options["args_of_forward"])
        arguments = [each for each in arguments if each is not None]
        arguments += [] if hasattr(function, "__self__") else [out[-1]]
    returned = function(*arguments)
    found = [*numbers(returned), *numbers(arguments), *numbers(function)]
    return found, returned


def test_the_corpus_is_large() -> None:
    assert len(RIGHT) >= 120
    assert len(VERSIONS) - len(RIGHT) >= 240


def test_each_mistake_changes_the_results() -> None:
    right = {name: run(version)[0] for name, version in RIGHT.items()}
    for version in VERSIONS:
        if version.made:
            found, wanted = run(version)[0], right[version.name]
            same = len(found) == len(wanted) and all(
                x.shape == y.shape and np.allclose(x, y, rtol=1e-9, atol=1e-12)
                for x, y in zip(found, wanted, strict=True)
            )
            assert same == version.latent, version


@pytest.mark.parametrize("name", [n for n, each in RIGHT.items() if "forward=" in each.call])
def test_right_pairs_give_finite_differences(name: str) -> None:
    version = RIGHT[name]
    (function, *upstream), options = version.arguments()
    arguments = list(options["args_of_forward"])
    weights = [np.asarray(each) for each in upstream if each is not None]

    def total() -> float:
        out = options["forward"](*arguments)
        outputs = (out,) if hasattr(function, "__self__") else out[:-1]
        if not weights:
            return float(np.squeeze(outputs[0]))
        return sum(float((o * w).sum()) for o, w in zip(outputs, weights, strict=True))

    returned = run(version)[1]
    gradients = returned if isinstance(returned, tuple) else (returned,)
    given = [each for each in arguments if isinstance(each, np.ndarray) and each.dtype.kind == "f"]
    for array, gradient in zip(given, gradients, strict=False):
        wanted = np.zeros(array.shape)
        for at in np.ndindex(array.shape):
            array[at] += 1e-5
            wanted[at] = total()
            array[at] -= 2e-5
            wanted[at] = (wanted[at] - total()) / 2e-5
            array[at] += 1e-5
        np.testing.assert_allclose(np.reshape(gradient, array.shape), wanted, 1e-4, 1e-6)
