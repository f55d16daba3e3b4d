"""The backward nodes of graphs that are no dense networks, against autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine import names
from backprop_explorer.engine.backward import backward_nodes
from backprop_explorer.engine.graph import Given, Graph, Node, replay, run
from backprop_explorer.engine.names import Name, single
from backprop_explorer.proof import check_program
from backprop_explorer.proof.autograd_oracle import oracle_gradients
from backprop_explorer.proof.comparison import relative_error

W, B, H = single("W"), single("b"), single("h")
Values = dict[str, Any]


def layer(z: str, a: str, below: Name, op: str = "tanh") -> tuple[Node, Node]:
    z_name, a_name = single(z), single(a)
    return (
        Node(z_name, "forward", "affine", (below, W, B), "nj"),
        Node(a_name, "forward", op, (z_name,), "nj"),
    )


def cost(read: Name, op: str = "mse", name: Name = names.COST) -> Node:
    return Node(name, "cost", op, (read, names.TARGET, names.COST_FACTOR), "")


GIVENS = (
    Given(names.X, "ni"),
    Given(names.TARGET, "nj"),
    Given(names.COST_FACTOR, ""),
    Given(W, "ij", parameter=True),
    Given(B, "j", parameter=True),
)


def recurrent() -> tuple[Node, ...]:
    """Three steps with the same W and b."""
    one, two = layer("z_1", "h_1", names.X), layer("z_2", "h_2", single("h_1"))
    return (*one, *two, *layer("z_3", "h_3", single("h_2"), "identity"), cost(single("h_3")))


def two_heads() -> tuple[Node, ...]:
    """One hidden layer read by two costs, whose sum is C."""
    return (
        *layer("z_1", "h_1", names.X),
        *layer("z_2", "h_2", single("h_1"), "sigmoid"),
        cost(single("h_1"), name=single("C_1")),
        cost(single("z_2"), "sigmoid_binary_cross_entropy", single("C_2")),
        Node(names.COST, "cost", "total_cost", (single("C_1"), single("C_2")), ""),
    )


def start(nodes: tuple[Node, ...]) -> tuple[Graph, Values]:
    rng = np.random.default_rng(3)
    values: Values = {
        names.X: rng.normal(size=(4, 3)),
        names.TARGET: rng.uniform(size=(4, 3)),
        names.COST_FACTOR: 0.25,
        W: rng.normal(size=(3, 3)),
        B: rng.normal(size=3),
    }
    graph = Graph(GIVENS, nodes)
    return graph.replaced((*nodes, *backward_nodes(graph, names.COST))), values


@pytest.mark.parametrize("nodes", [recurrent(), two_heads()], ids=["recurrent", "two heads"])
def test_values_that_are_read_several_times_have_shares_and_their_sum(
    nodes: tuple[Node, ...],
) -> None:
    graph, values = start(nodes)
    found = run(graph.nodes, dict(values))
    oracle = oracle_gradients(graph, values, names.COST)
    lines = [node for node in graph.of_role("backward") if node.id.quantity == "gradient"]
    sums = [node.id for node in graph.nodes if node.op == "add_shares"]
    assert names.gradient(W) in sums
    for node in lines:
        assert relative_error(found[node.id], oracle[node.id.variable]) < 1e-14, node.id
        assert np.asarray(replay(node, found)).tobytes() == np.asarray(found[node.id]).tobytes()
    assert {W, B} <= {node.id.variable for node in lines}


@pytest.mark.parametrize("nodes", [recurrent(), two_heads()], ids=["recurrent", "two heads"])
@pytest.mark.parametrize("change", [lambda g: g, lambda g: 1.001 * g], ids=["right", "wrong"])
def test_difference_quotients_of_any_graph_find_a_wrong_gradient(
    nodes: tuple[Node, ...], change: Callable[[Any], Any]
) -> None:
    graph, values = start(nodes)
    values = run(graph.nodes, values)
    name = names.gradient(W)
    values[name] = change(values[name])
    differences = check_program(graph, values, names.COST, graph.parameters)[1]
    assert differences.passed is (change(1.0) == 1.0)
    assert differences.by_line[name] < 1e-6 or not differences.passed


def test_each_share_is_the_derivative_through_one_place() -> None:
    """With one W of its own for each step, autograd gives the shares."""
    graph, values = start(recurrent())
    found = run(graph.nodes, dict(values))
    own = [single(f"W_{k}") for k in (1, 2, 3)]
    apart = [
        Node(n.id, n.role, n.op, tuple(own[k // 2] if i == W else i for i in n.inputs), n.axes)
        for k, n in enumerate(recurrent())
    ]
    givens = (*GIVENS, *(Given(name, "ij", parameter=True) for name in own))
    oracle = oracle_gradients(
        Graph(givens, tuple(apart)), values | dict.fromkeys(own, values[W]), names.COST
    )
    for k, name in enumerate(own, start=1):
        share = found[names.share(W, single(f"z_{k}"), 1)]
        assert relative_error(share, oracle[name]) < 1e-14


def test_a_value_that_no_cost_depends_on_has_no_gradient() -> None:
    nodes = (*layer("z_1", "h_1", names.X), *layer("z_2", "h_2", single("h_1")))
    graph, _ = start((*nodes, cost(single("h_1"))))
    assert names.gradient(single("z_2")) not in graph.by_id
    assert [n.op for n in graph.nodes].count("add_shares") == 0
