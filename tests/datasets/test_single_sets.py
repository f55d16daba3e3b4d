"""What single data sets are: formulas, names, units, and scikit-learn's own numbers."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from backprop_explorer.datasets import DATASETS, Table, make_table


def default(name: str, seed: int = 0, **parameters: float) -> Table:
    return make_table(name, seed=seed, parameters=parameters)


@pytest.mark.parametrize(("name", "truth"), [("and_gate", [0, 0, 0, 1]), ("or_gate", [0, 1, 1, 1])])
def test_gates_without_noise_are_the_truth_table_repeated(name: str, truth: list[int]) -> None:
    table = default(name, 9, samples=10, noise=0)
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert np.array_equal(table.features, np.tile(corners, (3, 1))[:10])
    assert table.target.tolist() == (truth * 3)[:10]


def test_xor_without_noise_is_true_where_the_signs_differ() -> None:
    table = default("xor", samples=402, noise=0)
    product_of_inputs = table.features.prod(axis=1)
    assert np.array_equal(table.target == 1, product_of_inputs < 0)
    assert np.abs(table.features).min() >= 0.1
    signs, counts = np.unique(np.sign(table.features), axis=0, return_counts=True)
    assert len(signs) == 4
    assert np.ptp(counts) <= 1


@pytest.mark.parametrize("arms", [2, 3, 4, 5])
def test_spirals_wind_outwards_by_the_turns(arms: int) -> None:
    table = default("spirals", samples=50 * arms, noise=0, classes=arms, turns=2)
    radius = np.linalg.norm(table.features, axis=1)
    assert radius.min() == pytest.approx(0.1)
    assert radius.max() == pytest.approx(1)
    angle = np.arctan2(table.features[:, 1], table.features[:, 0])
    expected = 2 * np.pi * (2 * (radius - 0.1) / 0.9 + table.target / arms)
    assert np.cos(angle - expected) == pytest.approx(1)


def test_moons_and_circles_are_named_for_what_they_are() -> None:
    moons = default("moons", noise=0)
    assert moons.class_names == ("upper moon", "lower moon")
    upper, lower = (moons.features[moons.target == c][:, 1].mean() for c in (0, 1))
    assert upper > lower
    circles = default("circles", noise=0, factor=0.3)
    radius = np.linalg.norm(circles.features, axis=1)
    assert circles.class_names == ("outer circle", "inner circle")
    assert radius == pytest.approx(np.where(circles.target == 0, 1, 0.3))


@pytest.mark.parametrize("classes", [2, 3, 4, 5])
def test_blobs_without_noise_are_their_centres_whatever_the_seed(classes: int) -> None:
    centers = [
        np.unique(default("blobs", seed, noise=0, classes=classes).features, axis=0)
        for seed in (1, 2)
    ]
    assert np.array_equal(*centers)
    assert np.linalg.norm(centers[0], axis=1) == pytest.approx(np.ones(classes))


def test_rings_grow_outwards() -> None:
    table = default("gaussian_quantiles", classes=4)
    radius = np.linalg.norm(table.features, axis=1)
    limits = [(radius[table.target == c].min(), radius[table.target == c].max()) for c in range(4)]
    assert np.array(limits).ravel().tolist() == sorted(np.array(limits).ravel())


def test_curves_without_noise_are_their_formulas() -> None:
    sine, runge = default("sine", noise=0, periods=3), default("runge", noise=0)
    assert sine.target == pytest.approx(np.sin(3 * np.pi * sine.features[:, 0]))
    assert runge.target == pytest.approx(1 / (1 + 25 * runge.features[:, 0] ** 2))
    for table in (sine, runge):
        assert -1 <= table.features.min() < -0.9 < 0.9 < table.features.max() <= 1
    plane = default("plane", noise=0)
    assert plane.target == pytest.approx(plane.features.sum(axis=1) / 10)
    friedman = default("friedman1", noise=0)
    x = friedman.features.T
    assert friedman.target == pytest.approx(
        10 * np.sin(np.pi * x[0] * x[1]) + 20 * (x[2] - 0.5) ** 2 + 10 * x[3] + 5 * x[4]
    )


@pytest.mark.parametrize("name", ["sine", "runge", "plane", "friedman1"])
def test_noise_is_the_standard_deviation_of_the_target(name: str) -> None:
    clean, noisy = (default(name, 4, samples=10_000, noise=noise) for noise in (0, 0.5))
    assert np.array_equal(clean.features, noisy.features)
    assert np.std(noisy.target - clean.target) == pytest.approx(0.5, rel=0.05)


def test_digits_are_pictures() -> None:
    table = default("digits")
    assert table.image_shape == (8, 8)
    assert table.class_names == tuple("0123456789")
    assert {table.features.min(), table.features.max()} == {0, 16}
    assert all(default(name).image_shape is None for name in DATASETS if name != "digits")


def test_diabetes_is_in_units_people_use() -> None:
    table = default("diabetes")
    age = table.features[:, table.feature_names.index("age")]
    assert (age.min(), age.max()) == (19, 79)


def test_names_people_read() -> None:
    assert default("moons").feature_names == ("x₀", "x₁")
    assert default("friedman1").feature_names[-1] == "x₉"
    assert default("sine").feature_names == ("x",)
    assert default("iris").feature_names[0] == "sepal length (cm)"
    assert default("iris").class_names == ("setosa", "versicolor", "virginica")
    assert default("breast_cancer").class_names == ("malignant", "benign")


def test_class_names_match_sklearns_order() -> None:
    from sklearn.datasets import load_breast_cancer, load_iris

    for name, load in (("iris", load_iris), ("breast_cancer", load_breast_cancer)):
        assert default(name).class_names == tuple(load().target_names)


def test_a_table_copies_and_freezes_what_it_is_given() -> None:
    mine = np.asfortranarray(np.ones((3, 2)))
    table = Table(mine, np.zeros(3), ("a", "b"), (), "y")
    mine[0, 0] = 5
    assert table.features.tolist() == [[1, 1]] * 3
    assert table.features.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        table.features[0, 0] = 1


@pytest.mark.parametrize("samples", [4, 5, 250, 300, 10_000])
def test_moons_are_those_of_scikit_learn(samples: int) -> None:
    from sklearn.datasets import make_moons

    for seed, noise in product((0, 1, 2**32 - 1), (0.0, 0.2)):
        features, target = make_moons(samples, noise=noise, random_state=seed)
        made = default("moons", seed=seed, samples=samples, noise=noise)
        assert np.array_equal(made.features, features)
        assert np.array_equal(made.target, target)
