"""The answer to a check of code, as dataclasses."""

from __future__ import annotations

from dataclasses import asdict, dataclass
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
    ``printed`` is what the program printed. ``other_lines`` are further places where a flipped sign
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
        return {
            "verdict": self.verdict,
            "first_wrong": self.first_wrong,
            "file": self.file,
            "summary": self.summary,
            "diagnoses": [
                {
                    "misconception": each.misconception,
                    "message": each.message,
                    "lines": list(each.lines),
                    "source_line": each.source_line,
                }
                for each in self.diagnoses
            ],
            "error": None
            if self.error is None
            else {
                "error": self.error.error,
                "message": self.error.message,
                "source_line": self.error.source_line,
            },
            "lines": [
                {
                    "file": each.file,
                    "number": each.number,
                    "text": each.text,
                    "status": each.status,
                    "computes": list(each.computes),
                    "note": each.note,
                }
                for each in self.lines
            ],
            "notes": list(self.notes),
            "not_checked": list(self.not_checked),
            "printed": self.printed,
            "other_lines": [each._asdict() for each in self.other_lines],
            "latent": [asdict(each) for each in self.latent],
            "writes": [asdict(each) for each in self.writes],
            "assumed": list(self.assumed),
            "compared": [
                asdict(each)
                | {"mine": np.asarray(each.mine).tolist()}
                | {"true": np.asarray(each.true).tolist()}
                for each in self.compared
            ],
        }
