"""What a request to check somebody's numbers looks like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema

from app.api.schemas import TRACE_EXAMPLE, Givens
from app.core.errors import InvalidInput
from app.core.notation import Notation
from app.core.parsing import MAX_TEXT, parse_array
from app.core.printed import Printed, check_size, from_nested
from app.core.trace import Trace
from app.settings import Limits

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
_LIST = {"type": "array", "items": {}}
_SUBMITTED = {
    "anyOf": [
        {"type": "number"},
        {"type": "string", "maxLength": MAX_TEXT},
        _LIST,
        {"type": "null"},
    ]
}


def _printed(value: Any) -> Printed:
    """One submitted line. A ValueError becomes the message of its field."""
    try:
        return parse_array(value) if isinstance(value, str) else from_nested(value, "")
    except InvalidInput as error:
        raise ValueError(error.message) from None


SubmittedLine = Annotated[Printed, PlainValidator(_printed), WithJsonSchema(_SUBMITTED)]


class CheckRequest(Givens):
    """A working's givens, and the numbers that somebody found."""

    model_config = ConfigDict(
        arbitrary_types_allowed=True, json_schema_extra={"examples": [CHECK_EXAMPLE]}
    )

    submitted: Annotated[
        dict[Annotated[str, Field(min_length=1, max_length=64)], SubmittedLine],
        Field(
            max_length=MAX_LINES,
            description="Values by line id: nested lists, a number, or text as NumPy prints it",
        ),
    ]

    def working(self, limits: Limits) -> tuple[Trace, Notation]:
        """The working that the submitted lines are lines of."""
        check_size(sum(line.values.size for line in self.submitted.values()), "submitted")
        changes: dict[str, bool] = {}
        if f"dC_da{len(self.layers)}" in self.submitted:
            # Cost and output activation, taken apart, have this line between them.
            changes["fused"] = False
        if any(_is_jacobian(name) for name in self.submitted):
            changes["jacobians"] = True
        return self.model_copy(update=changes).build(limits)

    def printed(self) -> Mapping[str, Printed]:
        """The submitted values by the names they were given."""
        return self.submitted


def _is_jacobian(name: str) -> bool:
    return name.startswith(("da", "dz")) and "_d" in name
