"""Compare training with PyTorch: every optimizer, 100 updates in float64, largest difference.

Same initial weights, same batches. ``engine/optimizers.py`` documents differing definitions.
PyTorch is too large to install for the tests, so it is compared here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.initializers import initialize
from backprop_explorer.engine.network import Layer, Network, Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.train import Backprop
from backprop_explorer.engine.updates import InPlaceUpdate, Update, zero_state

Array = NDArray[np.float64]
UPDATES = 100
BATCH = 16

OPTIMIZERS: dict[str, tuple[Update, Callable[[Any, Any], Any]]] = {
    "sgd": (Update("sgd", 0.1), lambda o, p: o.SGD(p, lr=0.1)),
    "momentum": (Update("momentum", 0.05), lambda o, p: o.SGD(p, lr=0.05, momentum=0.9)),
    "nesterov": (
        Update("nesterov", 0.05),
        lambda o, p: o.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    ),
    "adagrad": (Update("adagrad", 0.1), lambda o, p: o.Adagrad(p, lr=0.1, eps=1e-10)),
    "rmsprop": (Update("rmsprop", 0.01), lambda o, p: o.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-8)),
    "adam": (Update("adam", 0.01), lambda o, p: o.Adam(p, lr=0.01)),
}

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda nn: nn.Sigmoid(),
    "tanh": lambda nn: nn.Tanh(),
    "relu": lambda nn: nn.ReLU(),
    "leaky_relu": lambda nn: nn.LeakyReLU(0.01),
    "elu": lambda nn: nn.ELU(),
    "softplus": lambda nn: nn.Softplus(),
    "gelu": lambda nn: nn.GELU(approximate="tanh"),
    "silu": lambda nn: nn.SiLU(),
}

# cost, output activation, outputs, PyTorch's name
COSTS: dict[str, tuple[Objective, str, int, Callable[[Any], Callable[[Any, Any], Any]]]] = {
    "mse": (Objective("mse", "mean"), "identity", 2, lambda nn: nn.MSELoss()),
    "mae": (Objective("mae", "mean"), "identity", 2, lambda nn: nn.L1Loss()),
    "huber": (Objective("huber", "mean"), "identity", 2, lambda nn: nn.HuberLoss()),
    "binary_cross_entropy": (
        Objective("binary_cross_entropy", "mean"),
        "sigmoid",
        1,
        lambda nn: nn.BCEWithLogitsLoss(),
    ),
    "cross_entropy": (
        Objective("cross_entropy", "batch_mean"),
        "softmax",
        3,
        lambda nn: nn.CrossEntropyLoss(),
    ),
}


def _problem(hidden: str, output: str, outputs: int) -> tuple[Network, Parameters]:
    network = Network(3, (Layer(6, hidden), Layer(5, hidden), Layer(outputs, output)))
    return network, initialize(network, "he_normal", np.random.default_rng(3))


def _data(cost: str, outputs: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(4)
    x = rng.standard_normal((UPDATES * BATCH, 3))
    if cost == "cross_entropy":
        return x, np.eye(outputs)[rng.integers(0, outputs, len(x))]
    if cost == "binary_cross_entropy":
        return x, rng.integers(0, 2, (len(x), outputs)).astype(np.float64)
    return x, rng.standard_normal((len(x), outputs))


def difference(optimizer: str, hidden: str, cost: str, l2: float = 0.0) -> float:
    """The largest |ours − PyTorch's| over all parameters after UPDATES updates."""
    import torch

    objective, output, outputs, torch_cost = COSTS[cost]
    objective = Objective(objective.cost, objective.reduction, l2=l2)
    network, parameters = _problem(hidden, output, outputs)
    x, target = _data(cost, outputs)

    modules: list[Any] = []
    weights, biases = [], []
    for index, (w, v) in enumerate(zip(parameters.W, parameters.b, strict=True)):
        linear = torch.nn.Linear(*w.shape, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(w.T.copy()))
            linear.bias.copy_(torch.from_numpy(v.copy()))
        weights.append(linear.weight)
        biases.append(linear.bias)
        modules.append(linear)
        if index < network.depth - 1:
            modules.append(ACTIVATIONS[hidden](torch.nn))
    # PyTorch's costs that include the output activation take z.
    model = torch.nn.Sequential(*modules)
    loss = torch_cost(torch.nn)
    update, build = OPTIMIZERS[optimizer]
    groups = [{"params": weights, "weight_decay": l2}, {"params": biases}]
    theirs = build(torch.optim, groups)

    gradient = Parameters(network)
    backprop = Backprop(network, objective, parameters, gradient, BATCH)
    bound = InPlaceUpdate(update, parameters, gradient, zero_state(network, update))
    for step in range(UPDATES):
        rows = slice(step * BATCH, (step + 1) * BATCH)
        backprop.x[...], backprop.target[...] = x[rows], target[rows]
        backprop.gradients()
        bound(step, step + 1)
        theirs.zero_grad()
        loss(model(torch.from_numpy(x[rows])), torch.from_numpy(target[rows])).backward()
        theirs.step()
    return max(
        max(
            float(np.abs(w - other.detach().numpy().T).max()),
            float(np.abs(v - bias.detach().numpy()).max()),
        )
        for w, v, other, bias in zip(parameters.W, parameters.b, weights, biases, strict=True)
    )


def rows() -> list[tuple[str, str, str, float, float]]:
    """Rows (optimizer, hidden activation, cost, λ₂, difference); each is varied in turn."""
    cases = [
        *((optimizer, "tanh", "mse", l2) for optimizer in OPTIMIZERS for l2 in (0.0, 0.01)),
        *(("sgd", hidden, "mse", 0.0) for hidden in ACTIVATIONS),
        *(("momentum", "tanh", cost, 0.0) for cost in COSTS),
    ]
    return [(*case, difference(*case)) for case in cases]
