"""Source of the same cost for autograd, which differentiates it independently."""

from __future__ import annotations

from backprop_explorer.engine.activation_parameters import split_name
from backprop_explorer.engine.dense import dense_graph
from backprop_explorer.engine.network import Network
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.exports.lines import expression

ACTIVATIONS: dict[str, str] = {
    "identity": "{0}",
    "sigmoid": "anp.exp(-anp.logaddexp(0.0, -{0}))",
    "tanh": "anp.tanh({0})",
    "relu": "anp.where({0} > 0, {0}, 0.0)",
    "leaky_relu": "anp.where({0} > 0, {0}, 0.01 * {0})",
    "elu": "anp.where({0} > 0, {0}, anp.exp(anp.where({0} > 0, 0.0, {0})) - 1.0)",
    "softplus": "anp.logaddexp(0.0, {0})",
    "gelu": "{0} * anp.exp(-anp.logaddexp(0.0, -2 * auto_gelu_inner({0})))",
    "silu": "{0} * anp.exp(-anp.logaddexp(0.0, -{0}))",
    "softmax": "anp.exp(auto_log_softmax({0}))",
}

LOSSES: dict[str, str] = {
    "mse": "({a} - {y}) ** 2",
    "mae": "anp.abs({a} - {y})",
    "huber": "auto_huber({a} - {y})",
    "binary_cross_entropy": "-{y} * auto_log({a}) - (1 - {y}) * auto_log(1 - {a})",
    "cross_entropy": "-{y} * auto_log({a})",
}

FUSED: dict[tuple[str, str], str] = {
    ("sigmoid", "binary_cross_entropy"): (
        "{y} * anp.logaddexp(0.0, -{z}) + (1 - {y}) * anp.logaddexp(0.0, {z})"
    ),
    ("softmax", "cross_entropy"): "-{y} * auto_log_softmax({z})",
}

_HELPERS: dict[str, str] = {
    "auto_gelu_inner": """\
def auto_gelu_inner(z):
    z = anp.clip(z, -40.0, 40.0)
    return anp.sqrt(2.0 / anp.pi) * (z + 0.044715 * z * z * z)
""",
    "auto_log_softmax": """\
def auto_log_softmax(z):
    shifted = z - anp.max(z, axis=-1, keepdims=True)
    return shifted - anp.log(anp.sum(anp.exp(shifted), axis=-1, keepdims=True))
""",
    "auto_huber": """\
def auto_huber(d):
    return anp.where(anp.abs(d) <= 1.0, 0.5 * d * d, anp.abs(d) - 0.5)
""",
    "auto_log": """\
def auto_log(p):
    return anp.log(anp.where(p > 1e-300, p, 1e-300))
""",
}


def _activation(name: str) -> str | None:
    """Return the source of an activation, which may have a parameter; None for other names."""
    parts = split_name(name)
    if parts is None:
        return ACTIVATIONS.get(name)
    base, value = parts
    if base == "leaky_relu":
        return f"anp.where({{0}} > 0, {{0}}, {value!r} * {{0}})"
    low = "(anp.exp(anp.where({0} > 0, 0.0, {0})) - 1.0)"
    return f"anp.where({{0}} > 0, {{0}}, {value!r} * {low})"


def autograd_source(
    network: Network, objective: Objective, notation: Notation, names: list[str]
) -> str:
    """Return source of ``cost_of`` and of a check of the gradients ``dC_d…`` of ``names``."""
    graph = dense_graph(network, objective)
    parameters = [str(name) for name in graph.parameters]
    lines: list[str] = []
    for node in graph.of_role("forward"):
        source = _activation(node.op)
        if source is not None:
            lines.append(f"{node.id} = {source.format(node.inputs[0])}")
        else:
            lines.append(f"{node.id} = {expression(node, notation)}")
    prediction, target, _ = graph.of_role("cost")[0].inputs
    if objective.fuses(network):
        fused = FUSED[network.layers[-1].activation, objective.cost]
        loss = fused.format(z=prediction, y=target)
    else:
        loss = LOSSES[objective.cost].format(a=prediction, y=target)
    cost = f"cost_factor * anp.sum({loss})"
    if objective.penalized:
        lines.append(f"cost = {cost}")
        for p in parameters if objective.biases else parameters[::2]:
            penalty = f"l1 * anp.sum(anp.abs({p})) + l2 / 2 * anp.sum({p} * {p})"
            lines.append(f"cost = cost + {penalty}")
        lines.append("return cost")
    else:
        lines.append(f"return {cost}")
    body = "\n".join(f"    {line}" for line in lines)
    helpers = [source for name, source in _HELPERS.items() if name in body]
    definition = f"def cost_of({', '.join(parameters)}):\n{body}\n"
    checks = [
        f"gradients_of = grad(cost_of, argnum=tuple(range({len(parameters)})))",
        'with np.errstate(all="ignore"):',
        f"    oracle = gradients_of({', '.join(parameters)})",
        f"oracle = dict(zip({parameters!r}, oracle))",
        f"for name in {names!r}:",
        '    check(f"dC_d{name}", globals()[f"dC_d{name}"], oracle[name])',
        'print("autograd finds the same gradients")',
    ]
    return "\n\n".join(
        [
            "import autograd.numpy as anp\nfrom autograd import grad\n",
            *(f"{helper}" for helper in helpers),
            definition,
            "\n".join(checks),
        ]
    )
