"""Submitted arrays, prepared for comparison: line id, shape, and possible readings."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import Trace
from backprop_explorer.tutor.checker.tolerance import Tolerance, close, is_single_precision
from backprop_explorer.tutor.reading.printed_array import PrintedArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """A submitted array, converted to the engine's row convention.

    ``quantum`` is how far each entry may be rounded. ``layout`` names the layout that was assumed,
    None for that of the exercise.
    """

    value: Array
    quantum: Array
    layout: str | None = None


@dataclass(frozen=True, slots=True)
class SubmittedLine:
    """One submitted line. ``shape`` is that of the submitted array, before any conversion."""

    id: str
    shape: tuple[int, ...]
    expected_shape: tuple[int, ...]
    readings: tuple[Reading, ...]
    printed: PrintedArray

    def matches(self, expected: Any, slack: Any, tolerance: Tolerance) -> Reading | None:
        """Return the first reading that equals ``expected`` within ``slack``, or None."""
        for reading in self.readings:
            if close(reading.value, reading.quantum, expected, slack, tolerance):
                return reading
        return None

    def reading_shaped_like(self, expected: Any) -> Reading | None:
        """Return the first reading with the shape of ``expected``, or None."""
        shape = np.shape(expected)
        return next((r for r in self.readings if r.value.shape == shape), None)

    @property
    def unfilled(self) -> bool:
        """Whether the array has only zeros or values that ``np.empty`` left in memory."""
        return bool(np.all(np.abs(self.printed.values) < LARGEST_UNINITIALISED))

    @property
    def single_precision(self) -> bool:
        """Whether all numbers can be float32 numbers."""
        return is_single_precision(self.printed.values, self.printed.quantum)


SAMPLES_AS_COLUMNS = "samples as columns"
# Uninitialised memory, read as float64, is mostly subnormal numbers.
LARGEST_UNINITIALISED = 1e-300

_ALIASES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:[d∂]_?(?:C|L|J|cost|loss)[_/]?)?[d∂]_?([azWb])_?(\d+)"), r"dC_d\1\2"),
    (re.compile(r"(?:delta|δ)_?(\d+)"), r"dC_dz\1"),
    (re.compile(r"([azWb])_(\d+)"), r"\1\2"),
    (re.compile(r"([Wb])_?(\d+)_?(?:new|next|updated)"), r"\1\2_next"),
    (re.compile(r"(?:cost|loss|L|J)"), "C"),
    # Jacobians: ∂a1/∂z1, da_1_dz_1, and with one number for both, da_dz1 or da1_dz.
    (re.compile(r"[d∂]_?([az])_?(\d+)[_/]?[d∂]_?([azWb])_?(\d+)"), r"d\1\2_d\3\4"),
    (re.compile(r"[d∂]_?([az])[_/]?[d∂]_?([zWb])_?(\d+)"), r"d\1\3_d\2\3"),
    (re.compile(r"[d∂]_?([az])_?(\d+)[_/]?[d∂]_?([zWb])"), r"d\1\2_d\3\2"),
)
_LAST_LAYER_ALIASES = {
    "predict": "a{}",
    "prediction": "a{}",
    "output": "a{}",
    "y_pred": "a{}",
    "y_hat": "a{}",
}


def known_id(name: str, known: Mapping[str, Any], depth: int) -> str | None:
    """Return the line id for ``name``, an id or a common spelling of one; None if unknown."""
    if name in known:
        return name
    if name in _LAST_LAYER_ALIASES:
        return _LAST_LAYER_ALIASES[name].format(depth)
    for pattern, replacement in _ALIASES:
        match = pattern.fullmatch(name)
        if match is not None and (found := match.expand(replacement)) in known:
            return found
    return None


def unknown_line(name: str, known: Iterable[str]) -> InvalidInput:
    """Return the error for an unknown line, with a suggestion if a known name is similar."""
    names = list(known)
    near = difflib.get_close_matches(name[:64], names, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    if name.endswith("_next") and not any(n.endswith("_next") for n in names):
        hint = "; choose an optimizer to check lines of an update"
    end = "" if hint.endswith("?") else "."
    shown = ", ".join(names[:40]) + (", …" if len(names) > 40 else "")
    return InvalidInput(
        f"submitted.{name[:64]}", f"no such line in this working{hint}{end} Lines: {shown}"
    )


def read_submission(
    trace: Trace, notation: Notation, printed: Mapping[str, PrintedArray]
) -> dict[str, SubmittedLine]:
    """Return the submitted lines by id, without blank ones.

    Raises InvalidInput naming ``submitted.<id>`` for an unknown line, or a line that is submitted
    under two names.
    """
    steps = {line.id: line for line in trace.lines}
    lines: dict[str, SubmittedLine] = {}
    for name, array in printed.items():
        line_id = known_id(name, steps, trace.network.depth)
        if line_id is None:
            raise unknown_line(name, steps)
        if line_id in lines:
            raise InvalidInput(f"submitted.{name[:64]}", f"{line_id} is already submitted")
        if array.blank:
            continue
        line = steps[line_id]
        expected = np.shape(notation.show(line.value, line.step.axes))
        readings = tuple(_readings(array, line.step.axes, expected, notation))
        lines[line_id] = SubmittedLine(line_id, array.values.shape, expected, readings, array)
    return lines


def _readings(
    array: PrintedArray, axes: str, expected: tuple[int, ...], notation: Notation
) -> Iterable[Reading]:
    """Yield the array in the engine's row convention, then with samples as columns."""
    value, quantum = array.values, array.quantum
    if value.shape != expected and _equal_without_ones(value.shape, expected):
        value, quantum = value.reshape(expected), quantum.reshape(expected)
    if axes == "njk" and value.ndim == len(expected) - 1 and value.shape[-1] == expected[-1]:
        # The diagonal of a Jacobian is accepted for the whole matrix.
        value = value[..., None] * np.eye(expected[-1])
        quantum = np.broadcast_to(quantum[..., None], value.shape)
    value, quantum = notation.reorient(value, axes), notation.reorient(quantum, axes)
    if notation.single and axes.startswith("n") and value.ndim == len(expected):
        value, quantum = value[None], quantum[None]
    yield Reading(value, quantum)
    if axes in ("nj", "ni") and not notation.single and value.ndim == 2:
        yield Reading(value.T, quantum.T, SAMPLES_AS_COLUMNS)


def _equal_without_ones(given: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    """Whether shapes differ only in axes of length 1, such as (n, 1), (1, n) and (n,).

    False for two matrices: (1, n) instead of (n, 1) is a transposition.
    """
    if len(given) == len(expected) == 2:
        return False
    return [n for n in given if n != 1] == [n for n in expected if n != 1]
