"""The request of a program's check: what ``bx.check_code(…).save(file)`` writes.

It is kept as it is and shown; nothing is computed from it.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from backprop_explorer.experiments.recipe_fields import Canonical, Whole
from backprop_explorer.texts import compute as texts

MAX_CASES, MAX_LINES, MAX_ARRAYS = 20, 2_000, 500

_Text = Annotated[str, Field(max_length=2_000)]
_File = Annotated[str, Field(max_length=1_000)]
_Line = Annotated[int | None, Field(ge=0, le=10**7)]
_Verdict = Literal["correct", "wrong", "incomplete", "unclear"]

CHECK_OF_PROGRAM: dict[str, Any] = {
    "version": 1,
    "verdict": "correct",
    "summary": "Correct.",
    "cases": [{"name": "yours", "about": "x 2", "verdict": "correct", "summary": "Correct."}],
}


class _CheckPart(BaseModel):
    # What a later version adds is left out.
    model_config = ConfigDict(extra="ignore", strict=True)


class CheckedArray(_CheckPart):
    """An array by its shape and its numbers, row by row."""

    shape: list[Annotated[int, Field(ge=0, le=2**31)]] = Field(max_length=8)
    numbers: Annotated[list[float | None], Field(max_length=4_096)] | None = Field(
        description="null for a large array; null in it for what is not finite"
    )


def _whole(array: CheckedArray) -> CheckedArray:
    if array.numbers is not None and len(array.numbers) != math.prod(array.shape):
        raise ValueError(texts.numbers_of_shape(array.shape, len(array.numbers)))
    return array


_Array = Annotated[CheckedArray, AfterValidator(_whole)]


class ProgramCheckLine(_CheckPart):
    """A source line that ran."""

    file: _File
    number: Whole
    text: _Text
    status: Literal["right", "wrong", "follows", "other"] = Field(
        description="wrong: a mistake is made here; follows: wrong because of a mistake before"
    )
    note: _Text = Field("", description="What it computes")


class ProgramCheckArray(_CheckPart):
    """What a source line computed at last."""

    file: _File
    number: Whole
    name: _Text
    runs: Whole = Field(description="How often the line ran")
    array: _Array


class ProgramCheckWrite(_CheckPart):
    """One write into an array."""

    run: dict[Annotated[str, Field(max_length=200)], int | str] = Field(
        description="Values of the loop variables"
    )
    entries: list[Whole] = Field(max_length=400, description="Positions row by row")
    numbers: list[float] = Field(max_length=400)
    added: bool = Field(description="Whether it added to what was there")
    reads: list[Whole] = Field(
        [], max_length=400, description="Positions of its window in `windows`, row by row"
    )


class ProgramCheckPart(_CheckPart):
    """What comes back along one path."""

    through: _Text = Field(description="The variable that reads")
    line: _Line
    missing: bool = Field(description="Whether it is not in the result")
    array: _Array


class ProgramCheckEdge(_CheckPart):
    """A variable that reads another one, on the way from the parameter to the cost."""

    of: _Text = Field(description="The variable that is read")
    to: _Text = Field(description="The variable that reads")
    line: _Line = Field(description="The line that computes the variable that reads")
    missing: bool = Field(description="Whether the result lacks what comes back along this edge")
    array: _Array = Field(
        description="The part of the gradient of the parameter that comes back along this edge"
    )


class ProgramCheckResult(_CheckPart):
    """A result beside the gradient."""

    path: _Text = Field(description="Where it is in what the program returned")
    parameter: _Text
    file: _File | None
    line: _Line
    is_right: bool
    mine: _Array
    right: _Array | None = Field(description="null where answers are hidden")
    factor: float | None = Field(
        1.0,
        description="right is this times the gradient; null where it is no multiple, or is hidden",
    )
    writes: list[ProgramCheckWrite] = Field([], max_length=600, description="In their order")
    windows_of: _Text = Field("", description="The array whose windows the writes read")
    windows: _Array | None = None
    parts_of: _Text = Field("", description="The variable whose gradient the parts add up to")
    parts: list[ProgramCheckPart] = Field([], max_length=100)
    edges: list[ProgramCheckEdge] = Field([], max_length=100)


class ProgramCheckCase(_CheckPart):
    """The check on one input."""

    name: _Text
    about: _Text = Field(description="Its shapes and numbers in words")
    verdict: _Verdict
    summary: _Text
    file: _File | None = None
    first_wrong: _Line = None
    why: _Text = Field("", description="Why the own input does not show the mistake")
    lines: list[ProgramCheckLine] = Field([], max_length=MAX_LINES)
    arrays: list[ProgramCheckArray] = Field([], max_length=MAX_ARRAYS)
    results: list[ProgramCheckResult] = Field([], max_length=MAX_ARRAYS)


class ProgramCheckDiagnosis(_CheckPart):
    """A mistake that was named."""

    misconception: _Text
    message: _Text


class ProgramCheckRequest(_CheckPart, Canonical):
    """The check of a program, as a notebook made it."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHECK_OF_PROGRAM]})

    version: Literal[1] = Field(description="Of this format")
    verdict: _Verdict
    summary: _Text
    diagnoses: list[ProgramCheckDiagnosis] = Field([], max_length=50)
    notes: list[_Text] = Field([], max_length=100)
    cases: list[ProgramCheckCase] = Field(min_length=1, max_length=MAX_CASES)
