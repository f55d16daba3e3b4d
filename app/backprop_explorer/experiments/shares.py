"""Each sample's contribution to the gradient of its batch, and the largest one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.costs import REDUCTIONS
from backprop_explorer.engine.dense import dense_graph, given_values
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.engine.graph import run
from backprop_explorer.experiments.history import norm
from backprop_explorer.experiments.snapshot import Snapshot
from backprop_explorer.texts import experiments as texts

Array = NDArray[np.float64]

# Limit on the number of entries if the contributions of all samples are requested.
MAX_CONTRIBUTIONS = 100_000

_ENTRY = re.compile(r"(?:W\[(\d{1,5}),(\d{1,5})\]|b\[(\d{1,5})\])")


def shares(
    at: Snapshot, layer: int, entry: str | None, full: bool, reduction: str | None = None
) -> dict[str, Any]:
    """Split ∂C/∂W and ∂C/∂b of ``layer`` into the contributions of the next batch's samples.

    The contribution of sample n is a(n)ᵀ ∂C/∂z(n), including the cost's factor for the batch. The
    contributions and the penalty's gradient add up to the gradient. ``share`` is the projection of
    a contribution on their sum, divided by the sum's norm: shares add up to 1, and a share is
    negative if the sample points against the sum. ``entry`` selects one number, such as "W[0,2]" or
    "b[1]". ``full`` adds all contributions. ``reduction`` replaces the experiment's own.

    Raises InvalidInput or LimitExceeded.
    """
    network, objective = at.network, at.initial_state.objective
    if reduction is not None:
        objective = replace(objective, reduction=REDUCTIONS.find(reduction, "reduction").name)
    if not 1 <= layer <= network.depth:
        raise InvalidInput("layer", texts.layers_numbered(network.depth))
    n_in, n_out = network.shapes[layer - 1]
    chosen = None if entry is None else _chosen(entry, n_in, n_out)
    x, target = at.train[0][at.rows], at.train[1][at.rows]
    if full and len(x) * (n_in + 1) * n_out > MAX_CONTRIBUTIONS:
        raise LimitExceeded(
            "full", texts.NUMBERS_IN_PARTS, MAX_CONTRIBUTIONS, len(x) * (n_in + 1) * n_out
        )
    values = {**given_values(objective, x, target), **at.parameters.named()}
    with np.errstate(over="ignore", invalid="ignore"):
        run(dense_graph(network, objective).nodes, values)
        of_W, of_b = (names.gradient(of(layer)) for of in (names.weights, names.biases))
        a = values[names.activation(layer - 1)]
        dz = values[names.gradient(names.weighted_sum(layer))]
        W, b = a.T @ dz, dz.sum(axis=0)
        size = norm(W) ** 2 + norm(b) ** 2
        a_norms, z_norms = (np.array([norm(row) for row in rows]) for rows in (a, dz))
        # ⟨aᵀ dz, W⟩ = dz · (a W): avoids a matrix per sample.
        pulls = np.einsum("nj,nj->n", dz, a @ W + b)
        answer: dict[str, Any] = {
            "step": at.step,
            "layer": layer,
            "rows": at.rows.tolist(),
            "W_norm": a_norms * z_norms,
            "b_norm": z_norms,
            "share": pulls / size if size > 0 else None,
            "sum": {names.OF_W: W, names.OF_B: b, "W_norm": norm(W), "b_norm": norm(b)},
            "gradient": {names.OF_W: values[of_W], names.OF_B: values[of_b]},
            "hardest": _hardest(at, np.hypot(a_norms, 1.0) * z_norms),
        }
        if chosen is not None:
            i, j = chosen
            parts = dz[:, j] * (1.0 if i is None else a[:, i])
            answer["entry"] = {"name": entry, "parts": parts, "sum": float(parts.sum())}
        if full:
            answer["parts"] = {names.OF_W: np.einsum("ni,nj->nij", a, dz), names.OF_B: dz}
    return answer


def _hardest(at: Snapshot, sizes: Array) -> dict[str, Any] | None:
    """Return the sample whose contribution to W and b has the largest norm, or None."""
    if not np.isfinite(sizes).all() or not sizes.any():
        return None
    index = int(sizes.argmax())
    return {"index": index, "row": int(at.rows[index]), "norm": float(sizes[index])}


def _chosen(entry: str, n_in: int, n_out: int) -> tuple[int | None, int]:
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise InvalidInput("entry", texts.ENTRY)
    row, column, unit = match.groups()
    i = None if row is None else int(row)
    j = int(column or unit)
    if j >= n_out or (i is not None and i >= n_in):
        raise InvalidInput("entry", texts.shape_of_layer(n_in, n_out))
    return i, j
