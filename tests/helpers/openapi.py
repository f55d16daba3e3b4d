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
