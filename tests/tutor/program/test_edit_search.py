"""One change of the source that makes all right is found, in programs that no rule explains."""

from __future__ import annotations

import ast
import itertools
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.ops import OPS
from backprop_explorer.notebook.code import check_code
from backprop_explorer.record.array import TooManyAxesError
from backprop_explorer.tutor.program import aligning, check
from backprop_explorer.tutor.program.changes import rerun, search
from backprop_explorer.tutor.program.changes.edits import edits_of, other_statements
from backprop_explorer.tutor.program.changes.expression_values import Execution, ExpressionValues
from backprop_explorer.tutor.program.changes.places import Scope, Value, value_of
from backprop_explorer.tutor.program.changes.search import EditSearch
from backprop_explorer.tutor.program.checked_numpy import checked_numpy
from backprop_explorer.tutor.program.recording import ProgramCall, Recorded
from backprop_explorer.tutor.program.time_limit import LimitReached, TimeLimit
from tests.corpus.code.program import load
from tests.corpus.programs.entries import versions

STACKED = """\
import numpy as np
class Cell:
    def __init__(self, rng):
        self.A, self.B, self.C = (rng.normal(size=(3, 3)) for _ in range(3))

    def forward(self, x):
        self.x = x
        self.a, self.b, self.c = x @ self.A, x @ self.B, x @ self.C
        return (np.tanh(self.a) * np.tanh(self.b) * np.tanh(self.c)).sum()

    def backward(self):
        ta, tb, tc = np.tanh(self.a), np.tanh(self.b), np.tanh(self.c)
        da = (1 - ta**2) * tb * tc
        db = (1 - tb**2) * ta * tc
        dc = (1 - tc**2) * ta * tb
        self.grads = np.hstack((self.x.T @ da, self.x.T @ db, self.x.T @ dc))
        return self.grads

    def step(self, x):
        cost = self.forward(x)
        for _ in range(3):
            G = self.backward()
            self.A = self.A - 0.1 * G[:, :3]
            self.B = self.B - 0.1 * G[:, 3:6]
            self.C = self.C - 0.1 * G[:, 6:]
            cost = self.forward(x)
        return cost
"""


@pytest.mark.parametrize(
    ("line", "old", "new", "name"),
    [
        (16, "self.x.T @ da, self.x.T @ db", "self.x.T @ db, self.x.T @ da", "wrong_operand"),
        (23, "G[:, :3]", "G[:, 3:6]", "wrong_operand"),
    ],
)
def test_a_mistake_that_no_rule_names_is_found(
    line: int, old: str, new: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "SECONDS", 60.0)
    rng = np.random.default_rng(0)
    names = load(STACKED.replace(old, new), f"<cell stacked {line}>")
    cell = names["Cell"](rng)
    before = cell.A.copy()
    code = names["Cell"].backward.__code__
    found = check_code(cell.step, rng.normal(size=(5, 3)))
    assert (found.verdict, found.first_wrong) == ("wrong", line), found
    assert [each.misconception for each in found.diagnoses] == [name]
    # What ran again is as it was: objects, and the code of the functions.
    assert np.array_equal(cell.A, before)
    assert names["Cell"].backward.__code__ is code


def test_a_search_does_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it may do is counted, not timed: a slow or busy machine gives the same answer, and a
    pause of it is no program that never ends.
    """
    limits = itertools.count()

    class Paused(TimeLimit):
        def __exit__(self, *error: object) -> None:
            super().__exit__(*error)
            if next(limits) in (300, 2_000):
                raise LimitReached

    done = list[tuple[int, ...]]()
    found_by = EditSearch.found

    def found(search: EditSearch) -> Any:
        hits = found_by(search)
        done.append((search.tried, search.replayed, search.confirmed, len(hits)))
        return hits

    monkeypatch.setattr(EditSearch, "found", found)
    monkeypatch.setattr(rerun, "TimeLimit", Paused)
    monkeypatch.setattr(search, "TimeLimit", Paused)
    rng = np.random.default_rng(0)
    names = load(STACKED.replace("(1 - tb**2) * ta * tc", "(ta + tb) ** 3"), "<cell same>")
    cell, x = names["Cell"](rng), rng.normal(size=(5, 3))
    assert [check_code(cell.step, x).first_wrong for _ in range(3)] == [14] * 3
    assert len(set(done)) == 1, done
    assert min(done[0][:2]) > 100


ENDLESS = """\
import numpy as np
def fit(w, xs, ys):
    losses, k = [], 0
    while k < len(xs):
        e = w * xs[k] - ys[k]
        losses.append(e**2)
        k = k + 1
    g = np.zeros(3)
    for x, y in zip(xs, ys):
        g = g + 2 * (w * x - y) * y
    return sum(losses).sum(), g
"""


def test_a_change_that_never_ends_is_stopped() -> None:
    rng = np.random.default_rng(0)
    names = load(ENDLESS, "<cell endless>")
    xs, ys = list(rng.normal(size=(4, 3))), list(rng.normal(size=(4, 3)))
    found = check_code(names["fit"], rng.normal(size=3), xs, ys)
    assert (found.verdict, found.first_wrong) == ("wrong", 10), found
    assert len(xs) == 4


@pytest.mark.parametrize("version", [(3, 11), (3, 12)])
def test_reruns_stop_where_the_recorded_run_was_cut(
    version: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python before 3.12 has no sys.monitoring: every line of a function is traced."""
    monkeypatch.setattr(rerun, "CAN_MONITOR", version >= (3, 12) and hasattr(sys, "monitoring"))
    rng = np.random.default_rng(0)
    names = load(STACKED, "<cell stacked again>")
    cell = names["Cell"](rng)
    x = rng.normal(size=(5, 3))
    recorded = Recorded(ProgramCall(cell.step, (x,))).run
    alignment = aligning.align(recorded)
    assert alignment is not None
    results = [recorded.steps[e.index] for e in alignment.outcomes if e.is_update]
    assert results
    assert alignment.run.end is not None
    again = rerun.Reruns(alignment.run, [("", each) for each in results])
    assert again.known == {step.index for step in results}
    values = again.values()
    assert values is not None
    for step in results:
        np.testing.assert_allclose(values[step.index], step.value, rtol=1e-9)


@np.errstate(all="ignore")
def test_changes_are_the_inverse_of_mistakes() -> None:
    """Each right line is one change of the wrong one."""
    pairs = [
        ("g = d @ W", "g = d @ W.T"),
        ("g = d.mean(axis=0)", "g = d.sum(axis=0)"),
        ("g = d * a", "g = d * (a * (1 - a))"),
        ("g = d", "g = d * a"),
        ("g = d * b", "g = d * a"),
        ("g = d.sum(axis=1)", "g = d.sum(axis=0)"),
        ("g = d + b", "g = d - b"),
        ("g = d / n", "g = d"),
        ("g = rows[k]", "g = rows[k - 1]"),
        ("g += d", "g -= d"),
        ("g = a * b + W * d", "g = a * d + W * b"),
        ("g = e.transpose(1, 0, 2).reshape(4, 4)", "g = e.transpose(2, 0, 1).reshape(4, 4)"),
        ("g = e.reshape(4, 4)", "g = e.transpose(2, 1, 0).reshape(4, 4)"),
        ("g = np.einsum('ij,jk->ki', a, b)", "g = np.einsum('ij,jk->ik', a, b)"),
        ("g = np.einsum('nij,jk->nik', e, a)", "g = np.einsum('nij,jk->ik', e, a)"),
        ("g = wide[:-2, :4]", "g = wide[1:5, 1:5]"),
        ("g = d - 1", "g = d - a"),
        ("g = d", "g = d + a @ b.T"),
        ("g = d * 3", "g = d * left"),
        ("g = d", "g = d + left / n"),
        ("g = act(d)", "g = act(d, derivative=True)"),
        ("g = tanh.forward(d)", "g = tanh.prime(d)"),
        ("g = d.sum(axis=1, keepdims=True)", "g = d.sum(axis=1, keepdims=True) * a"),
        ("g = d", "g = d / (1 - k**n)"),
        ("g = d * a", "g = d - a"),
        ("g = d * a", "g = d * np.sign(a)"),
        ("g = d.sum(axis=0)", "g = (d - a).sum(axis=0)"),
        ("g = d / b", "g = (d - a * (a * d).mean(-1, keepdims=True)) / b"),
        ("g = d * (1 - a) ** 2", "g = d * (1 - a ** 2)"),
        ("g = wide[:-1]", "g = wide[1:]"),
        ("g = wide[3 - k, 3 - k]", "g = wide[k, k]"),
        ("g = wide[0]", "g = wide[k]"),
        ("g = a", "g = rows[k]"),
        ("g = box.da", "g = box.db"),
    ]
    rng = np.random.default_rng(0)
    names: dict[str, Any] = {e: rng.normal(size=(4, 4)) for e in "dabWg"} | {
        "n": 4.0,
        "k": 2,
        "np": np,
    }
    names["act"] = lambda z, derivative=False: 1 - z**2 if derivative else z
    names["tanh"] = SimpleNamespace(forward=np.tanh, prime=names["act"])
    names["rows"], names["left"] = list(rng.normal(size=(3, 4, 4))), rng.normal(size=(4, 4))
    names["box"] = SimpleNamespace(da=names["d"], db=names["b"])
    names["rows"] = np.array(names["rows"])
    names["e"], names["wide"] = rng.normal(size=(2, 2, 4)), rng.normal(size=(6, 6))
    operands = [ast.parse(each, mode="eval").body for each in (*"dabWnke", "rows")]
    parts = ["wide[:-2, :4]", "wide[0]"]
    read = [ast.unparse(each) for each in operands] + ["left", "wide", *parts]
    known = {each: value_of(eval(each, dict(names))) for each in read}
    values = {text: value for text, value in known.items() if value is not None}
    left, n = (ast.Name(each, ast.Load()) for each in ("left", "n"))
    correction = ast.parse("1 - n**n", mode="eval").body
    flags = {"act": ("derivative", False)}
    scope = Scope(
        *(values, operands, [n, correction], []),
        slopes=["prime"],
        flags=flags,
        unread=[left],
        siblings={"da": ["db"]},
        indices=[ast.Name("k", ast.Load())],
    )
    # A tree that is gone leaves no text to one with its id.
    each_text = [scope.text(ast.parse(wrong).body[0].value) for wrong, _ in pairs]  # type: ignore[attr-defined]
    assert each_text == [wrong.split("= ")[1] for wrong, _ in pairs]
    for wrong, right in pairs:
        wanted = dict(names) | {"g": names["g"].copy()}
        exec(right, wanted)
        (statement,) = ast.parse(wrong).body
        found = []
        for edit in edits_of(statement, scope):
            edit.make()
            changed = dict(names) | {"g": names["g"].copy()}
            try:
                exec(compile(ast.Module([statement], []), "<line>", "exec"), changed)
                if np.array_equal(changed["g"], wanted["g"]):
                    found.append(edit.text())
            except (TypeError, ValueError, IndexError, AttributeError):
                continue
            finally:
                edit.undo()
        assert found, wrong
        assert ast.unparse(statement) == wrong


def test_no_list_is_put_into_itself() -> None:
    (statement,) = ast.parse("rows.append(row)").body
    operands = [ast.Name(each, ast.Load()) for each in ("rows", "row", "other")]
    values = {each.id: Value((2,), k) for k, each in enumerate(operands)}
    texts = [each.text() for each in edits_of(statement, Scope(values, operands, [], []))]
    assert "row -> other" in texts
    assert "row -> rows" not in texts


def test_a_program_that_draws_runs_once() -> None:
    source = ENDLESS.replace("return sum", "shown.append(plt.show())\n    return sum")
    names = load(source, "<cell draws>")

    class Plots:
        def show(self) -> float:
            return 0.0

    names |= {"plt": Plots(), "shown": []}
    rng = np.random.default_rng(0)
    xs, ys = list(rng.normal(size=(4, 3))), list(rng.normal(size=(4, 3)))
    recorded = Recorded(ProgramCall(names["fit"], (rng.normal(size=3), xs, ys))).run
    assert not rerun.Reruns(recorded, []).only_computes


@pytest.mark.parametrize(
    ("wrong", "right"), [("b, a = f(x)", "a, b = f(x)"), ("f(x)", "x = f(x)"), ("a = x", "a += x")]
)
def test_other_statements_are_the_inverse_of_mistakes(wrong: str, right: str) -> None:
    tree = ast.parse(wrong)
    found = []
    for each in other_statements(tree.body, 0, None):
        each.make()
        found.append(ast.unparse(tree).replace("(a, b)", "a, b"))
        each.undo()
    assert right in found
    assert ast.unparse(tree) == wrong


def test_the_check_of_a_changed_program_does_not_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would search for changes of the change."""
    monkeypatch.setattr(check, "EditSearch", None)
    lost = [e for e in versions() if {"state_not_kept", "gradient_not_reset"}.intersection(e.made)]
    assert lost
    for version in lost:
        (function, *arguments), _ = version.arguments()
        run = Recorded(ProgramCall(function, tuple(arguments))).run
        assert check.check_run(run, locate=False).verdict != "correct", version.name


@pytest.mark.parametrize("source", ["np.c_ * x", "np.sqrt(np.r_)", "np.mgrid"])
def test_what_numpy_takes_for_an_endless_sequence_is_refused(source: str) -> None:
    execution = Execution({"np": np, "x": np.ones(2)}, {})
    with pytest.raises(TypeError):
        ExpressionValues().compute(ast.parse(source, mode="eval").body, execution)


ADDED_AT = """\
import numpy as np
def back(x, g, rows, cols):
    dx = np.zeros(x.shape)
    np.add.at(dx, (slice(None), rows, cols), g[..., 0])
    return (x ** 2).sum(), dx, 2 * g
"""


def test_an_addition_at_entries_of_other_axes_does_not_end_python() -> None:
    """NumPy 2.4 reads beyond the array, also where a change of the program has other shapes."""
    names = load(ADDED_AT, "<cell added>")
    at = np.zeros((4, 4, 3, 3), dtype=int)
    x, g = np.ones((3, 6, 6, 2)), np.ones((3, 4, 4, 3, 2, 3, 3, 2, 1))
    with pytest.raises(ValueError, match="more dimensions"):
        OPS["add_at"].compute(
            *(x, g[..., 0], at, at),
            index=(("slice", None, None, None), ("array", 0), ("array", 1)),
            view=None,
            region=(3, 4, 4, 3, 3, 2),
        )
    assert "cannot be added to entries" in check_code(names["back"], x, g, at, at).summary
    program = ProgramCall(names["back"], (x, g[:, :, :, :, 0, 0], at, at))
    assert not rerun.Reruns(Recorded(program).run, []).may_crash
    with checked_numpy([names["back"]]), pytest.raises(TooManyAxesError):
        names["back"](x, g, at, at)
    assert names["np"] is np


TWO_LAYERS = """\
import numpy as np
def gradients(W, b, V, x, y):
    h = np.tanh(x @ W + b)
    e = h @ V - y
    cost = 0.5 * (e**2).sum() + 0.05 * (W**2).sum()
    dV = h.T @ e
    dz = e @ V.T * (1 - h**2)
    dW = x.T @ dz + 0.1 * W
    db = dz.sum(axis=0)
    return cost, dW, db, dV
def adagrad(W, b, V, sW, sb, sV, x, y):
    cost, *gradients_now = gradients(W, b, V, x, y)
    for p, d, s in zip((W, b, V), gradients_now, (sW, sb, sV)):
        s += d * d
        p -= 0.1 * d / np.sqrt(s + 1e-8)
    return cost
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "name"),
    [
        ("(1 - h**2)", "(1 - h)**2", 7, "wrong_activation_derivative"),
        ("x.T @ dz + 0.1 * W", "x.T @ dz", 8, "penalty_gradient_missing"),
        ("+ 0.1 * W", "+ 0.1**2 * W", 8, "penalty_gradient_scale"),
        ("dz.sum(axis=0)", "dz.sum(axis=0) + 0.1 * b", 9, "penalty_on_bias"),
        ("h.T @ e", "h.T @ (h @ V)", 6, "wrong_operand"),
        ("x.T @ dz +", "x.T[::-1] @ dz +", 8, "kernel_flipped"),
    ],
)
def test_a_change_is_named_by_what_it_mends(old: str, new: str, line: int, name: str) -> None:
    """Also where a state is kept in place, and only the signs of an update can be judged."""
    names = load(TWO_LAYERS.replace(old, new), f"<cell two layers {new}>")
    rng = np.random.default_rng(1)
    shapes = (3, 4), (4,), (4, 2)
    parameters = [rng.normal(size=each) for each in shapes]
    data = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    states = [np.zeros(each) for each in shapes]
    if name == "penalty_on_bias":  # an update may decay what it likes
        found = check_code(names["gradients"], *parameters, *data)
    else:
        found = check_code(names["adagrad"], *parameters, *states, *data)
    assert (found.verdict, found.first_wrong) == ("wrong", line), found
    assert [each.misconception for each in found.diagnoses] == [name]


def test_a_mask_is_no_parameter_whose_gradient_is_meant() -> None:
    source = """\
import numpy as np
class Dense:
    def forward(self, x, mask):
        self.x, self.mask = x, mask
        self.z = x @ self.W * mask
        return np.tanh(self.z)
    def backward(self, g):
        self.dz = g * (1 - np.tanh(self.z))
        self.dW = self.x.T @ (self.dz * self.mask)
        return (self.dz * self.mask) @ self.W.T
"""
    rng = np.random.default_rng(2)
    names = load(source, "<cell mask>")
    dense, mask = names["Dense"](), (rng.random((5, 3)) < 0.6) / 0.6
    dense.W = rng.normal(size=(4, 3))
    found = check_code(
        dense.backward,
        rng.normal(size=(5, 3)),
        forward=dense.forward,
        args_of_forward=(rng.normal(size=(5, 4)), mask),
    )
    assert (found.verdict, found.first_wrong) == ("wrong", 8), found
    assert [each.misconception for each in found.diagnoses] == ["wrong_activation_derivative"]


def test_a_change_does_not_make_an_array_of_a_huge_number(monkeypatch: pytest.MonkeyPatch) -> None:
    source = """\
import numpy as np
def fit(W, X, Y):
    least, rows = 2e9, X.shape[0]
    some = np.arange(rows)
    e = X[some] @ W - Y[some]
    cost = (e ** 2).sum() / rows
    least = min(least, float(cost))
    return 2 * X.T @ e / rows + W * W, cost
"""
    names, rng = load(source, "<cell huge>"), np.random.default_rng(0)
    arguments = rng.normal(size=(3, 2)), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    made, arange = list[float](), np.arange

    class Noting:
        __module__ = "numpy"  # a function of NumPy's is called with changed arguments
        __name__ = "arange"

        def __call__(self, *sizes: Any) -> Any:
            made.append(max(sizes))
            return arange(*sizes) if made[-1] < 1e7 else arange(5)

    monkeypatch.setattr(np, "arange", Noting())
    found = check_code(names["fit"], *arguments)
    assert (found.verdict, found.first_wrong) == ("wrong", 8)
    assert made
    assert max(made) < 1e7
