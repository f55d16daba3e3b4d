"""A recipe is complete and bounded, and has one id."""

from __future__ import annotations

import contextlib
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from backprop_explorer.datasets import DATASETS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.initializers import INITIALIZERS
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.limits import Limits
from tests.helpers.cases import examples

BOTTOMLESS = 1e101


def read(**parts: Any) -> Recipe:
    return Recipe.model_validate(parts)


def test_the_default_recipe() -> None:
    first = Recipe()
    assert first.dataset.name == "moons"
    assert [layer.units for layer in first.network.layers] == [4, 4, 1]
    assert [layer.activation for layer in first.network.layers] == ["tanh", "tanh", "sigmoid"]
    assert first.cost.name == "binary_cross_entropy"
    assert first == read() == Recipe.model_validate({})


def test_every_parameter_is_filled_in() -> None:
    for name, dataset in DATASETS.items():
        found = read(dataset={"name": name}).dataset.parameters
        assert found == {p.name: p.default for p in dataset.parameters}
    for name, optimizer in OPTIMIZERS.items():
        part = read(optimizer={"name": name}).optimizer
        assert part.parameters == {p.name: p.default for p in optimizer.parameters}
        assert part.learning_rate == optimizer.default_learning_rate
    assert read(cost={"name": "mse"}).cost.reduction == "mean"
    assert read(network={"initializer": "constant"}).network.value == 0.5


SAME = [
    ({}, {"dataset": {"name": "moons"}}),
    ({"dataset": {"samples": 300}}, {"dataset": {"samples": 300.0}}),
    ({"dataset": {"noise": 0}}, {"dataset": {"noise": 0.0}}),
    ({"optimizer": {"name": "adam"}}, {"optimizer": {"name": "adam", "beta1": 0.9}}),
    ({"dataset": {"samples": 9, "noise": 1}}, {"dataset": {"noise": 1, "samples": 9}}),
    ({"network": {"value": 3.0}}, {"network": {}}),
    ({"optimizer": {"learning_rate": 1}}, {"optimizer": {"learning_rate": 1.0}}),
    ({"cost": {"name": "mse"}}, {"cost": {"name": "mse", "reduction": "mean"}}),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_equal_recipes_have_one_id(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert read(**one).id == read(**other).id


DIFFERENT = [
    {"dataset": {"seed": 1}},
    {"dataset": {"noise": 0.21}},
    {"network": {"seed": 1}},
    {"batch": {"size": None}},
    {"batch": {"shuffle": False}},
    {"penalty": {"l2": 0.1}},
    {"optimizer": {"schedule": {"name": "step"}}},
    {"edits": [{"step": 3, "set": "learning_rate", "to": 0.1}]},
]


def test_different_recipes_have_different_ids() -> None:
    names = {read(**changes).id for changes in [{}, *DIFFERENT]}
    assert len(names) == len(DIFFERENT) + 1
    assert all(len(name) == 20 and set(name) <= set("0123456789abcdef") for name in names)


@pytest.mark.parametrize("changes", [{}, *DIFFERENT])
def test_a_stored_recipe_reads_back_equal(changes: dict[str, Any]) -> None:
    recipe = read(**changes)
    again = Recipe.model_validate_json(recipe.canonical())
    assert again == recipe
    assert again.canonical() == recipe.canonical()
    assert Recipe.model_validate(recipe.model_dump(mode="json")).id == recipe.id


def test_a_recipe_cannot_be_changed() -> None:
    recipe = read()
    with pytest.raises(ValidationError):
        recipe.dataset.seed = 1  # type: ignore[misc]
    with pytest.raises(ValidationError):
        recipe.edits = ()  # type: ignore[misc]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"datasets": {}}, "datasets"),
    ({"dataset": {"seed": -1}}, "dataset.seed"),
    ({"dataset": {"seed": 2**32}}, "dataset.seed"),
    ({"dataset": {"seed": True}}, "dataset.seed"),
    ({"dataset": {"seed": "1"}}, "dataset.seed"),
    ({"dataset": {"test_fraction": 1}}, "dataset.test_fraction"),
    ({"dataset": {"standardize": "yes"}}, "dataset.standardize"),
    ({"dataset": {"noise": "much"}}, "dataset.noise"),
    ({"dataset": {"noise": float("nan")}}, "dataset.noise"),
    ({"dataset": {"noise": float("inf")}}, "dataset.noise"),
    ({"dataset": {"samples": BOTTOMLESS}}, "dataset.samples"),
    ({"dataset": {"samples": 10**400}}, "dataset.samples"),
    ({"dataset": {"name": ""}}, "dataset.name"),
    ({"dataset": {"name": "x" * 65}}, "dataset.name"),
    ({"dataset": None}, "dataset"),
    ({"dataset": []}, "dataset"),
    ({"network": {"layers": []}}, "network.layers"),
    ({"network": {"layers": [{"units": 1}] * 257}}, "network.layers"),
    ({"network": {"layers": [{"units": 0}]}}, "network.layers.0.units"),
    ({"network": {"layers": [{"units": 1.5}]}}, "network.layers.0.units"),
    ({"network": {"layers": [{"units": 10**9}]}}, "network.layers.0.units"),
    ({"network": {"layers": [{}]}}, "network.layers.0.units"),
    ({"network": {"layers": [{"units": 1, "size": 1}]}}, "network.layers.0.size"),
    ({"network": {"weights": [{"W": [[]], "b": [0]}]}}, "network.weights.0.W.0"),
    ({"network": {"weights": [{"W": [[1e101]], "b": [0]}]}}, "network.weights.0.W.0.0"),
    ({"network": {"weights": [{"W": [["1"]], "b": [0]}]}}, "network.weights.0.W.0.0"),
    ({"optimizer": {"learning_rate": -0.1}}, "optimizer.learning_rate"),
    ({"optimizer": {"learning_rate": float("inf")}}, "optimizer.learning_rate"),
    ({"optimizer": {"learning_rate": "0.1"}}, "optimizer.learning_rate"),
    ({"batch": {"size": 0}}, "batch.size"),
    ({"batch": {"size": 1.5}}, "batch.size"),
    ({"batch": {"shuffle": 1}}, "batch.shuffle"),
    ({"penalty": {"l1": -1}}, "penalty.l1"),
    ({"penalty": {"l2": 1e7}}, "penalty.l2"),
    ({"edits": [{"step": -1, "set": "learning_rate", "to": 1}]}, "edits.0.step"),
    ({"edits": [{"step": 1, "set": "W1", "to": 1}]}, "edits.0.set"),
    ({"edits": [{"step": 1, "set": "W1[0,0]\n", "to": 1}]}, "edits.0.set"),
    ({"edits": [{"step": 1, "set": "W1[٣,0]", "to": 1}]}, "edits.0.set"),
    ({"edits": [{"step": 1, "set": "W1[0,0]", "to": "tanh"}]}, "edits.0"),
    ({"edits": [{"step": 1, "set": "activation1", "to": 1}]}, "edits.0"),
    ({"edits": [{"step": 1, "set": "x[0,0]", "to": "tanh"}]}, "edits.0"),
    ({"edits": [{"step": 1, "set": "x[0]", "to": 1}]}, "edits.0.set"),
    ({"edits": [{"step": 1, "set": "target[0,0,0]", "to": 1}]}, "edits.0.set"),
    ({"edits": [{"step": 1, "set": "optimizer", "to": "adam"}]}, "edits.0"),
    ({"edits": [{"step": 1, "set": "learning_rate", "to": 1}] * 1001}, "edits"),
]


@pytest.mark.parametrize(("parts", "field"), BAD)
def test_invalid_fields_are_named(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(**parts)
    # The union tag of the data is not part of the error path.
    paths = [[str(each) for each in error["loc"]] for error in caught.value.errors()]
    fields = {".".join(part for part in path if not part.endswith("[]")) for path in paths}
    assert any(found == field or found.startswith(f"{field}.") for found in fields), fields


KINDS = {
    "number": ("must be a number", [0, -1.5]),
    "name": ("must be the name of an activation", ["tanh"]),
    "optimizer": ('must be an optimizer such as {"name": "adam"}', [{}, {"name": "adam"}]),
}
FORMS = {
    "number": ["learning_rate", "W1[0,2]", "b2[0]", "x[3,1]", "target[3]", "target[3,1]"],
    "name": ["activation2"],
    "optimizer": ["optimizer"],
}
UNUSABLE = [None, True, [], [1], *(value for _, values in KINDS.values() for value in values)]


def wrong_with_edit(**edit: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        read(edits=[{"step": 1, **edit}])
    assert all(error["loc"][:2] == ("edits", 0) for error in caught.value.errors())
    return {str(error["loc"][2]): error["msg"] for error in caught.value.errors()}


@pytest.mark.parametrize(
    ("kind", "target"), [(kind, target) for kind, targets in FORMS.items() for target in targets]
)
def test_the_error_names_the_type_of_an_edits_value(kind: str, target: str) -> None:
    message, usable = KINDS[kind]
    for value in UNUSABLE:
        if not any(value is each for each in usable):
            assert wrong_with_edit(set=target, to=value) == {"to": message}
    for value in usable:
        read(edits=[{"step": 1, "set": target, "to": value}])


@pytest.mark.parametrize("target", ["W1", "W", "w1[0,2]", "W1[0][2]", "x[0]", "rate", "", "b2[0] "])
def test_the_error_lists_the_forms_of_an_edits_target(target: str) -> None:
    found = wrong_with_edit(set=target, to=1)
    assert list(found) == ["set"]
    for form in (each for forms in FORMS.values() for each in forms):
        assert form in found["set"]


def test_with_an_invalid_target_an_edit_accepts_any_type() -> None:
    for value in (1, "tanh", {"name": "adam"}):
        assert list(wrong_with_edit(set="W1", to=value)) == ["set"]
    assert wrong_with_edit(set="W1", to=None)["to"] == "must be " + " or ".join(
        message.removeprefix("must be ") for message, _ in KINDS.values()
    )


WORDS = st.sampled_from(["", "adam", "moons", "tanh", "0.5", "é\x00", "x" * 100])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=examples(150), deadline=None, derandomize=True)
@given(
    st.dictionaries(
        st.sampled_from([*Recipe.model_fields, "other"]),
        JSON
        | st.dictionaries(
            st.sampled_from(["name", "seed", "layers", "samples", "size", "value", "schedule"]),
            JSON,
        ),
    )
)
def test_random_input_is_refused_or_has_an_id(data: dict[str, Any]) -> None:
    recipe = None
    with contextlib.suppress(ValidationError):
        recipe = Recipe.model_validate(data)
    if recipe is not None:
        # JSON cannot hold half a surrogate pair; routes refuse it before a recipe is built.
        assert Recipe.model_validate(orjson.loads(recipe.canonical())).id == recipe.id


def test_only_the_initializer_that_reads_a_constant_keeps_it() -> None:
    for name, initializer in INITIALIZERS.items():
        kept = read(network={"initializer": name, "value": 2.0}).network.value
        assert kept == (2.0 if initializer.parameters else None)


@pytest.mark.parametrize("factors", [[1.0], [1.0, 2.0], [1.0] * 4])
def test_there_is_a_factor_for_each_layer(factors: list[float]) -> None:
    adam = {"name": "adam", "layer_factors": factors}
    edit = {"step": 3, "set": "optimizer", "to": adam}
    for parts, field in (
        ({"optimizer": adam}, "optimizer.layer_factors"),
        ({"edits": [edit]}, "edits.0.to.layer_factors"),
    ):
        with pytest.raises(InvalidInput, match="3 numbers are needed, one per layer") as caught:
            InitialState(Recipe.model_validate(parts), Limits())
        assert caught.value.field == field
