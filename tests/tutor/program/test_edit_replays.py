"""A change that is replayed on the recorded run gives what a run of the changed source gives."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backprop_explorer.notebook.code import check_code
from backprop_explorer.tutor.program import check
from backprop_explorer.tutor.program.changes.expression_values import (
    Execution,
    ExpressionValues,
    UnknownValueError,
)
from backprop_explorer.tutor.program.changes.rerun import Reruns
from backprop_explorer.tutor.program.changes.search import EditSearch
from backprop_explorer.tutor.program.changes.watched_run import StudentStatement, WatchedRun
from backprop_explorer.tutor.program.recording import ProgramCall, Recorded
from tests.corpus.code.program import load

# Layers in a loop, a value under another name, an argument, entries, sums, a statement left out.
PROGRAM = """\
import numpy as np
def slope(z):
    return 1 - np.tanh(z) ** 2
def back(delta, z):
    return delta * slope(z)
class Net:
    def __init__(self, rng):
        self.W = [rng.normal(size=(3, 4)), rng.normal(size=(2, 3))]
        self.b = [rng.normal(size=(3, 1)), rng.normal(size=(2, 1))]
        self.dW, self.db = [None, None], [None, None]
    def forward(self, x):
        self.cache = {'A0': x}
        for l in range(2):
            self.cache[f'Z{l + 1}'] = self.W[l] @ self.cache[f'A{l}'] + self.b[l]
            self.cache[f'A{l + 1}'] = np.tanh(self.cache[f'Z{l + 1}'])
        return self.cache['A2']
    def backward(self, y):
        error = self.cache['A2'] - y
        delta = error
        for l in (1, 0):
            z = self.cache['Z' + str(l + 1)]
            delta = back(delta, z)
            pass
            self.dW[l] = delta @ self.cache[f'A{l}'].T
            self.db[l] = np.sum(delta, axis=1, keepdims=True)
            carried = self.W[l].T @ delta
            delta = carried
        return self.dW + self.db
    def fit(self, x, y):
        out = self.forward(x)
        grads = self.backward(y)
        cost = 0.5 * np.sum((out - y) ** 2)
        for l in range(2):
            self.W[l] = self.W[l] - 0.1 * self.dW[l]
            self.b[l] -= 0.1 * self.db[l]
        return cost
"""


@pytest.mark.parametrize(
    ("line", "old", "new"),
    [
        (18, "self.cache['A2'] - y", "(self.cache['A2'] - y) * self.cache['A2']"),
        (21, "'Z' + str(l + 1)", "'A' + str(l + 1)"),
        (24, "delta @ self.cache[f'A{l}'].T", "delta @ self.cache[f'A{l}'].T * 2 + 1"),
        (26, "self.W[l].T @ delta", "self.W[l].T @ (delta * delta)"),
        (33, "0.1 * self.dW[l]", "0.1 * self.dW[l] * self.W[l]"),
    ],
)
def test_a_replayed_change_gives_what_a_run_gives(
    line: int, old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counter[Any]()

    def tried(search: EditSearch, candidates: list[Any], *_: object) -> Iterator[Any]:
        for each in candidates[::5]:
            change = each.change
            if change.part is None:
                counted["run"] += 1
                continue
            may, does = (
                search._repairs_recorded(change),
                search._repairs(each.statement, change, recorded=False),
            )
            assert may or not does, change.edit.text()
            values = search.replays.replayed(change)
            with search._changed(each.statement, change.edit):
                run = search.reruns.values()
            if values is None or run is None:
                continue
            counted[change.part.kind] += 1
            for at, value in run.items():
                replayed = values.get(at, search.run.steps[at].value)
                if np.isfinite(value).all():
                    np.testing.assert_allclose(replayed, value, err_msg=change.edit.text())
        yield from ()

    monkeypatch.setattr(check, "SECONDS", 60.0)
    monkeypatch.setattr(EditSearch, "_tried", tried)
    rng = np.random.default_rng(0)
    source = PROGRAM.replace(old, new)
    assert source != PROGRAM
    names = load(source, f"<cell replayed {line}>")
    check_code(names["Net"](rng).fit, rng.normal(size=(4, 5)), rng.normal(size=(2, 5)))
    kinds = ("computed", "argument", "renamed", "kept")
    assert all(counted[kind] > 3 for kind in kinds), counted
    assert sum(counted[kind] for kind in kinds) > counted["run"] / 2, counted


def test_the_watched_run_has_the_values_and_steps_of_each_execution() -> None:
    rng = np.random.default_rng(0)
    names = load(PROGRAM, "<cell watched>")
    net = names["Net"](rng)
    given = rng.normal(size=(4, 5)), rng.normal(size=(2, 5))
    run = Recorded(ProgramCall(net.fit, given)).run
    functions = {each.node.name: each for each in Reruns(run, []).functions}
    loop: Any = functions["backward"].node.body[2]
    assert isinstance(loop, ast.For)
    read = {
        text: ast.parse(text, mode="eval").body
        for text in ("delta", "self.dW[l]", "self.cache['Z' + str(l + 1)]", "l", "carried")
    }
    at = [5, 1]  # the product and the call
    statements = [StudentStatement(functions["backward"], loop.body[k], loop.body, k) for k in at]
    WatchedRun(run, statements, {functions["backward"]: list(read.items())})
    for statement in statements:
        assert [each.known["l"][0] for each in statement.executions] == [1, 0]
        for each in statement.executions:
            value, step = each.known["delta"]
            assert step is not None
            np.testing.assert_array_equal(run.steps[step].value, value)
            assert each.end is not None
            assert any(e.op for e in run.steps[each.begin : each.end])
            assert each.assigned is not None
            assert each.assigned[1] in range(each.begin, each.end)
    assert np.array_equal(net.dW, [None, None])


WRITES = """\
import numpy as np
kept = {}
def pure(x):
    y = np.zeros(x.shape)
    y[0] = x[0]
    x += 1
    return y + x
def keeps(x):
    kept['x'] = x
    return x
def calls(x):
    return keeps(x) + 1
class Layer:
    def __init__(self):
        self.seen = 0
    def counts(self, x):
        self.seen += 1
        return x
    def doubles(self, x):
        return pure(x) * 2
"""


def test_only_what_changes_nothing_is_computed() -> None:
    names = load(WRITES, "<cell writes>")
    x, values = np.ones(3), ExpressionValues()
    execution = Execution(names, {"x": x, "layer": names["Layer"]()})

    def computed(text: str) -> Any:
        return values.compute(ast.parse(text, mode="eval").body, execution)

    np.testing.assert_array_equal(computed("layer.doubles(x) + np.sum(x, axis=0)"), [9, 7, 7])
    np.testing.assert_array_equal(x, 1.0)
    for text in (
        "keeps(x)",
        "calls(x)",
        "layer.counts(x)",
        "np.random.rand(3)",
        "x.sort()",
        "np.tanh(x, x)",
    ):
        with pytest.raises(UnknownValueError):
            computed(text)
    assert not names["kept"]


def test_what_is_read_has_its_value_where_the_statement_ran() -> None:
    """An array that is written into later: its copy of then is known by the source."""
    array = np.ones(3)
    execution = Execution({}, {"w": array, "self": SimpleNamespace(w=array), "d": {"w": array}})
    execution.known |= {text: (array.copy(), None) for text in ("w", "self.w", "d['w']")}
    array -= 5.0
    values = ExpressionValues()
    for text in ("w * 2", "self.w * 2", "d['w'] * 2"):
        node = ast.parse(text, mode="eval").body
        assert np.array_equal(values.compute(node, execution), np.full(3, 2.0)), text
