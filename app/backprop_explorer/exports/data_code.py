"""Source of the training data: a scikit-learn call, or literal numbers."""

from __future__ import annotations

import re

from backprop_explorer.datasets.splitting import is_stratified
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe_data import AnyDatasetPart
from backprop_explorer.exports.literals import UNPACK, assignments, is_packed

# What scikit-learn generates or ships; all other data are written as literal numbers.
MADE: dict[str, str] = {
    "moons": (
        "features, labels = make_moons(n_samples={samples!r}, noise={noise!r}, random_state={seed})"
    ),
    "circles": (
        "features, labels = make_circles(n_samples={samples!r}, noise={noise!r}, factor={factor!r},"
        " random_state={seed})"
    ),
    "blobs": (
        "angles = np.pi / 4 + 2 * np.pi * np.arange({classes}) / {classes}\n"
        "centers = np.column_stack([np.cos(angles), np.sin(angles)])\n"
        "features, labels = make_blobs({samples}, centers=centers, cluster_std={noise!r}, "
        "random_state={seed})"
    ),
    "gaussian_quantiles": (
        "features, labels = make_gaussian_quantiles(n_samples={samples}, n_features=2, "
        "n_classes={classes}, random_state={seed})"
    ),
    "classification": (
        "features, labels = make_classification({samples}, n_features=2, n_informative=2, "
        "n_redundant=0,\n    n_classes={classes}, n_clusters_per_class=1, flip_y={noise!r}, "
        "class_sep={separation!r}, random_state={seed})"
    ),
    "friedman1": (
        "features, labels = make_friedman1({samples}, n_features=10, noise={noise!r}, "
        "random_state={seed})"
    ),
    **{name: f"bunch = load_{name}()" for name in ("iris", "wine", "breast_cancer", "digits")},
    "diabetes": "bunch = load_diabetes(scaled=False)",
}


def _made(source: str, part: AnyDatasetPart) -> str:
    """Return a source of MADE with its import, and the parameters of the data set."""
    [function] = re.findall(r"(?:make|load)_\w+(?=\()", source)
    made = source.format(seed=part.seed, **part.parameters)
    if function.startswith("load"):
        made += "\nfeatures, labels = bunch.data, bunch.target"
    return f"from sklearn.datasets import {function}\n\n{made}"


def data_source(initial_state: InitialState) -> tuple[str, str]:
    """Return (a sentence, source that defines X (N, inputs) and Y (N, outputs)).

    X and Y are the training part before any edit.
    """
    part = initial_state.recipe.dataset
    if part.name not in MADE:
        X, Y = initial_state.train
        packed = f"{UNPACK}\n\n" if is_packed(X, Y) else ""
        return (
            "The training data as the network sees it"
            + (", standardised." if part.standardize else "."),
            packed + assignments({"X": X, "Y": Y}),
        )
    parts = [_made(MADE[part.name], part), _splitting(initial_state)]
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
