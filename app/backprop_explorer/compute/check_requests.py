"""The requests of the checker: submitted lines, and pasted text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import numpy as np
from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema

from backprop_explorer.compute.trace_requests import TRACE_EXAMPLE, Givens
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import Trace
from backprop_explorer.experiments.recipe import RecipePart
from backprop_explorer.settings import Limits
from backprop_explorer.tutor.checker.line_names import line_ids, trace_requirements
from backprop_explorer.tutor.checker.submission import known_id
from backprop_explorer.tutor.reading.arrays import (
    MAX_TEXT,
    AmbiguousArray,
    parse_array,
    reading_of_size,
)
from backprop_explorer.tutor.reading.findings import PastedArray, with_guessed_names
from backprop_explorer.tutor.reading.printed_array import PrintedArray, check_size, from_nested
from backprop_explorer.tutor.reading.transcript import MAX_PASTED, MAX_UNREAD, read_transcript

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
PASTE_EXAMPLE: dict[str, Any] = {
    "text": "dC_dW1 = [[0.1 0.2]\n [0.3 0.4]]\ndC_db1 = array([0.5, 0.6])",
    "layers": 1,
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


def _printed(value: Any) -> PrintedArray:
    """Read one submitted line. Raises ValueError, which becomes the field's message."""
    try:
        return parse_array(value) if isinstance(value, str) else from_nested(value, "")
    except InvalidInput as error:
        raise ValueError(error.message) from None


SubmittedLine = Annotated[PrintedArray, PlainValidator(_printed), WithJsonSchema(_SUBMITTED)]


class CheckRequest(Givens):
    """The givens of a backpropagation and a student's numbers."""

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
        """The trace that has the submitted lines, and its notation."""
        check_size(sum(line.values.size for line in self.submitted.values()), "submitted")
        requirements = trace_requirements(self.submitted, len(self.layers))
        changes = {
            "fused": self.fused and not requirements.unfused_output,
            "jacobians": self.jacobians or requirements.jacobians,
        }
        return self.model_copy(update=changes).build(limits)

    def printed(self) -> Mapping[str, PrintedArray]:
        """The submitted values by name."""
        return self.submitted


class PasteRequest(RecipePart):
    """Text printed by a notebook, such as a cell's output."""

    model_config = ConfigDict(json_schema_extra={"examples": [PASTE_EXAMPLE]})

    text: Annotated[str, Field(strict=True, max_length=MAX_PASTED)]
    layers: Annotated[int, Field(strict=True, ge=1, le=256)] | None = Field(
        None, description="How many the network has: then `predict` and `dC_dW` have a place too"
    )

    def answer(self) -> dict[str, Any]:
        """All arrays with names and shapes, and the positions of other text."""
        pasted = read_transcript(self.text)
        known = line_ids(self.layers or 24)
        arrays, repeated = _first_of_each(
            [
                self._array(piece, guessed, known)
                for piece, guessed in with_guessed_names(pasted.arrays)
            ]
        )
        words = {name[:64]: [w[:64] for w in found] for name, found in pasted.words.items()}
        unread = [asdict(each) for each in pasted.unread] + repeated
        unread.sort(key=lambda each: each["line"])
        return {"arrays": arrays, "words": words, "unread": unread}

    def _array(
        self, piece: PastedArray, guessed: bool, known: Mapping[str, None]
    ) -> dict[str, Any]:
        line_id = self._line_id(piece.name, known)
        printed = reading_of_size(piece.printed, 1) if line_id == "C" else piece.printed
        found = {
            "name": piece.name and piece.name[:64],
            "as": line_id,
            "guessed": guessed,
            "shape": list(printed.values.shape),
            "value": _readable(printed),
            "at_line": piece.line,
        }
        # The commas may separate numbers or decimals. The client knows the line's size: send both.
        return found | (
            {"decimal": _readable(printed.decimal)} if isinstance(printed, AmbiguousArray) else {}
        )

    def _line_id(self, name: str | None, known: Mapping[str, None]) -> str | None:
        if name is None:
            return None
        found = known_id(name, known, self.layers or 0)
        if found not in known and self.layers == 1:
            found = known_id(f"{name}1", known, 1)
        return found if found in known else None


def _first_of_each(
    arrays: list[dict[str, Any]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Keep the first array of each line. Returns the kept arrays and a message for each other.

    Students print autograd's gradients below their own, with the same names; their own are to be
    checked. A written name has priority over a guessed one. Repeated equal numbers are kept.
    """
    named = [array for array in arrays if array["as"] and not array["guessed"]]
    first: dict[str, dict[str, Any]] = {}
    for array in named:
        first.setdefault(array["as"], array)
    kept: list[dict[str, Any]] = []
    repeated: list[dict[str, Any]] = []
    for array in arrays:
        line_id = array["as"]
        earlier = first.get(line_id, array)
        if array["guessed"] and earlier is not array:
            kept.append({**array, "as": None})
        elif earlier is array or earlier["value"] == array["value"]:
            kept.append(array)
        elif len(repeated) < MAX_UNREAD:
            message = (
                f"{line_id} was already read in line {earlier['at_line']} with other numbers; "
                "this array is ignored"
            )
            repeated.append({"line": array["at_line"], "column": 1, "message": message})
        elif len(repeated) == MAX_UNREAD:
            message = "further arrays of lines already read are ignored"
            repeated.append({"line": array["at_line"], "column": 1, "message": message})
    return kept, repeated


def _readable(printed: PrintedArray) -> Any:
    """Nested lists, or their text if a number is not finite."""
    listed = printed.values.tolist()
    return listed if np.isfinite(printed.values).all() else str(listed)
