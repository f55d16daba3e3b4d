"""Source of the same cost for autograd, which differentiates it independently."""

from __future__ import annotations

from collections.abc import Iterable

from backprop_explorer.engine.dense import dense_graph
from backprop_explorer.engine.names import Name, gradient
from backprop_explorer.engine.network import Network
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.exports.lines import expression
from backprop_explorer.proof.autograd_oracle import HELPERS, LOSSES, activation_source


def autograd_source(
    network: Network, objective: Objective, notation: Notation, compared: Iterable[Name]
) -> str:
    """Return source of ``cost_of`` and of a check of the gradients of ``compared``."""
    graph = dense_graph(network, objective)
    parameters = [str(name) for name in graph.parameters]
    lines: list[str] = []
    for node in graph.of_role("forward"):
        source = activation_source(node.op)
        if source is not None:
            lines.append(f"{node.id} = {source.format(z=node.inputs[0])}")
        else:
            lines.append(f"{node.id} = {expression(node, notation)}")
    first = graph.of_role("cost")[0]
    prediction, target, _ = first.inputs
    loss = LOSSES[first.op].format(a=prediction, y=target)
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
    helpers = [source for name, source in HELPERS.items() if name in body]
    definition = f"def cost_of({', '.join(parameters)}):\n{body}\n"
    checks = [
        f"gradients_of = grad(cost_of, argnum=tuple(range({len(parameters)})))",
        'with np.errstate(all="ignore"):',
        f"    oracle = gradients_of({', '.join(parameters)})",
        f"oracle = dict(zip({parameters!r}, oracle))",
        *(f'check("{gradient(p)}", {gradient(p)}, oracle["{p}"])' for p in compared),
        'print("autograd finds the same gradients")',
    ]
    return "\n\n".join(
        [
            "import autograd.numpy as anp\nfrom autograd import grad\n",
            *helpers,
            definition,
            "\n".join(checks),
        ]
    )
