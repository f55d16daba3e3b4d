"""What every test of the routes does with an answer."""

from __future__ import annotations

from typing import Any

import httpx

from tests.helpers.clients import Client

API = "/api/v1"
JSON = {"Content-Type": "application/json"}


def read(response: httpx.Response, status: int = 200) -> Any:
    """The decoded answer, which must have this status and be JSON."""
    assert response.status_code == status, response.text[:500]
    assert response.headers["content-type"] == "application/json"
    return response.json()


def refused(response: httpx.Response, status: int = 422) -> dict[str, str]:
    """{field: message} of a problem document with this status."""
    assert response.status_code == status, response.text[:500]
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert set(document) - {"table"} == {"type", "title", "status", "detail", "errors"}
    assert document["status"] == status
    assert document["detail"]
    return {each["field"]: each["message"] for each in document["errors"]}


def keep(client: Client, **recipe: Any) -> str:
    """POST a recipe and return the path of the experiment."""
    made = read(client.post(f"{API}/experiments", json=recipe), 201)
    return f"{API}/experiments/{made['id']}"
