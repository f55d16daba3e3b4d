"""The answer to a check of code, as dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from math import isfinite
from typing import Any, Literal, NamedTuple

import numpy as np

CodeVerdict = Literal["correct", "wrong", "incomplete", "unclear"]
LineStatus = Literal["right", "wrong", "follows", "other"]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source line that ran. ``computes`` are ids of lines of the working.

    ``status`` is "right", "wrong" (a mistake is made here), "follows" (wrong because of a mistake
    before) or "other" (nothing of the working). ``note`` says more, in words.
    """

    file: str
    number: int
    text: str
    status: LineStatus
    computes: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class CodeDiagnosis:
    """A mistake: its name in the catalog, its sentence, and where it is made."""

    misconception: str
    message: str
    lines: tuple[str, ...]
    source_line: int | None = None


@dataclass(frozen=True, slots=True)
class ErrorExplanation:
    """Why the program raised: the error as Python prints it, and what does not fit."""

    error: str
    message: str
    source_line: int | None


class SourcePlace(NamedTuple):
    """A line of a source file or cell."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Write:
    """An argument that the program wrote into, and the first line that did."""

    argument: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class LatentFault:
    """A mistake that the given numbers do not show: ``shows`` says which input does."""

    misconception: str
    message: str
    shows: str
    source_line: int | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """A result beside the gradient of ``parameter``: of an update, what it adds."""

    path: str
    parameter: str
    mine: Any
    true: Any
    right: bool


@dataclass(frozen=True)
class CodeResult:
    """The answer to one check of code.

    ``first_wrong`` is the line of the first mistake in ``file``, from 1; None if there is none.
    ``not_checked`` are ids of lines, such as "dC_dW1" or "W1_next", that were not found right.
    ``printed`` is what the program printed. ``other_lines`` are further places where the mistake
    can be set right, ``assumed`` costs that the program does not compute.
    """

    verdict: CodeVerdict
    first_wrong: int | None
    file: str | None
    summary: str
    diagnoses: tuple[CodeDiagnosis, ...] = ()
    lines: tuple[SourceLine, ...] = ()
    error: ErrorExplanation | None = None
    notes: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()
    printed: str = ""
    other_lines: tuple[SourcePlace, ...] = ()
    latent: tuple[LatentFault, ...] = ()
    writes: tuple[Write, ...] = ()
    assumed: tuple[str, ...] = ()
    compared: tuple[Compared, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as plain data, for JSON."""
        found: dict[str, Any] = as_plain(self)
        return found


def as_plain(value: Any) -> Any:
    """Return dataclasses as dicts, tuples and arrays as lists; NaN and infinity are None."""
    if isinstance(value, np.ndarray):
        return as_plain(tuple(value.tolist())) if value.ndim else as_plain(value.item())
    if isinstance(value, float):
        return value if isfinite(value) else None
    if is_dataclass(value):
        return {each.name: as_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, SourcePlace):
        return value._asdict()
    return [as_plain(each) for each in value] if isinstance(value, tuple | list) else value
