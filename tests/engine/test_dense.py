"""Backpropagation: results computed by hand, batches, and equal bits in training and traces."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.dense import dense_graph, predict
from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.engine.initializers import initialize
from backprop_explorer.engine.network import Layer, Network, Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import trace
from backprop_explorer.engine.train import Backprop
from backprop_explorer.engine.updates import InPlaceUpdate, Update
from tests.helpers.networks import build, data, deep, draw, gradient_ids

# ------------------------------------------------------------------------------------------ by hand


def test_a_2_2_1_network_by_hand() -> None:
    r"""ReLU then identity, ½Σ(a − y)², computed with fractions.

    x = (1, 2), W1 = [[1/2, −1], [1/4, 3/4]] (rows: units of layer 1), b1 = (1/2, −1/4),
    W2 = [[2, −1/2]], b2 = (1/4), y = 1.

    z1 = (1·1/2 + 2·(−1) + 1/2,  1·1/4 + 2·3/4 − 1/4) = (−1, 3/2)
    a1 = (0, 3/2)                                        the first unit is off
    z2 = 2·0 + (−1/2)·3/2 + 1/4 = −1/2 = a2
    C  = ½ (−1/2 − 1)² = 9/8
    ∂C/∂a2 = a2 − y = −3/2 = ∂C/∂z2
    ∂C/∂W2 = −3/2 · (0, 3/2) = (0, −9/4),   ∂C/∂b2 = −3/2
    ∂C/∂a1 = (2, −1/2) · (−3/2) = (−3, 3/4)
    ∂C/∂z1 = (−3 · 0, 3/4 · 1) = (0, 3/4)
    ∂C/∂W1 = [[0, 0], [3/4 · 1, 3/4 · 2]] = [[0, 0], [3/4, 3/2]],   ∂C/∂b1 = (0, 3/4)
    With η = 1/2:  W1 → [[1/2, −1], [−1/8, 0]], b1 → (1/2, −5/8),
                   W2 → (2, 5/8), b2 → 1
    All are dyadic fractions, which floating point represents exactly.
    """
    F = Fraction
    expected = {
        "z1": [-1, F(3, 2)],
        "a1": [0, F(3, 2)],
        "z2": [F(-1, 2)],
        "a2": [F(-1, 2)],
        "C": F(9, 8),
        "dC_da2": [F(-3, 2)],
        "dC_dz2": [F(-3, 2)],
        "dC_dW2": [[0, F(-9, 4)]],
        "dC_db2": [F(-3, 2)],
        "dC_da1": [-3, F(3, 4)],
        "dC_dz1": [0, F(3, 4)],
        "dC_dW1": [[0, 0], [F(3, 4), F(3, 2)]],
        "dC_db1": [0, F(3, 4)],
        "W1_next": [[F(1, 2), -1], [F(-1, 8), 0]],
        "b1_next": [F(1, 2), F(-5, 8)],
        "W2_next": [[2, F(5, 8)]],
        "b2_next": [1],
    }
    network = build(2, (2, "relu"), (1, "identity"))
    parameters = Parameters.from_layers(
        network,
        [
            (np.array([[0.5, -1.0], [0.25, 0.75]]).T, np.array([0.5, -0.25])),
            (np.array([[2.0, -0.5]]).T, np.array([0.25])),
        ],
    )
    worked = trace(
        network,
        parameters,
        Objective("mse", "half_sum"),
        np.array([[1.0, 2.0]]),
        np.array([[1.0]]),
        update=Update("sgd", learning_rate=0.5),
    )
    assert {line.node.id for line in worked.lines} == set(expected)
    for line in worked.lines:
        value = np.asarray(line.value)
        shown = value[0] if line.node.axes.startswith("n") else value
        by_hand = np.array(expected[line.node.id], dtype=float)
        np.testing.assert_array_equal(
            shown.T if line.node.axes == "ij" else shown, by_hand, err_msg=line.node.id
        )


def test_the_scalar_chain() -> None:
    """∂C/∂w1 = (a2 − y) σ'(z2) w2 σ'(z1) x. A common mistake has a1 instead of w2."""
    x, w1, b1, w2, b2, y = 0.6, 0.4, -0.3, -1.7, 0.2, 0.9
    network = build(1, (1, "sigmoid"), (1, "sigmoid"))
    layers = [(np.array([[w]]), np.array([b])) for w, b in ((w1, b1), (w2, b2))]
    worked = trace(
        network,
        Parameters.from_layers(network, layers),
        Objective("mse", "half_sum"),
        np.array([[x]]),
        np.array([[y]]),
    )
    a1 = 1 / (1 + np.exp(-(w1 * x + b1)))
    a2 = 1 / (1 + np.exp(-(w2 * a1 + b2)))
    delta = (a2 - y) * a2 * (1 - a2)
    assert worked["dC_dW2"].item() == pytest.approx(delta * a1, rel=1e-14)
    assert worked["dC_dW1"].item() == pytest.approx(delta * w2 * a1 * (1 - a1) * x, rel=1e-14)


# ----------------------------------------------------------------------------------- order of lines


def test_order_of_the_lines() -> None:
    network = build(2, (3, "sigmoid"), (4, "relu"))
    forward, cost = ["z1", "a1", "z2", "a2"], ["C"]
    second = ["dC_da2", "dC_dz2", "dC_dW2", "dC_db2"]
    first = ["dC_da1", "dC_dz1", "dC_dW1", "dC_db1"]
    plain = [node.id for node in dense_graph(network, Objective()).nodes]
    assert plain == [*forward, *cost, *second, *first]
    penalized = [node.id for node in dense_graph(network, Objective(l2=0.1)).nodes]
    assert penalized[4:8] == ["C_data", "penalty1", "penalty2", "C"]


def test_fused_lines_leave_out_the_gradient_at_a() -> None:
    network = build(2, (3, "tanh"), (4, "softmax"))
    fused, plain = (Objective("cross_entropy", "sum", fused=fused) for fused in (True, False))
    assert "dC_da2" not in dense_graph(network, fused).by_id
    ids = list(dense_graph(network, plain).by_id)
    assert ids[4:7] == ["C", "dC_da2", "dC_dz2"]
    # A cost fuses only with the matching output activation.
    other = build(2, (4, "sigmoid"))
    assert "dC_da1" in dense_graph(other, Objective("cross_entropy")).by_id


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"cost": "mes"}, "cost"),
        ({"reduction": "average"}, "reduction"),
        ({"l1": -0.1}, "penalty.l1"),
        ({"l2": -1e-9}, "penalty.l2"),
        ({"l2": float("nan")}, "penalty.l2"),
        ({"l1": float("inf")}, "penalty.l1"),
    ],
)
def test_invalid_objectives(arguments: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        Objective(**arguments)  # type: ignore[arg-type]
    assert error.value.field == field
    assert isinstance(error.value, UnknownName) == (field in ("cost", "reduction"))


# ------------------------------------------------------------------------------------------ batches


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize(
    ("reduction", "combine"),
    [("mean", np.mean), ("batch_mean", np.mean), ("sum", np.sum), ("half_sum", np.sum)],
)
@pytest.mark.parametrize("fused", [True, False])
def test_a_batch_is_the_mean_or_sum_of_its_samples(
    cost: str, reduction: str, combine: object, fused: bool
) -> None:
    rng = np.random.default_rng(0)
    network = deep("tanh", 3, cost)
    objective = Objective(cost, reduction, fused=fused)
    parameters = draw(rng, network)
    x, target = data(rng, network, cost, 6)
    batch = trace(network, parameters, objective, x, target)
    singles = [
        trace(network, parameters, objective, x[k : k + 1], target[k : k + 1]) for k in range(6)
    ]
    assert callable(combine)
    assert batch.cost == pytest.approx(combine([each.cost for each in singles]), rel=1e-13)
    for layer in (1, 2, 3):
        for name in (f"dC_dW{layer}", f"dC_db{layer}"):
            np.testing.assert_allclose(
                batch[name], combine([each[name] for each in singles], axis=0), rtol=1e-11
            )


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_samples_of_a_batch_are_independent(name: str) -> None:
    rng = np.random.default_rng(1)
    network = build(2, (3, name), (2, name))
    parameters = draw(rng, network, scale=3.0)
    x = rng.normal(0, 3, (5, 2))
    together = predict(network, parameters, x)
    for k in range(5):
        alone = predict(network, parameters, x[k : k + 1])
        np.testing.assert_allclose(together[k : k + 1], alone, rtol=1e-12, atol=1e-300)


def test_the_penalty_applies_to_weights_not_biases() -> None:
    rng = np.random.default_rng(2)
    network = build(2, (3, "tanh"), (1, "identity"))
    parameters = draw(rng, network)
    x, target = data(rng, network, "mse", 4)
    plain = trace(network, parameters, Objective(), x, target)
    both = trace(network, parameters, Objective(l1=0.3, l2=0.7), x, target)
    size = sum(0.3 * np.abs(W).sum() + 0.35 * np.square(W).sum() for W in parameters.W)
    assert both.cost == pytest.approx(plain.cost + size, rel=1e-14)
    for layer, W in enumerate(parameters.W, start=1):
        pull = both[f"dC_dW{layer}"] - plain[f"dC_dW{layer}"]
        np.testing.assert_allclose(pull, 0.3 * np.sign(W) + 0.7 * W, atol=1e-14)
        np.testing.assert_array_equal(both[f"dC_db{layer}"], plain[f"dC_db{layer}"])


def test_the_penalty_may_apply_to_biases_too() -> None:
    rng = np.random.default_rng(2)
    network = build(2, (3, "tanh"), (1, "identity"))
    parameters = draw(rng, network)
    x, target = data(rng, network, "mse", 4)
    plain = trace(network, parameters, Objective(), x, target)
    both = trace(network, parameters, Objective(l1=0.3, l2=0.7, biases=True), x, target)
    size = sum(
        0.3 * np.abs(each).sum() + 0.35 * np.square(each).sum()
        for each in (*parameters.W, *parameters.b)
    )
    assert both.cost == pytest.approx(plain.cost + size, rel=1e-14)
    for name, array in parameters.named().items():
        pull = both[f"dC_d{name}"] - plain[f"dC_d{name}"]
        np.testing.assert_allclose(pull, 0.3 * np.sign(array) + 0.7 * array, atol=1e-14)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_gradient_descent_lowers_the_cost(reduction: str) -> None:
    rng = np.random.default_rng(7)
    network = build(2, (4, "tanh"), (1, "identity"))
    parameters, gradient = draw(rng, network), Parameters(network)
    passes = Backprop(network, Objective("mse", reduction), parameters, gradient, samples=16)
    passes.x[...] = rng.standard_normal((16, 2))
    passes.target[...] = np.sin(passes.x[:, :1])
    update = Update("sgd", learning_rate=0.005)
    apply = InPlaceUpdate(update, parameters, gradient, {})
    costs = []
    for step in range(50):
        passes.gradients()
        costs.append(passes.cost())
        apply(step, step + 1)
    assert costs == sorted(costs, reverse=True)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "gelu"])
def test_a_saturated_layer_changes_no_bit_of_its_neighbours(activation: str) -> None:
    """A saturated layer, which uses repair formulas, must not change the bits of other layers."""
    rng = np.random.default_rng(4)
    layers = tuple(Layer(units, activation) for units in (5, 4, 3))
    network = Network(2, (*layers, Layer(2, "identity"), Layer(3, activation)))
    parameters = initialize(network, "xavier_normal", rng)
    parameters.W[1] *= 40.0
    x, target = rng.standard_normal((7, 2)), rng.standard_normal((7, 3))
    traced = trace(network, parameters, Objective("mse"), x, target)
    gradient = Parameters(network)
    backprop = Backprop(network, Objective("mse"), parameters, gradient, 7)
    backprop.x[...], backprop.target[...] = x, target
    backprop.gradients()
    for name in gradient_ids(traced):
        assert traced[name].tobytes() == np.ascontiguousarray(backprop.values[name]).tobytes()
