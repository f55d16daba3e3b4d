"""What an answer says of a sweep beside its cells."""

from __future__ import annotations

from typing import Any

from backprop_explorer.experiments.sweeps.sweep import Sweep


def summary(sweep: Sweep) -> dict[str, Any]:
    """Return what an answer says of a sweep beside its cells."""
    return {
        "id": sweep.id,
        "sweep": sweep.model_dump(mode="json"),
        "shape": list(sweep.shape),
        "better": sweep.measured.better,
    }
