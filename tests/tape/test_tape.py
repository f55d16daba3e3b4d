"""A tape does what the code did that it was recorded from, in Python and in NumPy's bare loops."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from backprop_explorer.engine.backprop import Backprop, Objective
from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.updates import Update
from backprop_explorer.tape import Feed, Scratch, Tape, Within, number, record, repaired
from backprop_explorer.tape.entries import Call, Entry, Number, Other, Reduction, Repair

from tests.helpers.tapes import Training, build, in_python, natively

Array = np.ndarray[Any, np.dtype[np.float64]]


WAYS = pytest.mark.parametrize("run", [in_python, natively])


# What is recorded.


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
    "a decision": lambda a, out: np.add(a, 1.0, out=out) if a.sum(axis=1, keepdims=True) else out,
    "a number taken out": lambda a, out: np.add(a, float(a[0, 0]), out=out),
    "a comparison": lambda a, out: np.multiply(a, a > 0.0, out=out),
    "a function that is none of one call": lambda a, out: np.add(np.where(a, a, a), a, out=out),
    "a method": lambda a, out: np.add(a.mean(), a, out=out),
    "a copy": lambda a, out: np.add(a[[2, 0, 1]], a, out=out),
    "an array made of it": lambda a, out: np.add(np.array(a), a, out=out),
    "a reduction of columns": lambda a, out: np.add(a.sum(axis=0, keepdims=True), a, out=out),
    "a ufunc told more": lambda a, out: np.add(a, a, out=out, where=np.array([True, False])),
    "a result in an array that is no stand-in": lambda a, out: np.add(
        np.negative(a, out=np.empty(a.shape)), 1.0, out=out
    ),
    "columns in another order": lambda a, out: np.add(a[:, [1, 0]], 1.0, out=out),
    "the sum of all, kept as a matrix": lambda a, out: np.add(a, a.sum(keepdims=True), out=out),
    "a whole number taken out": lambda a, out: np.add(a, int(a[0, 0]), out=out),
    "an assignment": lambda a, out: (out.__setitem__(0, a[0]), out)[1],
    "whole numbers": lambda a, out: np.add(a, np.rint(a).view(np.int64), out=out),
}


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_recorded_is_called_as_it_is(code: Callable[..., Any]) -> None:
    a, out = arrays((3, 2), (3, 2))
    (entry,) = record(code, a, out=out)
    assert isinstance(entry, Other)


RETURNED: dict[str, Callable[..., Any]] = {
    "out is not used": lambda a, out: np.add(a, 1.0),
    "out cannot be given": lambda a, out: np.where(a > 0.5, a, 0.0),
    "out is filled": lambda a, out: (out.__setitem__(..., np.where(a > 0.5, a, 1.0)), out)[1],
}


@pytest.mark.parametrize("code", RETURNED.values(), ids=RETURNED)
@WAYS
def test_a_result_that_is_returned_is_written_into_out(
    run: Callable[..., tuple[int, bool]], code: Callable[..., Any]
) -> None:
    """Of np.where it was lost: training went on with whatever out held."""
    a, out = arrays((3, 2), (3, 2))
    entries = record(code, a, out=out)
    run(Tape(entries))
    assert out.tobytes() == code(a, out=np.empty_like(a)).tobytes()


def test_a_feed_fits_its_buffer() -> None:
    with pytest.raises(ValueError, match=r"\(4, 3\) does not feed \(2,\)"):
        Feed(np.zeros(2), np.zeros((4, 3)))
    with pytest.raises(ValueError, match="in one piece"):
        Feed(np.zeros((2, 2)), np.zeros((4, 2, 2)).transpose(0, 2, 1))


def test_a_feed_is_an_array_of_its_own_that_is_only_read() -> None:
    larger = np.zeros(4)
    with pytest.raises(ValueError, match="of its own"):
        Feed(larger[2:], np.zeros((3, 2)))
    with pytest.raises(ValueError, match="cannot write"):
        Tape([Call(np.add, (larger, larger), larger)], [Feed(larger, np.zeros((3, 4)))])


@WAYS
def test_steps_that_are_not_fed_are_refused(run: Callable[..., tuple[int, bool]]) -> None:
    x, out = np.zeros(2), np.zeros(2)
    tape = Tape([Call(np.negative, (x,), out)], [Feed(x, np.zeros((3, 2)))])
    for first, until in ((0, 4), (-1, 2)):
        with pytest.raises(IndexError, match="of 3"):
            run(tape, first, until)


def test_memory_on_the_way_to_a_result_is_used_again() -> None:
    scratch, inputs, outs = Scratch(), arrays((40, 3), (40, 3)), arrays((40, 3), (40, 3))

    def code(a: Array, b: Array, out: Array | None = None) -> Array:
        return np.add((a - b) * (a + b), np.exp(a).sum(axis=1, keepdims=True), out=out)

    entries = [each for out in outs for each in record(code, *inputs, out=out, scratch=scratch)]
    written = [each.out for each in entries if not isinstance(each, Other)]
    assert len(written) == 12
    # The second time in the same memory; and the exponentials where the sum or the difference was.
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
def test_memory_that_is_still_looked_at_is_not_given_away(
    run: Callable[..., tuple[int, bool]], code: Callable[..., Array]
) -> None:
    a, b, out = arrays((40, 3), (40, 3), (40, 2))
    entries = record(code, a, b, out=out)
    assert not [each for each in entries if isinstance(each, Other)]
    run(Tape(entries))
    assert out.tobytes() == code(a, b).tobytes()


def test_a_large_network_does_not_hold_what_it_no_longer_needs() -> None:
    """All six layers share what one needs on the way."""
    layer = 64 * 400 * 8
    for activation, made_on_the_way in (("tanh", 2), ("gelu", 7)):
        network = build(8, *((64, activation) for _ in range(6)))
        backprop = Training(network, Objective(), Update(), 400).backprop
        values = sum(each.nbytes for each in backprop.values.values() if np.ndim(each) == 2)
        assert backprop.tape.nbytes < values + (made_on_the_way + 0.5) * layer


# How it is run.


@WAYS
def test_other_code_finds_what_the_step_is_fed_with(run: Callable[..., tuple[int, bool]]) -> None:
    x, doubled, seen = np.zeros(2), np.zeros(2), []
    tape = Tape(
        [
            Call(np.add, (x, x), doubled),
            Other(lambda: seen.append((x.tolist(), doubled.tolist()))),
            Call(np.negative, (doubled,), doubled),
        ],
        [Feed(x, np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))],
    )
    assert run(tape, 1, 3) == (3, True)
    assert seen == [([3.0, 4.0], [6.0, 8.0]), ([5.0, 6.0], [10.0, 12.0])]
    assert doubled.tolist() == [-10.0, -12.0]


@WAYS
@pytest.mark.parametrize("bad", [np.nan, np.inf, 100.0])
def test_a_tape_ends_after_the_step_that_goes_too_far(
    run: Callable[..., tuple[int, bool]], bad: float
) -> None:
    x, total = np.zeros(1), np.zeros(1)
    source = np.array([[1.0], [2.0], [bad], [4.0]])
    entries: list[Entry] = [Call(np.add, (total, x), total), Within(total, 50.0)]
    tape = Tape(entries, [Feed(x, source)])
    assert run(tape, 0, 2) == (2, True)
    assert total.item() == 3.0
    assert run(tape, 2, 4) == (3, False)
    assert not total.item() <= 7.0
    # Also where it is the last that was asked for.
    total[:] = 60.0
    assert run(tape, 0, 1) == (1, False)


@WAYS
def test_numbers_of_python_are_made_for_each_step(run: Callable[..., tuple[int, bool]]) -> None:
    base, count, out = np.array(2.0), np.zeros(()), np.zeros(3)

    def code(base: float, count: float, out: Array) -> Array:
        power = number(pow, base, count)
        return np.multiply(np.ones(3), number(lambda p: 1.0 - p, power), out=out)

    entries = record(code, base, count, out=out)
    assert [type(each) for each in entries] == [Number, Number, Call]
    seen: list[float] = []
    tape = Tape(
        [*entries, Other(lambda: seen.append(out[0].item()))],
        [Feed(count, np.arange(6.0))],
    )
    run(tape, 1, 5)
    assert seen == [-1.0, -3.0, -7.0, -15.0]
    still = Tape(record(code, base, np.array(3.0), out=out))
    run(still)
    assert out.tolist() == [-7.0] * 3


@WAYS
@pytest.mark.parametrize("smallest", [0.5, -0.5, np.nan])
def test_a_repair_is_made_where_it_is_needed(
    run: Callable[..., tuple[int, bool]], smallest: float
) -> None:
    a, out = np.array([[1.0, smallest], [2.0, 3.0]]), np.zeros((2, 2))

    def code(a: Array, out: Array | None = None) -> Array:
        out = np.add(a, 1.0, out=out)
        return repaired(out, a, 0.0, lambda a: np.exp(a) * 2.0, a)

    entries = record(code, a, out=out)
    assert isinstance(entries[-1], Repair)
    calls: list[str] = []
    # What follows is run whether or not there was a repair.
    run(Tape([*entries, Other(lambda: calls.append("next"))]))
    assert out.tobytes() == code(a).tobytes()
    assert (out[0, 1] == 2.0 * np.exp(-0.5)) == (smallest == -0.5)
    assert calls == ["next"]


@WAYS
@pytest.mark.parametrize("shape", [(1, 1), (5, 1), (1, 6), (40, 3), (4, 200)])
def test_rows_are_reduced_as_numpy_does_it(
    run: Callable[..., tuple[int, bool]], shape: tuple[int, int]
) -> None:
    (a,) = arrays(shape)
    sums, most = np.zeros((shape[0], 1)), np.zeros((shape[0], 1))
    run(Tape([Reduction(np.add, a, sums), Reduction(np.maximum, a, most)]))
    assert sums.tobytes() == a.sum(axis=1, keepdims=True).tobytes()
    assert most.tobytes() == a.max(axis=1, keepdims=True).tobytes()
    whole, largest = np.zeros(()), np.zeros(())
    run(Tape([Reduction(np.add, a, whole), Reduction(np.maximum, a, largest)]))
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
    "itself turned round": lambda a: Call(np.add, (a, a.T), a),
    "a product in place": lambda a: Call(np.matmul, (a, a), a),
    "itself, which is no trouble": lambda a: Call(np.multiply, (a, a), a),
}


@pytest.mark.parametrize("make", OVERLAPPING.values(), ids=OVERLAPPING)
def test_inputs_that_overlap_the_result(make: Callable[[Array], Call]) -> None:
    (expected,) = arrays((5, 5))
    found = expected.copy()
    make(expected)()
    natively(Tape([make(found)]))
    assert found.tobytes() == expected.tobytes()


@WAYS
def test_shapes_that_do_not_fit_are_numpys_to_refuse(run: Callable[..., tuple[int, bool]]) -> None:
    a, w, out, row = arrays((3, 2), (5, 4), (3, 4), (4,))
    for call in (Call(np.matmul, (a, w), out), Call(np.add, (a, row), out)):
        with pytest.raises(ValueError, match=r"mismatch|broadcast"):
            run(Tape([call]))


@WAYS
def test_nothing_is_written_where_there_is_no_room(run: Callable[..., tuple[int, bool]]) -> None:
    (row,) = arrays((5,))
    around = np.zeros(20)
    empty, sums = around[10:10].reshape(0, 5), around[5:5].reshape(0, 1)
    run(Tape([Call(np.add, (empty, row), empty), Reduction(np.add, empty, sums)]))
    assert not around.any()


@WAYS
def test_a_number_of_the_step_is_there_for_python_too(
    run: Callable[..., tuple[int, bool]],
) -> None:
    base, count, out = np.array(2.0), np.zeros(()), np.zeros(3)
    power = np.zeros(())
    vector, matrix = np.ones(3), np.eye(3)
    seen: list[float] = []
    entries: list[Entry] = [
        Number(pow, (base, count), power),
        Call(np.matmul, (vector, matrix), out),  # no product of matrices, so Python's
        Other(lambda: seen.append(power.item())),
        Call(np.multiply, (out, power), out),
    ]
    run(Tape(entries, [Feed(count, np.arange(5.0))]), 1, 5)
    assert seen == [2.0, 4.0, 8.0, 16.0]
    assert out.tolist() == [16.0] * 3


def test_what_has_no_loop_is_run_in_python_between_the_loops() -> None:
    vector, matrix, out = arrays((3,), (3, 4), (4,))
    tape = Tape([Call(np.matmul, (vector, matrix), out), Call(np.add, (out, out), out)])
    natively(tape, 0, 2)
    assert out.tobytes() == (2.0 * (vector @ matrix)).tobytes()


def test_memory_is_counted() -> None:
    small, large = (
        Training(build(2, (8, "sigmoid"), (1, "sigmoid")), Objective(), Update(), n)
        for n in (10, 1000)
    )
    # z, a, their gradients and what the sigmoid keeps on its way, beside x and the target.
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
