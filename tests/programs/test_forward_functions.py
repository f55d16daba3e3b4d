"""Own forward functions in the styles of courses: gradients equal to finite differences."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import backprop_explorer as bx
from backprop_explorer.programs import PROGRAMS, ReadyProgram
from tests.programs.forward_functions.case import Case
from tests.programs.forward_functions.catalog import CASES

# The distance of two central differences whose errors of the order h² cancel (Richardson).
STEP = 1e-3


def places(name: str, value: Any) -> list[tuple[str, tuple[Any, ...]]]:
    """(name, path) of every float array in nested lists and dicts."""
    if isinstance(value, np.ndarray):
        return [(name, ())] if value.dtype.kind == "f" else []
    if isinstance(value, dict):
        parts = [(f"{name}[{key!r}]", key, each) for key, each in value.items()]
    elif isinstance(value, list | tuple):
        parts = [(f"{name}[{k}]", k, each) for k, each in enumerate(value)]
    else:
        return []
    return [
        (inner, (key, *path)) for text, key, each in parts for inner, path in places(text, each)
    ]


def total(result: Any) -> float:
    """The cost as ``bx.explain`` defines it: the sum of the first float array that is returned."""
    parts = result if isinstance(result, tuple) else (result,)
    first = next(each for each in parts if np.asarray(each).dtype.kind == "f")
    return float(np.sum(first))


def cost_with(
    function: Any, arguments: tuple[Any, ...], path: tuple[Any, ...], array: Any
) -> float:
    """The cost with another array at ``path``; the arguments stay as they are."""

    def changed(value: Any, rest: tuple[Any, ...]) -> Any:
        if not rest:
            return array
        if isinstance(value, dict):
            return {**value, rest[0]: changed(value[rest[0]], rest[1:])}
        parts = [changed(e, rest[1:]) if k == rest[0] else e for k, e in enumerate(value)]
        return type(value)(parts)

    return total(function(*changed(copy.deepcopy(arguments), path)))


def difference(function: Any, arguments: tuple[Any, ...], path: tuple[Any, ...]) -> np.ndarray:
    """∂C/∂v by differences of the unmodified function; a fifth as large a step near a corner."""
    start: Any = arguments
    for key in path:
        start = start[key]
    found = np.zeros(start.shape)
    for index in np.ndindex(start.shape):
        direction = np.zeros(start.shape)
        direction[index] = 1.0

        def slope(h: float, direction: Any = direction) -> float:
            plus, minus = (
                cost_with(function, arguments, path, start + sign * h * direction)
                for sign in (1, -1)
            )
            return (plus - minus) / (2 * h)

        found[index] = (4 * slope(STEP / 2) - slope(STEP)) / 3
    return found


def compare(
    function: Any, arguments: tuple[Any, ...], working: bx.ProgramWorking, wrt: Any = None
) -> None:
    """Compare the gradient of each array in ``wrt``, by default all float arrays."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    known = {
        text: (k, *path)
        for k, name in enumerate(names[: len(arguments)])
        for text, path in places(name, arguments[k])
    }
    assert set(working.gradients) == set(wrt or known)
    for name in working.gradients:
        ours = working.gradients[name]
        theirs = difference(function, arguments, known[name])
        scale = np.linalg.norm(ours) + np.linalg.norm(theirs)
        if scale > 1e-9:
            assert np.linalg.norm(ours - theirs) / scale < 1e-6, name


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_gradients_of_a_forward_function(case: Case) -> None:
    arguments = case.draw(np.random.default_rng(11))
    before = copy.deepcopy(arguments)
    working = bx.explain(case.function, *arguments, wrt=case.wrt)
    # NumPy adds in the order of the memory, which a copy may change.
    assert working.cost == pytest.approx(total(case.function(*copy.deepcopy(before))), rel=1e-12)
    compare(case.function, before, working, case.wrt)
    for check in working.proof:
        assert check.passed, check.by_line


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=list(PROGRAMS))
# With seed 0 two windows of the digit are equal, a tie.
@pytest.mark.parametrize("seed", [1, 4])
def test_the_gradients_of_a_ready_program(program: ReadyProgram, seed: int) -> None:
    arguments = tuple(program.arguments(seed).values())
    working = bx.explain(program.function, *arguments, wrt=program.wrt)
    assert list(working.gradients) == list(program.wrt)
    compare(program.function, arguments, working, program.wrt)
    for check in working.proof:
        assert check.passed, check.by_line
