"""Errors about a parameter name its registry entry and bounds."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from backprop_explorer.datasets import DATASETS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.registry import Parameter
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.experiments.recipe import CostPart, OptimizerPart, SchedulePart
from backprop_explorer.experiments.recipe_data import DatasetPart
from backprop_explorer.experiments.recipe_fields import MOST_WRONG, Adjustable, RecipePart

KINDS: list[tuple[type[Adjustable], Any]] = [
    (DatasetPart, DATASETS),
    (OptimizerPart, OPTIMIZERS),
    (SchedulePart, SCHEDULES),
]
PARAMETERS: list[tuple[type[Adjustable], str, Parameter]] = [
    (part, entry.name, parameter)
    for part, registry in KINDS
    for entry in registry.values()
    for parameter in entry.parameters
]
NO_NUMBERS = [None, "0.5", "", True, [1], {}, 1e150, 10**400, float("nan"), float("inf")]


def refused(part: type[RecipePart], data: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        part.model_validate(data)
    return {".".join(map(str, each["loc"])): each["msg"] for each in caught.value.errors()}


@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda value: repr(value)[:12])
def test_a_parameter_error_names_type_and_bounds(value: Any) -> None:
    assert len(PARAMETERS) > 40
    for part, name, parameter in PARAMETERS:
        kind = "whole number" if parameter.integer else "number"
        bounds = parameter.bounds
        assert "e+" not in bounds
        found = refused(part, {"name": name, parameter.name: value})
        assert (name, found) == (name, {parameter.name: f"must be a {kind} {bounds}"})


@pytest.mark.parametrize(("part", "registry"), KINDS)
def test_an_unknown_parameter_error_lists_the_known(part: type[Adjustable], registry: Any) -> None:
    for name, entry in registry.items():
        known = ", ".join(p.name for p in entry.parameters) or "none"
        found = refused(part, {"name": name, "color": "red"})
        assert found == {"color": f"is not a parameter of {name}; known: {known}"}


@pytest.mark.parametrize(("part", "registry"), KINDS)
@pytest.mark.parametrize("name", [None, 3, "", [], "x" * 65])
def test_an_unknown_name_is_the_only_error(
    part: type[Adjustable], registry: Any, name: Any
) -> None:
    assert list(refused(part, {"name": name, "noise": None, "x": [[1]]})) == ["name"]


def test_the_number_of_errors_is_bounded() -> None:
    """The number of errors is bounded: a body full of errors would take half a minute."""
    found = refused(DatasetPart, {f"p{k}": None for k in range(1000)})
    assert list(found) == [f"p{k}" for k in range(MOST_WRONG)]


@pytest.mark.parametrize(("part", "registry"), [*KINDS, (CostPart, COSTS)])
def test_a_name_instead_of_an_object_gives_an_example(
    part: type[RecipePart], registry: Any
) -> None:
    first = part.model_fields["name"].default
    for given, shown in [*((name, name) for name in registry), ("x" * 65, first), ("", first)]:
        assert refused(part, given) == {"": f'must be an object: {{"name": "{shown}"}}'}


@pytest.mark.parametrize(("part", "registry"), KINDS)
def test_without_a_name_the_parameters_are_those_of_the_first_visit(
    part: type[Adjustable], registry: Any
) -> None:
    first = part.model_fields["name"].default
    assert list(refused(part, {"color": "red"})) == ["color"]
    assert part.model_validate({}).parameters == {
        p.name: p.default for p in registry[first].parameters
    }
