"""One tape on many rows of values: the same bits as one run after another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.tape import Feed, NormLimit, Replays, Tape, native
from backprop_explorer.tape.entries import Call, Entry, PythonCall, ScalarCall

Array = np.ndarray[Any, np.dtype[np.float64]]
STEPS, ROWS = 6, 5


class Example:
    """x ← tanh(x · factor) + fed input + 2^step, ended by a limit of the norm."""

    def __init__(self, *, python: bool = False) -> None:
        self.x, self.factor, fed = np.zeros(3), np.zeros(()), np.zeros(3)
        count, power = np.zeros(()), np.zeros(())
        rng = np.random.default_rng(0)
        entries: list[Entry] = [
            Call(np.multiply, (self.x, self.factor), self.x),
            Call(np.tanh, (self.x,), self.x),
            Call(np.add, (self.x, fed), self.x),
            ScalarCall(lambda n: 2.0**n, (count,), power),
            Call(np.add, (self.x, power), self.x),
            NormLimit(self.x, 2000.0),
        ]
        if python:
            entries.append(PythonCall(lambda: None))
        self.tape = Tape(
            entries,
            [Feed(fed, rng.standard_normal((STEPS, 3))), Feed(count, np.arange(float(STEPS)))],
        )
        self.first = rng.standard_normal((ROWS, 3))
        self.factors = np.array([0.5, np.nan, 2.0, 1e3, -1.0])

    def replays(self) -> tuple[Replays, Array]:
        rows = self.first.copy()
        loads = [(self.x, rows), (self.factor, self.factors)]
        return Replays(self.tape, loads, [(self.x, rows)]), rows


def one_by_one(until: int) -> tuple[list[tuple[int, bool]], Array]:
    example, ends, rows = Example(), [], []
    example.tape._saved = -1e12  # in Python
    for k in range(ROWS):
        example.x[:], example.factor[...] = example.first[k], example.factors[k]
        ends.append(example.tape.run(1, until))
        rows.append(example.x.copy())
    return ends, np.array(rows)


@pytest.mark.parametrize("way", ["native", "python", "python entries"])
@pytest.mark.parametrize("until", [2, STEPS])
def test_rows_have_the_bits_of_single_runs(way: str, until: int) -> None:
    example = Example(python=way == "python entries")
    assert native.load() is not None
    example.tape._saved = -1e12 if way == "python" else 1e6
    replays, rows = example.replays()
    reached, good = replays.run(1, until)
    ends, expected = one_by_one(until)
    assert list(zip(reached.tolist(), good.tolist(), strict=True)) == ends
    assert rows.tobytes() == expected.tobytes()
    assert (replays._native is not None) == (way == "native")
    # One row has NaN; 2^5 is above the limit.
    assert good.sum() == (ROWS - 1 if until == 2 else 0)


def test_rows_go_on_from_where_they_are() -> None:
    whole, parts = Example(), Example()
    for example in (whole, parts):
        example.tape._saved = 1e6
    (all_at_once, rows), (in_parts, other) = whole.replays(), parts.replays()
    all_at_once.run(0, 4)
    in_parts.run(0, 3)
    in_parts.run(3, 4)
    good = [0, 2, 3, 4]  # Row 1 ends at once, and again when it is asked to go on.
    assert rows[good].tobytes() == other[good].tobytes()


def test_steps_without_input_are_refused() -> None:
    replays, _ = Example().replays()
    with pytest.raises(IndexError, match=f"feeds have {STEPS}"):
        replays.run(0, STEPS + 1)


def test_rows_that_do_not_fit_are_refused() -> None:
    example = Example()
    with pytest.raises(ValueError, match=r"rows of shape \(5, 2\) for a buffer of \(3,\)"):
        Replays(example.tape, [(example.x, np.zeros((5, 2)))], [])
    with pytest.raises(ValueError, match="C-contiguous"):
        Replays(example.tape, [(example.x, np.zeros((3, 5)).T)], [])
