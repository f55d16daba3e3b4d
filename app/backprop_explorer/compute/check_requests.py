"""The requests of the checker: submitted lines, and pasted text to read.

On the imports see trace_requests.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import ConfigDict, Field, PlainValidator

from backprop_explorer.compute.trace_requests import TRACE_EXAMPLE, Givens
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.experiments.recipe_fields import RecipePart
from backprop_explorer.experiments.typed_arrays import TypedArrayGiven, is_typed, read_typed
from backprop_explorer.limits import Limits
from backprop_explorer.texts import compute as texts
from backprop_explorer.tutor.reading.limits import MAX_PASTED, MAX_TEXT
from backprop_explorer.tutor.reading.printed_array import (
    MAX_DEPTH,
    MAX_SIZE,
    PrintedArray,
    check_size,
    from_array,
    from_nested,
)

if TYPE_CHECKING:
    from backprop_explorer.tutor.checker import CheckResult

MAX_LINES = 512

CHECK_EXAMPLE: dict[str, Any] = {
    **TRACE_EXAMPLE,
    "submitted": {
        "z1": "[0.76 0.14]",
        "a1": [0.68135373, 0.53494295],
        "dC_dW2": "[[-0.57559381 -0.45190895]]",
        "dC_db2": "[-0.84477971]",
    },
}


def _printed(value: Any) -> PrintedArray:
    """Read one submitted line. Raises ValueError, which becomes the field's message."""
    from backprop_explorer.tutor.reading.arrays import parse_array

    try:
        if is_typed(value):
            return _typed(value)
        return parse_array(value) if isinstance(value, str) else from_nested(value, "")
    except InvalidInput as error:
        raise ValueError(error.message) from None


def _typed(value: dict[Any, Any]) -> PrintedArray:
    """Read a typed array in base64; numbers from memory are not rounded for printing."""
    array = read_typed(value)
    check_size(array.size, "")
    if array.ndim > MAX_DEPTH:
        raise ValueError(texts.most_axes(MAX_DEPTH))
    if not array.size or not (np.abs(array.astype(np.float64)) <= MAX_SIZE).all():
        raise ValueError(texts.ONLY_FINITE)
    return from_array(array)


SubmittedLine = Annotated[
    PrintedArray,
    PlainValidator(
        _printed,
        json_schema_input_type=float
        | Annotated[str, Field(max_length=MAX_TEXT)]
        | list[Any]
        | TypedArrayGiven
        | None,
    ),
]


class CheckRequest(Givens):
    """The givens of a backpropagation and a student's numbers."""

    model_config = ConfigDict(
        arbitrary_types_allowed=True, json_schema_extra={"examples": [CHECK_EXAMPLE]}
    )

    submitted: Annotated[
        dict[Annotated[str, Field(min_length=1, max_length=64)], SubmittedLine],
        Field(
            max_length=MAX_LINES,
            description="By line id: nested lists, a typed array, a number, or printed text",
        ),
    ]

    def result(self, limits: Limits) -> CheckResult:
        """The marks. Givens that can be read in two ways are read in that of the numbers."""
        from backprop_explorer.tutor.checker.readings import check_readings

        request = self.with_submitted_lines()
        return check_readings(
            request.arrays(limits),
            request.submitted,
            fused=request.fused,
            jacobians=request.jacobians,
        )

    def with_submitted_lines(self) -> CheckRequest:
        """The same request, with the options that give the working all submitted lines."""
        from backprop_explorer.tutor.checker.line_names import trace_requirements

        check_size(sum(line.values.size for line in self.submitted.values()), "submitted")
        requirements = trace_requirements(self.submitted, len(self.layers))
        return self.model_copy(
            update={
                "fused": self.fused and not requirements.unfused_output,
                "jacobians": self.jacobians or requirements.jacobians,
            }
        )


PASTE_EXAMPLE: dict[str, Any] = {
    "text": "dC_dW1 = [[0.1 0.2]\n [0.3 0.4]]\ndC_db1 = array([0.5, 0.6])",
    "layers": 1,
}


class PasteRequest(RecipePart):
    """Text printed by a notebook, such as a cell's output."""

    model_config = ConfigDict(json_schema_extra={"examples": [PASTE_EXAMPLE]})

    text: Annotated[str, Field(strict=True, max_length=MAX_PASTED)]
    layers: Annotated[int, Field(strict=True, ge=1, le=256)] | None = Field(
        None, description="How many the network has: then `predict` and `dC_dW` have a place too"
    )

    def answer(self) -> dict[str, Any]:
        """All arrays with names and shapes, and the positions of other text."""
        from backprop_explorer.compute.paste_answers import PasteAnswer

        return PasteAnswer(self.text, self.layers).content()
