"""What all answer schemas share: no unknown fields, and fields that may be absent."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Base of the schemas of answers.

    They describe and test answers; the server does not pass its answers through them. Building is
    deferred because only the OpenAPI document and the tests need them.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def absent(description: str) -> Any:
    """A field that some answers leave out. It is never null for that reason."""
    return Field(default=None, description=description, json_schema_extra=_without_default)


Number = Annotated[float | None, Field(description="null if the number is not finite")]
Step = Annotated[int, Field(ge=0, description="Number of updates made so far")]
Rows = Annotated[list[int], Field(description="Positions in the training part")]
Name = Annotated[str, Field(description="Name in the catalog")]


class TypedArray(Answer):
    """A typed array as plotly.js reads it: little-endian, row by row. NaN stands for null."""

    dtype: Literal["f8", "f4", "i4", "u1"] = Field(description="float64, float32, int32 or uint8")
    bdata: str = Field(description="The bytes in base64")
    shape: str = absent("Lengths of the axes such as 41,41; absent for one axis")


Vector = Annotated[
    list[Number] | TypedArray, Field(description="(n,) numbers; a TypedArray with arrays=base64")
]
FiniteVector = Annotated[
    list[float] | TypedArray, Field(description="(n,) numbers; a TypedArray with arrays=base64")
]
FiniteMatrix = Annotated[
    list[list[float]] | TypedArray,
    Field(description="(rows, columns) numbers; a TypedArray with arrays=base64"),
]
Matrix = Annotated[
    list[list[Number]] | TypedArray,
    Field(description="(rows, columns) numbers; a TypedArray with arrays=base64"),
]
Tensor = Annotated[
    list[list[list[Number]]] | TypedArray,
    Field(description="Numbers with three axes; a TypedArray with arrays=base64"),
]
# A number, or an array with up to four axes (the Jacobian of a batch).
Numbers = (
    Number
    | list[Number]
    | list[list[Number]]
    | list[list[list[Number]]]
    | list[list[list[list[Number]]]]
)


class Formula(Answer):
    """A formula in two notations, or with ``formulas`` in one of them."""

    latex: str = absent("Left out with formulas=mathml")
    mathml: str = absent("A math element that browsers show natively; not with formulas=latex")


class TrainingProgress(Answer):
    """Training did not reach the step within one request (202). Ask again to continue."""

    reached: int = Field(ge=0, description="The last step computed so far")
    target: int = Field(ge=0, description="The step that was asked for")


class FieldError(Answer):
    """What is wrong with one field of the request."""

    field: str = Field(
        description="Path such as layers.0.W; body where the body is no JSON; may be empty"
    )
    message: str


class Column(Answer):
    """A column of an uploaded table."""

    name: str
    kind: Literal["number", "text"]
    role: Literal["feature", "target", "left out"]


class TableHead(Answer):
    """The first rows of an uploaded table."""

    columns: list[Column]
    preview: list[list[str]] = Field(description="The first ten rows as text, all columns")
    preview_rows: list[int] = Field(description="Their numbers, as a spreadsheet counts")
    header: bool = Field(description="Whether the first row has names, as detected or chosen")


class ProblemDetails(Answer):
    """An error, sent as application/problem+json."""

    type: str = Field(description="URN of the kind of problem")
    title: str = Field(description="The status in words")
    status: int = Field(description="The HTTP status", ge=400, le=599)
    detail: str = Field(description="What happened, as a sentence")
    errors: list[FieldError] = Field(description="The fields to change; may be empty")
    table: TableHead = absent("What was read of a table that is refused; else left out")
