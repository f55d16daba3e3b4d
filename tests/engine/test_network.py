"""Networks, and their parameters in one flat vector."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.engine.network import Layer, Network, Parameters
from tests.helpers.networks import build


def test_shapes_and_counts() -> None:
    network = build(2, (8, "tanh"), (8, "relu"), (1, "sigmoid"))
    assert network.shapes == ((2, 8), (8, 8), (8, 1))
    assert (network.depth, network.outputs) == (3, 1)
    assert network.parameter_count == 3 * 8 + 9 * 8 + 9 == 105


def test_week_41_network_of_four_layers() -> None:
    """``create_layers(8, [10, 16, 6, 2])`` of the exercises: W (n_out, n_in) and b of each."""
    network = build(8, (10, "relu"), (16, "relu"), (6, "relu"), (2, "relu"))
    assert [W.T.shape for W in Parameters(network).W] == [(10, 8), (16, 10), (6, 16), (2, 6)]
    assert [b.shape for b in Parameters(network).b] == [(10,), (16,), (6,), (2,)]


def test_networks_of_the_same_shape_are_equal() -> None:
    assert build(2, (3, "relu")) == Network(2, (Layer(3, "relu"),))
    assert build(2, (3, "relu")) != build(2, (3, "tanh"))
    assert hash(build(2, (3, "relu"))) == hash(build(2, (3, "relu")))


@pytest.mark.parametrize(
    ("inputs", "layers", "field"),
    [
        (0, ((3, "relu"),), "x"),
        (2, (), "layers"),
        (2, ((3, "relu"), (0, "relu")), "layers.1.units"),
    ],
)
def test_invalid_networks(inputs: int, layers: tuple[tuple[int, str], ...], field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        build(inputs, *layers)
    assert error.value.field == field


def test_unknown_activation() -> None:
    with pytest.raises(UnknownName) as error:
        build(2, (3, "relu"), (1, "sigmod"))
    assert error.value.field == "layers.1.activation"
    assert "did you mean 'sigmoid'?" in error.value.message


def test_layers_are_views_of_one_vector() -> None:
    parameters = Parameters(build(2, (3, "relu"), (1, "sigmoid")))
    assert parameters.flat.shape == (13,)
    parameters.flat[...] = np.arange(13.0)
    np.testing.assert_array_equal(parameters.W[0], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(parameters.b[0], [6, 7, 8])
    np.testing.assert_array_equal(parameters.W[1], [[9], [10], [11]])
    np.testing.assert_array_equal(parameters.b[1], [12])
    parameters.W[1][0, 0] = -1.0
    assert parameters.flat[9] == -1.0
    assert list(parameters.named()) == ["W1", "b1", "W2", "b2"]
    assert parameters.named()["W2"] is parameters.W[1]


def test_a_copy_is_independent() -> None:
    parameters = Parameters(build(2, (3, "relu")))
    copy = parameters.copy()
    copy.W[0][...] = 1.0
    assert not parameters.flat.any()
    assert copy.network is parameters.network


def test_a_vector_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 9 parameters"):
        Parameters(build(2, (3, "relu")), np.zeros(8))


def test_from_layers_copies() -> None:
    network = build(2, (3, "relu"))
    W, b = np.ones((2, 3)), np.full(3, 2.0)
    parameters = Parameters.from_layers(network, [(W, b)])
    W[...] = 0.0
    np.testing.assert_array_equal(parameters.flat, [1] * 6 + [2] * 3)


@pytest.mark.parametrize(
    ("layers", "field", "needed"),
    [
        ([], "layers", "1 layers of weights are needed"),
        ([(np.zeros((3, 2)), np.zeros(3))], "layers.0.W", "(2, 3) (n_in, n_out) needed"),
        ([(np.zeros((2, 3)), np.zeros(2))], "layers.0.b", "(3,) needed"),
        ([(np.zeros((2, 3)), np.zeros((1, 3)))], "layers.0.b", "(3,) needed"),
    ],
)
def test_from_layers_names_the_wrong_field(
    layers: list[tuple[np.ndarray, np.ndarray]], field: str, needed: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        Parameters.from_layers(build(2, (3, "relu")), layers)
    assert error.value.field == field
    assert needed in error.value.message
