"""The user's own data, typed or uploaded: rows, cleaned names, and their ``Dataset`` entry."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from backprop_explorer.datasets.dataset import Dataset, Table

MAX_SHOWN = 60
# scikit-learn's names for the columns of an image.
_PIXEL = re.compile(r"pixel_([0-9]{1,3})_([0-9]{1,3})")
# Control, format (direction overrides), surrogate and unassigned characters, line separators.
_UNPRINTED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean_name(text: str) -> str:
    """Return ``text`` as a safe name: no invisible characters, single spaces, MAX_SHOWN at most.

    HTML is not escaped; escape it where the name is shown.
    """
    # Tabs and line ends count as spaces; other invisible characters are dropped.
    spaced = " ".join(text[: 16 * MAX_SHOWN].split())
    seen = "".join(c for c in spaced if unicodedata.category(c) not in _UNPRINTED)
    return " ".join(seen.split())[:MAX_SHOWN].rstrip()


@dataclass(frozen=True)
class Rows:
    """Rows ``x`` (N, d) with their ``target``, and the names of columns and classes.

    ``target`` is (N,), or (N, m) for a regression of m targets. ``classes`` are the names of the
    class indices 0, 1, … in ``target``; empty for a regression.
    """

    x: Sequence[Sequence[float]]
    target: Sequence[float] | Sequence[Sequence[float]]
    features: Sequence[str]
    classes: Sequence[str]
    target_name: str


def image_shape(features: Sequence[str]) -> tuple[int, int] | None:
    """Return (height, width) if ``features`` are pixel_0_0, pixel_0_1, … row by row; else None."""
    last = _PIXEL.fullmatch(features[-1])
    if last is None:
        return None
    height, width = int(last[1]) + 1, int(last[2]) + 1
    if height * width != len(features) or min(height, width) < 2:
        return None
    names = [f"pixel_{row}_{column}" for row in range(height) for column in range(width)]
    return (height, width) if list(features) == names else None


def own_dataset(name: str, rows: Rows) -> Dataset:
    """Return ``rows`` as a ``Dataset`` entry; the seed has no effect."""

    shape = image_shape(rows.features)

    def make(*, seed: int) -> Table:
        del seed
        return Table(
            features=rows.x,  # type: ignore[arg-type] # the table copies it into an array
            target=rows.target,  # type: ignore[arg-type]
            feature_names=tuple(rows.features),
            class_names=tuple(rows.classes),
            target_name=rows.target_name,
            image_shape=shape,
        )

    first = rows.target[0]
    return Dataset(
        name=name,
        title="Own data",
        description="Rows that you typed or uploaded.",
        task="classification" if rows.classes else "regression",
        size=len(rows.x),
        features=len(rows.x[0]),
        classes=len(rows.classes),
        make=make,
        targets=len(first) if isinstance(first, Sequence) else 1,
    )
