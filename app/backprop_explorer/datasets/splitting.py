"""Split a table into training and test part, standardised with the training part's statistics."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_explorer.datasets.catalog import check_seed
from backprop_explorer.datasets.dataset import Floats, Ints, Table, frozen
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.texts import datasets as texts

MAXIMUM_TEST_FRACTION = 0.9
# Between these sizes no mean, deviation or quotient of numbers overflows to inf or NaN.
LARGEST, SMALLEST_SCALE = 1e100, 1e-100


@dataclass(frozen=True, eq=False)
class Split:
    """Training rows Nt (at least 1) and test rows Ns (possibly 0) of a table. Read-only arrays.

    train_x (Nt, d), test_x (Ns, d): float64, ``(features - feature_mean) / feature_scale``.
    train_target (Nt,), test_target (Ns,): int64 class indices as in the table, or float64,
    ``(target - target_mean) / target_scale``; (Nt, m) and (Ns, m) if a row has m targets.
    train_rows (Nt,), test_rows (Ns,): int64, the rows' indices in the table.
    feature_mean, feature_scale (d,), target_mean, target_scale: of the training part; 0 and 1
    without standardisation, lists if a row has several targets. A scale is never 0.
    """

    train_x: Floats
    test_x: Floats
    train_target: Floats | Ints
    test_target: Floats | Ints
    train_rows: Ints
    test_rows: Ints
    feature_mean: Floats
    feature_scale: Floats
    target_mean: float | list[float]
    target_scale: float | list[float]


def is_stratified(table: Table, tests: int) -> bool:
    """Tell whether ``tests`` (1 to N - 1) test rows can have equal shares of all classes.

    scikit-learn's condition: at least two rows of every class that occurs, and each part has at
    least as many rows as there are classes.
    """
    if not table.class_names:
        return False
    sizes = np.unique(table.target, return_counts=True)[1]
    return bool(sizes.min() >= 2 and len(sizes) <= min(tests, len(table.target) - tests))


def _rows(table: Table, tests: int, seed: int) -> tuple[Ints, Ints]:
    """Return the shuffled rows to train on, and the ``tests`` (fewer than N) rows to test on.

    Without test rows the order stays: row 3 of the user's table is sample 3. Otherwise the rows
    equal those of scikit-learn's ``train_test_split`` with the same seed, so a notebook can
    reproduce them. This code exists because importing scikit-learn takes longer than starting the
    server.
    """
    count = len(table.target)
    if tests == 0:
        return np.arange(count), np.empty(0, np.int64)
    rng = np.random.RandomState(seed)  # scikit-learn's generator
    if not is_stratified(table, tests):
        order = rng.permutation(count)
        return order[tests:], order[:tests]
    _, classes, sizes = np.unique(table.target, return_inverse=True, return_counts=True)
    members = np.split(np.argsort(classes, kind="stable"), np.cumsum(sizes)[:-1])
    trains = _shares(sizes, count - tests, rng)
    tests_of = _shares(sizes - trains, tests, rng)
    train, test = [], []
    for rows, of_train, of_test in zip(members, trains, tests_of, strict=True):
        shuffled = rows[rng.permutation(len(rows))]
        train.append(shuffled[:of_train])
        test.append(shuffled[of_train : of_train + of_test])
    return rng.permutation(np.concatenate(train)), rng.permutation(np.concatenate(test))


def _shares(sizes: Ints, draws: int, rng: np.random.RandomState) -> Ints:
    """Return how many of ``draws`` come from classes of these ``sizes``: rounded shares.

    The largest remainders are rounded up; ties are broken at random.
    """
    exact = sizes / sizes.sum() * draws
    shares = np.floor(exact)
    remainders = exact - shares
    missing = int(draws - shares.sum())
    for remainder in np.unique(remainders)[::-1]:
        if missing == 0:
            break
        equal = np.flatnonzero(remainders == remainder)
        chosen = rng.choice(equal, size=min(len(equal), missing), replace=False)
        shares[chosen] += 1
        missing -= len(chosen)
    whole: Ints = shares.astype(np.int64)
    return whole


def _mean_and_scale(values: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation (d,) of the columns of ``values`` (n, d), n at least 1.

    A constant column gets its own value and 1, so it becomes exactly 0. The computed deviation of
    equal numbers may differ from 0, and dividing by it would amplify rounding errors.
    """
    mean, scale = values.mean(axis=0), values.std(axis=0)
    constant = (values == values[0]).all(axis=0)
    return (
        np.where(constant, values[0], mean),
        np.where(constant | (scale < SMALLEST_SCALE), 1.0, scale),
    )


def split(table: Table, *, test_fraction: float, standardize: bool, seed: int) -> Split:
    """Split ``table`` into training and test part.

    The test part is ``test_fraction`` of the rows, rounded up, drawn with ``seed``. Classes have
    equal shares in both parts if each class has 2 rows or more and both parts have room for every
    class; otherwise rows are drawn regardless of class. With a fraction of 0 all rows train; at
    least one always does. Standardising uses mean and deviation of the training rows and includes
    the target of a regression.

    Raises InvalidInput for ``dataset.test_fraction`` outside 0..0.9, for ``dataset.seed`` outside
    0..2³²-1, and for ``dataset`` if the table has no rows, or NaN or numbers beyond ±1e100.
    """
    if not 0 <= test_fraction <= MAXIMUM_TEST_FRACTION:
        raise InvalidInput("dataset.test_fraction", texts.test_fraction(MAXIMUM_TEST_FRACTION))
    check_seed(seed)
    count = len(table.target)
    if count == 0:
        raise InvalidInput("dataset", texts.NO_ROW)
    for numbers in (table.features, table.target):
        if not (np.abs(numbers) <= LARGEST).all():
            raise InvalidInput("dataset", texts.numbers_between(LARGEST))
    train, test = _rows(table, min(math.ceil(test_fraction * count), count - 1), seed)

    features, target = table.features, table.target
    feature_mean, feature_scale = np.zeros(features.shape[1]), np.ones(features.shape[1])
    target_mean: Any = np.zeros(target.shape[1:]).tolist()
    target_scale: Any = np.ones(target.shape[1:]).tolist()
    if standardize:
        feature_mean, feature_scale = _mean_and_scale(features[train])
        features = (features - feature_mean) / feature_scale
        if not table.class_names:
            columns = table.target.reshape(count, -1).astype(np.float64)
            mean, scale = _mean_and_scale(columns[train])
            target = ((columns - mean) / scale).reshape(target.shape)
            target_mean = mean.reshape(target.shape[1:]).tolist()
            target_scale = scale.reshape(target.shape[1:]).tolist()
    target_type = np.int64 if table.class_names else np.float64
    return Split(
        train_x=frozen(features[train], np.float64),
        test_x=frozen(features[test], np.float64),
        train_target=frozen(target[train], target_type),
        test_target=frozen(target[test], target_type),
        train_rows=frozen(train, np.int64),
        test_rows=frozen(test, np.int64),
        feature_mean=frozen(feature_mean, np.float64),
        feature_scale=frozen(feature_scale, np.float64),
        target_mean=target_mean,
        target_scale=target_scale,
    )
