"""Traces: every line replays from its inputs bit for bit, and wrong shapes are refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.engine.trace import MAX_JACOBIAN_ENTRIES, Trace, trace
from backprop_explorer.engine.updates import Update, zero_state
from tests.helpers.cases import each_value_once, examples
from tests.helpers.networks import build, data, deep, draw, gradient_ids, traced
from tests.helpers.replays import differing_lines, replay

# ------------------------------------------------------------------------------------------- replay


@pytest.mark.parametrize(("activation", "cost"), each_value_once(list(ACTIVATIONS), list(COSTS)))
def test_every_line_replays(activation: str, cost: str) -> None:
    """At every depth, for one sample and five, fused and not, with penalty and Jacobians."""
    rng = np.random.default_rng(0)
    for depth in range(1, 7):
        network = deep(activation, depth, cost)
        for samples in (1, 5):
            for fused in (True, False):
                objective = Objective(
                    cost, "mean", l1=0.01 * depth, l2=0.1, fused=fused, biases=fused
                )
                worked = traced(rng, network, objective, samples=samples, jacobians=True)
                assert not list(differing_lines(worked))


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_update_replays_from_any_state(optimizer: str, schedule: str) -> None:
    rng = np.random.default_rng(1)
    network = build(2, (3, "tanh"), (2, "sigmoid"))
    update = Update(optimizer, 0.1, schedule=schedule)
    state = zero_state(network, update)
    for each in state.values():
        each.flat[...] = rng.random(each.flat.shape)
    worked = traced(
        rng, network, samples=4, update=update, state=state, step=1234, count=7, jacobians=True
    )
    assert not list(differing_lines(worked))
    for name, each in state.items():
        np.testing.assert_array_equal(worked[f"{name}_W1"], each.W[0])
    assert all(worked[f"{p}_next"].shape == worked[p].shape for p in ("W1", "b1", "W2", "b2"))


@given(
    seed=st.integers(0, 2**32 - 1),
    inputs=st.integers(1, 4),
    layers=st.lists(
        st.tuples(st.integers(1, 5), st.sampled_from(list(ACTIVATIONS))), min_size=1, max_size=6
    ),
    samples=st.integers(1, 6),
    cost=st.sampled_from(["mse", "mae", "huber"]),
    reduction=st.sampled_from(list(REDUCTIONS)),
    scale=st.sampled_from([0.0, 1e-8, 1.0, 30.0, 1e4]),
)
@settings(max_examples=examples(80), deadline=None, derandomize=True)
def test_any_network_replays(
    seed: int,
    inputs: int,
    layers: list[tuple[int, str]],
    samples: int,
    cost: str,
    reduction: str,
    scale: float,
) -> None:
    rng = np.random.default_rng(seed)
    worked = traced(
        rng, build(inputs, *layers), Objective(cost, reduction), samples=samples, scale=scale
    )
    assert not list(differing_lines(worked))


def test_a_diverged_network_replays_too() -> None:
    """Lines with inf and NaN replay, too, and nothing warns."""
    rng = np.random.default_rng(2)
    network = build(2, (3, "relu"), (3, "identity"))
    x, target = data(rng, network, "mse", 2)
    parameters = draw(rng, network, scale=1e200)
    worked = trace(network, parameters, Objective(), x, target)
    assert not np.isfinite(worked.cost)
    with np.errstate(all="ignore"):
        assert not list(differing_lines(worked))


def test_a_line_that_differs_in_one_bit_is_named() -> None:
    worked = traced(np.random.default_rng(3), build(2, (3, "tanh"), (2, "relu")))
    other = np.nextafter(worked["dC_dz1"], np.inf)
    changed = dataclasses.replace(worked, line_values={**worked.line_values, "dC_dz1": other})
    # The lines that read it may differ, too: they were computed from the unchanged value.
    assert set(differing_lines(changed)) >= {"dC_dz1"}
    assert set(differing_lines(changed)) <= {"dC_dz1", "dC_dW1", "dC_db1"}


def test_replay_reads_only_the_inputs() -> None:
    worked = traced(np.random.default_rng(4), build(2, (3, "sigmoid")))
    line = next(line for line in worked.lines if line.node.id == "dC_dz1")
    only = {name: worked[name] for name in line.node.inputs}
    assert replay(line.node, only).tobytes() == line.value.tobytes()


# ---------------------------------------------------------------------------------------- structure


def test_inputs_come_before_the_lines_that_read_them() -> None:
    worked = traced(
        np.random.default_rng(5),
        build(2, (3, "tanh"), (4, "softmax")),
        Objective("cross_entropy", l2=0.1, fused=False),
        samples=2,
        update=Update("adam", schedule="step"),
        jacobians=True,
    )
    known = set(worked.givens)
    for line in worked.lines:
        assert set(line.node.inputs) <= known, line.node.id
        assert line.node.id not in known
        known.add(line.node.id)
    phases = [line.node.role for line in worked.lines]
    order = ["forward", "cost", "backward", "update"]
    assert phases == sorted(phases, key=order.index)


def test_values_by_name() -> None:
    worked = traced(np.random.default_rng(6), build(2, (3, "tanh")), samples=4)
    assert worked.samples == 4
    assert worked.cost == worked["C"]
    assert worked["x"].shape == (4, 2)
    assert set(worked.values()) == {*worked.givens, *(line.node.id for line in worked.lines)}
    assert gradient_ids(worked) == ["dC_da1", "dC_dz1", "dC_dW1", "dC_db1"]
    with pytest.raises(KeyError):
        worked["dC_da9"]


def jacobian_example(samples: int = 3) -> Trace:
    return traced(
        np.random.default_rng(7),
        build(2, (3, "sigmoid"), (4, "softmax")),
        samples=samples,
        jacobians=True,
    )


def test_jacobians_stand_before_the_line_that_multiplies_by_them() -> None:
    ids = [line.node.id for line in jacobian_example().lines]
    backward = ids[ids.index("C") + 1 :]
    assert backward == [
        *("dC_da2", "da2_dz2", "dC_dz2", "dz2_dW2", "dC_dW2", "dz2_db2", "dC_db2"),
        *("dz2_da1", "dC_da1", "da1_dz1", "dC_dz1", "dz1_dW1", "dC_dW1", "dz1_db1", "dC_db1"),
    ]


def test_the_chain_rule_in_jacobians() -> None:
    """Each gradient is the one above times the Jacobian between them, as the exercises write it."""
    worked = jacobian_example()
    for layer in (1, 2):
        dz = worked[f"dC_dz{layer}"]
        np.testing.assert_allclose(
            np.einsum("nj,njk->nk", worked[f"dC_da{layer}"], worked[f"da{layer}_dz{layer}"]),
            dz,
            rtol=1e-12,
        )
        dW = np.einsum("nj,njik->ik", dz, worked[f"dz{layer}_dW{layer}"])
        np.testing.assert_allclose(dW, worked[f"dC_dW{layer}"], rtol=1e-12)
        db = (dz @ worked[f"dz{layer}_db{layer}"]).sum(axis=0)
        np.testing.assert_allclose(db, worked[f"dC_db{layer}"], rtol=1e-12)
    da = worked["dC_dz2"] @ worked["dz2_da1"]
    np.testing.assert_allclose(da, worked["dC_da1"], rtol=1e-12)


def test_shapes_of_jacobians() -> None:
    worked = jacobian_example(samples=1)
    shapes = {
        line.node.id: line.value.shape for line in worked.lines if line.node.id.startswith("d")
    }
    assert shapes["da1_dz1"] == (1, 3, 3)
    assert shapes["dz1_dW1"] == (1, 3, 2, 3)
    assert shapes["dz2_dW2"] == (1, 4, 3, 4)
    assert shapes["dz1_db1"] == (3, 3)
    assert shapes["dz2_da1"] == (4, 3)


def test_large_jacobians_are_refused() -> None:
    network = build(60, (40, "tanh"))
    entries = 40 * 40 * 60
    assert entries <= MAX_JACOBIAN_ENTRIES < 2 * entries
    rng = np.random.default_rng(0)
    assert traced(rng, network, samples=1, jacobians=True)
    with pytest.raises(LimitExceeded) as error:
        traced(rng, network, samples=2, jacobians=True)
    assert error.value.field == "jacobians"
    assert "192,000 given" in error.value.message


def test_total_cost_lists_all_its_parts() -> None:
    objective = Objective(l2=0.1)
    worked = traced(np.random.default_rng(8), build(2, (3, "tanh"), (2, "tanh")), objective)
    line = next(line for line in worked.lines if line.node.id == "C")
    assert line.node.inputs == ("C_data", "penalty1", "penalty2")
    assert line.signature() == ",,->"
    assert line.entry() == "{0} + {1} + {2}"


# -------------------------------------------------------------------------------------------- input


@pytest.mark.parametrize(
    ("x", "target", "field", "needed"),
    [
        (np.zeros((1, 3)), np.zeros((1, 4)), "x", "2 numbers per sample are needed"),
        (np.zeros(2), np.zeros((1, 4)), "x", "2 numbers per sample are needed"),
        (np.zeros((0, 2)), np.zeros((0, 4)), "x", "2 numbers per sample are needed"),
        (np.zeros((5, 2)), np.zeros((1, 4)), "target", "(5, 4) needed"),
        (np.zeros((5, 2)), np.zeros(4), "target", "one row per sample"),
        (np.zeros((1, 2)), np.zeros((1, 3)), "target", "(1, 4) needed"),
    ],
)
def test_wrong_shapes_are_refused(
    x: np.ndarray, target: np.ndarray, field: str, needed: str
) -> None:
    """One case is the notebook's last cell: ten samples, and a target for one."""
    network = build(2, (3, "sigmoid"), (4, "relu"))
    with pytest.raises(InvalidInput) as error:
        trace(network, Parameters(network), Objective(), x, target)
    assert error.value.field == field
    assert needed in error.value.message


def test_a_trace_does_not_change_its_inputs() -> None:
    rng = np.random.default_rng(9)
    network = build(2, (3, "tanh"), (2, "sigmoid"))
    parameters, update = draw(rng, network), Update("momentum")
    state = zero_state(network, update)
    x, target = data(rng, network, "mse", 3)
    before = [parameters.flat.copy(), x.copy(), target.copy()]
    trace(network, parameters, Objective(), x, target, update=update, state=state)
    for old, new in zip(before, [parameters.flat, x, target], strict=True):
        np.testing.assert_array_equal(old, new)
    assert not state["velocity"].flat.any()
