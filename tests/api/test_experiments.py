"""/experiments: stored recipes, answers, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.datasets import DATASETS
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.limits import Limits
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.compute.test_encoding import decoded
from tests.experiments.test_initial_state import BAD as BAD_SETUPS
from tests.helpers.api import API, keep, read, refused
from tests.helpers.clients import Client, MakeClient
from tests.helpers.experiments import SMALL, fitting

URL = f"{API}/experiments"
EDIT = {"step": 1, "set": "learning_rate", "to": 0.1}
FIRST_VISIT = {
    "dataset": {
        "name": "moons",
        "samples": 300,
        "noise": 0.2,
        "seed": 0,
        "test_fraction": 0.3,
        "standardize": True,
    },
    "network": {
        "layers": [
            {"units": 4, "activation": "tanh"},
            {"units": 4, "activation": "tanh"},
            {"units": 1, "activation": "sigmoid"},
        ],
        "initializer": "xavier_normal",
        "value": None,
        "seed": 0,
        "weights": None,
    },
    "cost": {"name": "binary_cross_entropy", "reduction": "mean"},
    "penalty": {"l1": 0.0, "l2": 0.0},
    "optimizer": {"name": "sgd", "learning_rate": 0.1, "schedule": {"name": "constant"}},
    "batch": {"size": 32, "shuffle": True, "seed": 0},
    "edits": [],
}


def test_the_default_recipe_is_the_first_visit(shared_client: Client) -> None:
    response = shared_client.post(URL, json={})
    made = read(response, 201)
    assert set(made) == {"id", "experiment", "parameters", "steps_per_epoch", "warnings"}
    assert made["experiment"] == FIRST_VISIT
    assert (made["parameters"], made["steps_per_epoch"], made["warnings"]) == (37, 7, [])
    assert response.headers["location"] == f"{URL}/{made['id']}"
    assert read(shared_client.get(response.headers["location"])) == made


def test_storing_a_recipe_again_gives_the_same_experiment(shared_client: Client) -> None:
    first = read(shared_client.post(URL, json=SMALL), 201)
    assert read(shared_client.post(URL, json=first["experiment"]), 201) == first
    assert first["id"] == Recipe.model_validate(SMALL).id


def test_warnings_are_sentences(shared_client: Client) -> None:
    changed = {"cost": {"name": "binary_cross_entropy"}, "network": {"layers": [{"units": 1}]}}
    [found] = read(shared_client.post(URL, json=changed), 201)["warnings"]
    assert found.endswith(".")


@pytest.mark.parametrize("name", DATASETS)
def test_the_data_as_the_network_sees_it(shared_client: Client, name: str) -> None:
    path = keep(shared_client, **fitting(name).model_dump(mode="json"))
    data = read(shared_client.get(f"{path}/data"))
    dataset = DATASETS[name]
    assert set(data) == {
        *("task", "features", "classes", "target_name", "image_shape", "train", "test"),
        *("feature_mean", "feature_scale", "target_mean", "target_scale"),
    }
    assert data["task"] == dataset.task
    assert len(data["features"]) == dataset.features == len(data["feature_mean"])
    assert len(data["classes"]) == dataset.classes
    train = np.array(data["train"]["x"])
    assert train.shape[1] == dataset.features
    np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-9)
    for part in ("train", "test"):
        assert set(data[part]) == {"x", "target", "rows"}
        assert len(data[part]["x"]) == len(data[part]["target"]) == len(data[part]["rows"])
    if dataset.task == "classification":
        assert set(data["train"]["target"]) <= set(range(dataset.classes))
    assert data["image_shape"] == ([8, 8] if name == "digits" else None)
    typed = read(shared_client.get(f"{path}/data?arrays=base64"))
    assert decoded(typed["train"]["x"]).tolist() == data["train"]["x"]
    assert typed["train"]["rows"] == data["train"]["rows"]


def test_the_data_have_the_edits_up_to_a_step(shared_client: Client) -> None:
    edits = [{"step": 5, "set": "x[3,1]", "to": 2.5}, {"step": 9, "set": "target[3]", "to": 0}]
    path = keep(shared_client, edits=[*edits, {"step": 12, "set": "target[3]", "to": 1}])
    plain = read(shared_client.get(f"{path}/data"))["train"]
    for step, x, target in ((4, plain["x"][3][1], plain["target"][3]), (9, 2.5, 0), (12, 2.5, 1)):
        train = read(shared_client.get(f"{path}/data?step={step}"))["train"]
        assert (train["x"][3][1], train["target"][3]) == (x, target)
        assert train["x"][:3] == plain["x"][:3]
    assert shared_client.get(f"{path}/data?step=-1").status_code == 422


def test_data_without_a_test_part(shared_client: Client) -> None:
    path = keep(shared_client, dataset={"test_fraction": 0})
    test = read(shared_client.get(f"{path}/data"))["test"]
    assert test == {"x": [], "target": [], "rows": []}


@pytest.mark.parametrize("suffix", ["", "/data", "/frames/0", "/frames/0/trace", "/history"])
def test_an_unknown_experiment_is_404(shared_client: Client, suffix: str) -> None:
    assert refused(shared_client.get(f"{URL}/{'0' * 20}{suffix}"), 404) == {}


HOSTILE = {
    "x": 422,
    "0" * 19: 422,
    "0" * 21: 422,
    "A" * 20: 422,
    "g" * 20: 422,
    "0" * 20 + "%0A": 422,
    "0" * 19 + "%00": 422,
    "%F0%9F%98%80" * 20: 422,
    "٠" * 20: 422,
    "'%20OR%20'1'='1": 422,
    "..": 404,
    "..%2F..%2Fetc%2Fpasswd": 404,
    "%ED%A0%80": 422,
    "0" * 5000: 422,
}


@pytest.mark.parametrize("suffix", ["", "/data", "/frames/0", "/frames/0/trace", "/history"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_ids_find_nothing(shared_client: Client, name: str, suffix: str) -> None:
    response = shared_client.get(f"{URL}/{name}{suffix}")
    assert response.status_code in (HOSTILE[name], 404)
    found = refused(response, response.status_code)
    assert set(found) <= {"id"}
    assert all("POST /experiments" in message for message in found.values())


@pytest.mark.parametrize(("parts", "field", "words"), BAD_SETUPS)
def test_recipes_that_cannot_be_used(
    shared_client: Client, parts: dict[str, Any], field: str, words: str
) -> None:
    found = refused(shared_client.post(URL, json=parts))
    assert words in found[field]
    # What was refused was not kept.
    name = Recipe.model_validate(parts).id
    refused(shared_client.get(f"{URL}/{name}"), 404)


def wide(units: int, layers: int = 1) -> dict[str, Any]:
    hidden = [{"units": units, "activation": "relu"}] * layers
    return {"network": {"layers": [*hidden, {"units": 1, "activation": "sigmoid"}]}}


FAR_BEYOND = [
    (wide(600), "network.layers.0.units", "at most 512 units in a layer, 600 given"),
    (wide(200_000), "network.layers.0.units", "at most 512 units in a layer, 200,000 given"),
    (wide(2, 30), "network.layers", "at most 24 layers, 31 given"),
    (wide(2, 300), "network.layers", "at most 24 layers, 301 given"),
    ({"edits": [EDIT] * 201}, "edits", "at most 200 edits, 201 given"),
    ({"edits": [EDIT] * 1001}, "edits", "at most 200 edits, 1,001 given"),
]


@pytest.mark.parametrize(("parts", "field", "message"), FAR_BEYOND)
def test_a_limit_is_reported_however_far_it_is_exceeded(
    shared_client: Client, parts: dict[str, Any], field: str, message: str
) -> None:
    """The message names the server's limit, not the bound of the model."""
    response = shared_client.post(URL, json=parts)
    assert refused(response) == {field: message}
    assert response.json()["detail"] == message
    assert response.json()["type"] == "urn:backprop-explorer:limit-exceeded"


def test_a_server_reports_its_own_limits(settings: Settings, make_client: MakeClient) -> None:
    few = Limits(max_units=64, max_layers=3)
    app = create_app(settings.model_copy(update={"limits": few}))
    client = make_client(app)
    for parts, said in ((wide(200_000), "at most 64 units"), (wide(2, 300), "at most 3 layers")):
        assert said in "".join(refused(client.post(URL, json=parts)).values())
    both = refused(client.post(URL, json={**wide(200_000), "penalty": {"l1": -1}}))
    assert both["penalty.l1"] == "must be at least 0"
    assert both["network.layers.0.units"].startswith("at most 64 units")


def test_unknown_names_in_any_script_are_refused(shared_client: Client) -> None:
    for name in ("мoons", "moons\u0000", "😀", "x" * 64, "__class__", "{0}", "%s"):
        assert "dataset.name" in refused(shared_client.post(URL, json={"dataset": {"name": name}}))
        found = refused(shared_client.post(URL, json={"dataset": {name: 1}}))
        assert set(found) == {f"dataset.{name}"}
    for part in ("dataset", "optimizer"):
        response = shared_client.post(URL, json={part: {"x" * 100_000: 1}})
        assert set(refused(response)) == {part}
        assert len(response.content) < 1000
