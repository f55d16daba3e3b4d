"""Query parameters: unknown ones are refused."""

from __future__ import annotations

import pytest

from tests.helpers.clients import Client


def test_a_misspelt_parameter_is_refused_with_the_nearest_name(shared_client: Client) -> None:
    made = shared_client.post("/api/v1/experiments", json={}).json()
    url = f"/api/v1/experiments/{made['id']}/history"
    assert shared_client.get(url, params={"until": 10}).status_code == 200
    refused = shared_client.get(url, params={"until": 10, "utnil": 20})
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["type"] == "urn:backprop-explorer:unknown-name"
    assert problem["errors"][0]["field"] == "query"
    assert "unknown query parameter; did you mean 'until'? known: " in problem["detail"]


@pytest.mark.parametrize("name", ["x", "until[]", "", "a" * 5000])
def test_where_there_are_no_parameters_each_is_refused(shared_client: Client, name: str) -> None:
    refused = shared_client.get("/api/v1/lessons", params={name: "1"})
    assert refused.status_code == 422
    assert refused.json()["detail"] == "this address takes no query parameters"
