"""The split into training and test part, and standardising."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_explorer.datasets import DATASETS, Split, Table, make_table, split
from backprop_explorer.datasets.splitting import is_stratified
from backprop_explorer.engine.errors import InvalidInput
from tests.helpers.cases import examples

CLASSIFICATION = [name for name, entry in DATASETS.items() if entry.task == "classification"]
REGRESSION = [name for name, entry in DATASETS.items() if entry.task == "regression"]


def default(name: str, seed: int = 0, **parameters: float) -> Table:
    return make_table(name, seed=seed, parameters=parameters)


def check_split(table: Table, parts: Split, tests: int) -> None:
    """Assert the guarantees of any split."""
    count, width = table.features.shape
    assert parts.train_x.shape == (count - tests, width)
    assert parts.test_x.shape == (tests, width)
    assert parts.train_target.shape == parts.train_rows.shape == (count - tests,)
    assert parts.test_target.shape == parts.test_rows.shape == (tests,)
    assert parts.feature_mean.shape == parts.feature_scale.shape == (width,)
    together = np.concatenate([parts.train_rows, parts.test_rows])
    assert np.array_equal(np.sort(together), np.arange(count))
    assert (parts.feature_scale > 0).all()
    assert parts.target_scale > 0
    for x, target, rows in (
        (parts.train_x, parts.train_target, parts.train_rows),
        (parts.test_x, parts.test_target, parts.test_rows),
    ):
        assert target.dtype == table.target.dtype
        assert rows.dtype == np.int64
        expected = (table.features[rows] - parts.feature_mean) / parts.feature_scale
        assert np.array_equal(x, expected)
        if table.class_names:
            assert np.array_equal(target, table.target[rows])
        else:
            expected = (table.target[rows] - parts.target_mean) / parts.target_scale
            assert np.array_equal(target, expected)
    for array in vars(parts).values():
        assert np.isfinite(array).all()
        if isinstance(array, np.ndarray):
            assert array.flags.c_contiguous
            assert not array.flags.writeable
            assert array.dtype in (np.float64, np.int64)
    if table.class_names:
        assert (parts.target_mean, parts.target_scale) == (0.0, 1.0)


@pytest.mark.parametrize(("name", "fraction"), [*product(DATASETS, (0.0, 0.3, 0.9))])
def test_split_standardises_on_the_training_part_alone(name: str, fraction: float) -> None:
    table = default(name)
    parts = split(table, test_fraction=fraction, standardize=True, seed=1)
    check_split(table, parts, math.ceil(fraction * len(table.target)))
    varies = np.ptp(table.features[parts.train_rows], axis=0) > 0
    assert np.abs(parts.train_x.mean(axis=0)).max() < 1e-9
    assert parts.train_x.std(axis=0)[varies] == pytest.approx(1)
    assert not parts.train_x[:, ~varies].any()
    assert (parts.feature_scale[~varies] == 1).all()
    if name in REGRESSION:
        assert abs(parts.train_target.mean()) < 1e-9
        assert parts.train_target.std() == pytest.approx(1)


@pytest.mark.parametrize("name", ["moons", "sine"])
def test_split_without_standardising_leaves_the_numbers_alone(name: str) -> None:
    table = default(name)
    parts = split(table, test_fraction=0.25, standardize=False, seed=1)
    check_split(table, parts, 75)
    assert np.array_equal(parts.train_x, table.features[parts.train_rows])
    assert np.array_equal(parts.test_target, table.target[parts.test_rows])
    assert (parts.target_mean, parts.target_scale) == (0.0, 1.0)


def test_test_rows_do_not_leak_into_the_training_part() -> None:
    table = default("diabetes")
    parts = split(table, test_fraction=0.3, standardize=True, seed=3)
    features, target = table.features.copy(), table.target.copy()
    features[parts.test_rows] += 1000
    target[parts.test_rows] *= 5
    changed = split(
        Table(features, target, table.feature_names, (), "y"),
        test_fraction=0.3,
        standardize=True,
        seed=3,
    )
    for field in ("train_x", "train_target", "feature_mean", "feature_scale", "target_mean"):
        assert np.array_equal(getattr(parts, field), getattr(changed, field))


@pytest.mark.parametrize("name", CLASSIFICATION)
def test_split_keeps_the_shares_of_the_classes(name: str) -> None:
    table = default(name)
    classes = len(table.class_names)
    parts = split(table, test_fraction=0.3, standardize=True, seed=2)
    shares = np.bincount(table.target) / len(table.target)
    for part in (parts.train_target, parts.test_target):
        drawn = np.bincount(part, minlength=classes)
        assert np.abs(drawn - shares * len(part)).max() <= 1


def test_rows_that_all_train_keep_their_order() -> None:
    table = default("and_gate", samples=100)
    kept = split(table, test_fraction=0.0, standardize=True, seed=1).train_rows
    assert kept.tolist() == list(range(100))


def test_split_shuffles_with_its_seed() -> None:
    table = default("and_gate", samples=100)
    rows = [
        split(table, test_fraction=0.4, standardize=True, seed=seed).train_rows
        for seed in (1, 1, 2)
    ]
    assert np.array_equal(rows[0], rows[1])
    assert not np.array_equal(rows[0], rows[2])
    assert not np.array_equal(rows[0], np.sort(rows[0]))


@pytest.mark.parametrize(
    ("labels", "fraction", "tests"),
    [
        ([0], 0.9, 0),
        ([0, 1], 0.9, 1),
        ([0, 0, 0, 1], 0.5, 2),  # one row of class 1
        ([0, 0, 1, 1, 2, 2], 0.3, 2),  # three classes, two test rows
        ([0, 0, 1, 1], 0.9, 3),
        ([2, 2, 2, 2], 0.5, 2),  # classes 0 and 1 do not occur
    ],
)
def test_split_of_too_few_rows_to_stratify(labels: list[int], fraction: float, tests: int) -> None:
    features = np.arange(2.0 * len(labels)).reshape(-1, 2)
    table = Table(features, np.array(labels), ("a", "b"), ("p", "q", "r"), "class")
    for seed in range(5):
        parts = split(table, test_fraction=fraction, standardize=True, seed=seed)
        check_split(table, parts, tests)


def test_constant_column_becomes_exactly_zero() -> None:
    # The computed deviation of seven equal 0.1 is 1.4e-17, not 0.
    table = Table(np.full((7, 1), 0.1), np.full(7, 0.1), ("a",), (), "y")
    assert table.features.std() > 0
    parts = split(table, test_fraction=0.0, standardize=True, seed=0)
    assert not parts.train_x.any()
    assert not parts.train_target.any()
    assert (parts.feature_scale[0], parts.target_scale) == (1, 1)


@pytest.mark.parametrize("fraction", [-0.1, 0.91, 1.0, math.nan, math.inf])
def test_split_with_a_fraction_out_of_bounds(fraction: float) -> None:
    with pytest.raises(InvalidInput) as caught:
        split(default("xor"), test_fraction=fraction, standardize=True, seed=0)
    assert caught.value.field == "dataset.test_fraction"


@pytest.mark.parametrize("numbers", [[], [math.nan, 1.0], [math.inf, 1.0], [1e200, 1.0]])
def test_split_of_what_cannot_be_standardised(numbers: list[float]) -> None:
    column = np.array(numbers)[:, None]
    fine = np.zeros(len(numbers))
    for table in (
        Table(column, fine, ("a",), (), "y"),
        Table(np.zeros_like(column), column[:, 0], ("a",), (), "y"),
    ):
        with pytest.raises(InvalidInput) as caught:
            split(table, test_fraction=0.0, standardize=True, seed=0)
        assert caught.value.field == "dataset"


SIZED = st.floats(-1e100, 1e100)


@settings(max_examples=examples(150), deadline=None)
@given(
    rows=st.lists(st.tuples(SIZED, SIZED, st.integers(0, 3)), min_size=1, max_size=12),
    fraction=st.floats(0, 0.9),
    regression=st.booleans(),
    standardize=st.booleans(),
)
def test_split_of_any_numbers(
    rows: list[tuple[float, float, int]], fraction: float, regression: bool, standardize: bool
) -> None:
    numbers = np.array(rows)
    target = numbers[:, 1] if regression else numbers[:, 2]
    classes = () if regression else ("a", "b", "c", "d")
    table = Table(numbers[:, :1], target, ("x",), classes, "y")
    parts = split(table, test_fraction=fraction, standardize=standardize, seed=0)
    check_split(table, parts, min(math.ceil(fraction * len(rows)), len(rows) - 1))


@settings(max_examples=examples(200), deadline=None)
@given(
    labels=st.lists(st.sampled_from("aabbbcd"), min_size=2, max_size=60),
    fraction=st.floats(0.02, 0.9),
    seed=st.integers(0, 2**32 - 1),
)
def test_split_draws_the_rows_of_scikit_learn(
    labels: list[str], fraction: float, seed: int
) -> None:
    from sklearn.model_selection import train_test_split

    target = np.unique(labels, return_inverse=True)[1]
    features = np.arange(2.0 * len(labels)).reshape(-1, 2)
    table = Table(features, target, ("a", "b"), tuple("abcd"), "class")
    parts = split(table, test_fraction=fraction, standardize=True, seed=seed)
    tests = len(parts.test_rows)
    train_rows, test_rows = train_test_split(
        np.arange(len(labels)),
        test_size=tests,
        train_size=len(labels) - tests,
        random_state=seed,
        stratify=target if is_stratified(table, tests) else None,
    )
    assert np.array_equal(parts.train_rows, train_rows)
    assert np.array_equal(parts.test_rows, test_rows)
