"""What a line does with single entries, compared with NumPy."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import numpy as np
import pytest

from backprop_explorer.programs import PROGRAMS
from backprop_explorer.record import ProgramRecording, record
from backprop_explorer.record.entries import MOST_ENTRIES, Entries
from backprop_explorer.record.lines import written
from tests.programs.forward_functions.catalog import CASES

RNG = np.random.default_rng(2)


def ready(name: str) -> ProgramRecording:
    program = PROGRAMS[name]
    return record(program.function, tuple(program.arguments(4).values()), wrt=program.wrt)


def fields(recording: ProgramRecording) -> dict[str, dict[str, Any]]:
    entries = Entries(recording)
    return {str(node.id): written(entries, node) for node in recording.graph.nodes}


def fields_of(function: Any, *arguments: Any) -> dict[str, dict[str, Any]]:
    return fields(record(function, arguments))


@pytest.mark.parametrize("name", ["batch_norm", "layer_norm", "group_norm", "residual_block"])
def test_stretched_axes_are_those_that_numpy_repeats(name: str) -> None:
    recording = ready(name)
    seen = 0
    for line, found in fields(recording).items():
        node = recording.graph.by_id[line]
        shape = recording.shapes[node.id]
        if node.operation.family != "elementwise" or not shape:
            continue
        expected = []
        for name in node.inputs:
            value = np.ones(recording.shapes[name])
            strides = np.broadcast_to(value, shape).strides
            # An axis that NumPy repeats has the stride 0.
            expected.append([k for k, s in enumerate(strides) if s == 0 and shape[k] > 1])
        assert found.get("stretched", [[] for _ in node.inputs]) == expected, line
        seen += any(expected)
    assert seen


def test_a_gradient_that_is_spread_is_stretched_along_the_summed_axes() -> None:
    found = fields_of(lambda x: np.sum(x.mean(axis=1) ** 2), RNG.normal(size=(2, 3, 4)))
    assert found["dC_dx"]["stretched"] == [[1]]


@pytest.mark.parametrize(("name", "line"), [("embedding", "e"), ("hinge", "right")])
def test_index_reads_what_numpy_reads(name: str, line: str) -> None:
    recording = ready(name)
    index = fields(recording)[line]["index"]
    source = recording.values[recording.graph.by_id[line].inputs[0]]
    assert [each["axis"] for each in index["axes"]] == list(range(len(index["axes"])))
    read = source[tuple(np.array(each["numbers"]) for each in index["axes"])]
    np.testing.assert_array_equal(read, recording.values[line])
    rows = list(zip(*(each["numbers"] for each in index["axes"]), strict=True))
    assert index["repeats"] == len(rows) - len(set(rows))


def test_masks_rearrangements_and_negative_numbers_are_whole_numbers() -> None:
    def f(x: Any, k: Any) -> Any:
        chosen = x[x > 0]
        last = x[..., k]
        return chosen.sum() + (np.roll(x, 1, axis=0) * x).sum() + last.sum()

    x, k = RNG.normal(size=(3, 4)), np.array([-1, 0, -1])
    found = fields_of(f, x, k)
    rows, columns = np.nonzero(x > 0)
    assert found["chosen"]["index"]["axes"] == [
        {"axis": 0, "numbers": rows.tolist()},
        {"axis": 1, "numbers": columns.tolist()},
    ]
    [turned] = [each["index"] for each in found.values() if each["op"] == "gather"]
    places = tuple(np.array(each["numbers"]) for each in turned["axes"])
    np.testing.assert_array_equal(x[places], np.roll(x, 1, axis=0))
    assert found["last"]["index"] == {"axes": [{"axis": 1, "numbers": [3, 0, 3]}], "repeats": 1}


def test_long_lists_are_left_out_and_counts_are_kept() -> None:
    def f(x: Any, k: Any) -> Any:
        taken = x[k]
        larger = np.maximum(x, 0)
        return taken.sum() + larger.sum() + x.reshape(-1, 2).max(axis=1).sum()

    n = 2 * MOST_ENTRIES + 2
    found = fields_of(f, RNG.normal(size=n), np.zeros(n, dtype=int))
    assert found["taken"]["index"] == {"repeats": n - 1}
    assert found["larger"]["picks"] == {"ties": 0}
    [largest] = [each["picks"] for each in found.values() if each["op"] == "max"]
    assert largest == {"ties": 0}


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 2), -1])
def test_a_maximum_picks_the_entry_that_gets_the_gradient(axis: Any) -> None:
    x = RNG.integers(-2, 3, size=(2, 3, 4)).astype(float)
    recording = record(lambda x: np.sum(x.max(axis=axis)), (x,))
    [found] = [each for each in fields(recording).values() if each["op"] == "max"]
    places = tuple(np.array(found["picks"]["entries"]).T)
    np.testing.assert_array_equal(x[places], np.ravel(x.max(axis=axis)))
    gradient = np.zeros(x.shape)
    gradient[places] = 1
    np.testing.assert_array_equal(recording.gradient("x"), gradient)
    equal = np.sum(x == x.max(axis=axis, keepdims=True), axis=axis)
    assert found["picks"]["ties"] == np.sum(equal > 1)


def test_choices_name_the_input() -> None:
    def f(x: Any, y: Any) -> Any:
        a = np.maximum(x, y)
        b = np.where(x > 1, y, x)
        return (a * b * np.sort(x, axis=0)).sum()

    x, y = np.array([[0.0, 3.0], [2.0, 3.0]]), np.array([[1.0, 2.0], [2.0, 5.0]])
    found = fields_of(f, x, y)
    assert found["a"]["picks"] == {"inputs": [[1, 0], [None, 1]], "ties": 1}
    assert found["b"]["picks"] == {"inputs": [[2, 1], [1, 1]], "ties": 0}
    # A sort reads by the index that it found.
    [read] = [each for each in found.values() if each["op"] == "getitem"]
    places = tuple(np.array(each["numbers"]) for each in read["index"]["axes"])
    np.testing.assert_array_equal(x[places], np.sort(x, axis=0))


def test_ready_programs_mask_what_a_constant_takes_out() -> None:
    dropout, attention = ready("dropout"), ready("attention")
    mask = dropout.values["mask"]
    np.testing.assert_array_equal(fields(dropout)["h"]["mask"], mask == 0)
    found = fields(attention)
    later = np.triu(np.ones((4, 4)), 1)
    for line in ("S@2", "E", "P"):
        np.testing.assert_array_equal(found[line]["mask"], later, line)
    assert not [line for line, each in found.items() if "mask" in each and each["op"] == "matmul"]
    # What a value itself decides is no mask: a ReLU, or a choice by a comparison of parameters.
    for name in ("residual_block", "hinge", "batch_norm"):
        assert not [line for line, each in fields(ready(name)).items() if "mask" in each], name


@pytest.mark.parametrize("fill", [-np.inf, -1e9])
def test_a_mask_may_be_written_or_added(fill: float) -> None:
    def softmax(x: Any) -> Any:
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def written_over(x: Any, hidden: Any) -> Any:
        s = x * 1.5
        s[hidden] = fill
        p = softmax(s)
        return (p**2).sum()

    def added(x: Any, hidden: Any) -> Any:
        s = x + np.where(hidden, fill, 0.0)
        p = softmax(s)
        return (p**2).sum()

    hidden = np.triu(np.ones((3, 3)), 1).astype(bool)
    for f in (written_over, added):
        found = fields_of(f, RNG.normal(size=(3, 3)), hidden)
        np.testing.assert_array_equal(found["p"]["mask"], hidden)
    # A bias that is added afterwards brings the entries back.
    arguments = RNG.normal(size=4), np.array([0, 1, 0, 1]), np.ones(4)
    found = fields_of(lambda x, m, b: ((x * m + b) ** 2).sum(), *arguments)
    assert {each["op"] for each in found.values() if "mask" in each} == {"multiply"}


@pytest.mark.parametrize(
    ("name", "of", "line"), [("max_pool", "x", "y.1"), ("conv_digit", "x", "window")]
)
def test_windows_of_loops_are_where_the_slices_are(name: str, of: str, line: str) -> None:
    recording = ready(name)
    seen = 0
    for each, found in fields(recording).items():
        if each.startswith(f"{line}[") and found["phase"] == "forward":
            reads, run = found["reads"], found["run"]
            assert (reads["of"], reads["axes"], reads["row"]) == (of, [0, 1], "i + m")
            assert (reads["column"], reads["stride"], reads["pad"]) == ("j + n", 1, 0)
            assert (reads["rows"][0], reads["columns"][0]) == (run["i"], run["j"])
            x, place = recording.values[of], (slice(*reads["rows"]), slice(*reads["columns"]))
            np.testing.assert_array_equal(x[place], recording.values[each])
            seen += 1
    assert seen


def test_windows_have_stride_and_pad() -> None:
    def pooled(x: Any) -> Any:
        y = np.zeros((2, 2))
        for r in range(2):
            for n in range(2):
                y[r, n] = x[3 * r : 3 * r + 2, 3 * n : 3 * n + 2].max()
        return y

    def convolved(x: Any, w: Any) -> Any:
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, 1), (3, 3))[::2, ::2]
        return np.einsum("ijmn,fmn->fij", windows, w)

    loops = [
        each["reads"]
        for each in fields_of(pooled, RNG.normal(size=(6, 6))).values()
        if "reads" in each
    ]
    assert {(each["row"], each["column"], each["stride"]) for each in loops} == {
        ("3·r + p", "3·n + q", 3)
    }
    x, w = RNG.normal(size=(5, 5)), RNG.normal(size=(2, 3, 3))
    recording = record(convolved, (x, w))
    found, _ = [each for each in fields(recording).values() if "reads" in each]
    assert found["op"] == "einsum"
    reads = found["reads"]
    # Computed by hand as row and column say, with the letters of the signature.
    assert (reads["stride"], reads["pad"]) == (2, 1)
    inputs = found["signature"].split("->")[0].split(",")
    i, j, m, n = inputs[0]
    assert (reads["row"], reads["column"]) == (f"2·{i} + {m}", f"2·{j} + {n}")
    padded = recording.values[reads["of"]]
    by_hand = [
        [
            [np.sum(padded[2 * a : 2 * a + 3, 2 * b : 2 * b + 3] * k) for b in range(3)]
            for a in range(3)
        ]
        for k in w
    ]
    np.testing.assert_allclose(recording.values[found["id"]], by_hand)


def test_a_slice_that_does_not_move_with_a_loop_is_no_window() -> None:
    def f(x: Any) -> Any:
        y = np.zeros(3)
        for k in range(3):
            y[k] = x[0:2, k].sum() + x[k * k : k * k + 1, 0].sum()
        return y

    assert not [each for each in fields_of(f, RNG.normal(size=(6, 3))).values() if "reads" in each]


def entries_read(line: dict[str, Any], place: int, shapes: Any, shape: Any, entry: Any) -> set[int]:
    """The flat positions of input ``place`` that one entry reads, by ``sources`` or the letters."""
    listed = line.get("sources", [None] * len(shapes))[place]
    if listed is not None:
        found = listed[int(np.ravel_multi_index(entry, shape)) if shape else 0]
        return set(found) if isinstance(found, list) else {found} - {-1}
    inputs, output = line["signature"].split("->")
    letters, bound = inputs.split(",")[place], dict(zip(output, entry, strict=True))
    assert len(letters) in (0, len(shapes[place]))
    if not letters:  # A number, or everything.
        return set(range(int(np.prod(shapes[place]))))
    axes = [
        [0] if letter == "1" else [bound[letter]] if letter in bound else list(range(length))
        for letter, length in zip(letters, shapes[place], strict=True)
    ]
    return {int(np.ravel_multi_index(each, shapes[place])) for each in itertools.product(*axes)}


def test_an_entry_depends_on_no_entry_but_those_that_it_reads() -> None:
    seen: Counter[str] = Counter()
    for case in CASES:
        recording = record(case.function, case.draw(np.random.default_rng(0)), wrt=case.wrt)
        entries = Entries(recording)
        for node in recording.graph.nodes:
            value = np.asarray(recording.values[node.id])
            inputs = [np.asarray(recording.values[name]) for name in node.inputs]
            most = max(value.size, *(each.size for each in inputs), 1)
            # At another value than the largest, the gradient of a maximum has no place.
            skipped = node.operation.family == "discrete" or node.op == "extreme_backward"
            if skipped or most > 40 or seen[node.op] >= 6:
                continue
            seen[node.op] += 1
            line = written(entries, node)
            for place, given in enumerate(inputs):
                for position in range(given.size if given.dtype.kind == "f" else 0):
                    other = given.copy()
                    other.reshape(-1)[position] += 0.37
                    arguments = [*inputs[:place], other, *inputs[place + 1 :]]
                    with np.errstate(all="ignore"):
                        moved = np.asarray(node.operation.compute(*arguments, **node.keywords))
                    changed = np.argwhere((moved != value) & ~(np.isnan(moved) & np.isnan(value)))
                    for entry in map(tuple, changed):
                        shapes = [each.shape for each in inputs]
                        reads = entries_read(line, place, shapes, value.shape, entry)
                        assert position in reads, (case.name, node.id, place, entry)
    assert len(seen) > 75


def test_sources_of_windows_and_repeats() -> None:
    def columns(x: Any, w: Any) -> Any:
        i, j = np.mgrid[:2, :2]
        m, n = np.mgrid[:2, :2]
        parts = x[i.reshape(-1, 1) + m.ravel(), j.reshape(-1, 1) + n.ravel()]
        return parts @ w

    found = fields_of(columns, np.arange(9.0).reshape(3, 3), np.ones(4))
    expected = [0, 1, 3, 4, 1, 2, 4, 5, 3, 4, 6, 7, 4, 5, 7, 8]
    assert found["parts"]["sources"] == [expected, None, None]
    back = found["dC_dx"]["sources"][0]
    assert back[4] == [3, 6, 9, 12]  # The middle of x is read by four windows.
    assert [len(each) for each in back] == [1, 2, 1, 2, 4, 2, 1, 2, 1]
    padded = fields_of(lambda x: np.pad(x, 1, constant_values=2.0) ** 2, np.ones(2))
    assert next(iter(padded.values()))["sources"] == [[-1, 0, 1, -1]]


def test_the_gradient_of_a_kernel_reads_windows_too() -> None:
    def correlate(x: Any, w: Any) -> Any:
        windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2))
        return np.einsum("ijmn,mn->ij", windows, w)

    found = fields_of(correlate, RNG.normal(size=(4, 4)), RNG.normal(size=(2, 2)))
    line = found["dC_dw"]
    windows = line["signature"].split(",")[1].split("->")[0]
    assert line["reads"]["row"] == f"{windows[0]} + {windows[2]}"
    assert line["reads"]["of"] == "x"
