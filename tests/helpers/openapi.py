"""The OpenAPI document of the application, and what tests read in it.

It takes half a second to make, so that it is made by the first test that needs it, not by the
import of a test file: each test process imports all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings


@cache
def document() -> dict[str, Any]:
    """The document without ``servers``: those are relative to the place it is asked from."""
    found = create_app(Settings(store=":memory:")).openapi()
    del found["servers"]
    return found


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of every operation; the method in small letters."""
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def operation_features() -> dict[str, set[str]]:
    """Of each operation, as "GET /path": its parameters, schemas of its body, and media types."""
    return {
        f"{method.upper()} {path}": {
            *(f"{each['in']} {each['name']}" for each in operation.get("parameters", [])),
            *_schema_names(operation.get("requestBody", {}), set()),
            *(kind for answer in operation["responses"].values() for kind in answer["content"]),
        }
        for method, path, operation in operations()
    }


def _schema_names(node: Any, found: set[str]) -> set[str]:
    """Add the names of all schemas that a part of the document refers to."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        name = value.rpartition("/")[2] if key == "$ref" else None
        if name is not None and name not in found:
            found.add(name)
            _schema_names(document()["components"]["schemas"][name], found)
        elif isinstance(value, dict | list):
            _schema_names(value, found)
    return found


def schemas_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas of an answer's content, looked up where they are references."""
    if "itemSchema" in content:
        return [content["itemSchema"]]
    schemas = content["schema"].get("oneOf", [content["schema"]])
    known = document()["components"]["schemas"]
    return [known[s["$ref"].rpartition("/")[2]] if "$ref" in s else s for s in schemas]


def always(content: dict[str, Any]) -> set[str]:
    """The fields that every answer with this content has."""
    return set.intersection(*(set(s.get("required", [])) for s in schemas_of(content)))
