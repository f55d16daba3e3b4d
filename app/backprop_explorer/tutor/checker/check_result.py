"""The answer of the checker, as dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Verdict = Literal["correct", "wrong", "incomplete"]
Certainty = Literal["all_lines", "one_of_several", "some_lines"]
LineVerdict = Literal["correct", "follows", "wrong", "missing"]


@dataclass(frozen=True, slots=True)
class LineMark:
    """The mark of one line.

    ``max_relative_error`` is ‖p − q‖ / (‖p‖ + ‖q‖). ``entries`` has the shape of the line and tells
    which entries are correct; None if the submitted shape is different.
    """

    verdict: LineVerdict
    max_relative_error: float | None = None
    misconception: str | None = None
    entries: NDArray[np.bool_] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the mark with lists."""
        return asdict(self) | {"entries": None if self.entries is None else self.entries.tolist()}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A mistake that gives the submitted numbers, and the lines in which it was made.

    ``certainty`` is "all_lines" if the diagnoses explain all lines and nothing else does,
    "one_of_several" if other mistakes give the same numbers, "some_lines" if lines stay
    unexplained. ``alternative`` marks a mistake that was made instead of the first ones.
    ``activations`` has the activation with which each layer, from 1, was computed, if the mistake
    is that it is not the given one.
    """

    misconception: str
    lines: tuple[str, ...]
    message: str
    detail: str = ""
    certainty: Certainty = "all_lines"
    alternative: bool = False
    activations: Mapping[int, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the diagnosis in the format of the API, without its detail."""
        used = [{"layer": layer, "activation": name} for layer, name in self.activations.items()]
        fields = asdict(self) | {"lines": list(self.lines), "activations": used}
        return {key: value for key, value in fields.items() if key != "detail"}


@dataclass(frozen=True, slots=True)
class Note:
    """A remark that is not a mistake of the computation.

    ``kind`` is "other_convention", "other_scaling" (with ``factor``), "single_precision",
    "rounded_givens", "rounded_lines", "per_sample"; "numbering" and "read_as" (how a name was
    read); "samples_as_columns", "bias_in_weights" and "class_targets" (how the givens were read);
    "log_epsilon", "unfilled", "shape", "not_finite" or "entries", which are about one ``line``.
    """

    kind: str
    message: str
    line: str | None = None
    factor: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the note without empty fields."""
        return {key: value for key, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The answer to one submission. ``lines`` has every line of the working, in order.

    ``names`` has the name under which each line was submitted.
    """

    verdict: Verdict
    first_wrong: str | None
    summary: str
    diagnoses: tuple[Diagnosis, ...]
    lines: dict[str, LineMark]
    notes: tuple[Note, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the answer in the format of the API."""
        return {
            "verdict": self.verdict,
            "first_wrong": self.first_wrong,
            "summary": self.summary,
            "diagnoses": [each.as_dict() for each in self.diagnoses],
            "lines": {name: mark.as_dict() for name, mark in self.lines.items()},
            "notes": [note.as_dict() for note in self.notes],
        }
