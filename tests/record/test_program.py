"""Running a program: what it may be, what stays as it was, names, notes, limits and errors."""

from __future__ import annotations

import copy
import json
import math
import random
import sys
import types
from collections.abc import Callable
from dataclasses import replace
from math import exp as exponential
from pathlib import Path
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
import scipy.signal
import scipy.special
from numpy import tanh
from scipy.signal import convolve2d

import backprop_explorer as bx
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.record import from_json, record, to_json
from tests.record.plain import compare

RNG = np.random.default_rng(0)
A, B, W = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4)), RNG.normal(size=(4, 2))
BIAS = np.array([0.5, -0.5])
HISTORY: list[float] = []
CALLS = 0


class Layer:
    scale = 2.0

    def __init__(self) -> None:
        self.params = {"W": W.copy(), "b": BIAS.copy()}
        self.calls = 0

    def forward(self, x: Any) -> Any:
        self.calls += 1
        self.last = x @ self.params["W"] + self.params["b"]
        return self.act(self.last) * self.scale

    @staticmethod
    def act(z: Any) -> Any:
        return np.maximum(z, 0.1 * z)

    def loss(self, x: Any) -> Any:
        self.h = self.forward(x)
        return np.sum(self.h**2)


def step(x: Any, h: Any, Wh: Any) -> Any:
    z = x + h @ Wh
    return np.tanh(z)


def recurrent(x: Any, h: Any, Wh: Any) -> Any:
    for t in range(3):
        h = step(x[t], h, Wh)
    out = h * 2
    return np.mean(out**2)


def names_of(f: Callable[..., Any], *args: Any, **options: Any) -> list[str]:
    found = record(f, args, **options)
    return [str(node.id) for node in found.graph.of_role("forward", "cost")]


def test_ids_are_the_programs_own_variables() -> None:
    found = names_of(recurrent, A[:3], np.zeros(4), RNG.normal(size=(4, 4)))
    assert found[:4] == ["z.1[t=0]", "h.1[t=0]", "z[t=0]", "h[t=0]"]
    assert [name for name in found if name.startswith("h[")] == ["h[t=0]", "h[t=1]", "h[t=2]"]
    assert [name for name in found if name.startswith("z[")] == ["z[t=0]", "z[t=1]", "z[t=2]"]
    assert found[-3:] == ["out", "recurrent.1", "C"]


def test_ids_are_the_same_without_monitoring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.11 has no sys.monitoring."""
    args = (A[:3], np.zeros(4), np.eye(4))
    expected = names_of(recurrent, *args)
    monkeypatch.delattr(sys, "monitoring", raising=False)
    assert names_of(recurrent, *args) == expected


def test_arrays_of_several_shapes_in_an_array_of_objects() -> None:
    def f(x: Any, w: Any) -> Any:
        both = np.array([x @ w, np.sum(x)], dtype=object)
        alike = np.array([x, x * 2], dtype=object)
        one, other = both
        return np.sum(one**2) * other + np.sum(alike[1] * alike[0])

    compare(f, A, W)


def test_versions_parts_and_names_like_gradients() -> None:
    def f(x: Any) -> Any:
        dC_dx = np.exp(x) + 1
        C = dC_dx * 2
        y = x.copy()
        y += C
        y[0] = 1.0
        cost = y.sum()
        return cost

    found = record(f, (A,))
    ids = [str(node.id) for node in found.graph.of_role("forward", "cost")]
    assert ids == ["dC_dx.1@own", "dC_dx@own", "C@own", "y", "y@2", "y@3", "cost"]
    assert found.cost == "cost"
    working = bx.explain(f, A)
    assert working["C"] == working["cost"] == working.cost
    assert working["dC_dx"].shape == A.shape
    np.testing.assert_array_equal(working["dC_dx@own"], np.exp(A) + 1)
    assert working["dC_ddC_dx@own"].shape == A.shape


def test_lines_say_where_they_stand() -> None:
    working = bx.explain(recurrent, A[:3], np.zeros(4), np.eye(4))
    lines = {line.id: line for line in working.lines}
    code = step.__code__
    assert lines["z[t=1]"].file == code.co_filename
    assert lines["z[t=1]"].line == code.co_firstlineno + 1
    assert lines["z[t=1]"].text == "x + h @ Wh"
    assert lines["dC_dz[t=1]"].line == code.co_firstlineno + 1
    assert lines["z[t=1]"].op == "add"
    origin = working.recording.sources["z[t=1]"]
    assert [(run.name, run.value) for run in origin.runs] == [("t", 1)]
    assert [call[2] for call in origin.calls] == ["recurrent"]


def test_methods_and_attributes() -> None:
    layer = Layer()
    before = copy.deepcopy(vars(layer))
    working = bx.explain(layer.loss, A)
    assert list(working.gradients) == ["self.params['W']", "self.params['b']", "x"]
    h = layer.act(A @ W + BIAS) * 2
    np.testing.assert_allclose(working["self.h"], h, rtol=1e-14)
    slope = np.where(A @ W + BIAS > 0, 1.0, 0.1)
    expected = A.T @ (2 * h * 2 * slope)
    np.testing.assert_allclose(working.gradients["self.params['W']"], expected, rtol=1e-12)
    np.testing.assert_allclose(working.gradients[0], expected, rtol=1e-12)
    assert vars(layer).keys() == before.keys()
    assert layer.calls == 0
    only = bx.explain(layer.loss, A, wrt="self.params")
    assert list(only.gradients) == ["self.params['W']", "self.params['b']"]


def with_globals(x: Any) -> Any:
    global CALLS
    CALLS += 1
    HISTORY.append(1.0)
    BIAS[0] = 7.0
    noise = np.random.normal(size=2) + random.random()
    return np.sum((x @ W + BIAS + noise) ** 2)


def test_arguments_globals_and_random_states_are_untouched() -> None:
    given, bias, state = A.copy(), BIAS.copy(), np.random.get_state()[1].copy()
    python = random.getstate()

    def f(x: Any) -> Any:
        x += 1.0
        x[0] = 0.0
        return with_globals(x)

    before = dict(with_globals.__globals__)
    found = record(f, (given,))
    after = dict(with_globals.__globals__)
    np.testing.assert_array_equal(given, A)
    np.testing.assert_array_equal(BIAS, bias)
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    assert random.getstate() == python
    assert (CALLS, HISTORY) == (0, [])
    assert before.keys() == after.keys()
    assert all(before[name] is after[name] for name in before)
    assert found.gradient("x")[0].tolist() == [0.0] * 4


def test_all_is_put_back_after_an_error() -> None:
    before = dict(with_globals.__globals__)

    def f(x: Any) -> Any:
        with_globals(x)
        raise ZeroDivisionError("own")

    with pytest.raises(ZeroDivisionError, match="own"):
        record(f, (A,))
    after = with_globals.__globals__
    assert all(before[name] is after[name] for name in before)
    assert np.exp(0.0) == 1.0


def test_names_imported_from_numpy_and_math_and_autograd() -> None:
    compare(lambda x: tanh(x).sum() * exponential(x[0, 0]) * math.sqrt(x[1, 1] ** 2), A)
    compare(lambda x: anp.sum(anp.exp(x)[0] * anp.zeros(4) + x[1] ** 2), A)

    def local(x: Any) -> Any:
        import numpy as other
        from numpy.linalg import norm

        total = other.zeros(4)
        for row in x:
            total += row**2
        return norm(total)

    compare(local, A)


def writes(x: Any, v: Any) -> Any:
    y = x.copy()
    y += 1
    y[0] = 2 * y[1]
    y[:, 1] -= y[:, 0]
    y[y > 0] *= 3
    y[1:3, ::2] += x[:2, :2]
    y.T[0] = y.T[1] ** 2
    row = y[2]
    row[0] = 5 * x[0, 0]
    row += 1
    y[1:] = y[:-1]
    np.add.at(y, [0, 1, 1], v)
    np.subtract.at(y, (np.array([0, 0]), np.array([1, 1])), v[0, :2])
    np.put_along_axis(y, np.array([[0], [1], [2]]), v[:, :1], axis=1)
    np.copyto(y[0], x[1], where=x[1] > 0)
    np.putmask(y[1], x[1] > 0, v[0, :2])
    np.place(y[2], y[2] > 0, v[1, :2])
    np.fill_diagonal(y, x[0, :3])
    y.flat[5] = x[2, 2]
    y[[0, 0, 1], [2, 2, 3]] = v[:, 0]
    y[[1, 1]] += v[:2]
    y[np.arange(3), [1, 1, 1]] = v[0, :3]
    z = np.zeros(4)
    z.fill(x[0, 1])
    np.put(z, [1, 2], x[2, :2])
    return (y**2).sum() + (z**3).sum()


def outs(x: Any, v: Any) -> Any:
    out = np.empty_like(x)
    np.exp(x, out=out)
    np.multiply(out, x, out=out)
    np.add(out[0], 1, out=out[1])
    masked = np.zeros_like(x)
    np.log(v, where=v > 0, out=masked)
    total = np.zeros(4)
    np.sum(out * masked, axis=0, out=total)
    whole = np.full_like(x, x[0, 0])
    return (total**2).sum() + (whole * np.ones_like(x)).sum()


def generated(x: Any, v: Any) -> Any:
    def rows() -> Any:
        for row in x:
            yield row * 2

    table = [[0.0] * 4 for _ in range(3)]
    for i, row in enumerate(rows()):
        for j, entry in enumerate(row):
            table[i][j] = entry**2 if i != j else entry
    (a, b), c = (v[0, :2], v[1, :2])[0], v[2]
    return np.sum(np.array(table) * np.arange(4)) + a * b + c[-1]


def views(x: Any, v: Any) -> Any:
    x = x.copy()
    part = x[1:3]
    turned = part.T
    again = turned.T
    again[0, 0] = 5 * x[0, 0]
    column = part[:, 1]
    column += turned[1]
    x.reshape(2, 6)[0] += 1
    every_second = x.ravel()[::2]
    every_second *= 2
    one, other = x[0], x[0]
    one[1] = 3 * v[2, 3]
    x[0], x[1] = x[1].copy(), x[0].copy()
    x[1:] = x[:-1]
    return (x**2).sum() + (other**2).sum() + (again**3).sum()


def shuffled(x: Any, v: Any) -> Any:
    np.random.seed(1)
    order = np.random.permutation(3)
    y = x[order].copy()
    np.random.shuffle(y)
    generator = np.random.default_rng(2)
    generator.shuffle(y)
    mask = generator.random(y.shape) < 0.5
    noise = np.random.randn(4, 2)
    noise[0] = v[0, :2]
    return np.sum((y * mask * np.arange(4)) @ noise) ** 2


@pytest.mark.parametrize("f", [writes, outs, generated, views, shuffled])
def test_writes_views_and_generators(f: Callable[..., Any]) -> None:
    compare(f, A, B)


def test_an_operator_in_place_makes_a_new_number() -> None:
    def f(x: Any) -> Any:
        first = x.sum()
        other = first
        other += 1.0
        other *= first
        return first * other

    compare(f, A)


def test_numbers_are_told_from_arrays() -> None:
    def f(x: Any) -> Any:
        total = np.sum(x)
        assert np.isscalar(total)
        assert not np.isscalar(x)
        assert np.sum(x, axis=0, keepdims=1).shape == (1, x.shape[1])  # type: ignore[call-overload]
        return total * np.ones(1) if np.isscalar(total) else total

    compare(f, A)


def test_numbers_leave_operators_to_a_students_class() -> None:
    class Value:
        def __init__(self, data: Any) -> None:
            self.data = data

        def __rmul__(self, other: Any) -> Any:
            return Value(other * self.data)

        def __radd__(self, other: Any) -> Any:
            return Value(other + self.data)

    def f(x: Any) -> Any:
        return (x[0, 1] + x[0, 0] * Value(x[1, 0])).data

    compare(f, A)


def test_choices_of_other_shapes_and_axes_before() -> None:
    def f(x: Any) -> Any:
        slope = np.choose(x <= 0, [np.sign(x) * 0.1, 1])
        row = np.array([0.5, 1.0], ndmin=2)
        return (slope * x).sum() * row[0, 1]

    compare(f, A)


def test_numbers_of_pure_python() -> None:
    def f(x: Any) -> Any:
        entries = [float(v) for v in x[0]]
        total = sum(v * v for v in entries) / len(entries)
        return max(entries) * total + x[1].max().item() ** 2 + x.tolist()[2][1]

    compare(f, A)

    def polynomial(a: float, b: float) -> float:
        return a * b + math.exp(a) - b**3

    found = record(polynomial, (2.0, 3.0))
    assert found.gradient("a") == pytest.approx(3.0 + math.exp(2.0), rel=1e-15)
    assert found.gradient("b") == pytest.approx(2.0 - 27.0, rel=1e-15)


def test_what_leaves_the_recording_is_named_with_its_line() -> None:
    def f(x: Any) -> Any:
        scale = complex(x[0, 0]).real
        return np.sum(x) * scale

    found = record(f, (A,))
    line = f.__code__.co_firstlineno + 1
    assert len(found.notes) == 1
    assert found.notes[0].startswith(f"Line {line}: complex()")


def test_a_function_of_another_library_is_named() -> None:
    def f(x: Any, w: Any) -> Any:
        y = convolve2d(x, w)
        z = scipy.signal.convolve2d(x, x)
        return y.sum() + np.sum(x**2) + z.sum() + scipy.special.expit(x).sum()

    found = record(f, (A, W))
    line = f.__code__.co_firstlineno
    assert [note.split(":")[0] for note in found.notes] == [f"Line {line + k}" for k in (1, 2)]
    assert found.notes[0].startswith(f"Line {line + 1}: convolve2d()")
    slope = np.exp(-A) / (1 + np.exp(-A)) ** 2
    np.testing.assert_allclose(found.gradient("x"), 2 * A + slope, rtol=1e-12)


def test_the_first_value_that_is_not_a_number_is_named() -> None:
    def f(x: Any) -> Any:
        root = np.sqrt(x)
        return np.sum(root * 2)

    with np.errstate(all="ignore"):
        assert record(f, (np.array([1.0, -1.0]),)).notes[0].startswith("root (line ")
        found = record(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)), (np.array([0.0, 1.0]),))
    assert found.notes[0].startswith("dC_dx")


def test_memory_that_changes_behind_the_recorder_is_an_error() -> None:
    def f(x: Any) -> Any:
        y = np.exp(x)
        view = np.frombuffer(y.data, dtype=float)
        view[0] = 5.0
        return y.sum()

    with pytest.raises(InvalidInput, match=r"y reads was changed.*line"):
        record(f, (A,))


def test_float32_and_whole_numbers() -> None:
    x32 = A.astype(np.float32)
    found = record(lambda x: np.mean(np.tanh(x @ W.astype(np.float32)) ** 2), (x32,))
    assert found.values[found.cost].dtype == np.float32
    exact = record(lambda x: np.mean(np.tanh(x @ W) ** 2), (A,))
    np.testing.assert_allclose(found.gradient("x"), exact.gradient("x"), rtol=1e-4, atol=1e-6)
    whole = np.arange(12).reshape(3, 4)
    compare(lambda x, k: np.sum(x[k[0]] * k[1:2, :4].T.sum() / 3), A, np.array([[0, 2, 2, 1]] * 2))
    compare(lambda k, x: np.sum(k @ x), whole, W)
    working = bx.explain(lambda x: np.mean(np.tanh(x) ** 2), x32)
    assert all(check.passed for check in working.checks)


def test_the_gradient_of_what_the_cost_does_not_depend_on_is_zero() -> None:
    working = bx.explain(lambda x, unused: np.sum(x**2), A, W)
    assert working["dC_dunused"].tolist() == np.zeros(W.shape).tolist()
    assert working.gradients["unused"].shape == W.shape
    with pytest.raises(KeyError, match="nothing"):
        working["dC_dnothing"]


def test_upstream() -> None:
    g = RNG.normal(size=(3, 2))
    compare(lambda x, w: x @ w, A, W, upstream=g)
    found = record(lambda x, w: (x @ w, (x, w)), (A, W), upstream=g)
    np.testing.assert_allclose(found.gradient("w"), A.T @ g, rtol=1e-14)
    two = record(lambda x, w: (x @ w, x * 2), (A, W), upstream=[g, B])
    np.testing.assert_allclose(two.gradient("x"), g @ W.T + 2 * B, rtol=1e-14)
    summed = record(lambda x, w: x @ w, (A, W))
    assert "sum of its entries" in summed.notes[0]
    with pytest.raises(InvalidInput, match=r"\(3, 2\)"):
        record(lambda x, w: x @ w, (A, W), upstream=g.T)
    with pytest.raises(InvalidInput, match="2, found 1"):
        record(lambda x, w: (x @ w, x * 2), (A, W), upstream=g)


def test_wrt() -> None:
    f = lambda x, p: np.sum(x @ p["W"] + p["b"])  # noqa: E731
    args = (A, {"W": W, "b": BIAS})
    assert record(f, args).wrt == ("x", "p['W']", "p['b']")
    assert record(f, args, wrt=[1]).wrt == ("p['W']", "p['b']")
    assert record(f, args, wrt="p['b']").wrt == ("p['b']",)
    with pytest.raises(InvalidInput, match=r"q.*There are: x"):
        record(f, args, wrt="q")
    with pytest.raises(InvalidInput, match=r"nothing to derive by.*dtype=float\): k"):
        record(lambda k: k.sum(), (np.arange(3),))
    with pytest.raises(InvalidInput, match="Give names or positions"):
        record(f, args, wrt=W)


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: 3.0, "returns no array or number"),
        (
            lambda x: convolve2d(x, x, "valid").sum(),
            r"Line \d+: convolve2d\(\) gives plain numbers",
        ),
        (lambda x: np.linalg.svd(x)[1].sum(), r"np.linalg.svd is not recorded.*line \d+ of .*py"),
        (lambda x: np.percentile(x, 30), "np.percentile is not recorded"),
        (lambda x: np.pad(x, 1, mode="mean").sum(), "np.pad is recorded without"),
        (lambda x: np.pad(x, 1, constant_values=(0, 1)).sum(), "np.pad is recorded without"),
        (lambda x: np.fft.fft(x).real.sum(), "fft is not recorded"),
        (lambda x: (x + 1j).real.sum(), "complex"),
        (lambda x: x.view(np.int64).sum(), "Convert it with astype"),
    ],
)
def test_what_cannot_be_recorded_is_said_with_its_line(f: Callable[..., Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        record(f, (A,))


def test_limits() -> None:
    def many(x: Any) -> Any:
        for _ in range(1000):
            x = x + 1
        return x.sum()

    with pytest.raises(InvalidInput, match=r"more than 100 operations.*line"):
        record(many, (A,), operations=100)
    with pytest.raises(InvalidInput, match="MiB"):
        record(many, (np.zeros((256, 256)),), nbytes=1 << 22)
    with pytest.raises(InvalidInput, match="longer than 0 s"):
        record(many, (A,), seconds=0)


def test_ties_are_neither_right_nor_wrong() -> None:
    x = np.array([[1.0, 1.0, 0.0], [2.0, 3.0, 3.0]])
    working = bx.explain(lambda x: np.max(x, axis=1).sum() + np.sum(x), x)
    states = [check.by_line["dC_dx"] for check in working.checks]
    assert states[0] == "tie"
    assert all(check.passed for check in working.checks)
    relu = bx.explain(lambda x: np.sum(np.maximum(x, 0) * 3), np.array([0.0, 1.0, -1.0]))
    assert relu["dC_dx"].tolist() == [0.0, 3.0, 0.0]


def test_a_broadcast_is_summed_by_a_line_of_its_own() -> None:
    working = bx.explain(lambda x, b, w: np.sum((x + b) * w), A, B[0], B[:, :1])
    ops = {line.id: line.op for line in working.lines}
    assert ops["dC_db"] == ops["dC_dw"] == "sum_stretched"
    assert ops["dC_dw_stretched"] == "multiply"
    assert working["dC_dw_stretched"].shape == A.shape


def test_a_value_read_twice_has_shares() -> None:
    def f(x: Any) -> Any:
        h = np.exp(x)
        a = h * 2
        b = h + 1
        return np.sum(a * b)

    working = bx.explain(f, A)
    lines = {line.id: line for line in working.lines}
    assert lines["dC_dh"].op == "add_shares"
    assert set(lines["dC_dh"].inputs) == {"dC_dh_through_a_0", "dC_dh_through_b_0"}


def test_saved_recordings_have_the_same_bits(tmp_path: Any) -> None:
    working = bx.explain(recurrent, A[:3], np.zeros(4), np.eye(4))
    working.save(tmp_path / "all.json", source=True)
    found = from_json((tmp_path / "all.json").read_text())
    for name, value in working.recording.values.items():
        assert np.asarray(found.values[name]).tobytes() == np.asarray(value).tobytes()
    name = Path(__file__).name
    for each, origin in working.recording.sources.items():
        calls = tuple((name, *more) for _, *more in origin.calls)
        assert found.sources[each] == replace(origin, file=name, calls=calls)
    texts = working.recording.source_text.values()
    assert list(found.source_text.values()) == [tuple(each) for each in texts]


PRIVATE = """
import numpy as np

API_KEY = "sk-module"


def unused(x):
    return x.sum() + len("sk-unused")


class Layer:
    token = "sk-class"

    def forward(self, x):
        # the layer
        return np.tanh(
            x
        )

    def save(self):
        return "sk-method"


layer, key = Layer(), "sk-line"
square, other = lambda h: (h * h).sum() + complex(h[0]).real, "sk-beside"


def ran(x):
    return square(layer.forward(x))
"""


@pytest.mark.parametrize("source", [True, False])
def test_a_saved_recording_has_no_other_code(tmp_path: Any, source: bool) -> None:
    """With source=True the functions that ran at their lines, never a folder or other code."""
    file = tmp_path / "secret_folder" / "private.py"
    file.parent.mkdir()
    file.write_text(PRIVATE)
    scope: dict[str, Any] = {"__name__": "private"}
    exec(compile(PRIVATE, str(file), "exec"), scope)
    working = bx.explain(scope["ran"], np.array([0.5, -1.0]))
    assert len(working.notes) == 1
    saved = tmp_path / "saved.json"
    working.save(saved, source=True) if source else working.save(saved)
    text = saved.read_text()
    assert "sk-" not in text
    assert "secret_folder" not in text
    assert ("np.tanh" in text, "h[0]" in text) == (source, source)
    content = json.loads(text)
    assert {each["file"] for each in content["sources"].values()} == {"private.py"}
    lines = PRIVATE.splitlines()
    kept = {
        number: line
        for number, line in enumerate(content["source_text"].get("private.py", []))
        if line is not None
    }
    assert sorted(kept) == ([*range(13, 18), 24, 27, 28] if source else [])
    for number, line in kept.items():
        assert line.strip() in lines[number]
        assert lines[number].find(line.strip()) == len(line) - len(line.lstrip())


def test_files_of_one_name_are_told_apart(tmp_path: Any) -> None:
    found = []
    for folder, body in (("a", "b.f(x) + x"), ("b", "x * x")):
        file = tmp_path / folder / "model.py"
        file.parent.mkdir()
        file.write_text(f"def f(x):\n    return {body}\n")
        found.append({"__name__": folder})
        exec(compile(file.read_text(), str(file), "exec"), found[-1])
    found[0]["b"] = types.SimpleNamespace(f=found[1]["f"])
    content = json.loads(to_json(record(found[0]["f"], (np.ones(2),)), source=True))
    assert sorted(content["source_text"]) == ["model.py", "model.py (2)"]
    assert sorted(content["source_text"].values())[1][1] == "    return x * x"
