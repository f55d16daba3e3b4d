"""Find values that are right but for their orientation or shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backprop_explorer.engine.notation import Notation
from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.code.observed import Observed
from backprop_explorer.tutor.code.recorder import Visit
from backprop_explorer.tutor.code.words import symbol_text


@dataclass(frozen=True, slots=True)
class WrongShape:
    """Where a value gets a wrong shape, and what fits."""

    visit: Visit
    message: str
    misconception: str | None = None  # its name in the catalog


def turned_value(observed: Observed, notation: Notation, until: Visit | None) -> WrongShape | None:
    """Return the first line that gives a line of a batch in another orientation than the others.

    Only for batches: the samples are rows in all lines or columns in all of them. ``until`` is
    where the program raised.
    """
    if notation.single:
        return None
    rows: bool | None = None
    for binding in observed.recording.made():
        if until is not None and binding.visit.order > until.order:
            return None
        value = observed.recording.values[binding.key]
        for label in observed.labels[binding.key]:
            if not label.line or label.sample is not None or label.name not in observed.values:
                continue
            shape = np.shape(observed.values[label.name])
            if len(shape) != 2 or shape[0] != observed.traces[0].samples or shape[0] == shape[1]:
                continue
            if label.name in ("x", "target") or value.shape not in (shape, shape[::-1]):
                break
            if rows is None:
                rows = value.shape == shape
            elif rows != (value.shape == shape):
                needed = shape if rows else shape[::-1]
                side = texts.ROWS if rows else texts.COLUMNS
                message = texts.transposed_here(symbol_text(label.name), value.shape, needed, side)
                return WrongShape(binding.visit, message)
            break
    return None
