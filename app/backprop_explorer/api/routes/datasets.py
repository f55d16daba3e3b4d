"""POST /datasets: read and store an uploaded table."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Body, Query, Request
from pydantic import ConfigDict, Discriminator, Field, Tag
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backprop_explorer.api import runner
from backprop_explorer.api.openapi import ok
from backprop_explorer.api.router import api_router
from backprop_explorer.datasets.column_selection import Task
from backprop_explorer.engine.late import LateModule
from backprop_explorer.experiments.recipe_fields import RecipePart
from backprop_explorer.texts import api as texts

tasks = LateModule("backprop_explorer.compute.tasks")

_CSV = "width;length;species\n1,5;4,2;setosa\n5,1;6,0;virginica\n4,9;5,6;virginica\n"
_EXAMPLE: dict[str, Any] = {"csv": _CSV, "target": "species"}

Incomplete = Literal["refuse", "leave_out"]
ColumnName = Annotated[str, Field(min_length=1, max_length=200)]


class Upload(RecipePart):
    """A table as CSV, its target and its features."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    csv: Annotated[str, Field(min_length=1, description="The file's text")]
    target: ColumnName | None = Field(None, description="The column to learn; the last by default")
    features: Annotated[list[ColumnName], Field(min_length=1, max_length=512)] | None = Field(
        None, description="The columns to learn from; by default all others that hold numbers"
    )
    task: Task | None = Field(
        None,
        description="By default a classification if the target has words, or at most ten different"
        " whole numbers",
    )
    header: bool | None = Field(
        None,
        strict=True,
        description="Whether the first row has names; by default if no cell of it is a number",
    )
    incomplete: Incomplete = Field(
        "refuse",
        description="What is done with rows in which a chosen cell is empty, or NA, NaN, null, - or"
        " ? among numbers",
    )


def _kind_of_body(body: Any) -> str:
    # See ``field_path``: a bracket keeps the tag out of the answer.
    return "csv[]" if isinstance(body, bytes) else "json[]"


Uploaded = Annotated[
    Annotated[Upload, Tag("json[]")] | Annotated[bytes, Tag("csv[]")], Discriminator(_kind_of_body)
]


routes = api_router("datasets")


@routes.post(
    "/datasets",
    summary="Upload a table",
    status_code=201,
    openapi_extra={
        "requestBody": {"content": {"text/csv": {"schema": {"type": "string"}, "example": _CSV}}}
    },
    responses=ok(
        "What was read, and the id to learn it by", "experiments.DatasetAnswer", status=201
    ),
)
async def upload_dataset(
    request: Request,
    body: Annotated[Uploaded, Body(openapi_examples={"three flowers": {"value": _EXAMPLE}})],
    target: Annotated[
        ColumnName | None,
        Query(description="For a body of text/csv, like the next ones: as in the JSON"),
    ] = None,
    features: Annotated[
        list[ColumnName] | None, Query(description="Repeated, one column each", max_length=512)
    ] = None,
    task: Annotated[Literal["classification", "regression"] | None, Query()] = None,
    header: Annotated[bool | None, Query()] = None,
    incomplete: Annotated[Incomplete, Query()] = "refuse",
) -> Response:
    """Read a table from CSV (in JSON or as text/csv), choose target and features, and store it.

    The delimiter is detected; with ; or tabs a comma may be the decimal point. The same rows
    have the same id. An experiment uses them as ``{"name": "uploaded", "id": …}``. A small
    table is also returned as ``points``, for a recipe that contains its data. Files of
    ``GET /experiments/{id}/export/data`` are accepted unchanged.
    """
    if isinstance(body, bytes):
        if not is_csv(request.headers.get("content-type", "")):
            raise HTTPException(415, texts.SEND_TABLE)
        content: bytes | str = body
    else:
        content = body.csv
        target, features, task, header = body.target, body.features, body.task, body.header
        incomplete = body.incomplete
    leave_out = incomplete == "leave_out"
    return await runner.answer(
        request, tasks.upload, content, target, features, task, header, leave_out
    )


def is_csv(content_type: str) -> bool:
    """Tell whether a Content-Type header says CSV."""
    return content_type.partition(";")[0].strip().lower() == "text/csv"
