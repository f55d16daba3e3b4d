"""Describe answers in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def answer(description: str, example: Mapping[str, Any], *always: str) -> dict[str, Any]:
    """An answer that is a JSON object, with an example and the fields that it ``always`` has."""
    names = dict.fromkeys((*always, *example))
    schema = {
        "type": "object",
        "required": list(always),
        "properties": {name: {} for name in names},
    }
    content = {"application/json": {"schema": schema, "example": dict(example)}}
    return {"description": description, "content": content}
