"""The first oracle: autograd, through a forward pass of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import grad

from app.core.activations import ELU_ALPHA, LEAKY_SLOPE
from app.core.backprop import Objective
from app.core.costs import HUBER_DELTA
from app.core.gradient_check.comparison import (
    BELOW_RESOLUTION,
    Array,
    Check,
    norm,
    relative_error,
)
from app.core.gradient_check.rounding import uncertainties
from app.core.network import Network
from app.core.trace import Trace

AUTOGRAD_TOLERANCE = 1e-9

_FORWARD: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: anp.exp(-anp.logaddexp(0.0, -z)),
    "tanh": anp.tanh,
    "relu": lambda z: anp.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, LEAKY_SLOPE * z),
    "elu": lambda z: anp.where(z > 0, z, ELU_ALPHA * (anp.exp(anp.where(z > 0, 0.0, z)) - 1.0)),
    "softplus": lambda z: anp.logaddexp(0.0, z),
    "gelu": lambda z: (
        z * anp.exp(-anp.logaddexp(0.0, -2.0 * _gelu_inner(anp.clip(z, -40.0, 40.0))))
    ),
    "silu": lambda z: z * anp.exp(-anp.logaddexp(0.0, -z)),
    "softmax": lambda z: anp.exp(_log_softmax(z)),
}


def _gelu_inner(z: Any) -> Any:
    return anp.sqrt(2.0 / anp.pi) * (z + 0.044715 * z * z * z)


def _log_softmax(z: Any) -> Any:
    shifted = z - anp.max(z, axis=1, keepdims=True)
    return shifted - anp.log(anp.sum(anp.exp(shifted), axis=1, keepdims=True))


def _bounded_log(p: Any) -> Any:
    return anp.log(anp.where(p > 1e-300, p, 1e-300))


def _huber(d: Any) -> Any:
    size = anp.abs(d)
    return anp.where(size <= HUBER_DELTA, 0.5 * d * d, HUBER_DELTA * (size - 0.5 * HUBER_DELTA))


_LOSS: dict[str, Callable[[Any, Any], Any]] = {
    "mse": lambda a, y: (a - y) ** 2,
    "mae": lambda a, y: anp.abs(a - y),
    "huber": lambda a, y: _huber(a - y),
    "binary_cross_entropy": lambda a, y: -y * _bounded_log(a) - (1.0 - y) * _bounded_log(1.0 - a),
    "cross_entropy": lambda a, y: -y * _bounded_log(a),
}

_FUSED_LOSS: dict[tuple[str, str], Callable[[Any, Any], Any]] = {
    ("sigmoid", "binary_cross_entropy"): lambda z, y: (
        y * anp.logaddexp(0.0, -z) + (1.0 - y) * anp.logaddexp(0.0, z)
    ),
    ("softmax", "cross_entropy"): lambda z, y: -y * _log_softmax(z),
}


def _oracle_cost(
    arrays: tuple[Any, ...], x: Array, target: Array, network: Network, objective: Objective
) -> Any:
    """C from W, b and what is added to z and a (zeros) of each layer in turn.

    One tuple: autograd spends most of its time on what holds the arrays.
    """
    cost, a, z = 0.0, x, x
    for index, layer in enumerate(network.layers):
        W, b, onto_z, onto_a = (arrays[4 * index + k] for k in range(4))
        z = anp.dot(a, W) + b + onto_z
        a = _FORWARD[layer.activation](z) + onto_a
        if objective.l1:
            cost = cost + objective.l1 * anp.sum(anp.abs(W))
        if objective.l2:
            cost = cost + 0.5 * objective.l2 * anp.sum(W * W)
    if objective.fuses(network):
        losses = _FUSED_LOSS[network.layers[-1].activation, objective.cost](z, target)
    else:
        losses = _LOSS[objective.cost](a, target)
    return cost + objective.factor(*target.shape) * anp.sum(losses)


_oracle_gradient = grad(_oracle_cost)


def check_autograd(trace: Trace) -> Check:
    """Compare every gradient line of ``trace`` with autograd."""
    network, values = trace.network, trace.values()
    names: list[str] = []
    arrays: list[Array] = []
    for index, (_, units) in enumerate(network.shapes, start=1):
        names += [f"{letter}{index}" for letter in "Wbza"]
        arrays += [values[f"W{index}"], values[f"b{index}"]]
        arrays += [np.zeros((trace.samples, units))] * 2
    with np.errstate(all="ignore"):
        found = _oracle_gradient(
            tuple(arrays), values["x"], values["target"], network, trace.objective
        )
    oracle: dict[str, Array] = dict(zip(names, found, strict=True))
    rounding = uncertainties(trace)
    by_line: dict[str, float | str] = {}
    for name in trace.gradient_lines():
        ours, other = values[name], oracle[name.removeprefix("dC_d")]
        error = relative_error(ours, other)
        hidden = error > AUTOGRAD_TOLERANCE and norm(ours - other) <= norm(rounding[name])
        by_line[name] = BELOW_RESOLUTION if hidden else error
    return Check("autograd", AUTOGRAD_TOLERANCE, by_line, {})
