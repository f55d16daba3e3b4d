"""Givens in the shapes that programs have: ``bx.trace``, ``bx.check`` and ``bx.check_code``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backprop_explorer as bx
from backprop_explorer.engine.errors import InvalidInput

RNG = np.random.default_rng(23)
N = 5
W1, b1 = RNG.normal(size=(3, 4)), RNG.normal(size=4)
W2, b2 = RNG.normal(size=(4, 2)), RNG.normal(size=2)
X = RNG.normal(size=(N, 3))
CLASSES = np.array([0, 1, 1, 0, 1])
Y = np.eye(2)[CLASSES]
OPTIONS: dict[str, Any] = {
    "activations": ["ReLU", "Softmax"], "cost": "CrossEntropy", "reduction": "batch_mean",
    "convention": "row",
}  # fmt: skip
PLAIN = [(W1, b1), (W2, b2)]


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def worked(x: Any = X, y: Any = Y, biases: bool = True) -> dict[str, Any]:
    c1, c2 = (b1, b2) if biases else (0.0, 0.0)
    z1 = x @ W1 + c1
    a1 = np.maximum(z1, 0)
    a2 = softmax(a1 @ W2 + c2)
    dZ2 = (a2 - y) / len(x)
    dZ1 = dZ2 @ W2.T * (z1 > 0)
    return {
        "A2": a2, "dW2": a1.T @ dZ2, "db2": dZ2.sum(axis=0), "dW1": x.T @ dZ1,
        "db1": dZ1.sum(axis=0),
    }  # fmt: skip


LAYERS: dict[str, Any] = {
    "b as rows": [(W1, b1[None]), (W2, b2[None])],
    "b as columns": [(W1, b1[:, None]), (W2, b2[:, None])],
    "flat": [W1, b1, W2, b2],
    "flat, b as rows": [W1, b1[None], W2, b2[None]],
    "parameters by name": {"W1": W1, "b1": b1, "W2": W2, "b2": b2},
    "parameters by name, all W first": {"W1": W1, "W2": W2, "b1": b1, "b2": b2},
    "other names": {"weights1": W1, "bias1": b1, "weights2": W2, "bias2": b2},
    "dictionaries": [{"b": b1, "W": W1}, {"weights": W2, "bias": b2}],
    "lists": [(W1.tolist(), b1.tolist()), (W2.tolist(), b2.tolist())],
}


@pytest.mark.parametrize("layers", LAYERS.values(), ids=LAYERS)
def test_layers_as_programs_hold_them(layers: Any) -> None:
    checked = bx.check(worked(), layers, X, Y, **OPTIONS)
    assert checked.verdict == "correct"
    assert len(bx.trace(layers, X, Y, **OPTIONS).gradients) == 2


@pytest.mark.parametrize("target", [CLASSES, CLASSES[:, None], Y])
def test_targets_may_be_class_numbers(target: Any) -> None:
    checked = bx.check(worked(), PLAIN, X, target, **OPTIONS)
    assert checked.verdict == "correct"
    assert [note.kind for note in checked.notes] == ([] if target is Y else ["class_targets"])


def test_a_bias_that_is_left_out_is_zero() -> None:
    for layers in ([(W1, None), (W2, None)], [W1, W2], {"W1": W1, "W2": W2}):
        assert bx.check(worked(biases=False), layers, X, Y, **OPTIONS).verdict == "correct"


def test_samples_as_columns_also_of_a_square_x() -> None:
    assert bx.check(worked(), PLAIN, X.T, Y.T, **OPTIONS).verdict == "correct"
    square, y = X[:3], Y[:3]
    checked = bx.check(worked(square, y), PLAIN, square.T, y.T, **OPTIONS)
    assert checked.verdict == "correct"
    assert [note.kind for note in checked.notes] == ["samples_as_columns"]
    assert "columns" in bx.trace(PLAIN, X.T, Y.T, **OPTIONS)._repr_html_()


@pytest.mark.parametrize("end", ["first", "last"])
def test_a_bias_among_the_rows_of_the_weights(end: str) -> None:
    order = slice(None, None, 1 if end == "first" else -1)
    layers = [(np.vstack([b[None], W][order]), None) for W, b in PLAIN]
    lines = worked()
    folded = {f"dW{k}": np.vstack([lines[f"db{k}"][None], lines[f"dW{k}"]][order]) for k in (1, 2)}
    assert bx.check(folded, layers, X, Y, **OPTIONS).verdict == "correct"


def test_one_target_counts_for_every_sample_of_a_batch() -> None:
    together = bx.trace(PLAIN, X, [0.25, 0.75], **OPTIONS)
    apart = bx.trace(PLAIN, X, [[0.25, 0.75]] * N, **OPTIONS)
    assert together.cost == apart.cost


def test_functions_with_a_slope_are_recognised() -> None:
    layers = [(W1, b1)]
    for function, name in (
        (lambda z: np.where(z > 0, z, 0.2 * z), "leaky_relu(0.2)"),
        (lambda z: np.where(z > 0, z, 0.7 * np.expm1(z)), "elu(0.7)"),
    ):
        made = bx.trace(layers, X, np.zeros((N, 4)), activations=function, convention="row")
        assert made.trace.network.layers[0].activation == name


def test_a_program_with_biases_as_rows_and_class_numbers_is_checked() -> None:
    def backward(params: Any, X: Any, y: Any, wrong: bool) -> Any:
        Z1 = np.dot(X, params["W1"]) + params["b1"]
        A1 = np.maximum(0, Z1)
        probs = softmax(np.dot(A1, params["W2"]) + params["b2"])
        dscores = probs.copy()
        dscores[np.arange(len(y)), y] -= 1
        dscores /= len(y)
        grads = {"W2": A1.T @ dscores, "b2": dscores.sum(axis=0, keepdims=True)}
        dhidden = dscores @ params["W2"].T
        if not wrong:
            dhidden[A1 <= 0] = 0
        grads["W1"], grads["b1"] = X.T @ dhidden, dhidden.sum(axis=0, keepdims=True)
        return grads

    params = {"W1": W1, "b1": b1[None], "W2": W2, "b2": b2[None]}
    given = {"layers": params, "x": X, "target": CLASSES, **OPTIONS}
    assert bx.check_code(backward, params, X, CLASSES, False, **given).verdict == "correct"
    found = bx.check_code(backward, params, X, CLASSES, True, **given)
    assert found.verdict == "wrong"
    assert found.diagnoses[0].misconception == "missing_activation_derivative"


def test_penalties_on_biases() -> None:
    lines = worked()
    pulled = {
        **{f"dW{k}": lines[f"dW{k}"] + 0.3 * W for k, W in ((1, W1), (2, W2))},
        **{f"db{k}": lines[f"db{k}"] + 0.3 * b for k, b in ((1, b1), (2, b2))},
    }
    given = {**OPTIONS, "l2": 0.3}
    assert bx.check(pulled, PLAIN, X, Y, penalty_on_biases=True, **given).verdict == "correct"
    assert bx.check(pulled, PLAIN, X, Y, **given).first_wrong == "dC_db2"
    with pytest.raises(InvalidInput, match="weights only"):
        bx.explore(bx.trace(PLAIN, X, Y, penalty_on_biases=True, **given))


@pytest.mark.parametrize(
    ("layers", "field"),
    [
        ([b1], "layers.0"),
        ([(W1, np.ones((2, 4)))], "layers.0.b"),
        ([{"b": b1}], "layers.0"),
        ({}, "layers"),
    ],
)
def test_what_is_no_layer_is_refused(layers: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        bx.trace(layers, X, np.zeros((N, 4)), convention="row")
    assert caught.value.field == field


def test_the_display_shows_arrays_under_the_line_that_they_were_read_as() -> None:
    """The program counts layers from 0; ``foo`` is recognised by its numbers."""
    lines = worked()
    own = {"dW0": lines["dW1"], "dW1": lines["dW2"], "db0": lines["db1"] + 1.0, "foo": lines["A2"]}
    checked = bx.check(own, PLAIN, X, Y, **OPTIONS)
    assert checked.first_wrong == "dC_db1"
    assert checked.names == {
        "dC_dW1": "dW0", "dC_dW2": "dW1", "dC_db1": "db0", "a2": "foo",
    }  # fmt: skip
    assert checked._repr_html_().count("<details") == 4
