"""One line of a working as one line of NumPy, in the requested notation.

The variables have the ids of the working: ``z1``, ``W2_next``, ``velocity_W1_next``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from backprop_explorer.engine.activation_parameters import identifier
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.dense import dense_graph
from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.network import Network
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.ops import OPS
from backprop_explorer.exports.functions import LOSSES, called

SCHEDULES: dict[str, str] = {
    "constant": "{0}",
    "step": "{0} * {3} ** ({1} // {2})",
    "cosine": "{0} * ({3} + (1 - {3}) * 0.5 * (1 + np.cos(np.pi * min({1} / {2}, 1))))",
}

# The products of a layer: their place in a convention, and the letters of their inputs there.
_PRODUCTS = {
    "affine": ("forward", "aWb"),
    "weight_gradient": ("weight_gradient", ("a", "dz")),
    "input_gradient": ("input_gradient", ("dz", "W")),
}


def of_entries(op: str) -> str:
    """Return an update, {0}, {1}, … are its inputs: NumPy computes it as each entry is."""
    source = re.sub(r"√(\{\d\})", r"np.sqrt(\1)", OPS[op].entry)
    for written, python in (("−", "-"), ("·", " * "), ("²", " ** 2"), ("^", " ** ")):
        source = source.replace(written, python)
    return re.sub(r" ?/ ?", " / ", source)


def expression(node: Node, notation: Notation) -> str:
    """Return the right-hand side of ``node`` in NumPy."""
    family, inputs = node.operation.family, node.inputs
    if family == "activation":
        return f"{identifier(node.op)}({inputs[0]})"
    if family == "activation_backward":
        name = node.op.removesuffix("_backward")
        if ACTIVATIONS[name].derivative is None:
            return f"{name}_back({inputs[0]}, {inputs[1]})"
        return f"{inputs[0]} * {identifier(name)}_slope({inputs[1]})"
    if family in ("cost", "cost_gradient") and node.op != "total_cost":
        loss = LOSSES[node.op.removesuffix("_gradient")]
        source = loss.loss if family == "cost" else loss.gradient
        source = source.format(a=inputs[0], y=inputs[1])
        return f"{inputs[2]} * " + (f"np.sum({source})" if family == "cost" else source)
    if family == "update":
        return of_entries(node.op).format(*inputs)
    if family == "schedule":
        return SCHEDULES[node.op.removesuffix("_schedule")].format(*inputs)
    return _general(node, notation)


def _general(node: Node, notation: Notation) -> str:
    inputs = node.inputs
    if node.op in _PRODUCTS:
        return _product(node.op, node, notation)
    if node.op == "penalized_weight_gradient":
        plain = _product("weight_gradient", node, notation)
        return f"{plain} + {inputs[3]} * np.sign({inputs[2]}) + {inputs[4]} * {inputs[2]}"
    if node.op in ("bias_gradient", "penalized_bias_gradient"):
        plain = inputs[0] if notation.single else f"{inputs[0]}.sum(axis=0)"
        if node.op == "bias_gradient":
            return plain
        return f"{plain} + {inputs[2]} * np.sign({inputs[1]}) + {inputs[3]} * {inputs[1]}"
    if node.op == "penalty":
        return "{1} * np.abs({0}).sum() + {2} / 2 * ({0}**2).sum()".format(*inputs)
    if node.op == "penalty_with_biases":
        absolute = "{2} * (np.abs({0}).sum() + np.abs({1}).sum())".format(*inputs)
        return absolute + " + {3} / 2 * (({0}**2).sum() + ({1}**2).sum())".format(*inputs)
    if node.op == "total_cost":
        return " + ".join(inputs)
    raise KeyError(node.op)


def _product(op: str, node: Node, notation: Notation) -> str:
    which, letters = _PRODUCTS[op]
    template = notation.product(which)
    if which == "weight_gradient" and notation.single:
        left, right = template.replace("^T", "").split("\\,")
        template = f"np.outer({left}, {right})"
    template = template.replace("\\,", " @ ").replace("^T", ".T")
    return template.format(**dict(zip(letters, node.inputs, strict=False)))


def statement(node: Node, notation: Notation) -> str:
    """Return the assignment, for example ``z2 = …``."""
    return f"{node.id} = {expression(node, notation)}"


def cost_factor(objective: Objective, single: bool) -> str:
    """Return the factor of the sum of losses, as an expression of ``target``."""
    reduction = objective.reduction
    if single and reduction.endswith("batch_mean"):
        # The mean over one sample is the sum.
        reduction = reduction.replace("batch_mean", "sum")
    return {
        "mean": "1 / target.size",
        "half_mean": "0.5 / target.size",
        "batch_mean": "1 / len(target)",
        "half_batch_mean": "0.5 / len(target)",
        "sum": "1.0",
        "half_sum": "0.5",
    }[reduction]


def functions_of(network: Network, objective: Objective) -> Iterable[str]:
    """Return the names of the functions that the lines of a working call."""
    names = [layer.activation for layer in network.layers]
    cost = LOSSES[dense_graph(network, objective).of_role("cost")[0].op]
    return dict.fromkeys([*names, *called(cost.loss + cost.gradient)])
