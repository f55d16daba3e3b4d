"""The network's output between the data points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.datasets import DATASETS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.experiments.boundary import (
    RESPONSE_SIDE,
    boundary,
    check_axes,
    unit_responses,
)
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.trainer import TrainerState
from backprop_explorer.experiments.training_run import TrainingRun
from backprop_explorer.limits import Limits
from tests.helpers.experiments import fitting, recipe

KINDS = {"sine": "curve", "runge": "curve"}


def shown(
    experiment: Any, grid: int, axes: tuple[int, ...]
) -> tuple[TrainingRun, TrainerState, dict[str, Any]]:
    run = TrainingRun(InitialState(experiment, Limits()), 1)
    state = run.state(3, float("inf"))
    made = boundary(run.initial_state, 0, lambda x: run.predict(state, x), grid, axes)
    return run, state, made


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_has_a_boundary(name: str) -> None:
    dataset = DATASETS[name]
    kind = "classes" if dataset.classes > 2 else "binary" if dataset.classes else "surface"
    kind = "curve" if dataset.features == 1 else kind
    axes = (0,) if dataset.features == 1 else (1, 0)
    _, _, made = shown(fitting(name), 5, axes)
    assert made["kind"] == kind
    assert made["axes"] == list(axes)
    shape = (20,) if kind == "curve" else (5, 5)
    assert made["z"].shape == shape
    assert np.isfinite(made["z"]).all()
    assert ("confidence" in made) == (kind == "classes")


def test_rows_of_z_follow_y_and_the_other_features_stay_at_their_mean() -> None:
    run, state, made = shown(fitting("iris"), 4, (3, 1))
    point = run.initial_state.train[0].mean(axis=0)
    for row, y in enumerate(made["y"]):
        for column, x in enumerate(made["x"]):
            point[3], point[1] = x, y
            answer = run.predict(state, point[None, :])[0]
            assert made["z"][row, column] == answer.argmax()
            assert made["confidence"][row, column] == pytest.approx(answer.max(), rel=1e-12)


def test_the_grid_reaches_a_tenth_beyond_all_data() -> None:
    run, _, made = shown(recipe(), 7, (0, 1))
    both = np.concatenate([run.initial_state.train[0], run.initial_state.test[0]])
    for axis, values in ((0, made["x"]), (1, made["y"])):
        low, high = both[:, axis].min(), both[:, axis].max()
        assert values[0] == pytest.approx(low - (high - low) / 10)
        assert values[-1] == pytest.approx(high + (high - low) / 10)


def test_a_feature_that_never_changes_still_has_a_span() -> None:
    run = TrainingRun(InitialState(fitting("digits"), Limits()), 1)
    assert not run.initial_state.train[0][:, 0].any()
    made = boundary(run.initial_state, 0, lambda x: run.predict(run.state(0, 0.0), x), 3, (0, 20))
    assert made["x"].tolist() == [-1.0, 0.0, 1.0]


def test_two_softmax_units_are_two_classes() -> None:
    two = recipe(
        network={"layers": [{"units": 3}, {"units": 2, "activation": "softmax"}]},
        cost={"name": "cross_entropy"},
    )
    _, _, made = shown(two, 6, (0, 1))
    assert made["kind"] == "classes"
    assert made["confidence"].min() >= 0.5


@pytest.mark.parametrize(
    ("name", "axes", "kept"),
    [
        ("moons", (0, 1), (0, 1)),
        ("moons", (1, 0), (1, 0)),
        ("digits", (63, 5), (63, 5)),
        ("sine", (0, 1), (0,)),
        ("sine", (0,), (0,)),
    ],
)
def test_axes(name: str, axes: tuple[int, ...], kept: tuple[int, ...]) -> None:
    assert check_axes(axes, InitialState(fitting(name), Limits())) == kept


@pytest.mark.parametrize(
    ("name", "axes"),
    [
        ("moons", (0, 0)),
        ("moons", (0,)),
        ("moons", (0, 2)),
        ("moons", (-1, 0)),
        ("moons", (0, 1, 1)),
        ("digits", (64, 5)),
        ("sine", (1,)),
    ],
)
def test_wrong_axes_are_refused(name: str, axes: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match="needed") as caught:
        check_axes(axes, InitialState(fitting(name), Limits()))
    assert caught.value.field == "axes"


def test_grid_cache_depends_on_data_size_and_axes() -> None:
    """The grid is reused between frames, but only if data, size and axes are the same."""
    edits = [{"step": 5, "set": "x[3,0]", "to": -9.0}]
    experiment = fitting("iris", edits=edits)

    def spans(
        initial_state: InitialState, step: int, grid: int, axes: tuple[int, ...]
    ) -> tuple[Any, ...]:
        found = boundary(initial_state, step, lambda x: x[:, :3], grid, axes)
        return tuple(found[name].tobytes() for name in ("x", "y", "z", "confidence"))

    asked = [(0, 5, (0, 1)), (1, 5, (0, 1)), (5, 5, (0, 1)), (5, 6, (0, 1)), (5, 6, (1, 0))]
    initial_state = InitialState(experiment, Limits())
    one_after_another = [spans(initial_state, *each) for each in (*asked, *asked)]
    alone = [spans(InitialState(experiment, Limits()), *each) for each in asked]
    assert one_after_another == alone * 2
    assert len({*alone}) == 4


def maps_of(experiment: Any, axes: tuple[int, ...] = (0, 1)) -> tuple[TrainingRun, Any, Any]:
    run = TrainingRun(InitialState(experiment, Limits()), 1)
    state = run.state(3, float("inf"))
    return (
        run,
        state,
        unit_responses(run.initial_state, 0, lambda x: run.activations(state, x), axes),
    )


def test_the_map_of_a_unit_is_its_output_over_the_plane() -> None:
    run, state, maps = maps_of(recipe())
    made = boundary(run.initial_state, 0, lambda x: run.predict(state, x), RESPONSE_SIDE, (0, 1))
    assert [each.shape for each in maps] == [
        (layer.units, RESPONSE_SIDE, RESPONSE_SIDE) for layer in run.initial_state.network.layers
    ]
    np.testing.assert_array_equal(maps[-1][0], made["z"])
    point = np.array([[made["x"][4], made["y"][7]]])
    for layer, a in zip(maps, run.activations(state, point), strict=True):
        assert layer[:, 7, 4] == pytest.approx(a[0], rel=1e-12)


def test_wide_layers_and_one_feature_have_no_maps() -> None:
    wide = {"layers": [{"units": 17, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}]}
    _, _, maps = maps_of(recipe(network=wide))
    assert maps[0] is None
    assert maps[1].shape == (1, RESPONSE_SIDE, RESPONSE_SIDE)
    assert set(maps_of(fitting("sine"), (0,))[2]) == {None}
