"""Submitted arrays, prepared for comparison: line id, shape, and possible readings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.names import Name
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import Line, Trace
from backprop_explorer.texts import tutor_checker as texts
from backprop_explorer.tutor.checker.check_result import Note
from backprop_explorer.tutor.checker.naming import Naming
from backprop_explorer.tutor.checker.tolerance import SINGLE, Tolerance, close, is_single_precision
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
    """One submitted line. ``shape`` is that of the submitted array, before any conversion.

    ``name`` is the name under which it was submitted.
    """

    id: Name
    shape: tuple[int, ...]
    expected_shape: tuple[int, ...]
    readings: tuple[Reading, ...]
    printed: PrintedArray
    name: str = ""

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

    def changed(
        self, change: Callable[[Array], Array], quantum: Callable[[Array], Array] | None = None
    ) -> SubmittedLine:
        """Return the line with ``change`` applied to the numbers of each reading."""
        readings = tuple(
            replace(each, value=change(each.value), quantum=(quantum or change)(each.quantum))
            for each in self.readings
        )
        return replace(self, readings=readings)

    @property
    def unfilled(self) -> bool:
        """Whether the array has only zeros or nan, or values that ``np.empty`` left in memory."""
        values = self.printed.values
        if np.isnan(values).all():
            return True
        sizes = np.abs(values)
        leftover = (sizes > 0.0) & (sizes < SMALLEST_NORMAL)
        return bool(np.all(sizes < LARGEST_UNINITIALISED) or leftover.any())

    @property
    def single_precision(self) -> bool:
        """Whether all numbers can be float32 numbers."""
        return is_single_precision(self.printed.values, self.printed.quantum)


# A submission with at most so many decimals is rounded to them, if it has several numbers.
FEW_DECIMALS, FEWEST_NUMBERS = (2, 3), 4
ALL_DECIMALS = 8
SAMPLES_AS_COLUMNS = texts.SAMPLES_AS_COLUMNS
# Uninitialised memory, read as float64, is mostly subnormal numbers.
LARGEST_UNINITIALISED = 1e-300
SMALLEST_NORMAL = float(np.finfo(np.float64).tiny)


def read_submission(
    trace: Trace, notation: Notation, printed: Mapping[str, PrintedArray]
) -> tuple[dict[str, SubmittedLine], list[Note]]:
    """Return the submitted lines by id, without blank ones, and notes on how names were read.

    Raises InvalidInput naming ``submitted.<name>`` for a name that stands for no line, or a line
    that is submitted under two names.
    """
    known: dict[str, Line] = {line.node.id: line for line in trace.lines}

    def line_of(name: str, line_id: str) -> SubmittedLine:
        line, array = known[line_id], printed[name]
        expected = np.shape(notation.show(line.value, line.node.axes))
        readings = tuple(_readings(array, line.node.axes, expected, notation))
        return SubmittedLine(line.node.id, array.values.shape, expected, readings, array, name)

    def fits(name: str, line_id: str) -> bool:
        blank = printed[name].blank
        value = known[line_id].value
        return not blank and line_of(name, line_id).reading_shaped_like(value) is not None

    def equals(name: str, line_id: str) -> bool:
        # Whole numbers, such as the 1 of a Jacobian, occur by chance.
        if not fits(name, line_id) or np.all(printed[name].values % 1.0 == 0.0):
            return False
        return line_of(name, line_id).matches(known[line_id].value, None, SINGLE) is not None

    naming = Naming([*printed], known, trace.network.depth, fits, equals)
    lines = {
        line_id: line_of(name, line_id)
        for name, line_id in naming.ids.items()
        if line_id and not printed[name].blank
    }
    return lines, naming.notes


def with_common_decimals(
    lines: Mapping[str, SubmittedLine], truth: Mapping[str, Any]
) -> tuple[dict[str, SubmittedLine], list[str]]:
    """Return the lines as rounded to the decimals of the submission, and those that round to zeros.

    Alone, a line such as 0.5 counts as exact, because NumPy drops zeros at the end. With only 2 or
    3 decimals in the submission, all lines are rounded to them, but arrays of zeros keep their
    digits: they may be unfilled. With fewer than 8, those are whose correct numbers round to zeros.
    """
    decimals = max((given.printed.decimals for given in lines.values()), default=0)
    numbers = sum(given.printed.values.size for given in lines.values())
    least = 0.5 * 10.0**-decimals
    few = decimals in FEW_DECIMALS and numbers >= FEWEST_NUMBERS
    zeros = [
        name
        for name, given in lines.items()
        if FEW_DECIMALS[0] <= decimals < ALL_DECIMALS
        and not np.any(given.printed.values)
        and np.all(np.abs(truth[given.id]) <= least)
    ]
    rounded = {
        name: given.changed(lambda value: value, lambda quantum: np.maximum(quantum, least))
        if name in zeros or (few and not given.unfilled)
        else given
        for name, given in lines.items()
    }
    return rounded, zeros


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
