"""Describe answers in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from backprop_explorer.api.answers.base import TrainingProgress
from backprop_explorer.api.answers.errors import Problem
from backprop_explorer.api.answers.exports import NotebookFile
from backprop_explorer.api.answers.frames import HistoryPoint
from backprop_explorer.api.answers.rooms import RoomState, TallyAnswer

_SCHEMAS = "#/components/schemas/"
# FastAPI adds the models of JSON answers; these are sent as other media types.
_OTHERS: tuple[type[BaseModel], ...] = (HistoryPoint, NotebookFile, Problem, RoomState, TallyAnswer)


def answer(description: str, example: Mapping[str, Any], model: Any) -> dict[str, Any]:
    """An answer in JSON that has the schema of ``model``."""
    content = {"application/json": {"example": dict(example)}}
    return {"description": description, "model": model, "content": content}


def described(
    operation_id: str,
    example: Mapping[str, Any],
    model: Any,
    *,
    summary: str,
    description: str,
    status: int = 200,
    others: Mapping[int | str, dict[str, Any]] | None = None,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The options of a route whose answer in JSON has the schema of ``model``.

    ``description`` is that of the answer, ``more`` is added to it, ``others`` are further answers.
    """
    responses = {status: {**answer(description, example, model), **(more or {})}, **(others or {})}
    return {
        "operation_id": operation_id,
        "summary": summary,
        "status_code": status,
        "responses": responses,
    }


# The answer of routes that train.
PROGRESS: dict[int | str, dict[str, Any]] = {
    202: answer(
        "Too far for one request; ask again to continue",
        {"reached": 4096, "target": 100000},
        TrainingProgress,
    )
}


def schema_of(model: type[BaseModel]) -> dict[str, str]:
    """A reference to the schema of one of the models that ``add_schemas`` adds."""
    return {"$ref": f"{_SCHEMAS}{model.__name__}"}


def add_schemas(app: FastAPI) -> None:
    """Add the schemas that ``schema_of`` refers to, when the document of ``app`` is made."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        _, made = models_json_schema(
            [(model, "validation") for model in _OTHERS], ref_template=_SCHEMAS + "{model}"
        )
        document["components"]["schemas"] |= made["$defs"]
        return document

    app.openapi = openapi  # type: ignore[method-assign]
