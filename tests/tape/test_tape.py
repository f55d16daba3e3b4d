"""Running a tape: the same results in Python and natively, step by step."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.train import Backprop
from backprop_explorer.engine.updates import Update
from backprop_explorer.tape import Feed, NormLimit, Tape, record, repair, scalar_call
from backprop_explorer.tape.entries import Call, Entry, PythonCall, ReduceCall, Repair, ScalarCall
from tests.helpers.tapes import Training, build, in_python, natively

Array = np.ndarray[Any, np.dtype[np.float64]]


WAYS = pytest.mark.parametrize("run", [in_python, natively])


def arrays(*shapes: tuple[int, ...]) -> list[Array]:
    rng = np.random.default_rng(1)
    return [rng.standard_normal(shape) for shape in shapes]


def test_a_feed_fits_its_buffer() -> None:
    with pytest.raises(ValueError, match=r"\(4, 3\) does not fit a buffer of shape \(2,\)"):
        Feed(np.zeros(2), np.zeros((4, 3)))
    with pytest.raises(ValueError, match="must be C-contiguous"):
        Feed(np.zeros((2, 2)), np.zeros((4, 2, 2)).transpose(0, 2, 1))


def test_the_buffer_of_a_feed_owns_its_memory_and_is_read_only() -> None:
    larger = np.zeros(4)
    with pytest.raises(ValueError, match="must own its memory"):
        Feed(larger[2:], np.zeros((3, 2)))
    with pytest.raises(ValueError, match="writes to the buffer of a feed"):
        Tape([Call(np.add, (larger, larger), larger)], [Feed(larger, np.zeros((3, 4)))])


@WAYS
def test_steps_without_input_are_refused(run: Callable[..., tuple[int, bool]]) -> None:
    x, out = np.zeros(2), np.zeros(2)
    tape = Tape([Call(np.negative, (x,), out)], [Feed(x, np.zeros((3, 2)))])
    for first, until in ((0, 4), (-1, 2)):
        with pytest.raises(IndexError, match="feeds have 3"):
            run(tape, first, until)


@WAYS
def test_python_calls_read_the_input_of_their_step(run: Callable[..., tuple[int, bool]]) -> None:
    x, doubled, seen = np.zeros(2), np.zeros(2), []
    tape = Tape(
        [
            Call(np.add, (x, x), doubled),
            PythonCall(lambda: seen.append((x.tolist(), doubled.tolist()))),
            Call(np.negative, (doubled,), doubled),
        ],
        [Feed(x, np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))],
    )
    assert run(tape, 1, 3) == (3, True)
    assert seen == [([3.0, 4.0], [6.0, 8.0]), ([5.0, 6.0], [10.0, 12.0])]
    assert doubled.tolist() == [-10.0, -12.0]


@WAYS
@pytest.mark.parametrize("bad", [np.nan, np.inf, 100.0])
def test_a_tape_ends_after_the_step_that_exceeds_the_norm_limit(
    run: Callable[..., tuple[int, bool]], bad: float
) -> None:
    x, total = np.zeros(1), np.zeros(1)
    source = np.array([[1.0], [2.0], [bad], [4.0]])
    entries: list[Entry] = [Call(np.add, (total, x), total), NormLimit(total, 50.0)]
    tape = Tape(entries, [Feed(x, source)])
    assert run(tape, 0, 2) == (2, True)
    assert total.item() == 3.0
    assert run(tape, 2, 4) == (3, False)
    assert not total.item() <= 7.0
    # Also if it is the last step of the run.
    total[:] = 60.0
    assert run(tape, 0, 1) == (1, False)


@WAYS
def test_scalar_calls_are_computed_for_each_step(run: Callable[..., tuple[int, bool]]) -> None:
    base, count, out = np.array(2.0), np.zeros(()), np.zeros(3)

    def code(base: float, count: float, out: Array) -> Array:
        power = scalar_call(pow, base, count)
        return np.multiply(np.ones(3), scalar_call(lambda p: 1.0 - p, power), out=out)

    entries = record(code, base, count, out=out)
    assert [type(each) for each in entries] == [ScalarCall, ScalarCall, Call]
    seen: list[float] = []
    tape = Tape(
        [*entries, PythonCall(lambda: seen.append(out[0].item()))], [Feed(count, np.arange(6.0))]
    )
    run(tape, 1, 5)
    assert seen == [-1.0, -3.0, -7.0, -15.0]
    still = Tape(record(code, base, np.array(3.0), out=out))
    run(still)
    assert out.tolist() == [-7.0] * 3


@WAYS
@pytest.mark.parametrize("smallest", [0.5, -0.5, np.nan])
def test_a_repair_replaces_only_entries_below_the_limit(
    run: Callable[..., tuple[int, bool]], smallest: float
) -> None:
    a, out = np.array([[1.0, smallest], [2.0, 3.0]]), np.zeros((2, 2))

    def code(a: Array, out: Array | None = None) -> Array:
        out = np.add(a, 1.0, out=out)
        return repair(out, a, 0.0, lambda a: np.exp(a) * 2.0, a)

    entries = record(code, a, out=out)
    assert isinstance(entries[-1], Repair)
    calls: list[str] = []
    # Entries after the repair run in either case.
    run(Tape([*entries, PythonCall(lambda: calls.append("next"))]))
    assert out.tobytes() == code(a).tobytes()
    assert (out[0, 1] == 2.0 * np.exp(-0.5)) == (smallest == -0.5)
    assert calls == ["next"]


@WAYS
@pytest.mark.parametrize("shape", [(1, 1), (5, 1), (1, 6), (40, 3), (4, 200)])
def test_row_reductions_give_numpys_bits(
    run: Callable[..., tuple[int, bool]], shape: tuple[int, int]
) -> None:
    (a,) = arrays(shape)
    sums, most = np.zeros((shape[0], 1)), np.zeros((shape[0], 1))
    run(Tape([ReduceCall(np.add, a, sums), ReduceCall(np.maximum, a, most)]))
    assert sums.tobytes() == a.sum(axis=1, keepdims=True).tobytes()
    assert most.tobytes() == a.max(axis=1, keepdims=True).tobytes()
    whole, largest = np.zeros(()), np.zeros(())
    run(Tape([ReduceCall(np.add, a, whole), ReduceCall(np.maximum, a, largest)]))
    assert whole.tobytes() == a.sum().tobytes()
    assert largest.tobytes() == a.max().tobytes()


@WAYS
@pytest.mark.parametrize("shape", [(3, 2), (100, 3), (2, 100), (50, 50)])
def test_rows_columns_and_numbers_are_broadcast(
    run: Callable[..., tuple[int, bool]], shape: tuple[int, int]
) -> None:
    a, row, column = arrays(shape, shape[1:], (shape[0], 1))
    outs = [np.zeros(shape) for _ in range(4)]
    pairs = [(a, row), (column, a), (a, np.array(0.3)), (row, column)]
    run(Tape([Call(np.divide, pair, out) for pair, out in zip(pairs, outs, strict=True)]))
    for (first, second), out in zip(pairs, outs, strict=True):
        assert out.tobytes() == (first / second).tobytes()


OVERLAPPING: dict[str, Callable[[Array], Call]] = {
    "its first column": lambda a: Call(np.subtract, (a, a[:, :1]), a),
    "its first row": lambda a: Call(np.subtract, (a, a[0]), a),
    "its transpose": lambda a: Call(np.add, (a, a.T), a),
    "a product in place": lambda a: Call(np.matmul, (a, a), a),
    "itself, elementwise": lambda a: Call(np.multiply, (a, a), a),
}


@pytest.mark.parametrize("make", OVERLAPPING.values(), ids=OVERLAPPING)
def test_inputs_that_overlap_the_result(make: Callable[[Array], Call]) -> None:
    (expected,) = arrays((5, 5))
    found = expected.copy()
    make(expected)()
    natively(Tape([make(found)]))
    assert found.tobytes() == expected.tobytes()


@WAYS
def test_numpy_refuses_shapes_that_do_not_match(run: Callable[..., tuple[int, bool]]) -> None:
    a, w, out, row = arrays((3, 2), (5, 4), (3, 4), (4,))
    for call in (Call(np.matmul, (a, w), out), Call(np.add, (a, row), out)):
        with pytest.raises(ValueError, match=r"mismatch|broadcast"):
            run(Tape([call]))


@WAYS
def test_empty_arrays_are_not_written(run: Callable[..., tuple[int, bool]]) -> None:
    (row,) = arrays((5,))
    around = np.zeros(20)
    empty, sums = around[10:10].reshape(0, 5), around[5:5].reshape(0, 1)
    run(Tape([Call(np.add, (empty, row), empty), ReduceCall(np.add, empty, sums)]))
    assert not around.any()


@WAYS
def test_python_calls_read_the_scalars_of_their_step(run: Callable[..., tuple[int, bool]]) -> None:
    base, count, out = np.array(2.0), np.zeros(()), np.zeros(3)
    power = np.zeros(())
    vector, matrix = np.ones(3), np.eye(3)
    seen: list[float] = []
    entries: list[Entry] = [
        ScalarCall(pow, (base, count), power),
        Call(np.matmul, (vector, matrix), out),  # Not a product of matrices, so it runs in Python.
        PythonCall(lambda: seen.append(power.item())),
        Call(np.multiply, (out, power), out),
    ]
    run(Tape(entries, [Feed(count, np.arange(5.0))]), 1, 5)
    assert seen == [2.0, 4.0, 8.0, 16.0]
    assert out.tolist() == [16.0] * 3


def test_entries_without_a_loop_run_in_python_between_the_loops() -> None:
    vector, matrix, out = arrays((3,), (3, 4), (4,))
    tape = Tape([Call(np.matmul, (vector, matrix), out), Call(np.add, (out, out), out)])
    natively(tape, 0, 2)
    assert out.tobytes() == (2.0 * (vector @ matrix)).tobytes()


def test_memory_is_counted() -> None:
    small, large = (
        Training(build(2, (8, "sigmoid"), (1, "sigmoid")), Objective(), Update(), n)
        for n in (10, 1000)
    )
    # z, a, their gradients and the sigmoid's temporaries, in addition to x and the target.
    assert large.tape.nbytes - small.tape.nbytes > 990 * (9 * 8 * 6 + 3 * 8)
    assert small.tape.nbytes > 100 * len(small.tape.entries)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "gelu", "softmax"])
def test_nearly_all_memory_is_counted(activation: str) -> None:
    network = build(2, (30, activation), (30, activation), (1, "sigmoid"))
    parameters, gradient = Parameters(network), Parameters(network)
    tracemalloc.start()
    try:
        made = Backprop(network, Objective(), parameters, gradient, 3000)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 0.75 * held < made.tape.nbytes < 1.25 * held
