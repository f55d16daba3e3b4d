"""The registry of data sets: what every entry guarantees."""

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

from backprop_explorer.datasets import DATASETS, Table, make_table, split
from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.engine.registry import Parameter
from tests.datasets.test_splitting import check_split

NAMES = {
    "moons", "circles", "blobs", "gaussian_quantiles", "classification", "spirals", "xor",
    "and_gate", "or_gate", "iris", "wine", "breast_cancer", "digits", "sine", "runge",
    "friedman1", "diabetes", "plane",
}  # fmt: skip
CLASSIFICATION = [name for name, entry in DATASETS.items() if entry.task == "classification"]
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


def test_another_process_makes_the_same_bits_and_imports_sklearn_late() -> None:
    """Sklearn is imported by the first of its data sets: that takes more than a second."""
    code = (
        "import sys, backprop_explorer.datasets as d; print('sklearn' in sys.modules); "
        "t = d.make_table('moons', seed=0, parameters={}); "
        "d.split(t, test_fraction=0.3, standardize=True, seed=0); print('sklearn' in sys.modules); "
        "d.make_table('iris', seed=0, parameters={}); print('sklearn' in sys.modules); "
        "import tests.datasets.test_datasets as t; print(t.fingerprint())"
    )
    found = run_python(code, hash_seed="1234").split()
    assert found == ["False", "False", "True", fingerprint()]


def test_global_random_state_is_neither_used_nor_changed() -> None:
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].tobytes()  # noqa: NPY002
    first = fingerprint()
    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    assert fingerprint() == first


# --- errors ---


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
