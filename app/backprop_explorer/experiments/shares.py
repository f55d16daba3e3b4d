"""What each sample of a batch contributes to its gradient, and which pulls hardest."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.backprop import activation_of, givens, run, working
from backprop_explorer.engine.costs import REDUCTIONS
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.experiments.history import norm
from backprop_explorer.experiments.snapshot import Snapshot

Array = NDArray[np.float64]

# Numbers in the contributions of all samples, where they are asked for one by one.
MAX_CONTRIBUTIONS = 100_000

_ENTRY = re.compile(r"(?:W\[(\d{1,5}),(\d{1,5})\]|b\[(\d{1,5})\])")


def shares(
    at: Snapshot, layer: int, entry: str | None, full: bool, reduction: str | None = None
) -> dict[str, Any]:
    """The parts of ∂C/∂W and ∂C/∂b of ``layer`` that the samples of the next batch bring.

    The part of sample n is a(n)ᵀ ∂C/∂z(n), with the cost's factor of the batch in it; the parts and
    the penalty's add up to the gradient. ``share`` is the part's component along the sum of all
    parts, as a share of it: they add up to 1, and are negative for a sample that pulls the other
    way. ``entry`` chooses one number, such as "W[0,2]" or "b[1]"; ``full`` adds all of them.
    ``reduction`` scales the cost in another way than the experiment does.
    """
    network, objective = at.network, at.initial_state.objective
    if reduction is not None:
        objective = replace(objective, reduction=REDUCTIONS.find(reduction, "reduction").name)
    if not 1 <= layer <= network.depth:
        raise InvalidInput("layer", f"layers are numbered from 1 to {network.depth}")
    n_in, n_out = network.shapes[layer - 1]
    chosen = None if entry is None else _chosen(entry, n_in, n_out)
    x, target = at.train[0][at.rows], at.train[1][at.rows]
    if full and len(x) * (n_in + 1) * n_out > MAX_CONTRIBUTIONS:
        raise LimitExceeded(
            "full", "numbers in all parts", MAX_CONTRIBUTIONS, len(x) * (n_in + 1) * n_out
        )
    values = {**givens(objective, x, target), **at.parameters.named()}
    with np.errstate(over="ignore", invalid="ignore"):
        run(working(network, objective), values)
        a, dz = values[activation_of(layer - 1)], values[f"dC_dz{layer}"]
        W, b = a.T @ dz, dz.sum(axis=0)
        size = norm(W) ** 2 + norm(b) ** 2
        a_norms, z_norms = (np.array([norm(row) for row in rows]) for rows in (a, dz))
        # ⟨aᵀ dz, W⟩ = dz · (a W), without a matrix for every sample.
        pulls = np.einsum("nj,nj->n", dz, a @ W + b)
        found: dict[str, Any] = {
            "step": at.step,
            "layer": layer,
            "rows": at.rows.tolist(),
            "W_norm": a_norms * z_norms,
            "b_norm": z_norms,
            "share": pulls / size if size > 0 else None,
            "sum": {"dC_dW": W, "dC_db": b, "W_norm": norm(W), "b_norm": norm(b)},
            "gradient": {"dC_dW": values[f"dC_dW{layer}"], "dC_db": values[f"dC_db{layer}"]},
            "hardest": _hardest(at, np.hypot(a_norms, 1.0) * z_norms),
        }
        if chosen is not None:
            i, j = chosen
            parts = dz[:, j] * (1.0 if i is None else a[:, i])
            found["entry"] = {"name": entry, "parts": parts, "sum": float(parts.sum())}
        if full:
            found["parts"] = {"dC_dW": np.einsum("ni,nj->nij", a, dz), "dC_db": dz}
    return found


def _hardest(at: Snapshot, sizes: Array) -> dict[str, Any] | None:
    """The sample whose part, of weights and biases together, is longest."""
    if not np.isfinite(sizes).all() or not sizes.any():
        return None
    index = int(sizes.argmax())
    return {"index": index, "row": int(at.rows[index]), "norm": float(sizes[index])}


def _chosen(entry: str, n_in: int, n_out: int) -> tuple[int | None, int]:
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise InvalidInput("entry", "an entry such as W[0,2] or b[1] is needed")
    row, column, unit = match.groups()
    i = None if row is None else int(row)
    j = int(column or unit)
    if j >= n_out or (i is not None and i >= n_in):
        raise InvalidInput("entry", f"W is ({n_in}, {n_out}), b is ({n_out},), counted from 0")
    return i, j
