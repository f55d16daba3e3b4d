"""Training gives the same bits in Python and natively: every network, cost and optimizer."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.row_blocks import split_rows
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.engine.trace import trace
from backprop_explorer.engine.updates import Update
from backprop_explorer.tape import Feed, NormLimit, Tape, native, threads
from backprop_explorer.tape.entries import Call, ParallelBranches, PythonCall
from tests.helpers.cases import each_value_once, examples
from tests.helpers.tapes import STEPS, Training, assert_the_same, build, natively

SIZES = [(1, 2, 4, 2, 1), (10, 2, 4, 2, 1), (33, 3, 8, 8, 3), (7, 2, 1, 1, 1), (200, 5, 40, 30, 2)]


@pytest.mark.parametrize(
    ("sizes", "activation"),
    each_value_once(SIZES, list(ACTIVATIONS)),
    ids=lambda each: "-".join(map(str, each)) if isinstance(each, tuple) else each,
)
def test_every_activation_trains_natively_to_the_same_bits(
    activation: str, sizes: tuple[int, ...]
) -> None:
    samples, inputs, *units = sizes
    network = build(inputs, *((n, activation) for n in units))
    # A scale of 20 saturates the units, so that their repair formulas are used.
    for scale in (1.0, 20.0):
        made = assert_the_same(
            lambda scale=scale: Training(network, Objective(), Update(), samples, scale)
        )
        others = [each for each in made.tape.entries if isinstance(each, PythonCall)]
        # The backward pass of an unfused softmax depends on its values, so it cannot be recorded.
        assert bool(others) == (activation == "softmax")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_optimizer_and_schedule_trains_natively_to_the_same_bits(
    optimizer: str, schedule: str
) -> None:
    network = build(2, (5, "tanh"), (3, "softmax"))
    update = Update(optimizer, 0.05, schedule=schedule)
    objective = Objective("cross_entropy", l1=0.01, l2=0.02)
    made = assert_the_same(lambda: Training(network, objective, update, 12))
    assert not [each for each in made.tape.entries if isinstance(each, PythonCall)]


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("fused", [True, False])
def test_every_cost_trains_natively_to_the_same_bits(cost: str, fused: bool) -> None:
    last = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}.get(cost, "tanh")
    network = build(2, (5, "sigmoid"), (3, last))
    assert_the_same(lambda: Training(network, Objective(cost, fused=fused), Update(), 12))


@settings(max_examples=examples(60), deadline=None)
@given(samples=st.integers(1, 70), units=st.lists(st.integers(1, 40), min_size=2, max_size=5))
def test_networks_of_any_shape_train_to_the_same_bits(samples: int, units: list[int]) -> None:
    network = build(units[0], *((n, "tanh") for n in units[1:]))
    assert_the_same(lambda: Training(network, Objective(), Update("adam", 0.01), samples))


# Large batches: blocks of rows that may run in parallel.


@pytest.fixture(params=[1, 3])
def processors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Simulate this number of processors, and use threads for any amount of work."""
    monkeypatch.setattr(threads, "MIN_PARALLEL_WORK", 0.0)
    monkeypatch.setattr(threads, "usable_processors", lambda: request.param)
    count: int = request.param
    return count


@pytest.mark.parametrize("samples", [513, 1037])
@pytest.mark.parametrize(
    ("last", "objective"),
    [
        ("sigmoid", Objective()),
        ("softmax", Objective("cross_entropy", l1=0.01, l2=0.02)),
        # Its backward pass cannot be recorded: Python calls between the native calls of a branch.
        ("softmax", Objective("cross_entropy", l2=0.02, fused=False)),
    ],
    ids=["plain", "penalized", "with other code"],
)
def test_a_large_batch_trains_to_the_same_bits(
    processors: int, samples: int, last: str, objective: Objective
) -> None:
    network = build(4, (6, "relu"), (5, "tanh"), (3, last))
    made = assert_the_same(lambda: Training(network, objective, Update("adam"), samples))
    assert len(split_rows(samples)) > 1
    first = made.tape.entries[0]
    # With one processor, the blocks run in sequence.
    assert isinstance(first, ParallelBranches) == (processors > 1)
    if isinstance(first, ParallelBranches):
        assert len(first.branches) == len(split_rows(samples))
    # The trace of the last batch has the same bits.
    backprop = made.backprop
    made.tape.feeds[0].fill(STEPS - 1)
    made.tape.feeds[1].fill(STEPS - 1)
    backprop.gradients()
    working = trace(network, made.parameters, objective, backprop.x, backprop.target)
    for line in working.lines:
        if line.node.id in backprop.values:
            assert backprop.values[line.node.id].tobytes() == line.value.tobytes(), line.node.id
    assert {"dC_dW1", "dC_db1", "z3"} <= set(backprop.values)


def test_small_work_has_no_parallel_branches() -> None:
    network = build(4, (6, "relu"), (3, "tanh"))
    made = assert_the_same(lambda: Training(network, Objective(), Update(), 700))
    assert not [each for each in made.tape.entries if isinstance(each, ParallelBranches)]


def test_a_few_large_steps_load_the_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few updates of a large batch take longer than loading the runner."""
    monkeypatch.setattr(native, "loaded", lambda: None)
    monkeypatch.setattr(threads, "usable_processors", lambda: 2)
    made = Training(build(64, (128, "tanh"), (10, "tanh")), Objective(), Update(), 1200)
    for step in range(60):
        if made.tape.is_native:
            break
        made.tape.run(step % STEPS, step % STEPS + 1)
    assert 1 < step < 59


def test_a_branch_cannot_contain_a_norm_limit_or_branches() -> None:
    limit = NormLimit(np.zeros(2), 1.0)
    for bad in (limit, ParallelBranches(((),), 0.0)):
        with pytest.raises(ValueError, match="a branch cannot contain"):
            ParallelBranches(((bad,),), 0.0)


def test_buffers_are_filled_once_per_step_for_all_branches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "usable_processors", lambda: 3)
    x, outs = np.zeros(4), np.zeros((3, 4))
    filled: list[int] = []
    fill = Feed.fill

    def counted(self: Feed, step: int) -> None:
        filled.append(step)
        fill(self, step)

    monkeypatch.setattr(Feed, "fill", counted)
    for others, expected in ((0, []), (2, [0, 1])):
        filled.clear()
        branches = tuple(
            (Call(np.negative, (x,), out), *[PythonCall(int)] * others) for out in outs
        )
        assert natively(
            Tape([ParallelBranches(branches, 1.0)], [Feed(x, np.ones((2, 4)))]), 0, 2
        ) == (2, True)
        assert filled == expected
        assert outs.tolist() == [[-1.0] * 4] * 3
        outs.fill(0.0)


def test_branches_run_in_several_threads(processors: int) -> None:
    x, outs = np.zeros(4), np.zeros((3, 4))
    source = np.arange(8.0).reshape(2, 4)
    together = threading.Barrier(processors)
    seen: set[int] = set()

    def meet() -> None:
        together.wait(10.0)
        seen.add(threading.get_ident())

    branches = tuple((Call(np.negative, (x,), out), PythonCall(meet)) for out in outs)
    total = np.zeros(4)
    tape = Tape(
        [ParallelBranches(branches, 0.0), *(Call(np.add, (total, out), total) for out in outs)],
        [Feed(x, source)],
    )
    assert natively(tape, 0, 2) == (2, True)
    assert total.tolist() == (-3 * source.sum(axis=0)).tolist()
    assert len(seen) == processors


def test_two_tapes_run_in_two_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    network = build(2, (8, "tanh"), (8, "tanh"), (1, "tanh"))
    pair = [Training(network, Objective(), Update(), 32) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        for _ in range(20):
            list(pool.map(lambda each: natively(each.tape, 0, STEPS), pair))
    assert pair[0].bits() == pair[1].bits()
