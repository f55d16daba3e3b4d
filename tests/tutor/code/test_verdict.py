"""The verdict of ``check_code``: "correct" only for what was checked, with numbers that tell."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import backprop_explorer as bx
from tests.corpus.code.program import load

SOURCE = """\
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

class Net:
    def __init__(self, layers):
        (self.W1, self.b1), (self.W2, self.b2) = [(W.copy(), b.copy()) for W, b in layers]

    def train(self, x, target, lr=0.1):
        z1 = x @ self.W1 + self.b1
        a1 = np.tanh(z1)
        z2 = a1 @ self.W2 + self.b2
        a2 = sigmoid(z2)
        self.loss = np.mean((a2 - target) ** 2)
        dz2 = 2 / target.size * (a2 - target) * a2 * (1 - a2)
        self.dW2, self.db2 = a1.T @ dz2, dz2.sum(axis=0)
        dz1 = dz2 @ self.W2.T * (1 - a1 ** 2)
        self.dW1, self.db1 = x.T @ dz1, dz1.sum(axis=0)
        self.update(lr)
        return RETURNED

    def update(self, lr):
        self.W1 -= lr * self.dW1
        self.b1 -= lr * self.db1
        self.W2 -= lr * self.dW2
        self.b2 -= lr * self.db2

def train(layers, x, target):
    return Net(layers).train(x, target)
"""
RNG = np.random.default_rng(4)
LAYERS = [
    (RNG.normal(size=(3, 4)), RNG.normal(size=4)),
    (RNG.normal(size=(4, 2)), RNG.normal(size=2)),
]
X, TARGET = RNG.normal(size=(6, 3)), RNG.random((6, 2))
GIVEN: dict[str, Any] = {
    "layers": LAYERS, "x": X, "target": TARGET, "activations": ["tanh", "sigmoid"],
    "convention": "row",
}  # fmt: skip
GRADIENTS = ("dC_dW1", "dC_db1", "dC_dW2", "dC_db2")
UPDATES = ("W1_next", "b1_next", "W2_next", "b2_next")


def check(source: str, function: str = "train", **changes: Any) -> bx.CodeCheck:
    names = load(source, f"<cell verdict {abs(hash(source))}>")
    return bx.check_code(names[function], **{**GIVEN, **changes})


def changed(*replacements: tuple[str, str], returned: str = "None") -> str:
    source = SOURCE.replace("RETURNED", returned)
    for old, new in replacements:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


@pytest.mark.parametrize("returned", ["None", "self.loss", "self.loss, a2"])
@pytest.mark.parametrize("rate", [None, 0.1])
def test_gradients_and_updates_that_are_all_right_are_correct(
    returned: str, rate: float | None
) -> None:
    found = check(changed(returned=returned), learning_rate=rate)
    assert (found.verdict, found.not_checked) == ("correct", ()), found


UPDATE_MISTAKES = {
    "divided once more": ("self.W1 -= lr * self.dW1", "self.W1 -= lr * self.dW1 / len(X)"),
    "in place": ("self.W1 -= lr * self.dW1", "self.dW1 /= 6; self.W1 -= lr * self.dW1"),
    "ascent": ("self.W1 -= lr * self.dW1", "self.W1 += lr * self.dW1"),
    "twice": ("self.b1 -= lr * self.db1", "self.b1 -= lr * self.db1; self.W1 -= lr * self.dW1"),
}


@pytest.mark.parametrize("rate", [None, 0.1])
@pytest.mark.parametrize("name", UPDATE_MISTAKES)
def test_a_wrong_update_after_right_gradients_is_not_correct(name: str, rate: float | None) -> None:
    source = changed(UPDATE_MISTAKES[name], returned="self.loss").replace("len(X)", "6")
    found = check(source, learning_rate=rate)
    assert found.verdict == "wrong" or found.not_checked == ("W1_next",), found


@pytest.mark.parametrize("rate", [None, 0.1])
def test_a_parameter_that_is_never_updated_is_not_checked(rate: float | None) -> None:
    found = check(changed(("self.b1 -= lr * self.db1", "pass")), learning_rate=rate)
    assert (found.verdict, found.not_checked) == ("incomplete", ("b1_next",)), found
    assert "b⁽¹⁾" in found.summary


FORWARD = """\
    a1 = np.tanh(x @ layers[0][0] + layers[0][1])
    a2 = sigmoid(a1 @ layers[1][0] + layers[1][1])
    dz2 = (a2 - target) / 6 * a2 * (1 - a2)
"""
EPOCHS = """\
def fit(layers, x, target, lr=0.05, epochs=3):
    net, history = Net(layers), []
    m = [np.zeros_like(p) for layer in layers for p in layer]
    for t in range(1, epochs + 1):
        history.append(net.train(x, target, 0.0))
        grads = [net.dW1, net.db1, net.dW2, net.db2]
        for k, (p, g) in enumerate(zip([net.W1, net.b1, net.W2, net.b2], grads)):
            STEP
    return history
"""
# The update of each parameter in a loop over three epochs, and what it is not checked for.
STEPS = {
    "p -= lr * g": (),
    "p[...] = p - lr * g": (),
    "m[k] = 0.9 * m[k] - lr * g; p += m[k]": (),  # the first step of momentum
    "p += lr * g": UPDATES,
    "p -= lr * g; p -= lr * g": UPDATES,
    "m[k] = 0.9 * m[k] + 0.1 * g; p -= lr * m[k]": UPDATES,
    "p -= lr * g / (np.abs(g) + 1e-8)": UPDATES,
    "p -= lr * g if p.ndim == 2 else 0.0": UPDATES[1::2],
}


@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_every_update_is_checked_in_a_loop_over_epochs(step: str, zero: bool) -> None:
    """Biases of 0 look like the zeros of a momentum, and are replaced."""
    layers = [(W, 0.0 * b if zero else b) for W, b in LAYERS]
    source = changed(returned="self.loss") + EPOCHS.replace("STEP", step)
    found = check(source, "fit", layers=layers)
    assert found.not_checked == STEPS[step], found
    assert found.verdict == ("incomplete" if STEPS[step] else "correct")


PARTS = {
    "target": ("return target", GRADIENTS),
    "z1": ("return x @ layers[0][0] + layers[0][1]", GRADIENTS),
    "cost": (f"{FORWARD}    return np.mean((a2 - target) ** 2)", GRADIENTS),
    "one gradient": (f"{FORWARD}    return a1.T @ dz2", ("dC_dW1", "dC_db1", "dC_db2")),
    "last layer": (f"{FORWARD}    dW2, db2 = a1.T @ dz2, dz2.sum(axis=0)", GRADIENTS[:2]),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_of_the_gradients_is_incomplete(name: str) -> None:
    body, missing = PARTS[name]
    source = f"{changed()}\ndef part(layers, x, target):\n    {body.strip()}\n"
    found = check(source, "part")
    assert (found.verdict, found.not_checked) == ("incomplete", missing), found
    assert not found
    assert json.loads(json.dumps(found.as_dict()))["not_checked"] == list(missing)
    assert "∂C/∂W⁽¹⁾" in found.summary
    assert 'class="bx-v bx-incomplete"' in found._repr_html_()


@pytest.mark.parametrize("after", ["self.dW1 /= 6", "self.dW1 = np.tanh(self.dW1)"])
def test_gradients_that_are_changed_after_all_are_not_correct(after: str) -> None:
    assert check(changed(("self.update(lr)", "pass"))).verdict == "correct"
    source = changed(("self.update(lr)", after))
    assert check(source).not_checked == ("dC_dW1",)
    names = load(source, f"<cell method {hash(after)}>")
    assert bx.check_code(names["Net"](LAYERS).train, X, TARGET, **GIVEN).verdict == "wrong"


@pytest.mark.parametrize("dtype", ["object", "float"])
def test_object_arrays_are_followed(dtype: str) -> None:
    source = (
        changed(("self.update(lr)", "pass"), returned="self.grads()")
        + f"""
def grads(self):
    packed = np.empty(4, dtype=object)
    packed[:] = [self.dW1, self.db1, self.dW2, self.db2]
    return [each.astype({dtype}) for each in packed]

Net.grads = grads
"""
    )
    assert check(source).verdict == "correct"
    wrong = check(source.replace("dz2 @ self.W2.T *", "dz2 @ self.W2.T +"))
    assert wrong.verdict == "wrong"


DEEP = """\
import numpy as np

def backprop(W1, b1, W2, b2, W3, b3, x, target):
    z1 = x @ W1 + b1
    a1 = np.maximum(z1, 0)
    z2 = a1 @ W2 + b2
    a2 = np.maximum(z2, 0)
    a3 = a2 @ W3 + b3
    dz3 = 2 / target.size * (a3 - target)
    dW3, db3 = a2.T @ dz3, dz3.sum(axis=0)
    dz2 = dz3 @ W3.T * (z2 > 0)
    dW2, db2 = a1.T @ dz2, dz2.sum(axis=0)
    dz1 = dz2 @ W2.T * (z1 > 0)
    dW1, db1 = x.T @ dz1, dz1.sum(axis=0)
    return dW1, db1, dW2, db2, dW3, db3

def own_numbers(x, target):
    return backprop(*map(np.array, NUMBERS), x, target)
"""
DRAWN = [(RNG.normal(size=(3, 3)), RNG.normal(size=3)) for _ in range(3)]
ZEROS, DEAD, ONES = np.zeros(3), np.full(3, -100.0), np.ones((3, 3))
# By name: the changed layers and samples, a mistake that they hide, and its name.
HIDDEN: dict[str, tuple[dict[int, tuple[Any, Any]], Any, tuple[str, str], str]] = {
    "biases of 0": ({0: (DRAWN[0][0], ZEROS)}, X, ("x @ W1 + b1", "x @ W1"), "missing_bias"),
    "dead layer": (
        {1: (DRAWN[1][0], DEAD)}, X, ("* (z1 > 0)", ""), "missing_activation_derivative",
    ),
    "equal weights": (
        {1: (ONES, DRAWN[1][1])}, X, ("dz2 @ W2.T", "dz2 @ W2"), "weights_transposed_backward",
    ),
    "equal samples": (
        {}, np.tile(X[0], (6, 1)), ("x.T @ dz1,", "np.outer(x[0], dz1.sum(axis=0)),"), "",
    ),
    "units all active": (
        {0: (DRAWN[0][0], -DEAD)}, X, ("* (z1 > 0)", ""), "missing_activation_derivative",
    ),
}  # fmt: skip


def check_hidden(name: str, *, copied: bool = False, wrong: bool = False, own: bool = False) -> Any:
    changes, x, mistake, _ = HIDDEN[name]
    layers = [changes.get(k, layer) for k, layer in enumerate(DRAWN)]
    arguments = [each.copy() if copied else each for layer in layers for each in layer]
    source = DEEP.replace(*mistake) if wrong else DEEP
    names = load(source, f"<cell hidden {name} {wrong}>")
    # Tuples cannot be changed.
    names["NUMBERS"] = tuple(tuple(each.tolist()) for each in arguments)
    names["NUMBERS"] = tuple(
        tuple(map(tuple, each)) if isinstance(each[0], list) else each for each in names["NUMBERS"]
    )
    target = np.linspace(-1, 1, 18).reshape(6, 3) ** 2
    found = bx.check_code(
        names["own_numbers" if own else "backprop"],
        *(() if own else arguments), x, target,
        layers=layers, x=x, target=target, convention="row",
        activations=["relu", "relu", "identity"],
    )  # fmt: skip
    given = [each for layer in layers for each in layer]
    assert all(np.array_equal(a, b) for a, b in zip(arguments, given, strict=True))
    return found


@pytest.mark.parametrize("copied", [False, True])
@pytest.mark.parametrize("name", HIDDEN)
def test_numbers_that_hide_a_mistake_are_replaced(name: str, copied: bool) -> None:
    found = check_hidden(name, copied=copied)
    assert (found.verdict, found.not_checked) == ("correct", ()), found
    assert found.notes[-1].startswith("Checked with other numbers"), found.notes
    found = check_hidden(name, copied=copied, wrong=True)
    # A mistake that is not in the catalog is only not called correct.
    assert found.verdict == ("wrong" if HIDDEN[name][-1] else "incomplete"), found
    assert [each.misconception for each in found.diagnoses] == [
        each for each in HIDDEN[name][3:] if each
    ]


@pytest.mark.parametrize("name", HIDDEN)
def test_numbers_that_cannot_be_replaced_are_said(name: str) -> None:
    for wrong in (False, True):
        found = check_hidden(name, own=True, wrong=wrong)
        assert found.verdict == "incomplete", found
        assert found.not_checked
        assert found.notes[-1].startswith("The given numbers hide mistakes"), found.notes
