"""Registries: order, read-only access, completeness, and errors for unknown names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.engine.initializers import INITIALIZERS
from backprop_explorer.engine.notation import CONVENTIONS
from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.update import UPDATES
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.registry import Parameter, Registry
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.proof.autograd_functions import FUNCTIONS
from tests.helpers import references

REGISTRIES: dict[str, Registry[Any]] = {
    registry.kind: registry
    for registry in (
        ACTIVATIONS,
        COSTS,
        REDUCTIONS,
        OPTIMIZERS,
        SCHEDULES,
        INITIALIZERS,
        CONVENTIONS,
    )
}


@pytest.mark.parametrize(
    ("registry", "names"),
    [
        (ACTIVATIONS, "identity sigmoid tanh relu leaky_relu elu softplus gelu silu softmax"),
        (COSTS, "mse mae huber binary_cross_entropy cross_entropy"),
        (REDUCTIONS, "mean half_sum sum batch_mean half_mean half_batch_mean"),
        (OPTIMIZERS, "sgd momentum nesterov adagrad rmsprop adam"),
        (SCHEDULES, "constant step cosine"),
        (
            INITIALIZERS,
            "normal zeros constant xavier_normal xavier_uniform he_normal he_uniform lecun_normal",
        ),
        (CONVENTIONS, "column row lecture"),
    ],
)
def test_names_of_every_registry(registry: Registry[Any], names: str) -> None:
    assert set(names.split()) <= set(registry)


@pytest.mark.parametrize("kind", REGISTRIES)
def test_entries_have_titles_and_descriptions(kind: str) -> None:
    for name, entry in REGISTRIES[kind].items():
        assert entry.name == name
        assert entry.title
        assert entry.description.endswith(".")
        assert len(entry.description) <= 100, name


def test_every_activation_and_cost_has_operations_and_an_oracle() -> None:
    for name in ACTIVATIONS:
        assert {name, f"{name}_backward", f"{name}_jacobian"} <= set(OPS)
    for name, cost in COSTS.items():
        assert {name, f"{name}_gradient"} <= set(OPS)
        for activation in cost.fused:
            assert {f"{activation}_{name}", f"{activation}_{name}_gradient"} <= set(OPS)
    differentiable = {name for name, op in OPS.items() if op.backward}
    assert differentiable <= set(FUNCTIONS)
    assert set(references.VALUE) | {"softmax"} == set(ACTIVATIONS)
    for optimizer in OPTIMIZERS.values():
        assert {step.op for step in optimizer.steps} <= {update.name for update in UPDATES}
        carried = {step.carries for step in optimizer.steps} - {None}
        assert carried == set(optimizer.state)


def test_defaults_are_within_their_bounds() -> None:
    for registry in (OPTIMIZERS, SCHEDULES, INITIALIZERS):
        for entry in registry.values():
            for parameter in entry.parameters:
                assert parameter.check(parameter.default, "field") == parameter.default
    for optimizer in OPTIMIZERS.values():
        assert optimizer.default_learning_rate > 0
    for cost in COSTS.values():
        assert cost.default_reduction in REDUCTIONS
        assert set(cost.suits) <= set(ACTIVATIONS)
        assert set(cost.fused) <= set(cost.suits)


def test_a_registry_is_an_ordered_read_only_mapping() -> None:
    first, second = Parameter("b", "b", 0, 0, 1), Parameter("a", "a", 0, 0, 1)
    registry = Registry("thing", first, second)
    assert isinstance(registry, Mapping)
    assert list(registry) == ["b", "a"]
    assert len(registry) == 2
    assert registry["a"] is second
    assert "c" not in registry
    with pytest.raises(KeyError):
        registry["c"]
    with pytest.raises(TypeError):
        registry["c"] = first  # type: ignore[index]


def test_two_entries_of_one_name_are_refused() -> None:
    entry = Parameter("a", "a", 0, 0, 1)
    with pytest.raises(ValueError, match="two entries of the thing registry"):
        Registry("thing", entry, entry)


def test_an_unknown_name_suggests_the_nearest_and_lists_all() -> None:
    with pytest.raises(UnknownName) as error:
        ACTIVATIONS.find("sigmiod", "layers.0.activation")
    assert error.value.field == "layers.0.activation"
    assert error.value.message.startswith("unknown activation; did you mean 'sigmoid'? known: ")
    assert "leaky_relu" in error.value.message
    with pytest.raises(UnknownName) as error:
        ACTIVATIONS.find("<script>", "field")
    # The message does not repeat the input.
    assert "script" not in error.value.message
    assert ACTIVATIONS.find("relu", "field") is ACTIVATIONS["relu"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, "must be a finite number"),
        (np.inf, "must be a finite number"),
        (0.5, "must be a whole number"),
        (0, "must be between 1 and 10"),
        (11, "must be between 1 and 10"),
    ],
)
def test_a_parameter_checks_its_bounds(value: float, message: str) -> None:
    parameter = Parameter("steps", "steps", 5, 1, 10, integer=True)
    with pytest.raises(InvalidInput) as error:
        parameter.check(value, "optimizer.steps")
    assert error.value.field == "optimizer.steps"
    assert message in error.value.message


def test_bounds_are_inclusive() -> None:
    parameter = Parameter("rate", "rate", 0.5, 0.0, 1.0)
    assert [parameter.check(value, "rate") for value in (0.0, 0.25, 1.0)] == [0.0, 0.25, 1.0]
