"""The recipes of these lessons' experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def experiment(
    dataset: Mapping[str, Any],
    layers: Sequence[tuple[int, str]],
    cost: str,
    rate: float,
    *,
    reduction: str = "mean",
    optimizer: str = "sgd",
    parts: Mapping[str, Any] | None = None,
    **network: Any,
) -> dict[str, Any]:
    """Return a recipe: (units, activation) of each layer, full batches, ``parts`` as they are."""
    return {
        "dataset": dataset,
        "network": {"layers": [{"units": n, "activation": name} for n, name in layers], **network},
        "cost": {"name": cost, "reduction": reduction},
        "optimizer": {"name": optimizer, "learning_rate": rate},
        "batch": {"size": None, "shuffle": False},
        **(parts or {}),
    }
