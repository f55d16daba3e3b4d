"""Alarms: none for healthy runs, a clear one for each typical problem."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.datasets import DATASETS
from backprop_explorer.engine.network import Layer, Network
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.health import (
    ActivationStatistics,
    Alarm,
    alarms,
    all_alike,
    statistics,
)
from backprop_explorer.experiments.recipe import Recipe
from tests.helpers.cases import each_value_once
from tests.helpers.experiments import explorer, fitting, frame, recipe


@pytest.fixture(scope="module")
def asked() -> Explorer:
    return explorer()


def net(units: list[int], activation: str, **rest: Any) -> dict[str, Any]:
    layers = [{"units": each, "activation": activation} for each in units]
    return {"layers": [*layers, {"units": 1, "activation": "sigmoid"}], **rest}


def found(asked: Explorer, experiment: Recipe, step: int) -> list[dict[str, Any]]:
    asked.create(experiment)
    raised: list[dict[str, Any]] = frame(asked, experiment, step)["alarms"]
    return raised


@pytest.mark.parametrize(("name", "step"), each_value_once([None, *DATASETS], [0, 30, 500]))
def test_healthy_runs_raise_no_alarm(asked: Explorer, name: str | None, step: int) -> None:
    assert found(asked, fitting(name) if name else Recipe(), step) == []


TROUBLES: list[tuple[dict[str, Any], int, str, int, str, str]] = [
    (
        {"network": net([6] * 9, "sigmoid")},
        0,
        "vanishing",
        1,
        "a fraction of 10⁻⁶ arrives at layer 1: each sigmoid multiplies it by its slope, which",
        "Try tanh or ReLU, fewer layers, or the Xavier initializer.",
    ),
    (
        {"network": net([8, 8], "tanh"), "optimizer": {"learning_rate": 20.0}},
        500,
        "vanishing",
        1,
        "saturated units on the way, whose slope is nearly 0, let little of it through",
        "Try fewer layers, the Xavier initializer, or a smaller learning rate.",
    ),
    (
        {"network": net([30] * 9, "relu", initializer="normal")},
        0,
        "exploding",
        1,
        "-fold on its way down to layer 1: the weights are so large that each layer multiplies it.",
        "Try a smaller learning rate, or the Xavier or He initializer.",
    ),
    (
        {
            "network": net([16] * 3, "relu", initializer="he_normal"),
            "optimizer": {"learning_rate": 5.0},
        },
        50,
        "dead",
        3,
        "100 % of the units of layer 3 are 0 for every sample: their slope is 0, so no gradient",
        "Try leaky ReLU, a smaller learning rate, or the He initializer.",
    ),
    (
        {"network": net([20] * 9, "tanh", initializer="normal")},
        0,
        "saturated",
        9,
        "60 % of the outputs of layer 9 lie on the flat ends of the activation",
        "Try smaller first weights (Xavier), or a smaller learning rate.",
    ),
    (
        {"network": net([4, 4], "tanh", initializer="zeros")},
        500,
        "symmetric",
        2,
        "All units of layer 2 have the same weights and so the same gradients",
        "Try an initializer that draws different weights.",
    ),
    (
        {"network": net([4, 4], "tanh", initializer="constant")},
        0,
        "symmetric",
        1,
        "All units of layer 1 have the same weights",
        "Try an initializer that draws different weights.",
    ),
]


@pytest.mark.parametrize(("changes", "step", "kind", "layer", "words", "remedy"), TROUBLES)
def test_alarm_texts(
    asked: Explorer,
    changes: dict[str, Any],
    step: int,
    kind: str,
    layer: int,
    words: str,
    remedy: str,
) -> None:
    raised = found(asked, recipe(**changes), step)
    [alarm] = [each for each in raised if (each["kind"], each["layer"]) == (kind, layer)]
    assert words in alarm["text"]
    assert alarm["suggestion"] == remedy


@pytest.mark.parametrize(
    ("change", "trouble", "kind"),
    [
        ({"network": net([6] * 9, "tanh")}, 0, "vanishing"),
        ({"network": net([16] * 3, "leaky_relu"), "optimizer": {"learning_rate": 0.5}}, 50, "dead"),
        ({"network": net([20] * 9, "tanh", initializer="xavier_normal")}, 0, "saturated"),
        ({"network": net([4, 4], "tanh", initializer="normal")}, 0, "symmetric"),
        ({"network": net([30] * 9, "relu", initializer="he_normal")}, 0, "exploding"),
    ],
)
def test_following_the_advice_ends_the_alarm(
    asked: Explorer, change: dict[str, Any], trouble: int, kind: str
) -> None:
    assert kind not in [alarm["kind"] for alarm in found(asked, recipe(**change), trouble)]


def calm(layers: int) -> list[ActivationStatistics]:
    return [ActivationStatistics(0.0, 1.0, None, None)] * layers


def raised(z_norms: list[float], activation: str = "tanh") -> list[Alarm]:
    count = len(z_norms)
    network = Network(2, tuple(Layer(3, activation) for _ in range(count)))
    return [*alarms(network, z_norms, calm(count), [False] * count)]


def test_shares_and_factors_are_written_for_people() -> None:
    for first, words in [(0.0009, "0.09 %"), (1.5e-5, "0.002 %"), (3e-9, "a fraction of 10⁻⁹")]:
        [alarm] = raised([first, 1.0])
        assert f"layer 2, {words} arrives" in alarm.text
    for first, words in [(2345.0, "2,300-fold"), (5e44, "10⁴⁵-fold")]:
        [alarm] = raised([first, 1.0])
        assert words in alarm.text


def test_no_gradient_at_all_is_neither_vanishing_nor_exploding() -> None:
    for z_norms in ([0.0, 0.0], [0.0, 1.0], [5.0, 0.0], [1e-9], [1e9]):
        assert raised(z_norms) == []


def test_statistics_of_outputs() -> None:
    a = np.array([[0.0, 1.0, 0.0], [0.0, 3.0, 2.0]])
    relu = statistics("relu", a)
    assert (relu.mean, relu.dead_fraction, relu.saturated_fraction) == (1.0, 1 / 3, None)
    assert relu.std == a.std()
    tanh = statistics("tanh", np.array([[0.999, -0.999, 0.98, 0.0]]))
    assert (tanh.dead_fraction, tanh.saturated_fraction) == (None, 0.5)
    sigmoid = statistics("sigmoid", np.array([[0.999, 0.001, 0.98, 0.5]]))
    assert sigmoid.saturated_fraction == 0.5
    for other in ("identity", "gelu", "softmax"):
        assert statistics(other, a).saturated_fraction is None


def test_units_are_alike_only_if_weights_and_biases_are() -> None:
    same, different = np.ones((2, 3)), np.arange(6.0).reshape(2, 3)
    assert all_alike([same], [np.zeros(3)]) == [True]
    assert all_alike([same], [np.array([0.0, 0.0, 1.0])]) == [False]
    assert all_alike([different], [np.zeros(3)]) == [False]
    assert all_alike([np.ones((2, 1))], [np.zeros(1)]) == [False]
