"""Source of the training data: a scikit-learn call, or literal numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from backprop_explorer.datasets.splitting import is_stratified
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.exports.literals import UNPACK, assignments, is_packed

Make = Callable[[Mapping[str, Any], int], str]


def _call(function: str, **options: str) -> Make:
    """Return ``features, labels = function(…)`` with scikit-learn's parameter names."""

    def make(given: Mapping[str, Any], seed: int) -> str:
        named = ", ".join(f"{name}={given[key]!r}" for name, key in options.items())
        return (
            f"from sklearn.datasets import {function}\n\n"
            f"features, labels = {function}(n_samples={given['samples']!r}, {named}, "
            f"random_state={seed})"
        )

    return make


def _load(function: str, arguments: str = "") -> Make:
    return lambda _given, _seed: (
        f"from sklearn.datasets import {function}\n\n"
        f"bunch = {function}({arguments})\n"
        "features, labels = bunch.data, bunch.target"
    )


def _blobs(given: Mapping[str, Any], seed: int) -> str:
    return (
        "from sklearn.datasets import make_blobs\n\n"
        f"angles = np.pi / 4 + 2 * np.pi * np.arange({given['classes']}) / {given['classes']}\n"
        "centers = np.column_stack([np.cos(angles), np.sin(angles)])\n"
        f"features, labels = make_blobs({given['samples']}, centers=centers, "
        f"cluster_std={given['noise']!r}, random_state={seed})"
    )


def _gaussian_quantiles(given: Mapping[str, Any], seed: int) -> str:
    return (
        "from sklearn.datasets import make_gaussian_quantiles\n\n"
        f"features, labels = make_gaussian_quantiles(n_samples={given['samples']}, n_features=2, "
        f"n_classes={given['classes']}, random_state={seed})"
    )


def _classification(given: Mapping[str, Any], seed: int) -> str:
    return (
        "from sklearn.datasets import make_classification\n\n"
        f"features, labels = make_classification({given['samples']}, n_features=2, "
        f"n_informative=2, n_redundant=0,\n"
        f"    n_classes={given['classes']}, n_clusters_per_class=1, flip_y={given['noise']!r}, "
        f"class_sep={given['separation']!r}, random_state={seed})"
    )


def _friedman1(given: Mapping[str, Any], seed: int) -> str:
    return (
        "from sklearn.datasets import make_friedman1\n\n"
        f"features, labels = make_friedman1({given['samples']}, n_features=10, "
        f"noise={given['noise']!r}, random_state={seed})"
    )


# Sets that scikit-learn generates or ships; all others are written as literal numbers.
MADE: dict[str, Make] = {
    "moons": _call("make_moons", noise="noise"),
    "circles": _call("make_circles", noise="noise", factor="factor"),
    "blobs": _blobs,
    "gaussian_quantiles": _gaussian_quantiles,
    "classification": _classification,
    "friedman1": _friedman1,
    "iris": _load("load_iris"),
    "wine": _load("load_wine"),
    "breast_cancer": _load("load_breast_cancer"),
    "digits": _load("load_digits"),
    "diabetes": _load("load_diabetes", "scaled=False"),
}


def data_source(initial_state: InitialState) -> tuple[str, str]:
    """Return (a sentence, source that defines X (N, inputs) and Y (N, outputs)).

    X and Y are the training part before any edit.
    """
    part = initial_state.recipe.dataset
    make = MADE.get(part.name)
    if make is None:
        X, Y = initial_state.train
        packed = f"{UNPACK}\n\n" if is_packed(X, Y) else ""
        return (
            "The training data as the network sees it"
            + (", standardised." if part.standardize else "."),
            packed + assignments({"X": X, "Y": Y}),
        )
    parts = [make(part.parameters, part.seed), _splitting(initial_state)]
    if part.standardize:
        parts.append(_standardising(initial_state))
    else:
        parts.append("X = features[train]")
    parts.append(_target(initial_state))
    return (
        "The data, made as the explorer makes it: same generator, same seed, same split"
        + (", standardised by the training part alone." if part.standardize else "."),
        _imports_first("\n".join(parts)),
    )


def _imports_first(source: str) -> str:
    lines = [line for line in source.splitlines() if line]
    imports = [line for line in lines if line.startswith("from ")]
    return "\n".join([*imports, "", *(line for line in lines if line not in imports)])


def _splitting(initial_state: InitialState) -> str:
    seed, tests = initial_state.recipe.dataset.seed, len(initial_state.split.test_rows)
    if not tests:
        return "train = np.arange(len(labels))"
    stratify = ", stratify=labels" if is_stratified(initial_state.table, tests) else ""
    return (
        "from sklearn.model_selection import train_test_split\n\n"
        f"train, test = train_test_split(np.arange(len(labels)), test_size={tests},\n"
        f"    train_size=len(labels) - {tests}, random_state={seed}{stratify})"
    )


def _standardising(initial_state: InitialState) -> str:
    lines = ["mean, scale = features[train].mean(axis=0), features[train].std(axis=0)"]
    raw = initial_state.table.features[initial_state.split.train_rows]
    if (raw == raw[0]).all(axis=0).any():
        lines += [
            "# A column of equal numbers becomes 0.",
            "constant = (features[train] == features[train][0]).all(axis=0)",
            "mean = np.where(constant, features[train][0], mean)",
            "scale = np.where(constant, 1.0, scale)",
        ]
    return "\n".join([*lines, "X = (features[train] - mean) / scale"])


def _target(initial_state: InitialState) -> str:
    if initial_state.classes and initial_state.network.outputs > 1:
        return f"Y = np.eye({initial_state.network.outputs})[labels[train]]"
    if not initial_state.classes and initial_state.recipe.dataset.standardize:
        return (
            "mean, scale = labels[train].mean(), labels[train].std()\n"
            "Y = ((labels[train] - mean) / scale)[:, None]"
        )
    return "Y = labels[train].astype(float)[:, None]"
