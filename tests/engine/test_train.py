"""Training computes the bits of the trace."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.dense import predict
from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.engine.trace import trace
from backprop_explorer.engine.train import Backprop
from backprop_explorer.engine.updates import InPlaceUpdate, Update, state_values, zero_state
from tests.helpers.networks import OUTPUT, build, data, draw


@pytest.mark.parametrize("samples", [7, 3000])
def test_training_with_penalized_biases_equals_the_trace(samples: int) -> None:
    """3000 samples are computed in blocks of rows: the penalty is added once."""
    rng = np.random.default_rng(4)
    network = build(2, (5, "tanh"), (3, "identity"))
    objective = Objective(l1=0.02, l2=0.3, biases=True)
    parameters, gradient = draw(rng, network), Parameters(network)
    passes = Backprop(network, objective, parameters, gradient, samples)
    passes.x[...], passes.target[...] = data(rng, network, "mse", samples)
    passes.gradients()
    worked = trace(network, parameters, objective, passes.x, passes.target)
    for name, array in gradient.named().items():
        assert array.tobytes() == worked[f"dC_d{name}"].tobytes(), name
    assert passes.cost() == worked.cost


# --------------------------------------------------------------------------------- training = trace

TRAINED = [
    *((optimizer, "constant", "mse", 0.0) for optimizer in OPTIMIZERS),
    *((optimizer, "cosine", "cross_entropy", 0.01) for optimizer in OPTIMIZERS),
    *(("adam", schedule, "binary_cross_entropy", 0.0) for schedule in SCHEDULES),
    *(("sgd", "constant", cost, 0.02) for cost in COSTS),
]


@pytest.mark.parametrize(("optimizer", "schedule", "cost", "penalty"), TRAINED)
@pytest.mark.parametrize("fused", [True, False])
def test_training_equals_the_trace_bit_for_bit(
    optimizer: str, schedule: str, cost: str, penalty: float, fused: bool
) -> None:
    """Gradients, cost, optimizer state and new parameters of every step, in reused buffers."""
    rng = np.random.default_rng(3)
    network = build(2, (5, "tanh"), (4, "relu"), (3, OUTPUT.get(cost, "sigmoid")))
    objective = Objective(cost, "mean", l1=penalty, l2=penalty, fused=fused)
    update = Update(optimizer, 0.05, schedule=schedule)
    parameters, gradient = draw(rng, network), Parameters(network)
    state = zero_state(network, update)
    passes = Backprop(network, objective, parameters, gradient, samples=7)
    apply = InPlaceUpdate(update, parameters, gradient, state)

    for step in range(5):
        passes.x[...], passes.target[...] = data(rng, network, cost, 7)
        worked = trace(
            network,
            parameters.copy(),
            objective,
            passes.x.copy(),
            passes.target.copy(),
            update=update,
            state={name: each.copy() for name, each in state.items()},
            step=step,
            count=step + 1,
        )
        passes.gradients()
        for name, array in gradient.named().items():
            assert array.tobytes() == worked[f"dC_d{name}"].tobytes(), (step, name)
        for line in worked.lines:
            if line.node.id in passes.values:
                assert np.asarray(passes.values[line.node.id]).tobytes() == line.value.tobytes()
        assert passes.cost() == worked.cost
        apply(step, step + 1)
        for name, array in parameters.named().items():
            assert array.tobytes() == worked[f"{name}_next"].tobytes(), (step, name)
        for name, array in state_values(state).items():
            assert array.tobytes() == worked[f"{name}_next"].tobytes(), (step, name)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_training_of_every_activation_equals_the_trace(activation: str) -> None:
    rng = np.random.default_rng(4)
    network = build(3, (4, activation), (4, activation), (2, activation))
    # A scale of 20 saturates the units, so that their repair formulas are used.
    for scale in (1.0, 20.0):
        parameters, gradient = draw(rng, network, scale), Parameters(network)
        passes = Backprop(network, Objective(), parameters, gradient, samples=5)
        for _ in range(2):
            passes.x[...], passes.target[...] = data(rng, network, "mse", 5)
            passes.gradients()
            worked = trace(network, parameters, Objective(), passes.x, passes.target)
            for name, array in gradient.named().items():
                assert array.tobytes() == worked[f"dC_d{name}"].tobytes()


def test_old_buffer_contents_do_not_matter() -> None:
    """NaN from a diverged batch does not affect the next batch."""
    rng = np.random.default_rng(5)
    network = build(2, (3, "tanh"), (2, "softmax"))
    parameters, gradient = draw(rng, network), Parameters(network)
    passes = Backprop(network, Objective("cross_entropy"), parameters, gradient, samples=4)
    x, target = data(rng, network, "cross_entropy", 4)
    for name in ("z1", "a1", "z2", "a2", "dC_da1", "dC_dz1", "dC_dz2"):
        passes.values[name].fill(np.nan)
    gradient.flat.fill(np.nan)
    passes.x[...], passes.target[...] = x, target
    passes.gradients()
    worked = trace(network, parameters, Objective("cross_entropy"), x, target)
    assert gradient.W[0].tobytes() == worked["dC_dW1"].tobytes()


def test_predict_equals_the_last_activation_of_the_trace() -> None:
    rng = np.random.default_rng(6)
    network = build(2, (5, "gelu"), (3, "softmax"))
    parameters = draw(rng, network)
    x, target = data(rng, network, "cross_entropy", 9)
    worked = trace(network, parameters, Objective("cross_entropy"), x, target)
    assert predict(network, parameters, x).tobytes() == worked["a2"].tobytes()
