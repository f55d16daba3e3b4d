"""Wrong rules find their operands by relations in the graph, whatever its shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine import names
from backprop_explorer.engine.backward import backward_nodes
from backprop_explorer.engine.dense import dense_graph
from backprop_explorer.engine.graph import Graph, run
from backprop_explorer.engine.names import single
from backprop_explorer.engine.network import network_of
from backprop_explorer.engine.objective import Objective
from backprop_explorer.tutor.mistakes import (
    MISCONCEPTIONS,
    Evidence,
    MistakePlace,
    MistakeSite,
    Relations,
    alternatives,
    mistaken,
)
from backprop_explorer.tutor.mistakes.relations import again, gradient_of, over, under, updated
from tests.engine.test_backward import GIVENS, B, W, recurrent

RNG = np.random.default_rng(8)
NETWORK = network_of(2, ((3, "tanh"), (3, "sigmoid"), (1, "identity")))


@pytest.mark.parametrize(
    ("line", "operand", "found"),
    [
        ("z2", 0, "a1"),
        ("z2", under(0), "z1"),
        ("z1", under(0), None),
        ("dC_da1", "g", "dC_dz2"),
        ("dC_da1", "result", "z2"),
        ("dC_da1", again(1, -1), "W1"),
        ("dC_da1", again(1, 1), "W3"),
        ("dC_da2", again(1, 1), None),
        ("dC_da1", gradient_of(over("result")), "dC_da2"),
        ("dC_da1", updated(1), "W2_next"),
        ("dC_dW2", over("result"), "a2"),
        ("dC_dW3", over(over("result")), None),
        ("dC_dW2", again(0, -1), "x"),
        ("dC_dW1", again(0, -1), None),
        ("dC_dz2", again(0, -1), "z1"),
        ("dC_dz2", under(0), "a1"),
        ("dC_dz1", under(0), "x"),
        ("dC_dz2", again("result", 1), "a3"),
    ],
)
def test_operands_of_a_dense_network(line: str, operand: Any, found: str | None) -> None:
    graph = dense_graph(NETWORK, Objective("mse"))
    assert Relations(graph.nodes).name_of(graph.by_id[line], operand) == found


def test_places_of_a_dense_network() -> None:
    """Softmax with its cost is one line, which is a place of the cost."""
    network = network_of(2, ((3, "relu"), (3, "softmax")))
    graph = dense_graph(network, Objective("cross_entropy", l2=0.1))
    relations = Relations(graph.nodes)
    places = {node.id: relations.places_of(node) for node in graph.nodes}
    assert places["dC_dW1"] == (MistakePlace("affine", 1),)
    assert places["dC_dz1"] == (MistakePlace("relu", 0), MistakePlace("activation", 0))
    assert MistakePlace("cost", 0) in places["dC_dz2"]
    assert places["C"] == (MistakePlace("total_cost"),)
    assert MistakePlace("total_cost").family == MistakePlace("cost").family == "cost"


def _unrolled() -> tuple[Graph, dict[str, Any]]:
    """Three steps of a recurrent network with one W and b."""
    graph = Graph(GIVENS, recurrent())
    graph = graph.replaced((*graph.nodes, *backward_nodes(graph, names.COST)))
    shapes: dict[str, tuple[int, ...]] = {"x": (4, 3), "target": (4, 3), W: (3, 3), B: (3,)}
    values: dict[str, Any] = {name: RNG.normal(size=shape) for name, shape in shapes.items()}
    values[names.COST_FACTOR] = 0.5
    return graph, run(graph.nodes, values)


def _with(graph: Graph, values: dict[str, Any], line: str, mistake: str, detail: str = "") -> Any:
    """Return the line with a mistake."""
    evidence = Evidence(Objective("mse", l2=0.2), samples=4)
    node = graph.by_id[line]
    site = MistakeSite(Relations(graph.nodes), node, evidence, values.get, values.__getitem__)
    value = mistaken(site, MISCONCEPTIONS[mistake], detail)
    listed = {(each.misconception.name, each.detail): each.value for each in alternatives(site)}
    np.testing.assert_array_equal(value, listed[mistake, detail])
    return value


def test_mistakes_in_a_recurrent_network() -> None:
    """Each step has a share of ∂C/∂W, and a line of its own in which a mistake may be made."""
    graph, values = _unrolled()
    g, h, z = values["dC_dz_2"], values["h_1"], values["z_1"]
    second = names.share(W, single("z_2"), 1)
    np.testing.assert_array_equal(values[second], h.T @ g)
    made = _with(graph, values, second, "z_instead_of_activation")
    np.testing.assert_array_equal(made, z.T @ g)
    made = _with(graph, values, second, "activation_of_wrong_layer", "two below")
    np.testing.assert_array_equal(made, values["x"].T @ g)
    made = _with(graph, values, "dC_dh_1", "weights_transposed_backward")
    np.testing.assert_array_equal(made, g @ values[W])
    made = _with(graph, values, "dC_dz_2", "derivative_of_wrong_layer", "below")
    np.testing.assert_allclose(made, values["dC_dh_2"] * (1 - np.tanh(z) ** 2), rtol=1e-13)
    made = _with(graph, values, "dC_dz_2", "missing_activation_derivative")
    np.testing.assert_array_equal(made, values["dC_dh_2"])


def test_a_wrong_gradient_keeps_its_penalty() -> None:
    graph = dense_graph(NETWORK, Objective("mse", l2=0.2))
    values: dict[str, Any] = {names.L1: 0.0, names.L2: 0.2, names.COST_FACTOR: 0.5}
    for k, (n_in, n_out) in enumerate(NETWORK.shapes, start=1):
        values |= {f"W{k}": RNG.normal(size=(n_in, n_out)), f"b{k}": RNG.normal(size=n_out)}
    values |= {"x": RNG.normal(size=(4, 2)), "target": RNG.normal(size=(4, 1))}
    run(graph.nodes, values)
    pull = 0.2 * values["W2"]
    made = _with(graph, values, "dC_dW2", "z_instead_of_activation")
    np.testing.assert_allclose(made, values["z1"].T @ values["dC_dz2"] + pull, rtol=1e-13)
    plain = _with(graph, values, "dC_dW2", "penalty_gradient_missing")
    np.testing.assert_allclose(plain, values["dC_dW2"] - pull, rtol=1e-12)


def test_a_detail_stands_once_for_each_place() -> None:
    for entry in MISCONCEPTIONS.values():
        details = [(rule.at, rule.detail) for rule in entry.rules if rule.details is None]
        assert entry.rules
        assert len(set(details)) == len(details), entry.name
