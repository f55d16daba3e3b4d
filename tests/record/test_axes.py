"""Names of axes: given ones, those of lengths, and what operations pass on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backprop_explorer as bx
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.programs import PROGRAMS
from backprop_explorer.record import from_json, record, to_json
from backprop_explorer.record.entries import Entries
from backprop_explorer.record.lines import written

RNG = np.random.default_rng(5)


def normal(*shape: int) -> Any:
    return RNG.normal(size=shape)


def images(x: Any, w: Any, table: Any, letters: Any) -> Any:
    rows = x.reshape(len(x), -1)
    turned = rows.T
    scores = rows @ w
    mean = scores.mean(axis=0, keepdims=True)
    part = x[:, 1, :2]
    rows_of_table = table[letters]
    both = np.stack([scores, scores * 2])
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2, 2), axis=(2, 3))
    largest = windows.max(axis=(4, 5))
    cost = (both - mean).sum() + part.sum() * largest.sum() + turned.sum()
    return cost + (rows_of_table**2).sum()


def test_names_travel_through_operations() -> None:
    given = {"x": ("sample", "channel", "row", "column"), "table": ("letter", "number")}
    working = bx.explain(
        *(images, normal(2, 3, 4, 5), normal(60, 2), normal(5, 3), np.array([[0, 1], [4, 1]])),
        axes_of={**given, "w": (None, "class"), "letters": ("word", "place")},
    )
    axes = {line.id: line.axes for line in working.lines}
    flat = "channel and row and column"
    assert axes["rows"] == axes["dC_drows"] == ("sample", flat)
    assert axes["turned"] == (flat, "sample")
    assert axes["scores"] == ("sample", "class")
    assert axes["mean"] == ("sample", "class")  # of length 1
    assert axes["part"] == ("sample", "row", "column")
    assert axes["rows_of_table"] == axes["dC_drows_of_table"] == ("word", "place", "number")
    assert axes["both"][1:] == ("sample", "class")
    window = ("window row", "window column")
    assert axes["windows"] == (*given["x"], *window)
    assert axes["largest"] == axes["dC_dlargest"] == given["x"]
    assert working.recording.axes["w"] == (flat, "class")


def network(x: Any, W1: Any, b1: Any, W2: Any) -> Any:
    N, D = x.shape
    h = np.tanh(x @ W1 + b1)
    return np.sum((h @ W2) ** 2) / (N * D)


def test_names_without_being_asked() -> None:
    axes = record(network, (normal(4, 3), normal(3, 5), normal(5), normal(5, 2))).axes
    assert axes["x"] == axes["dC_dx"] == ("sample", "feature")
    assert (axes["W1"], axes["b1"]) == (("feature", "unit"), ("unit",))
    assert axes["W2"] == ("unit", "unit")
    plain = record(lambda x: np.sum(x**2), (normal(2, 3, 4),)).axes
    assert plain["x"] == ("axis 0", "row", "column")


def test_letters_of_a_signature_have_names() -> None:
    recording = record(network, (normal(4, 3), normal(3, 5), normal(5), normal(5, 2)))
    node = next(node for node in recording.graph.nodes if node.op == "matmul")
    line = written(Entries(recording), node)
    (row, inner), (_, column) = (part for part in line["signature"].split("->")[0].split(","))
    assert line["axes_of"] == {row: "sample", inner: "feature", column: "unit"}


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({"y": ("sample",)}, "no array 'y'; there are: x, W1, b1, W2, h"),
        ({"x": ("sample",)}, r"x needs a name for each of its axes \(2\); 1 given"),
    ],
)
def test_wrong_names_are_refused(axes: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as error:
        record(network, (normal(4, 3), normal(3, 5), normal(5), normal(5, 2)), axes_of=axes)
    assert error.value.field == "axes_of"


def test_a_saved_recording_keeps_names() -> None:
    recording = record(
        *(network, (normal(4, 3), normal(3, 5), normal(5), normal(5, 2))),
        axes_of={"x": ("word", "number")},
    )
    assert from_json(to_json(recording)).axes == recording.axes
    assert recording.axes["W1"] == ("number", "unit")


@pytest.mark.parametrize("name", PROGRAMS)
def test_ready_programs_name_every_axis(name: str) -> None:
    program = PROGRAMS[name]
    arguments = tuple(program.arguments(0).values())
    axes = record(program.function, arguments, wrt=program.wrt, axes_of=program.axes).axes
    for variable in program.wrt:
        assert not {"axis 0", "axis 1", "entry"} & set(axes[variable]), variable
