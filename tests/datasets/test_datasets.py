"""The data sets and their split: what every entry guarantees, then single sets."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_explorer.datasets import DATASETS, Split, Table, make_table, split
from backprop_explorer.datasets.splitting import is_stratified
from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.engine.registry import Parameter

NAMES = {
    "moons", "circles", "blobs", "gaussian_quantiles", "classification", "spirals", "xor",
    "and_gate", "or_gate", "iris", "wine", "breast_cancer", "digits", "sine", "runge",
    "friedman1", "diabetes", "plane",
}  # fmt: skip
CLASSIFICATION = [name for name, entry in DATASETS.items() if entry.task == "classification"]
REGRESSION = [name for name, entry in DATASETS.items() if entry.task == "regression"]
GENERATED = [name for name, entry in DATASETS.items() if entry.size is None]
BUNDLED = [name for name, entry in DATASETS.items() if entry.size is not None]
PARAMETERS = [(name, p) for name, entry in DATASETS.items() for p in entry.parameters]


def default(name: str, seed: int = 0, **parameters: float) -> Table:
    return make_table(name, seed=seed, parameters=parameters)


def parameter_id(value: object) -> str | None:
    """Return the name under which pytest lists a parameter of a set."""
    return value.name if isinstance(value, Parameter) else None


def check_table(name: str, table: Table, rows: int) -> None:
    """Assert the guarantees of a table of any set."""
    entry = DATASETS[name]
    assert table.features.shape == (rows, entry.features)
    assert table.target.shape == (rows,)
    assert table.features.dtype == np.float64
    assert len(table.feature_names) == len(set(table.feature_names)) == entry.features
    assert all(type(word) is str and word for word in (*table.feature_names, *table.class_names))
    assert table.target_name
    assert np.isfinite(table.features).all()
    for array in (table.features, table.target):
        assert array.flags.c_contiguous
        assert not array.flags.writeable
    if entry.task == "classification":
        assert table.target.dtype == np.int64
        assert len(set(table.class_names)) == len(table.class_names) >= 2
        assert 0 <= table.target.min() <= table.target.max() < len(table.class_names)
    else:
        assert table.target.dtype == np.float64
        assert table.class_names == ()
        assert np.isfinite(table.target).all()
        assert np.ptp(table.target) > 0


def fingerprint() -> str:
    """Return a digest of the bits of every set and its split."""
    digest = hashlib.sha256()
    for name, seed in product(DATASETS, (0, 2**32 - 1)):
        table = default(name, seed)
        parts = split(table, test_fraction=0.3, standardize=True, seed=seed)
        for array in (table.features, table.target, *vars(parts).values()):
            digest.update(np.asarray(array).tobytes())
        digest.update(repr((name, table.feature_names, table.class_names)).encode())
    return digest.hexdigest()


def run_python(code: str, hash_seed: str = "0") -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


# --- the registry and every entry in it ---


def test_all_sets_are_there() -> None:
    assert set(DATASETS) == NAMES


@pytest.mark.parametrize("name", list(DATASETS))
def test_entry_is_complete(name: str) -> None:
    entry = DATASETS[name]
    assert entry.title
    assert entry.description.endswith(".")
    assert entry.description.count(". ") == 0
    assert (entry.classes > 0) == (entry.task == "classification")
    assert ("samples" in [p.name for p in entry.parameters]) == (entry.size is None)
    for parameter in entry.parameters:
        assert parameter.title
        assert parameter.check(parameter.default, "field") == parameter.default


@pytest.mark.parametrize("name", list(DATASETS))
def test_entry_describes_the_default_table(name: str) -> None:
    entry, table = DATASETS[name], default(name)
    check_table(name, table, entry.size or 300)
    assert len(table.class_names) == entry.classes
    assert set(table.target) == set(range(entry.classes)) or entry.task == "regression"


@pytest.mark.parametrize(
    ("name", "seed", "samples"), [*product(GENERATED, (1, 77), (4, 5, 51, 402))]
)
def test_any_seed_and_size(name: str, seed: int, samples: int) -> None:
    few_classes = {"classes": 2.0} if name in ("blobs", "gaussian_quantiles") else {}
    check_table(name, default(name, seed, samples=samples, **few_classes), samples)


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS, ids=parameter_id)
def test_parameter_at_both_bounds_and_beyond(name: str, parameter: Parameter) -> None:
    few_classes = {"classes": 2.0} if name in ("blobs", "gaussian_quantiles") else {}
    for value in (parameter.minimum, parameter.maximum):
        table = default(name, 3, **{**few_classes, parameter.name: value})
        check_table(name, table, int(value) if parameter.name == "samples" else 300)
    for value in (parameter.minimum - 0.01, parameter.maximum + 1, math.nan, math.inf, 10**400):
        with pytest.raises(InvalidInput) as caught:
            default(name, **{parameter.name: value})
        assert caught.value.field == f"dataset.{parameter.name}"
    if parameter.integer:
        with pytest.raises(InvalidInput, match="whole"):
            default(name, **{parameter.name: parameter.minimum + 0.5})


@pytest.mark.parametrize(("name", "samples"), [*product(GENERATED, (5, 10_000))])
def test_all_parameters_at_their_bounds_together(name: str, samples: int) -> None:
    others = [p for p in DATASETS[name].parameters if p.name != "samples"]
    for values in product(*((p.minimum, p.maximum) for p in others)):
        chosen = dict(zip((p.name for p in others), values, strict=True))
        table = default(name, 8, samples=samples, **chosen)
        check_table(name, table, samples)
        parts = split(table, test_fraction=0.5, standardize=True, seed=8)
        check_split(table, parts, math.ceil(samples / 2))


@pytest.mark.parametrize("name", CLASSIFICATION)
def test_classes_parameter_and_balance(name: str) -> None:
    entry = DATASETS[name]
    counts = [p for p in entry.parameters if p.name == "classes"]
    options = range(int(counts[0].minimum), int(counts[0].maximum) + 1) if counts else [None]
    for classes in options:
        table = default(name, 5, **({} if classes is None else {"classes": classes}))
        sizes = np.bincount(table.target)
        assert len(sizes) == len(table.class_names) == (classes or entry.classes)
        rarest = 0.25 if "gate" in name else 0.65 / len(sizes)
        assert sizes.min() >= rarest * len(table.target)


@pytest.mark.parametrize("name", GENERATED)
def test_the_seed_decides_the_draw(name: str) -> None:
    assert not np.array_equal(default(name, 1).features, default(name, 2).features)
    assert np.array_equal(default(name, 1).features, default(name, 1).features)


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_sets_do_not_depend_on_the_seed(name: str) -> None:
    assert np.array_equal(default(name, 1).features, default(name, 2).features)


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(name, p) for name, p in PARAMETERS if p.name != "samples"],
    ids=parameter_id,
)
def test_every_parameter_changes_the_table(name: str, parameter: Parameter) -> None:
    low, high = (
        default(name, **{parameter.name: v}) for v in (parameter.minimum, parameter.maximum)
    )
    assert not (
        np.array_equal(low.features, high.features) and np.array_equal(low.target, high.target)
    )


# --- nothing hidden: processes, global state, imports ---


def test_another_process_makes_the_same_bits() -> None:
    code = "import tests.datasets.test_datasets as t; print(t.fingerprint())"
    assert run_python(code, hash_seed="1234") == fingerprint()


def test_global_random_state_is_neither_used_nor_changed() -> None:
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].tobytes()  # noqa: NPY002
    first = fingerprint()
    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    assert fingerprint() == first


def test_importing_does_not_import_sklearn() -> None:
    code = (
        "import sys, backprop_explorer.datasets as d; print('sklearn' in sys.modules); "
        "t = d.make_table('moons', seed=0, parameters={}); "
        "d.split(t, test_fraction=0.3, standardize=True, seed=0); print('sklearn' in sys.modules); "
        "d.make_table('iris', seed=0, parameters={}); print('sklearn' in sys.modules)"
    )
    assert run_python(code).split() == ["False", "False", "True"]


# --- errors ---


def test_unknown_set_names_the_field_and_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="did you mean 'moons'") as caught:
        default("moon")
    assert caught.value.field == "dataset.name"


def test_unknown_parameter_names_the_field() -> None:
    with pytest.raises(UnknownName, match=r"did you mean 'noise'.*samples, noise") as caught:
        default("moons", nois=0.1)
    assert caught.value.field == "dataset.nois"
    with pytest.raises(InvalidInput, match="no parameters") as caught:
        default("iris", noise=0.1)
    assert caught.value.field == "dataset.noise"


@pytest.mark.parametrize("name", ["blobs", "gaussian_quantiles", "spirals"])
def test_fewer_samples_than_classes(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        default(name, samples=4, classes=5)
    assert caught.value.field == "dataset.samples"
    assert set(default(name, samples=5, classes=5).target) == set(range(5))


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seed_out_of_bounds(seed: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        default("xor", seed)
    assert caught.value.field == "dataset.seed"
    with pytest.raises(InvalidInput) as caught:
        split(default("xor"), test_fraction=0.0, standardize=True, seed=seed)
    assert caught.value.field == "dataset.seed"


# --- what single sets are ---


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
    assert default("moons").feature_names == ("x₁", "x₂")
    assert default("friedman1").feature_names[-1] == "x₁₀"
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


# --- the split ---


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


@settings(max_examples=150, deadline=None)
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


@pytest.mark.parametrize("samples", [4, 5, 250, 300, 10_000])
def test_moons_are_those_of_scikit_learn(samples: int) -> None:
    from sklearn.datasets import make_moons

    for seed, noise in product((0, 1, 2**32 - 1), (0.0, 0.2)):
        features, target = make_moons(samples, noise=noise, random_state=seed)
        made = default("moons", seed=seed, samples=samples, noise=noise)
        assert np.array_equal(made.features, features)
        assert np.array_equal(made.target, target)


@settings(max_examples=200, deadline=None)
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
