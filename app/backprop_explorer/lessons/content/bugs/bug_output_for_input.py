"""Find the bug: a layer's own output where its input belongs."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.working import LessonWorking


def _working(draw: Draw) -> LessonWorking:
    def make() -> LessonWorking:
        layers = [(draw.normal(2, 2), draw.normal(2, scale=0.5), "sigmoid") for _ in range(2)]
        return LessonWorking(layers, draw.normal(2), np.round(draw.rng.uniform(0.05, 0.95, 2), 2))

    def tells(working: LessonWorking) -> bool:
        gradients = [working.shown(f"dC_db{k}") for k in (1, 2)]
        return bool(min(np.abs(g).min() for g in gradients) > 1e-3)

    return first(make, tells)


def numbers(draw: Draw) -> dict[str, Any]:
    """Two sigmoid layers 2 → 2 → 2, so that no shape complains."""
    working = _working(draw)
    pairs = [(working.shown(f"W{k}"), working.shown(f"b{k}")) for k in (1, 2)]
    (W1, b1), (W2, b2) = pairs
    db1, a1 = (working.shown("dC_db1"), working.shown("a1"))
    written = np.outer(db1, a1)
    return {
        "working": working,
        "W1": W1,
        "b1": b1,
        "W2": W2,
        "b2": b2,
        "written_array2string": np.array2string(written, precision=8),
    }
