"""``bx.experiment``: the same frames as on the page, histories, figures."""

from __future__ import annotations

import numpy as np
import pytest

import backprop_explorer as bx
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.frame_parts import Wanted
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.settings import Settings

RECIPE = {"dataset": {"name": "moons", "samples": 60}, "optimizer": {"name": "adam"}}


def test_a_frame_has_the_bits_of_the_server() -> None:
    ours = bx.experiment(RECIPE).frame(70)
    explorer = Explorer(Settings(store=":memory:"))
    name = explorer.create(Recipe.model_validate(RECIPE)).recipe.id
    theirs = explorer.frame(name, 70, Wanted())
    explorer.close()
    assert isinstance(theirs, dict)
    for mine, other in zip(ours["layers"], theirs["layers"], strict=True):
        assert mine["W"].tobytes() == other["W"].tobytes()
    assert ours["cost"] == theirs["cost"]


def test_the_history_ends_at_the_step_that_was_asked_for() -> None:
    experiment = bx.experiment(RECIPE)
    history = experiment.history(40)
    assert history["step"][-1] == 40
    assert history["cost_train"][-1] < history["cost_train"][0]
    assert history["W_norm"].shape == (len(history["step"]), 3)
    assert experiment.history()["step"].max() >= 40
    assert "moons" in repr(experiment)
    assert "accuracy" in experiment._repr_html_()


@pytest.mark.parametrize("kind", ["training curves", "gradient flow", "network", "data"])
def test_figures_are_plotly_figures(kind: str) -> None:
    assert bx.experiment(RECIPE).figure(kind, 20).to_dict()["data"]


def test_regression_data_has_a_figure() -> None:
    experiment = bx.experiment(
        {
            "dataset": {"name": "sine", "samples": 30},
            "cost": {"name": "mse"},
            "network": {"layers": [{"units": 1, "activation": "identity"}]},
        }
    )
    assert experiment.figure("data").to_dict()["data"]


def test_a_diverged_run_ends() -> None:
    layers = [{"units": 4, "activation": "identity"}, {"units": 1, "activation": "identity"}]
    experiment = bx.experiment(
        {
            "dataset": {"name": "sine", "samples": 30},
            "cost": {"name": "mse"},
            "network": {"layers": layers},
            "optimizer": {"name": "sgd", "learning_rate": 1e6},
        }
    )
    assert experiment.frame(2000)["diverged"]["step"] < 2000
    assert np.isfinite(experiment.history(2000)["cost_train"]).all()


def test_bad_recipes_and_steps_are_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        bx.experiment({"dataset": {"name": "moons", "samples": -1}})
    assert "samples" in caught.value.field
    with pytest.raises(InvalidInput, match=r"^dataset: must be an object"):
        bx.experiment({"dataset": "moons"})
    with pytest.raises(LimitExceeded):
        bx.experiment(RECIPE).frame(-1)
    with pytest.raises(InvalidInput):
        bx.experiment(RECIPE).figure("pie")
