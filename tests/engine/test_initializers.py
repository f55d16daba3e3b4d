"""Initializers: the order of the draws, their distribution and reproducibility."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.engine.errors import UnknownName
from backprop_explorer.engine.initializers import INITIALIZERS, initialize
from tests.helpers.networks import build

LARGE = build(200, (300, "tanh"))
VARIANCE = {
    "normal": 1.0,
    "xavier_normal": 2 / 500,
    "xavier_uniform": 2 / 500,
    "he_normal": 2 / 200,
    "he_uniform": 2 / 200,
    "lecun_normal": 1 / 200,
}


def test_the_table_of_variances_is_complete() -> None:
    assert set(VARIANCE) | {"zeros", "constant"} == set(INITIALIZERS)


@pytest.mark.parametrize("name", VARIANCE)
def test_mean_and_variance(name: str) -> None:
    """60,000 draws: the mean is within 5 standard errors, the variance within 3 %."""
    W = initialize(LARGE, name, np.random.default_rng(0)).W[0]
    assert abs(W.mean()) < 5 * np.sqrt(VARIANCE[name] / W.size)
    assert W.var() == pytest.approx(VARIANCE[name], rel=0.03)


@pytest.mark.parametrize("name", [n for n in VARIANCE if n.endswith("uniform")])
def test_uniform_weights_fill_their_interval(name: str) -> None:
    W = initialize(LARGE, name, np.random.default_rng(0)).W[0]
    limit = np.sqrt(3 * VARIANCE[name])
    assert 0.999 * limit < np.abs(W).max() <= limit


@pytest.mark.parametrize("name", [n for n in VARIANCE if n.endswith("normal")])
def test_normal_weights_have_normal_tails(name: str) -> None:
    W = initialize(LARGE, name, np.random.default_rng(0)).W[0]
    beyond = np.mean(np.abs(W) > 2 * np.sqrt(VARIANCE[name]))
    assert beyond == pytest.approx(0.0455, rel=0.1)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_biases_start_at_zero_unless_they_are_drawn(name: str) -> None:
    b = initialize(LARGE, name, np.random.default_rng(0), value=0.25).b[0]
    if name == "normal":
        assert b.std() == pytest.approx(1.0, rel=0.15)
    else:
        assert (b == (0.25 if name == "constant" else 0.0)).all()


def test_constants() -> None:
    network = build(2, (3, "tanh"), (1, "sigmoid"))
    rng = np.random.default_rng(0)
    assert not initialize(network, "zeros", rng).flat.any()
    assert (initialize(network, "constant", rng, value=-0.5).flat == -0.5).all()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_same_seed_gives_the_same_bits(name: str) -> None:
    network = build(2, (3, "tanh"), (4, "relu"))
    one, two = (initialize(network, name, np.random.default_rng(7)) for _ in range(2))
    assert one.flat.tobytes() == two.flat.tobytes()
    other = initialize(network, name, np.random.default_rng(8))
    assert (name in VARIANCE) == (other.flat.tobytes() != one.flat.tobytes())


def test_drawn_in_the_order_of_the_exercises() -> None:
    """W (n_out, n_in), then b, layer by layer, as ``create_layers`` does."""
    parameters = initialize(build(2, (3, "tanh"), (4, "relu")), "normal", np.random.default_rng(3))
    rng = np.random.default_rng(3)
    for W, b in zip(parameters.W, parameters.b, strict=True):
        np.testing.assert_array_equal(W.T, rng.standard_normal(W.T.shape))
        np.testing.assert_array_equal(b, rng.standard_normal(b.shape))


def test_unknown_initializer() -> None:
    with pytest.raises(UnknownName) as error:
        initialize(build(2, (3, "tanh")), "xavier", np.random.default_rng(0))
    assert error.value.field == "network.initializer"
    assert "xavier_normal" in error.value.message
