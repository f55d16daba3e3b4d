"""Recording: which code is recorded, and how temporary memory is reused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.updates import Update
from backprop_explorer.tape import Scratch, Tape, record
from backprop_explorer.tape.entries import PythonCall
from tests.helpers.tapes import Training, build, in_python, natively

Array = np.ndarray[Any, np.dtype[np.float64]]


WAYS = pytest.mark.parametrize("run", [in_python, natively])


def arrays(*shapes: tuple[int, ...]) -> list[Array]:
    rng = np.random.default_rng(1)
    return [rng.standard_normal(shape) for shape in shapes]


def test_code_is_recorded_call_by_call() -> None:
    a, b, out = arrays((3, 2), (2,), (3, 2))

    def code(a: Array, b: Array, k: float, out: Array | None = None) -> Array:
        return np.add(-a * k, b, out=out)

    entries = record(code, a, b, 3.0, out=out)
    assert [each.ufunc.__name__ for each in entries] == ["negative", "multiply", "add"]
    Tape(entries).run()
    assert out.tobytes() == code(a, b, 3.0).tobytes()
    a *= 2.0
    Tape(entries).run()
    assert out.tobytes() == code(a, b, 3.0).tobytes()


REFUSED: dict[str, Callable[..., Any]] = {
    "conversion to bool": lambda a, out: (
        np.add(a, 1.0, out=out) if a.sum(axis=1, keepdims=True) else out
    ),
    "conversion to float": lambda a, out: np.add(a, float(a[0, 0]), out=out),
    "a comparison": lambda a, out: np.multiply(a, a > 0.0, out=out),
    "a function that is no ufunc": lambda a, out: np.add(np.where(a, a, a), a, out=out),
    "a method": lambda a, out: np.add(a.mean(), a, out=out),
    "a copy": lambda a, out: np.add(a[[2, 0, 1]], a, out=out),
    "conversion to an array": lambda a, out: np.add(np.array(a), a, out=out),
    "a reduction of columns": lambda a, out: np.add(a.sum(axis=0, keepdims=True), a, out=out),
    "a ufunc with where": lambda a, out: np.add(a, a, out=out, where=np.array([True, False])),
    "a result in a plain array": lambda a, out: np.add(
        np.negative(a, out=np.empty(a.shape)), 1.0, out=out
    ),
    "reordered columns": lambda a, out: np.add(a[:, [1, 0]], 1.0, out=out),
    "the sum of all with keepdims": lambda a, out: np.add(a, a.sum(keepdims=True), out=out),
    "conversion to int": lambda a, out: np.add(a, int(a[0, 0]), out=out),
    "assignment to entries": lambda a, out: (out.__setitem__(0, a[0]), out)[1],
    "an integer dtype": lambda a, out: np.add(a, np.rint(a).view(np.int64), out=out),
}


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED)
def test_code_that_cannot_be_recorded_becomes_a_python_call(code: Callable[..., Any]) -> None:
    a, out = arrays((3, 2), (3, 2))
    (entry,) = record(code, a, out=out)
    assert isinstance(entry, PythonCall)


RETURNED: dict[str, Callable[..., Any]] = {
    "out is not used": lambda a, out: np.add(a, 1.0),
    "the function has no out": lambda a, out: np.where(a > 0.5, a, 0.0),
    "out is filled": lambda a, out: (out.__setitem__(..., np.where(a > 0.5, a, 1.0)), out)[1],
}


@pytest.mark.parametrize("code", RETURNED.values(), ids=RETURNED)
@WAYS
def test_a_returned_result_is_written_into_out(
    run: Callable[..., tuple[int, bool]], code: Callable[..., Any]
) -> None:
    """np.where has no ``out``, so its result must be copied there."""
    a, out = arrays((3, 2), (3, 2))
    entries = record(code, a, out=out)
    run(Tape(entries))
    assert out.tobytes() == code(a, out=np.empty_like(a)).tobytes()


def test_memory_of_temporary_results_is_reused() -> None:
    scratch, inputs, outs = Scratch(), arrays((40, 3), (40, 3)), arrays((40, 3), (40, 3))

    def code(a: Array, b: Array, out: Array | None = None) -> Array:
        return np.add((a - b) * (a + b), np.exp(a).sum(axis=1, keepdims=True), out=out)

    entries = [each for out in outs for each in record(code, *inputs, out=out, scratch=scratch)]
    written = [each.out for each in entries if not isinstance(each, PythonCall)]
    assert len(written) == 12
    # The second recording reuses the memory of the first. Within one recording, the exponentials
    # reuse the buffer of the sum or of the difference.
    assert len({each.ctypes.data for each in written}) == 3 + 1 + 2
    for run in (in_python, natively):
        for out in outs:
            out.fill(0.0)
        run(Tape(entries))
        for out in outs:
            assert out.tobytes() == code(*inputs).tobytes()


def view_of_a_sum(a: Array, b: Array, out: Array | None = None) -> Array:
    view = (a - b).T[:2]
    return np.multiply(np.exp(a)[:, :2], view.T, out=out)


def sum_in_place(a: Array, b: Array, out: Array | None = None) -> Array:
    total = a[:, :2] + b[:, :2]
    total = np.multiply(total, 2.0, out=total)
    return np.add(np.exp(a[:, :2]), total, out=out)


def two_reductions(a: Array, b: Array, out: Array | None = None) -> Array:
    total, largest = a.sum(axis=1, keepdims=True), b.max(axis=1, keepdims=True)
    return np.multiply(a[:, :2], total - largest, out=out)


@WAYS
@pytest.mark.parametrize("code", [view_of_a_sum, sum_in_place, two_reductions])
def test_memory_still_in_use_is_not_reused(
    run: Callable[..., tuple[int, bool]], code: Callable[..., Array]
) -> None:
    a, b, out = arrays((40, 3), (40, 3), (40, 2))
    entries = record(code, a, b, out=out)
    assert not [each for each in entries if isinstance(each, PythonCall)]
    run(Tape(entries))
    assert out.tobytes() == code(a, b).tobytes()


def test_a_large_network_reuses_temporary_memory() -> None:
    """All six layers share the temporary buffers of one."""
    layer = 64 * 400 * 8
    for activation, temporaries in (("tanh", 2), ("gelu", 7)):
        network = build(8, *((64, activation) for _ in range(6)))
        backprop = Training(network, Objective(), Update(), 400).backprop
        values = sum(each.nbytes for each in backprop.values.values() if np.ndim(each) == 2)
        assert backprop.tape.nbytes < values + (temporaries + 0.5) * layer
