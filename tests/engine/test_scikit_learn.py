"""Training against scikit-learn's MLP: 100 updates from the same weights agree to 1e-9.

Differences from its ``_multilayer_perceptron.py`` and ``_stochastic_optimizers.py``:

* Its gradient at the output is (a − y)/N for both losses. Our squared error is a mean over the
  N × n entries of (a − y)², with the gradient 2/(N n)·(a − y): the same for n = 2 outputs.
* Its penalty is α/2·ΣW² / N, so λ₂ = α/N for a batch of N samples.
* Its Adam adds ε to √v before v is corrected, ours after. With ε = 1e-30 neither matters.
* Its velocity has the opposite sign.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from backprop_explorer.engine.dense import predict
from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.train import Backprop
from backprop_explorer.engine.updates import InPlaceUpdate, Update, zero_state
from tests.helpers.cases import exhaustive
from tests.helpers.networks import build, draw

Array = NDArray[np.float64]
UPDATES, BATCH, SAMPLES = 100, 8, 42  # an epoch is five batches of eight and one of two
THEIR_NAME = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}
TINY = 1e-30

OPTIMIZERS: dict[str, tuple[Update, dict[str, Any]]] = {
    "sgd": (Update("sgd", 0.05), {"solver": "sgd", "momentum": 0.0}),
    "momentum": (
        Update("momentum", 0.02, {"momentum": 0.8}),
        {"solver": "sgd", "momentum": 0.8, "nesterovs_momentum": False},
    ),
    "nesterov": (
        Update("nesterov", 0.02, {"momentum": 0.8}),
        {"solver": "sgd", "momentum": 0.8, "nesterovs_momentum": True},
    ),
    "adam": (
        Update("adam", 0.01, {"beta1": 0.85, "beta2": 0.99, "epsilon": TINY}),
        {"solver": "adam", "beta_1": 0.85, "beta_2": 0.99, "epsilon": TINY},
    ),
}
TASKS = {
    "regression": ("mse", "mean", "identity", 2),
    "binary": ("binary_cross_entropy", "mean", "sigmoid", 1),
    "multiclass": ("cross_entropy", "batch_mean", "softmax", 3),
}


def batches() -> list[slice]:
    """The batches of the 100 updates: epochs without shuffling, each with a smaller last batch."""
    epoch = [slice(k, min(k + BATCH, SAMPLES)) for k in range(0, SAMPLES, BATCH)]
    return [epoch[k % len(epoch)] for k in range(UPDATES)]


def problem(task: str, rng: np.random.Generator) -> tuple[Array, Array, Any]:
    """x, the target in our form, and y in scikit-learn's form."""
    x = rng.standard_normal((SAMPLES, 3))
    if task == "regression":
        y = np.stack([np.sin(x[:, 0]) + x[:, 1], x[:, 2] ** 2], axis=1)
        return x, y, y
    if task == "binary":
        labels = (x[:, 0] * x[:, 1] > 0).astype(int)
        return x, labels[:, None].astype(float), labels
    labels = np.digitize(x[:, 0] + x[:, 1], [-0.5, 0.5])
    return x, np.eye(3)[labels], labels


# Every optimizer with every activation and every task; with each pair of them, α is 0 for some
# tests and not for others.
# `make test` has each of these pairs once, 16 of 48.
COMBINATIONS = [
    (pytest.param if (i + j + k) % len(TASKS) == 0 else exhaustive)(
        optimizer, activation, task, 0.3 if (i + j + k) % 2 else 0.0
    )
    for i, optimizer in enumerate(OPTIMIZERS)
    for j, activation in enumerate(THEIR_NAME)
    for k, task in enumerate(TASKS)
]


@pytest.mark.parametrize(("optimizer", "activation", "task", "alpha"), COMBINATIONS)
def test_a_hundred_updates_agree_with_scikit_learn(
    optimizer: str, activation: str, task: str, alpha: float
) -> None:
    rng = np.random.default_rng(0)
    cost, reduction, output, outputs = TASKS[task]
    x, target, y = problem(task, rng)
    network = build(3, (6, activation), (5, activation), (outputs, output))
    start = draw(rng, network)
    update, theirs = OPTIMIZERS[optimizer]

    parameters, gradient = start.copy(), Parameters(network)
    apply = InPlaceUpdate(update, parameters, gradient, zero_state(network, update))
    passes = {
        size: Backprop(
            network, Objective(cost, reduction, l2=alpha / size), parameters, gradient, size
        )
        for size in (BATCH, SAMPLES % BATCH)
    }
    for step, batch in enumerate(batches()):
        one = passes[len(x[batch])]
        one.x[...], one.target[...] = x[batch], target[batch]
        one.gradients()
        apply(step, step + 1)

    peer = trained_peer(task, theirs, activation, start, update.learning_rate, alpha, x, y)
    moved = max(np.abs(W - V).max() for W, V in zip(parameters.W, start.W, strict=True))
    assert moved > 0.01
    for ours, their in zip(parameters.W, peer.coefs_, strict=True):
        np.testing.assert_allclose(ours, their, rtol=0, atol=1e-9)
    for ours, their in zip(parameters.b, peer.intercepts_, strict=True):
        np.testing.assert_allclose(ours, their, rtol=0, atol=1e-9)
    probabilities = peer.predict(x) if task == "regression" else peer.predict_proba(x)
    ours = predict(network, parameters, x)
    np.testing.assert_allclose(
        ours[:, 0] if task == "binary" else ours,
        probabilities[:, 1] if task == "binary" else probabilities,
        atol=1e-8,
    )


def trained_peer(
    task: str,
    solver: dict[str, Any],
    activation: str,
    start: Parameters,
    learning_rate: float,
    alpha: float,
    x: Array,
    y: Any,
) -> Any:
    """scikit-learn's network after the same updates, from the same start."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor  # here: it takes a second

    kind = MLPRegressor if task == "regression" else MLPClassifier
    peer = kind(
        hidden_layer_sizes=(6, 5),
        activation=THEIR_NAME[activation],
        alpha=alpha,
        learning_rate_init=learning_rate,
        shuffle=False,
        random_state=0,
        **solver,
    )
    classes = {} if task == "regression" else {"classes": np.unique(y)}
    # The first call creates the arrays. Then they get our weights, and the optimizer is reset.
    peer.partial_fit(x, y, **classes)
    for array, W in zip(peer.coefs_, start.W, strict=True):
        array[...] = W
    for array, b in zip(peer.intercepts_, start.b, strict=True):
        array[...] = b
    del peer._optimizer
    for batch in batches():
        peer.partial_fit(x[batch], y[batch])
    return peer
