"""``bx.trace``: values, conventions, what it accepts, and its display."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from types import SimpleNamespace
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

import backprop_explorer as bx
from backprop_explorer.engine.errors import InvalidInput, UnknownName
from tests.corpus import tools

RNG = np.random.default_rng(5)
W1, b1 = RNG.normal(size=(3, 2)), RNG.normal(size=3)
W2, b2 = RNG.normal(size=(4, 3)), RNG.normal(size=4)
LAYERS = [(W1, b1), (W2, b2)]
X, TARGET = RNG.random(2), RNG.random(4)
ACTIVATIONS = ["sigmoid", "tanh"]


def cost(layers: Any, x: Any, target: Any) -> Any:
    (V1, c1), (V2, c2) = layers
    a1 = 1 / (1 + anp.exp(-(V1 @ x + c1)))
    return anp.mean((anp.tanh(V2 @ a1 + c2) - target) ** 2)


def test_the_gradients_are_those_of_autograd() -> None:
    working = bx.trace(LAYERS, X, TARGET, activations=ACTIVATIONS)
    for ours, theirs in zip(working.gradients, grad(cost)(LAYERS, X, TARGET), strict=True):
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine, other, rtol=1e-12)
    assert working.cost == pytest.approx(cost(LAYERS, X, TARGET))
    np.testing.assert_array_equal(working["dC_dW1"], working.gradients[0][0])


@pytest.mark.parametrize("convention", ["column", "row", "lecture"])
def test_weights_have_the_shape_of_the_convention(convention: str) -> None:
    layers = LAYERS if convention == "column" else [(W.T, b) for W, b in LAYERS]
    working = bx.trace(layers, X, TARGET, activations=ACTIVATIONS, convention=convention)
    assert working["dC_dW1"].shape == layers[0][0].shape
    assert working["z1"].shape == (3,)


def test_a_batch_has_one_row_for_each_sample() -> None:
    batch = np.stack([X, 2 * X, -X])
    working = bx.trace(LAYERS, batch, TARGET, activations=ACTIVATIONS, learning_rate=0.1)
    assert working["z2"].shape == (3, 4)
    assert working["dC_db2"].shape == (4,)
    np.testing.assert_allclose(working["b2_next"], b2 - 0.1 * working["dC_db2"])


@pytest.mark.parametrize("name", list(tools.ACTIVATIONS))
def test_an_activation_is_recognised_by_its_values(name: str) -> None:
    function = tools.ACTIVATIONS[name][0]
    working = bx.trace([(W1, b1)], X, TARGET[:3], activations=[function])
    assert working.trace.network.layers[0].activation == name


def test_a_softmax_of_columns_is_recognised() -> None:
    def softmax(z: np.ndarray) -> np.ndarray:
        e = np.exp(z)
        return e / e.sum(axis=0)

    working = bx.trace([(W1, b1)], X, TARGET[:3], activations=softmax)
    assert working.trace.network.layers[0].activation == "softmax"


def test_an_unknown_function_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidInput, match=r"my_step\(z\).*give its name"):
        bx.trace([(W1, b1)], X, TARGET[:3], activations=[lambda_named("my_step")])


def lambda_named(name: str) -> Any:
    def step(z: np.ndarray) -> np.ndarray:
        return np.cos(z)

    step.__name__ = name
    return step


class Tensor:
    """The part of torch.Tensor that a conversion uses."""

    def __init__(self, entries: np.ndarray) -> None:
        self._entries = entries
        self.shape = entries.shape

    def detach(self) -> Any:
        return SimpleNamespace(numpy=lambda: self._entries)

    def values(self) -> Any:
        raise RuntimeError("values expected sparse tensor layout but got Strided")


class Table:
    """The part of pandas.DataFrame that a conversion uses."""

    def __init__(self, values: np.ndarray) -> None:
        self._table = values

    def to_numpy(self) -> np.ndarray:
        return self._table


def test_tensors_tables_and_lists_are_read() -> None:
    plain = bx.trace(LAYERS, X, TARGET, activations=ACTIVATIONS)
    layers = [(Tensor(W1), Tensor(b1)), (W2.tolist(), b2.tolist())]
    other = bx.trace(layers, Table(X), TARGET.tolist(), activations=ACTIVATIONS)
    np.testing.assert_array_equal(plain["dC_dW1"], other["dC_dW1"])


@pytest.mark.parametrize("names", [None, ("0.weight", "0.bias", "2.weight", "2.bias")])
def test_parameters_of_a_torch_model_are_read(names: tuple[str, ...] | None) -> None:
    """``list(model.parameters())`` and ``model.state_dict()``."""
    plain = bx.trace(LAYERS, X, TARGET, activations=ACTIVATIONS)
    tensors = [Tensor(each) for each in (W1, b1, W2, b2)]
    layers = tensors if names is None else dict(zip(names, tensors, strict=True))
    other = bx.trace(layers, X, TARGET, activations=ACTIVATIONS)
    np.testing.assert_array_equal(plain["dC_dW1"], other["dC_dW1"])


def test_functions_of_one_number_are_recognised() -> None:
    plain = bx.trace(LAYERS, X, TARGET, activations=["sigmoid", "relu"])
    own = [lambda z: 1 / (1 + math.exp(-z)), lambda z: max(0.0, z)]
    assert bx.trace(LAYERS, X, TARGET, activations=own).cost == plain.cost


def test_autograd_boxes_are_read() -> None:
    seen = []

    def inside(W: Any) -> Any:
        seen.append(bx.trace([(W, b1)], X, TARGET[:3]).cost)
        return anp.sum(W)

    grad(inside)(W1)
    assert seen == [bx.trace([(W1, b1)], X, TARGET[:3]).cost]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"layers": []}, "layers"),
        ({"layers": [b1]}, "layers.0"),
        ({"layers": [(W1.T, b1)]}, "layers.0.W"),
        ({"layers": [(W1, b2)]}, "layers.0.b"),
        ({"x": "text"}, "x"),
        ({"x": [np.nan, 1.0]}, "x"),
        ({"x": np.zeros((2, 2, 2))}, "x"),
        ({"x": np.zeros((4, 5))}, "layers.0.W"),
        ({"x": [1j, 2.0]}, "x"),
        ({"target": [1.0, 2.0]}, "target"),
        ({"activations": ["sigmoid"] * 2}, "activations"),
        ({"activations": [3]}, "activations.0"),
        ({"l2": -1.0}, "penalty.l2"),
    ],
)
def test_bad_input_names_the_argument(changes: dict[str, Any], field: str) -> None:
    given = {"layers": [(W1, b1)], "x": X, "target": TARGET[:3], **changes}
    with pytest.raises(InvalidInput) as caught:
        bx.trace(**given)
    assert caught.value.field == field


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'mse'"):
        bx.trace([(W1, b1)], X, TARGET[:3], cost="mze")
    with pytest.raises(KeyError, match="dC_dX9"):
        _ = bx.trace([(W1, b1)], X, TARGET[:3])["dC_dX9"]


def test_the_display_has_every_line_and_no_script() -> None:
    working = bx.trace(LAYERS, X, TARGET, activations=ACTIVATIONS, learning_rate=0.1)
    html = working._repr_html_()
    assert html.count("<details") == 5 + len(working.lines)
    assert html.count("✓ checked") == len([n for n in working if n.startswith("dC_d")])
    assert "<script" not in html
    body = html.partition("</style>")[2].replace("<details open>", "<details>")
    ET.fromstring(re.sub(r"&(?!(lt|gt|amp|quot|#))", "&amp;", body))
    assert "z1" in repr(working)


def test_a_large_matrix_is_shown_by_its_edges() -> None:
    wide = [(np.ones((40, 30)), np.ones(40))]
    html = bx.trace(wide, np.ones(30), np.ones(40), activations="tanh")._repr_html_()
    assert len(html) < 60_000


def test_a_display_has_no_minus_zero() -> None:
    assert "−0" not in bx.trace([([[1.0]], [0.0])], [-0.0], [-0.0])._repr_html_()


@pytest.mark.parametrize("kind", ["network", "gradient flow"])
def test_figures_are_plotly_figures(kind: str) -> None:
    figure = bx.trace(LAYERS, X, TARGET, activations=ACTIVATIONS).figure(kind)
    assert figure.to_dict()["data"]


def test_an_unknown_figure_is_refused() -> None:
    with pytest.raises(InvalidInput, match="gradient flow"):
        bx.trace(LAYERS, X, TARGET, activations=ACTIVATIONS).figure("pie")
