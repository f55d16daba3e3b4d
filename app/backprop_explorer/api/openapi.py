"""Describe answers in the OpenAPI document.

A route names the schema of its answer, such as "frames.FrameAnswer" of ``api.answers``. The schemas
are imported when the document is made: the server starts without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from backprop_explorer.engine.late import Late

# By status, as FastAPI takes them.
Responses = dict[int | str, dict[str, Any]]

_ANSWERS = "backprop_explorer.api.answers"
_SCHEMAS = "#/components/schemas/{model}"
# The key of a reference to a schema until the document is made.
_NAMED = "x-answer"


def schema_of(model: str) -> dict[str, str]:
    """The schema ``model``, which ``add_schemas`` puts there."""
    return {_NAMED: model}


def answer(description: str, model: str) -> dict[str, Any]:
    """An answer in JSON that has the schema ``model``."""
    return {
        "description": description,
        "content": {"application/json": {"schema": schema_of(model)}},
    }


def ok(
    description: str,
    model: str,
    *others: Responses,
    status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> Responses:
    """The ``answer`` of a route, with ``more`` in it, and ``others``."""
    responses: Responses = {status: {**answer(description, model), **(more or {})}}
    for each in others:
        responses |= each
    return responses


# The answer of routes that train.
PROGRESS: Responses = {
    202: answer("Too far for one request; ask again to continue", "base.TrainingProgress")
}


def add_schemas(app: FastAPI) -> None:
    """Add the schemas that routes name, when the document of ``app`` is made."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        places = list(_named(document["paths"]))
        names = sorted({place[_NAMED] for place in places})
        schemas, shared = TypeAdapter.json_schemas(
            [(name, "validation", TypeAdapter(_model(name))) for name in names],
            ref_template=_SCHEMAS,
        )
        components = document["components"]
        # Models that are sent, too, are there already.
        components["schemas"] = shared["$defs"] | components["schemas"]
        for place in places:
            place |= schemas[place.pop(_NAMED), "validation"]
        _add_examples(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _add_examples(document: dict[str, Any]) -> None:
    """Show the examples of a model with the bodies that have none of their own."""
    for operation in (each for path in document["paths"].values() for each in path.values()):
        body = operation.get("requestBody", {"content": {}})["content"].get("application/json", {})
        model = body.get("schema", {}).get("$ref", "").rpartition("/")[2]
        if model and "examples" not in body:
            shown = document["components"]["schemas"][model]["examples"]
            body["examples"] = {f"example {k}": {"value": each} for k, each in enumerate(shown, 1)}


def _model(name: str) -> Any:
    module, _, model = name.partition(".")
    return Late(f"{_ANSWERS}.{module}", model).function


def _named(part: Any) -> Iterator[dict[str, Any]]:
    """All dicts of ``part`` that name a schema."""
    if isinstance(part, dict):
        if _NAMED in part:
            yield part
        for each in part.values():
            yield from _named(each)
    elif isinstance(part, list):
        for each in part:
            yield from _named(each)
