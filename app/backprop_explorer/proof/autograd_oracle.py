"""The first oracle: autograd, on an independent implementation of the forward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.core import VJPNode, add_outgrads
from autograd.tracer import Box, new_box, toposort, trace_stack

from backprop_explorer.engine.activation_parameters import split_name
from backprop_explorer.engine.activations import ELU_ALPHA, LEAKY_SLOPE
from backprop_explorer.engine.costs import HUBER_DELTA
from backprop_explorer.engine.network import Network
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace
from backprop_explorer.proof.comparison import (
    BELOW_RESOLUTION,
    Array,
    Check,
    norm,
    relative_errors,
)
from backprop_explorer.proof.rounding_bounds import uncertainties

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


def _forward(name: str) -> Callable[[Any], Any]:
    """Return the activation of a name, which may have a parameter."""
    parts = split_name(name)
    if parts is None:
        return _FORWARD[name]
    base, value = parts
    if base == "leaky_relu":
        return lambda z: anp.where(z > 0, z, value * z)
    return lambda z: anp.where(z > 0, z, value * (anp.exp(anp.where(z > 0, 0.0, z)) - 1.0))


def _gelu_inner(z: Any) -> Any:
    return anp.sqrt(2.0 / anp.pi) * (z + 0.044715 * z * z * z)


def _log_softmax(z: Any) -> Any:
    shifted = z - anp.max(z, axis=1, keepdims=True)
    return shifted - anp.log(anp.sum(anp.exp(shifted), axis=1, keepdims=True))


def _bounded_log(p: Any) -> Any:
    return anp.log(anp.where(p > 1e-300, p, 1e-300))


def _square(d: Any) -> Any:
    return d * d


def _huber(d: Any) -> Any:
    size = anp.abs(d)
    return anp.where(size <= HUBER_DELTA, 0.5 * d * d, HUBER_DELTA * (size - 0.5 * HUBER_DELTA))


_LOSS: dict[str, Callable[[Any, Any], Any]] = {
    "mse": lambda a, y: _square(a - y),
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
    boxes: dict[str, Any], x: Array, target: Array, network: Network, objective: Objective
) -> Any:
    """Compute C from W and b of each layer in ``boxes``, and add z and a to ``boxes``."""
    cost, a, z = 0.0, x, x
    for index, layer in enumerate(network.layers, start=1):
        W, b = boxes[f"W{index}"], boxes[f"b{index}"]
        z = boxes[f"z{index}"] = anp.dot(a, W) + b
        a = boxes[f"a{index}"] = _forward(layer.activation)(z)
        for parameter in (W, b) if objective.biases else (W,):
            if objective.l1:
                cost = cost + objective.l1 * anp.sum(anp.abs(parameter))
            if objective.l2:
                cost = cost + 0.5 * objective.l2 * anp.sum(parameter * parameter)
    if objective.fuses(network):
        losses = _FUSED_LOSS[network.layers[-1].activation, objective.cost](z, target)
    else:
        losses = _LOSS[objective.cost](a, target)
    return cost + objective.factor(*target.shape) * anp.sum(losses)


def _oracle_gradients(trace: Trace) -> dict[str, Array]:
    """Return the gradient of C for every W, b, z and a that C depends on, by name.

    It takes one forward and one backward pass. ``autograd.grad`` returns the gradient of one
    argument only: it would need a container of all W and b, and zeros added to each z and a, which
    would take most of the time. So this function repeats autograd's ``backward_pass`` and keeps the
    gradients of the nodes as they are computed.
    """
    with trace_stack.new_trace() as tape:
        boxes: dict[str, Box] = {
            name: new_box(trace[name], tape, VJPNode.new_root())
            for index in range(1, trace.network.depth + 1)
            for name in (f"W{index}", f"b{index}")
        }
        end = _oracle_cost(boxes, trace["x"], trace["target"], trace.network, trace.objective)
    nodes = {name: box._node for name, box in boxes.items()}
    wanted, found = set(nodes.values()), {}
    arriving: dict[VJPNode, Any] = {end._node: (1.0, False)}
    for node in toposort(end._node):
        gradient, _ = arriving.pop(node)
        if node in wanted:
            found[node] = gradient
        for parent, part in zip(node.parents, node.vjp(gradient), strict=True):
            arriving[parent] = add_outgrads(arriving.get(parent), part)
    # A fused cost does not depend on the last a.
    return {name: found[node] for name, node in nodes.items() if node in found}


def check_autograd(trace: Trace) -> Check:
    """Compare every gradient line of ``trace`` with autograd.

    A line is BELOW_RESOLUTION if its error exceeds the tolerance but not the bound on rounding.
    """
    with np.errstate(all="ignore"):
        oracle = _oracle_gradients(trace)
    names = trace.gradient_lines()
    ours, others = (
        [trace[name] for name in names],
        [oracle[name.removeprefix("dC_d")] for name in names],
    )
    by_line: dict[str, float | str] = {}
    rounding: dict[str, Array] = {}
    for k, error in enumerate(relative_errors(ours, others)):
        hidden = False
        if error > AUTOGRAD_TOLERANCE:
            rounding = rounding or uncertainties(trace)
            hidden = norm(ours[k] - others[k]) <= norm(rounding[names[k]])
        by_line[names[k]] = BELOW_RESOLUTION if hidden else error
    return Check("autograd", AUTOGRAD_TOLERANCE, by_line, {})
