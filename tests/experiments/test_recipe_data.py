"""Experiments on the user's own data: points in the recipe, tables in the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from backprop_explorer.datasets import Rows
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded, UnknownName
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.recipe_data import MAX_POINT_COLUMNS, MAX_POINT_ROWS, PointsPart
from backprop_explorer.experiments.store import Bound, open_store
from backprop_explorer.exports import EXPORTS
from tests.helpers.experiments import bits, explorer, frame
from tests.helpers.exports import subject
from tests.helpers.programs import run

RNG = np.random.default_rng(1)
POINTS: dict[str, Any] = {
    "name": "points",
    "x": RNG.standard_normal((20, 2)).tolist(),
    "target": (np.arange(20) % 2).tolist(),
    "classes": ["<b>red</b>", "=blue"],
}
NETWORK = {"layers": [{"units": 3, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}]}
LINE = {"layers": [{"units": 1, "activation": "identity"}]}
ROWS = Rows(POINTS["x"], POINTS["target"], ["=a", "b"], POINTS["classes"], "@kind")


def of(dataset: dict[str, Any], **changes: Any) -> Recipe:
    return Recipe.model_validate(
        {"dataset": dataset, "network": NETWORK, "batch": {"size": 8}, **changes}
    )


def points(**changes: Any) -> Recipe:
    return of({**POINTS, **changes})


def test_points_are_the_data_and_nothing_is_stored() -> None:
    asked, recipe = explorer(), points(test_fraction=0.0, standardize=False)
    initial_state = asked.create(recipe)
    order = initial_state.split.train_rows
    assert initial_state.train[0].tolist() == [POINTS["x"][k] for k in order]
    assert initial_state.train[1][:, 0].tolist() == [POINTS["target"][k] for k in order]
    assert initial_state.table.feature_names == ("x₀", "x₁")
    assert initial_state.table.class_names == tuple(POINTS["classes"])
    again = Recipe.model_validate_json(recipe.canonical())
    assert (again.id, again) == (recipe.id, recipe)
    assert bits(frame(asked, recipe, 30)) == bits(frame(explorer_of(again), again, 30))


def explorer_of(recipe: Recipe) -> Explorer:
    made = explorer()
    made.create(recipe)
    return made


def test_points_are_split_and_standardised_like_any_data() -> None:
    initial_state = explorer_of(points()).initial_state(points().id)
    assert len(initial_state.test[0]) == 6
    np.testing.assert_allclose(initial_state.train[0].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(initial_state.train[0].std(axis=0), 1)
    assert set(initial_state.test[1][:, 0]) == {0.0, 1.0}


@pytest.mark.parametrize(
    ("changes", "layers", "cost"),
    [
        ({}, NETWORK, "binary_cross_entropy"),
        ({"classes": [], "target": RNG.standard_normal(20).tolist()}, LINE, "mse"),
        (
            {"classes": ["a", "b", "c"], "target": [k % 3 for k in range(20)]},
            {"layers": [{"units": 3, "activation": "softmax"}]},
            "cross_entropy",
        ),
        # A user who draws points starts with one class and one point.
        ({"target": [1] * 20}, NETWORK, "binary_cross_entropy"),
        ({"x": [[1.0, 2.0]], "target": [0]}, NETWORK, "binary_cross_entropy"),
        ({"x": [[1.0]], "target": [0]}, NETWORK, "binary_cross_entropy"),
        (
            {"x": [[float(k)] * 8 for k in range(20)], "features": list("abcdefgh")},
            NETWORK,
            "binary_cross_entropy",
        ),
    ],
)
def test_own_points_go_all_the_way(changes: Any, layers: Any, cost: str, tmp_path: Path) -> None:
    asked = explorer()
    recipe = of({**POINTS, **changes}, network=layers, cost={"name": cost})
    asked.create(recipe)
    assert "boundary" in frame(asked, recipe, 25)
    made = subject(asked, (recipe, 25, 0, "column"))
    programs = {f"{kind}.py": EXPORTS[kind].make(made) for kind in ("script",)}
    assert run(tmp_path, programs)["script.py"]["error"] is None
    assert EXPORTS["data"].make(made)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"x": [[1.0, 2.0], [3.0]], "target": [0, 1]}, "dataset.x.1"),
        ({"target": [0]}, "dataset.target"),
        ({"target": [0, 2] * 10}, "dataset.target.1"),
        ({"target": [0.5, 1] * 10}, "dataset.target.0"),
        ({"target": [-1, 1] * 10}, "dataset.target.0"),
        ({"classes": ["a"]}, "dataset.classes"),
        ({"classes": ["a", "a"]}, "dataset.classes"),
        ({"features": ["x"]}, "dataset.features"),
        ({"classes": ["a", "b", "c"]}, "network.layers.1.units"),
        ({"classes": []}, "cost.name"),
    ],
)
def test_invalid_points_name_the_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        explorer().create(points(**changes))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        (
            {"x": [[1.0] * 4, [2.0] * 4], "target": [0, 1, 0, 1]},
            "dataset.x",
            "each row of x is one point: transpose x",
        ),
        ({"target": [0]}, "dataset.target", "20 numbers are needed, one per point"),
        ({"x": [[1.0, 2.0]]}, "dataset.target", "a number is needed, one per point"),
        (
            {"x": [[1.0], [2.0, 3.0]], "target": [0, 1]},
            "dataset.x.1",
            "a number is needed, as in the first",
        ),
        (
            {"x": [[1.0], [2.0]], "target": [0, 1], "features": ["u", "v"]},
            "dataset.features",
            "1 name is needed, one per column",
        ),
    ],
)
def test_invalid_points_say_what_is_expected(
    changes: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        explorer().create(points(**changes))
    assert (caught.value.field, caught.value.message) == (field, message)


@pytest.mark.parametrize("own", ["points", "uploaded"])
def test_own_data_without_their_name_are_not_taken_for_moons(own: str) -> None:
    given = POINTS if own == "points" else {"id": "0" * 20}
    with pytest.raises(ValidationError) as caught:
        of({key: each for key, each in given.items() if key != "name"})
    [error] = caught.value.errors()
    assert (error["loc"], error["type"]) == (("dataset", f"{own}[]", "name"), "missing")


def test_own_data_are_listed_with_the_data_sets() -> None:
    with pytest.raises(UnknownName) as caught:
        explorer().create(of({**POINTS, "name": "point"}))
    assert "did you mean 'points'? " in caught.value.message
    assert caught.value.message.endswith(", points, uploaded")


@pytest.mark.parametrize(
    "changes",
    [
        {"x": []},
        {"x": [[]]},
        {"x": [[1.0] * (MAX_POINT_COLUMNS + 1)] * 20},
        {"x": [[1.0]] * (MAX_POINT_ROWS + 1)},
        {"x": [["1"]]},
        {"x": [[float("nan")]]},
        {"x": [[1e101]]},
        {"x": [[True]]},
        {"x": None},
        {"target": None},
        {"classes": ["a\x00b", "c"]},
        {"classes": ["a\u202eb", "c"]},
        {"classes": ["", "c"]},
        {"classes": ["x" * 61, "c"]},
        {"classes": [str(k) for k in range(21)]},
        {"features": [" x", "y"]},
        {"noise": 0.1},
        {"samples": 20},
        {"seed": -1},
    ],
)
def test_malformed_points(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        points(**changes)
    assert all(error["loc"][:2] == ("dataset", "points[]") for error in caught.value.errors())


def test_the_server_may_allow_fewer_points() -> None:
    explorer(max_points=20).create(points())
    with pytest.raises(LimitExceeded) as caught:
        explorer(max_points=19).create(points())
    assert caught.value.field == "dataset.x"


def test_the_largest_number_of_points() -> None:
    most = PointsPart(name="points", x=[[0.5] * 8] * 1000, target=[0.5] * 1000)
    assert len(most.rows().x) == 1000


def test_other_data_keeps_its_names() -> None:
    """Recipes keep their ids: the canonical form has no new fields."""
    assert Recipe().id == Recipe.model_validate({"dataset": {"name": "moons"}}).id
    assert b'"dataset":{"name":"moons","noise":0.2,"samples":300,"seed":0' in Recipe().canonical()


def test_an_upload_has_a_content_id_and_can_be_trained_on(tmp_path: Path) -> None:
    asked = explorer()
    name = asked.store.put_rows(ROWS)
    assert asked.store.put_rows(ROWS) == name
    assert asked.store.put_rows(Rows(ROWS.x, ROWS.target, ["a", "b"], ROWS.classes, "kind")) != name
    recipe = of({"name": "uploaded", "id": name})
    inline = points(features=["=a", "b"])
    asked.create(recipe)
    asked.create(inline)
    theirs, ours = frame(asked, recipe, 40), frame(asked, inline, 40)
    assert bits(theirs) == bits(ours)
    made = subject(asked, (recipe, 40, None, "row"))
    assert run(tmp_path, {"a.py": EXPORTS["script"].make(made)})["a.py"]["error"] is None
    header, first, *_ = EXPORTS["data"].make(made).decode().splitlines()
    assert header == "'=a,b,'@kind,'@kind index,part"
    assert "<b>red</b>" in first


def test_an_unknown_upload_must_be_uploaded_again() -> None:
    with pytest.raises(InvalidInput, match="upload them again") as caught:
        explorer().create(of({"name": "uploaded", "id": "0" * 20}))
    assert caught.value.field == "dataset.id"


@pytest.mark.parametrize("name", ["", "x" * 20, "0" * 19, "0" * 21, None, 5])
def test_an_id_has_one_form(name: Any) -> None:
    with pytest.raises(ValidationError):
        of({"name": "uploaded", "id": name})


def test_uploads_outlive_the_server(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store.sqlite3"))
    name = store.put_rows(ROWS)
    store.close()
    again = open_store(str(tmp_path / "store.sqlite3"))
    found = again.get_rows(name)
    again.close()
    assert found is not None
    assert found == ROWS


def test_least_recently_used_uploads_are_dropped_first() -> None:
    store = open_store(":memory:", Bound(entries=3))
    kept = store.put(Recipe())
    names = [store.put_rows(Rows([[k]], [0.0], ["x"], [], "y")) for k in range(3)]
    assert store.put_rows(Rows([[0]], [0.0], ["x"], [], "y")) == names[0]  # the newest again
    store.put_rows(ROWS)
    assert [store.get_rows(name) is not None for name in names] == [True, False, True]
    assert store.get(kept) == Recipe()
    store.close()


OUTPUTS = {"layers": [{"units": 3, "activation": "tanh"}, {"units": 2, "activation": "identity"}]}
SEVERAL = {
    "name": "points",
    "x": POINTS["x"],
    "target": [[row[0] - row[1], 100.0 + 5.0 * row[0]] for row in POINTS["x"]],
}


def several(**changes: Any) -> Recipe:
    more = {"network": OUTPUTS, "cost": {"name": "mse"}}
    return of({**SEVERAL, **changes.pop("dataset", {})}, **more, **changes)


def test_a_row_of_several_targets_is_standardised_column_by_column() -> None:
    initial_state = explorer().create(several(dataset={"test_fraction": 0.0}))
    target = initial_state.train[1]
    assert target.shape == (20, 2)
    np.testing.assert_allclose(target.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(target.std(axis=0), 1.0)
    back = target * initial_state.split.target_scale + initial_state.split.target_mean
    np.testing.assert_allclose(back, np.array(SEVERAL["target"])[initial_state.split.train_rows])


def test_several_targets_are_learnt_and_scored_each_against_its_own_mean() -> None:
    asked, recipe = explorer(), several(dataset={"test_fraction": 0.0, "standardize": False})
    at = asked.create(recipe)
    shown = frame(asked, recipe, 40)
    x, target = at.train
    layers = [(np.array(layer["W"]), np.array(layer["b"])) for layer in shown["layers"]]
    output = np.tanh(x @ layers[0][0] + layers[0][1]) @ layers[1][0] + layers[1][1]
    assert shown["cost"]["train"] == pytest.approx(np.square(output - target).mean())
    total = np.square(target - target.mean(axis=0)).sum()
    expected = 1 - np.square(output - target).sum() / total
    assert shown["score"]["train"] == pytest.approx(expected)
    assert shown["boundary"]["kind"] == "surface"


def test_several_targets_are_exported_and_recomputed(tmp_path: Path) -> None:
    asked, recipe = explorer(), several()
    asked.create(recipe)
    made = subject(asked, (recipe, 12, 0, "column"))
    assert EXPORTS["data"].make(made).decode().splitlines()[0] == "x₀,x₁,y (1 of 2),y (2 of 2),part"
    assert run(tmp_path, {"a.py": EXPORTS["script"].make(made)})["a.py"]["error"] is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"target": [[1.0, 2.0]] * 19 + [[1.0]]}, "dataset.target.19"),
        ({"target": [[1.0, 2.0]] * 19 + [1.0]}, "dataset.target.19"),
        ({"target": [1.0] * 19 + [[1.0, 2.0]]}, "dataset.target.19"),
        ({"target": [[1.0, 2.0, 3.0]] * 20}, "network.layers.1.units"),
        ({"target": [1.0] * 20}, "network.layers.1.units"),
        ({"classes": ["a", "b"], "target": [[0.0, 1.0]] * 20}, "dataset.target.0"),
    ],
)
def test_invalid_targets_name_the_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        explorer().create(several(dataset=changes))
    assert error.value.field == field


def test_a_row_of_one_target_is_that_number() -> None:
    one = explorer().create(
        of(
            {**SEVERAL, "target": [[float(k)] for k in range(20)]},
            network=LINE,
            cost={"name": "mse"},
        )
    )
    assert one.train[1].shape[1] == 1
