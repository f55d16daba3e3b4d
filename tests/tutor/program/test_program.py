"""Any program against its own gradient; python -m tests.corpus.programs checks the whole corpus."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.notebook.code import check_code
from backprop_explorer.notebook.magic import check_cell
from tests.corpus.code.program import load
from tests.corpus.programs.__main__ import Judged
from tests.corpus.programs.entries import FOLDER, Version, read, versions

VERSIONS = versions()
RIGHT = [each for each in VERSIONS if not each.made]
LATENT = [each for each in VERSIONS if each.latent]
WRONG = [each for each in VERSIONS if each.made and not each.latent]
# What only another round, the state of an optimizer or an update shows.
ROUNDS = [each.name for each in read(FOLDER / "rounds.txt") if not each.made]
# Of the other wrong versions one in so many is checked here.
EVERY = 20


def judged(version: Version) -> Judged:
    arguments, options = version.arguments()
    return Judged(version, check_code(*arguments, **options), 0.0)


@pytest.mark.parametrize("part", range(4))
def test_no_right_program_is_flagged(part: int) -> None:
    found = [judged(each) for each in RIGHT[part::4]]
    assert [str(each) for each in found if each.found.verdict == "wrong"] == []
    correct = sum(each.found.verdict == "correct" for each in found)
    assert correct >= 0.95 * len(found)


@pytest.mark.parametrize("part", range(4))
def test_lines_and_names_of_wrong_programs(part: int) -> None:
    others = [each for each in WRONG if each.name not in ROUNDS]
    found = [judged(each) for each in others[part * EVERY :: 4 * EVERY]]
    assert sum(each.line_right for each in found) >= 0.85 * len(found)
    assert sum(each.name_right for each in found) >= 0.7 * len(found)


@pytest.mark.parametrize("name", [*ROUNDS, "adam_of_a_dictionary", "rmsprop_of_a_list"])
def test_all_mistakes_of_rounds_and_updates_are_named(name: str) -> None:
    found = [judged(each) for each in WRONG if each.name == name]
    assert [str(each) for each in found if not each.name_right] == []


@pytest.mark.parametrize(
    ("name", "line", "reader"),
    [
        # An attribute, an entry of a dictionary, an argument, and one of a helper.
        ("parameters_from_a_generator", 18, 21),
        ("penalty_beside_what_is_stored", 28, 16),
        ("layers_in_a_row", 48, 29),
        ("two_cells", 24, 33),
    ],
)
def test_lines_that_hand_a_wrong_value_on_are_named(name: str, line: int, reader: int) -> None:
    version = next(each for each in WRONG if (each.name, each.line) == (name, line))
    found = judged(version).found
    others = [each.line for each in found.other_lines]
    assert {line, reader} <= {found.first_wrong, *others}
    assert found.summary.endswith(f"or in {' or '.join(f'line {each}' for each in others)}.")


@pytest.mark.parametrize("version", LATENT, ids=lambda each: each.name)
def test_other_inputs_show_latent_faults(version: Version) -> None:
    found = judged(version)
    assert found.found.verdict == "correct"
    assert found.name_right


@pytest.mark.parametrize(
    ("name", "line", "right", "following"),
    [
        # Of two fits the second is judged; no line of the first one follows.
        ("two_fits_in_one_call", 22, {18, 20, 21, 23}, set()),
        ("polynomial_of_numbers", 14, {5, 8, 10}, set()),
        ("states_kept_in_arrays", 15, {6, 9, 21}, {16, 19, 20}),
    ],
)
def test_only_what_is_computed_from_the_wrong_line_follows(
    name: str, line: int, right: set[int], following: set[int]
) -> None:
    (version,) = (each for each in WRONG if (each.name, each.line) == (name, line))
    lines = judged(version).found.lines
    by_status = {
        status: {each.number for each in lines if each.status == status}
        for status in ("right", "wrong", "follows")
    }
    assert by_status["wrong"] == {line}
    assert by_status["follows"] == following
    assert right <= by_status["right"]


def test_written_arguments_are_named() -> None:
    (version,) = (each for each in RIGHT if each.writes)
    found = judged(version).found
    assert [each.argument for each in found.writes] == ["dout"]
    assert found.writes[0].line == 8


def test_a_missing_forward_output_is_an_error() -> None:
    with pytest.raises(InvalidInput, match="forward"):
        check_code(lambda g: g, np.ones(2), forward=lambda: None)
    with pytest.raises(InvalidInput, match="upstream"):
        check_code(
            lambda g, c: g,
            np.ones(3),
            None,
            forward=lambda x: (x * 2, x),
            args_of_forward=(np.ones(2),),
        )


def test_an_upstream_gradient_may_have_other_axes_of_length_one() -> None:
    names = load(
        "import numpy as np\n"
        "class Layer:\n"
        "    library = np\n"
        "    def __init__(self):\n"
        "        self.W, self.library = np.arange(6.0).reshape(2, 3) - 2.5, np\n"
        "    def forward(self, x):\n"
        "        self.x = x[:, None]\n"
        "        return self.library.ravel(self.W @ self.x)\n"
        "    def backward(self, d):\n"
        "        self.dW = d.T @ self.x.T\n"
        "        return (self.W.T @ d.T).T\n",
        "<cell one>",
    )
    layer = names["Layer"]()
    x, d = np.array([0.5, -1.0, 2.0]), np.array([[1.5, -0.5]])
    found = check_code(layer.backward, d, forward=layer.forward, args_of_forward=(x,))
    assert (found.verdict, found.not_checked) == ("correct", ())


def test_a_program_that_exits_where_a_change_is_wrong_is_checked() -> None:
    names = load(
        "import numpy as np\n"
        "def train(x, t, W):\n"
        "    y = np.tanh(x @ W)\n"
        "    cost = ((y - t) ** 2).sum()\n"
        "    kept = [y]\n"
        "    kept.append(kept[0] - t)\n"
        "    g = x.T @ (2 * kept[1] * y)\n"
        "    if abs(g).sum() > 1.1 * abs(x.T @ (2 * (y - t) * y)).sum():\n"
        "        raise SystemExit('the gradient is too large')\n"
        "    W -= 0.1 * g\n"
        "    return cost\n",
        "<cell exits>",
    )
    rng = np.random.default_rng(3)
    found = check_code(names["train"], *map(rng.normal, [0] * 3, [1] * 3, [(5, 3), (5, 2), (3, 2)]))
    assert found.verdict == "wrong"
    assert found.first_wrong in (7, 6, 10)


def test_an_unknown_keyword_is_refused() -> None:
    with pytest.raises(TypeError, match="lr"):
        check_code(lambda x: x, np.ones(2), lr=0.1)


def test_answers_are_shown_only_where_nothing_was_told() -> None:
    version = next(each for each in RIGHT if each.name == "two_layers_returned")
    arguments, options = version.arguments()
    assert check_code(*arguments, **options).compared
    assert check_code(*arguments, **options, answers=False).compared == ()
    with pytest.raises(InvalidInput, match="answers"):
        check_code(*arguments, **options, cost="mse", answers=True)


@pytest.mark.parametrize(
    ("operator", "verdict", "line"), [("-=", "correct", None), ("+=", "wrong", 7)]
)
@pytest.mark.parametrize("loop", ["for _ in range(100_000)", "while True"])
def test_a_long_training_loop_is_checked_by_its_first_round(
    operator: str, verdict: str, line: int | None, loop: str
) -> None:
    names = load(
        f"import numpy as np\n"
        f"def fit(X, T, W, lr):\n"
        f"    {loop}:\n"
        f"        out = np.tanh(X @ W)\n"
        f"        loss = ((out - T) ** 2).mean()\n"
        f"        d = 2 * (out - T) / T.size * (1 - out ** 2)\n"
        f"        W {operator} lr * X.T @ d\n",
        f"<cell long {loop} {operator}>",
    )
    rng = np.random.default_rng(0)
    found = check_code(
        *(names["fit"], rng.normal(size=(5, 3))),
        rng.normal(size=(5, 2)),
        rng.normal(size=(3, 2)),
        0.1,
    )
    assert (found.verdict, found.first_wrong) == (verdict, line)
    assert any("first round" in note for note in found.notes)


def test_arguments_and_globals_are_as_before() -> None:
    names = load(
        "import numpy as np\nW = np.ones(3)\ndef f(x):\n    W[:] += x\n"
        "    return (W * x).sum(), W\n",
        "<cell state>",
    )
    x = np.arange(3.0)
    check_code(names["f"], x)
    assert names["np"] is np
    assert type(names["W"]) is np.ndarray
    assert names["W"].tolist() == [1.0, 1.0, 1.0]
    assert x.tolist() == [0.0, 1.0, 2.0]


def test_a_program_that_raises_names_its_line() -> None:
    source = (
        "import numpy as np\ndef f(x, W):\n    y = x @ W\n    loss = (y ** 2).sum()\n"
        "    d = 2 * y\n    return loss, W.T @ d\n"
    )
    names = load(source, "<cell raises>")
    found = check_code(names["f"], np.ones((2, 3)), np.ones((3, 4)))
    assert found.verdict == "wrong"
    assert found.first_wrong == 6
    assert found.error is not None


def test_a_told_cost_decides() -> None:
    names = load(
        "import numpy as np\n"
        "def fit(x, t, W):\n"
        "    o = 1 / (1 + np.exp(-(x @ W)))\n"
        "    d = o - t\n"
        "    W -= 0.1 * x.T @ d\n",
        "<cell told>",
    )
    rng = np.random.default_rng(0)
    x, t, W = rng.normal(size=(5, 3)), np.eye(2)[[0, 1, 1, 0, 1]], rng.normal(size=(3, 2))
    assert check_code(names["fit"], x, t, W, cost="bce").verdict == "correct"
    found = check_code(names["fit"], x, t, W, cost="mse")
    assert (found.verdict, found.first_wrong) == ("wrong", 4)
    assert found.diagnoses[0].misconception == "missing_activation_derivative"
    # A factor that no reduction has speaks against a cost that is told.
    names = load("def g(x, t, W):\n    return 0.37 * x.T @ (x @ W - t)\n", "<cell told factor>")
    assert check_code(names["g"], x, t, W).verdict == "correct"
    assert check_code(names["g"], x, t, W, cost="mse").verdict == "wrong"


def test_a_cell_may_import_numpy_and_make_its_parameters() -> None:
    cell = (
        "import numpy as np\n"
        "W = np.random.randn(3, 2) * 0.5\n"
        "for _ in range(3):\n"
        "    o = np.tanh(X @ W)\n"
        "    W -= 0.1 * X.T @ ((o - T) * (1 - o))\n"
    )
    rng = np.random.default_rng(0)
    names = {"X": rng.normal(size=(5, 3)), "T": rng.normal(size=(5, 2))}
    cell = cell.replace("W =", "def unused(z):\n    return z\nW =", 1)
    found = check_cell("", cell.replace("(1 - o)", "(1 - o * o)"), names, "<cell right>")
    assert found.verdict == "correct", found
    found = check_cell("cost='mse'", cell, names, "<cell wrong>")
    assert (found.verdict, found.first_wrong) == ("wrong", 7)


AUTOGRAD = """\
import autograd.numpy as np
from autograd import grad

def cost(layers, x, y):
    a = x
    for W, b in layers:
        a = np.tanh(a @ W + b)
    return np.mean((a - y) ** 2)

def step(layers, x, y):
    return [(W - 0.1 * dW, b - 0.1 * db)
            for (W, b), (dW, db) in zip(layers, grad(cost)(layers, x, y))]
"""


@pytest.mark.parametrize(
    ("old", "new", "verdict", "name"),
    [
        ("", "", "correct", None),
        ("W - 0.1", "W + 0.1", "wrong", "gradient_ascent"),
        ("b - 0.1 * db", "b - 0.1 * np.tanh(db)", "wrong", "wrong_operand"),
    ],
)
def test_autograd_is_recorded(old: str, new: str, verdict: str, name: str | None) -> None:
    rng = np.random.default_rng(2)
    layers = [(rng.normal(size=(3, 4)), rng.normal(size=4)), (rng.normal(size=(4, 2)), np.ones(2))]
    names = load(AUTOGRAD.replace(old, new), f"<cell autograd {new}>")
    found = check_code(names["step"], layers, rng.normal(size=(5, 3)), rng.random((5, 2)))
    assert found.verdict == verdict, found
    assert [each.misconception for each in found.diagnoses] == ([] if name is None else [name])
    assert found.first_wrong == (None if verdict == "correct" else 11)


ADAM = """\
import numpy as np
def fit(X, T, W, b, V):
    mW = mb = mV = vW = vb = vV = 0
    for t in range(1, 3):
        h = np.tanh(X @ W + b)
        d = h @ V - T
        gV, da = h.T @ d, d @ V.T * (1 - h * h)
        gW, gb = X.T @ da, da.sum(0)
        mW, vW = 0.9 * mW + 0.1 * gW, 0.99 * vW + 0.01 * gW * gW
        mb, vb = 0.9 * mb + 0.1 * gb, 0.99 * vb + 0.01 * gb * gb
        mV = 0.9 * mV + 0.1 * gV
        vV = 0.99 * vV + 0.01 * gV * gV
        cm, cv = 1 - 0.9 ** t, 1 - 0.99 ** t
        W = W - 0.1 * (mW / cm) / (np.sqrt(vW / cv) + 1e-8)
        b = b - 0.1 * (mb / cm) / (np.sqrt(vb / cv) + 1e-8)
        hat = mV / cm
        V = V - 0.1 * hat / (np.sqrt(vV / cv) + 1e-8)
    return W, b, V
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "name"),
    [
        ("", "", None, None),
        ("0.01 * gV * gV", "0.01 * gV", 12, "gradient_not_squared"),
        ("(np.sqrt(vV / cv) + 1e-8)", "(vV / cv + 1e-8)", 17, "root_missing"),
        ("hat = mV / cm", "hat = mV", 16, "bias_correction_missing"),
        ("V = V - 0.1", "V = V + 0.1", 17, "gradient_ascent"),
    ],
)
def test_mistakes_of_adam_are_named(old: str, new: str, line: int | None, name: str | None) -> None:
    rng = np.random.default_rng(1)
    shapes = (6, 3), (6, 2), (3, 4), (4,), (4, 2)
    names = load(ADAM.replace(old, new, 1), f"<cell adam {new}>")
    found = check_code(names["fit"], *(rng.normal(size=shape) for shape in shapes))
    assert (found.verdict == "correct") is (line is None), found
    assert found.first_wrong == line
    assert [each.misconception for each in found.diagnoses] == ([] if name is None else [name])


TRAINING = """\
import numpy as np
def slope(h, g):
    return g * (1 - h * h)
def fit(X, T, W, b, V, lr=0.2):
    if type(X) is not np.ndarray or type(lr) != float:
        raise TypeError
    for epoch in range(1, 4):
        rate = lr * 0.95 ** epoch / (1 + 0.1 * epoch)
        h = np.tanh(X @ W + b)
        error = h @ V - T
        loss = (error ** 2).mean()
        print(float(loss), "%.3f" % loss, f"{float(loss):.2f}")
        d = 2 * error / error.size
        dh = d @ V.T
        da = slope(h, dh)
        V -= rate * h.T @ d
        W -= rate * X.T @ da
        b -= rate * da.sum(0)
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "name"),
    [
        ("", "", None, None),
        ("return g * (1 - h * h)", "return g", 3, "missing_activation_derivative"),
        ("da = slope(h, dh)", "da = dh", 15, "missing_activation_derivative"),
        ("da.sum(0)", "da.mean(0)", 18, "mean_for_sum"),
        ("b -= rate *", "b -=", 18, "learning_rate_missing"),
        ("b -= rate * da.sum(0)", "db = da.sum(0)", 17, "parameter_not_updated"),
    ],
)
def test_a_loop_with_a_schedule(old: str, new: str, line: int | None, name: str | None) -> None:
    rng = np.random.default_rng(1)
    shapes = (6, 3), (6, 2), (3, 4), (4,), (4, 2)
    names = load(TRAINING.replace(old, new, 1), f"<cell schedule {new}>")
    found = check_code(names["fit"], *(rng.normal(size=shape) for shape in shapes))
    assert (found.verdict == "correct") is (line is None), found
    assert (found.first_wrong, found.notes) == (line, ())
    assert [each.misconception for each in found.diagnoses] == ([] if name is None else [name])


AVERAGED = """
import numpy as np

def forward(A, W, b, name):
    Z = np.dot(W, A) + b
    return np.maximum(0, Z), (A, W, Z)

def backward(dA, cache, name):
    A, W, Z = cache
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    dW = np.dot(dZ, A.T) / A.shape[1]
    return np.dot(W.T, dZ), dW, np.sum(dZ, axis=1, keepdims=True) / A.shape[1]
"""


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [("", "", "correct"), ("dZ, axis=1, keepdims=True) / A.shape[1]", "dZ, 1)[:, None]", "wrong")],
)
def test_gradients_of_parameters_may_be_averages(old: str, new: str, verdict: str) -> None:
    """That of the input is a sample's. The cache stands where None is passed."""
    rng, names = np.random.default_rng(0), load(AVERAGED.replace(old, new), f"<cell {verdict}>")
    arguments = (*(rng.normal(size=each) for each in ((3, 5), (4, 3), (4, 1))), "relu")
    pair = {"forward": names["forward"], "args_of_forward": arguments}
    found = check_code(names["backward"], rng.normal(size=(4, 5)), None, "relu", **pair)
    assert found.verdict == verdict
    assert any("5 samples" in each for each in found.notes) is (verdict == "correct")


UNKNOWN = """
import numpy as np

def train(W, x, y):
    d = x @ W - y
    condition = np.linalg.cond(W)
    loss = 0.5 * (d**2).sum()
    return loss, x.T @ d, condition

def penalised(W, x, y):
    d = x @ W - y
    loss = 0.5 * (d**2).sum() + np.linalg.svd(W)[1].sum()
    return loss, x.T @ d
"""


def test_a_function_that_is_not_recorded_matters_only_in_the_cost() -> None:
    rng, names = np.random.default_rng(0), load(UNKNOWN, "<cell unknown>")
    arguments = [rng.normal(size=each) for each in ((3, 2), (5, 3), (5, 2))]
    assert check_code(names["train"], *arguments).verdict == "correct"
    found = check_code(names["penalised"], *arguments)
    assert found.verdict == "unclear"
    assert "np.linalg.svd" in found.summary


def test_numpy_is_recorded_in_the_module_of_an_object_in_a_closure() -> None:
    source = """
import numpy as np

class Layer:
    def backward(self, dA, Z):
        dZ = np.array(dA)
        dZ[Z <= 0] = 0
        return dZ
"""
    names = load(source, "<cell layer>")
    layer, numpy = names["Layer"](), names["np"]

    def step(W: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
        Z = x @ W
        d = np.maximum(Z, 0) - y
        return float(0.5 * (d**2).sum()), x.T @ layer.backward(d, Z)

    rng = np.random.default_rng(0)
    assert check_code(step, *(rng.normal(size=e) for e in ((3, 2), (5, 3), (5, 2)))).notes == ()
    assert names["np"] is numpy


METHODS = """
class Scale:
    def forward(self, x):
        return x**3, (x, 3)

    def backward(self, g, cache):
        x, power = cache
        return g * power * x**2
"""


@pytest.mark.parametrize(("factor", "verdict"), [("power", "correct"), ("x", "wrong")])
def test_a_method_gets_its_cache_where_none_is_passed(factor: str, verdict: str) -> None:
    source = METHODS.replace("g * power", f"g * {factor}")
    layer, rng = load(source, f"<cell methods {verdict}>")["Scale"](), np.random.default_rng(0)
    x, g = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    found = check_code(layer.backward, g, None, forward=layer.forward, args_of_forward=(x,))
    assert found.verdict == verdict


WHERE_STATE_LIES = {
    "slots": """
class Layer:
    __slots__ = ("W", "b")
layer = Layer()
layer.W, layer.b = W, b
def step(x, t):
    e = x @ layer.W + layer.b - t
    layer.W = layer.W - 0.1 * x.T @ e
    layer.b = layer.b - 0.1 * e.sum(0)
    return (e**2).sum() / 2
kept = lambda: type(layer.W) is np.ndarray and layer.W is W
""",
    "a frozen dataclass": """
from dataclasses import dataclass
@dataclass(frozen=True)
class Pair:
    W: object
    b: object
pair = Pair(W, b)
def step(x, t):
    e = x @ pair.W + pair.b - t
    return (e**2).sum() / 2, Pair(x.T @ e, e.sum(0))
kept = lambda: pair.W is W
""",
    "a named tuple": """
from collections import namedtuple
Pair = namedtuple("Pair", "W b")
pair = Pair(W, b)
def step(x, t):
    global pair
    e = x @ pair.W + pair.b - t
    pair = pair._replace(W=pair.W - 0.1 * x.T @ e, b=pair.b - 0.1 * e.sum(0))
    return (e**2).sum() / 2
kept = lambda: pair.W is W
""",
    "a closure": """
def make(W, b):
    forward = lambda x: x @ W + b
    def step(x, t):
        nonlocal W, b
        e = forward(x) - t
        W, b = W - 0.1 * x.T @ e, b - 0.1 * e.sum(0)
        return (e**2).sum() / 2
    return step
step = make(W, b)
kept = lambda: step.__closure__[0].cell_contents is W
""",
    "pairs of a zip": """
def step(x, t):
    dW, db, cost = np.zeros_like(W), np.zeros_like(b), 0.0
    for each, wanted in zip(x, t):
        e = each @ W + b - wanted
        dW, db, cost = dW + np.outer(each, e), db + e, cost + (e**2).sum() / 2
    return cost, dW, db
kept = lambda: True
""",
    "a random state and columns": """
draws, columns = np.random.RandomState(0), np.array([[1.0, 2.0, 3.0]] * 4, order="F").view()
before = draws.get_state()[2]
def step(x, t):
    mask = draws.uniform(size=x.shape) < 0.8
    x = x * mask + np.asfortranarray(columns[:, ::-1])
    e = x @ W + b - t
    return (e**2).sum() / 2, x.T @ e, e.sum(0)
kept = lambda: draws.get_state()[2] == before
""",
}


@pytest.mark.parametrize("source", WHERE_STATE_LIES.values(), ids=WHERE_STATE_LIES)
def test_the_state_of_a_right_program_is_found_and_put_back(source: str) -> None:
    rng = np.random.default_rng(0)
    given: dict[str, Any] = {"W": rng.normal(size=(3, 2)), "b": np.ones(2), "np": np}
    exec(compile(source, "<cell state>", "exec"), given)
    found = check_code(given["step"], rng.normal(size=(4, 3)), rng.normal(size=(4, 2)))
    assert found.verdict == "correct"
    assert len(found.compared) == 2
    assert given["kept"]()


ENTRY_BY_ENTRY = """import numpy as np
def step(w, V, x, y, rate):
    s = x @ V
    p = 1 / (1 + np.exp(-(x @ w + 0.5 * np.sum(s * s - (x * x) @ (V * V)))))
    cost = -y * np.log(p) - (1 - y) * np.log(1 - p)
    w -= rate * (p - y) * x
    for f in range(2):
        t = x @ V[:, f]
        for i, xi in enumerate(x):
            V[i, f] -= rate * (p - y) * xi * (t - xi * V[i, f])
    return cost
"""
FROZEN = """import numpy as np
def step(z, g_W, g_b, d_W, d_b, rate):
    x = np.tanh(z @ g_W + g_b)
    p = 1 / (1 + np.exp(-(x @ d_W + d_b)))
    cost = -np.mean(np.log(p))
    dz = (p - 1) / len(z)
    unused = x.T @ dz
    dx = dz @ d_W.T * (1 - x ** 2)
    g_W -= rate * z.T @ dx
    g_b -= rate * dx.sum(axis=0)
    return cost
"""


@pytest.mark.parametrize(
    ("source", "shapes", "verdict"),
    [
        (ENTRY_BY_ENTRY, [(4,), (4, 2), (4,)], "correct"),
        (ENTRY_BY_ENTRY.replace("xi * (t", "(t"), [(4,), (4, 2), (4,)], "wrong"),
        # A second network that is not trained.
        (FROZEN, [(5, 3), (3, 2), (2,), (2, 1), (1,)], "incomplete"),
        (FROZEN.replace("g_b -=", "g_b +="), [(5, 3), (3, 2), (2,), (2, 1), (1,)], "wrong"),
        # A layer that is not updated was forgotten.
        (
            FROZEN.replace("g_", "fc1_").replace("d_", "fc2_"),
            [(5, 3), (3, 2), (2,), (2, 1), (1,)],
            "wrong",
        ),
    ],
)
def test_updates_of_entries_and_of_one_of_two_networks(
    source: str, shapes: list[tuple[int, ...]], verdict: str
) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape) for shape in shapes]
    given = [*arrays, 1.0, 0.1] if len(shapes) == 3 else [*arrays, 0.1]
    function = load(source, f"<cell update {abs(hash(source))}>")["step"]
    assert check_code(function, *given).verdict == verdict


def test_a_clipped_gradient_that_is_small_is_judged() -> None:
    source = """import numpy as np
def step(W, x, y):
    e = np.tanh(x @ W) - y
    g = x.T @ (e * (1 - np.tanh(x @ W) ** 2)) * 2
    g[0] *= 1.001
    np.clip(g, -1e6, 1e6, out=g)
    W -= 0.1 * g
    return np.sum(e ** 2)
"""
    rng = np.random.default_rng(0)
    function = load(source, "<cell clipped>")["step"]
    given = [rng.normal(size=shape) for shape in ((3, 2), (4, 3), (4, 2))]
    assert check_code(function, *given).verdict == "wrong"


def test_a_cost_that_is_infinite_is_said() -> None:
    source = "def f(W, x):\n    cost = ((x @ W) ** 2).sum() / 0\n    return cost, x.T @ x @ W\n"
    function = load(source, "<cell infinite>")["f"]
    found = check_code(function, np.ones((3, 2)), np.ones((4, 3)))
    assert (found.verdict, found.first_wrong) == ("unclear", 2)
    assert "number inf" in found.summary
    source = "def back(dout, cache):\n    x, W = cache\n    return dout @ W.T, x.T @ dout\n"
    back, dout = load(source, "<cell cache>")["back"], np.ones((4, 2))
    with pytest.raises(InvalidInput, match="forward="):
        check_code(back, dout, None)


def test_an_argument_that_cannot_be_used_is_named() -> None:
    x, W, dout = np.ones((4, 3)), np.ones((3, 2)), np.ones((4, 2))
    names = load(
        """def forward(x, W):
    return x @ W, (x, W)
def back(dout, cache):
    x, W = cache
    return dout @ W.T, x.T @ dout
""",
        "<cell arguments>",
    )
    forward, back = names["forward"], names["back"]
    for pair in ({}, {"forward": forward, "args_of_forward": (x, W)}):
        with pytest.raises(InvalidInput, match=r"in the order dout, cache$"):
            check_code(back, (x, W), dout, **pair)
        with pytest.raises(InvalidInput, match="dout is None"):
            check_code(back, None, (x, W), **pair)
    assert "x.to_numpy()" in check_code(forward, pd.DataFrame(x), W).notes[-1]
    with pytest.raises(InvalidInput, match="x is a DataFrame"):
        check_code(back, dout, None, forward=forward, args_of_forward=(pd.DataFrame(x), W))
    assert "x (3, 2) @ W (4, 3) cannot be computed" in check_code(forward, W, x).summary


@pytest.mark.parametrize(("known", "verdict"), [("y > 0", "correct"), ("y", "wrong")])
def test_errors_of_known_targets_alone_are_no_mistake(known: str, verdict: str) -> None:
    source = f"""import numpy as np
def step(W, b, x, y):
    p = x @ W + b
    d = (p - y) * ({known})
    return W - 0.1 * x.T @ d, b - 0.1 * d.sum(0)
"""
    rng = np.random.default_rng(0)
    function = load(source, f"<cell known {known}>")["step"]
    given = [rng.normal(size=shape) for shape in ((3, 2), (2,), (6, 3), (6, 2))]
    assert check_code(function, *given).verdict == verdict
