"""The requests of the checker: submitted lines, and pasted text to read.

On the imports see trace_requests.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from backprop_explorer.compute.inferred_requests import InferredCheckRequest
from backprop_explorer.compute.numbers import read_submitted
from backprop_explorer.compute.trace_requests import TRACE_EXAMPLE, ProblemRequest
from backprop_explorer.experiments.recipe_fields import RecipePart
from backprop_explorer.experiments.typed_arrays import TypedArrayGiven
from backprop_explorer.limits import Limits
from backprop_explorer.tutor.reading import MAX_PASTED, MAX_TEXT
from backprop_explorer.tutor.reading.printed_array import PrintedArray, check_size

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


SubmittedLine = Annotated[
    PrintedArray,
    PlainValidator(
        read_submitted,
        json_schema_input_type=float
        | Annotated[str, Field(max_length=MAX_TEXT)]
        | list[Any]
        | TypedArrayGiven
        | None,
    ),
]


class CheckRequest(ProblemRequest):
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

    @classmethod
    def for_body(cls, given: Any) -> type[BaseModel]:
        """Return the model of a body: that of a check whose settings are to be found, or this."""
        infer = isinstance(given, dict) and "settings" in given
        return InferredCheckRequest if infer else cls

    def result(self, limits: Limits) -> CheckResult:
        """The marks. Givens that can be read in two ways are read in that of the numbers."""
        from backprop_explorer.tutor.checker.readings import check_readings

        check_size(sum(line.values.size for line in self.submitted.values()), "submitted")
        return check_readings(self.problem(limits), self.submitted)


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
        from backprop_explorer.compute.inferred_answers import paste_answer

        return paste_answer(self.text, self.layers)
