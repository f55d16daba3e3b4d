"""Source of the training data: a scikit-learn call, or literal numbers."""

from __future__ import annotations

from backprop_explorer.datasets.splitting import is_stratified
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.exports.literals import assignments, unpacking


def data_source(initial_state: InitialState) -> tuple[str, str]:
    """Return (a sentence, source that defines X (N, inputs) and Y (N, outputs)).

    X and Y are the training part before any edit.
    """
    part = initial_state.recipe.dataset
    dataset = initial_state.dataset
    if not dataset.source:
        X, Y = initial_state.train
        return (
            "The training data as the network sees it"
            + (", standardised." if part.standardize else "."),
            unpacking(X, Y) + assignments({"X": X, "Y": Y}),
        )
    parts = [dataset.lines(part.seed, part.parameters), _splitting(initial_state)]
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
