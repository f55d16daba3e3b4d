"""docs/wire.md and the OpenAPI document say the same, and what the server answers is in both."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from backprop_explorer.api.routes.sweeps import SWEEP_EXAMPLE
from backprop_explorer.compute.lesson_requests import (
    ANSWER_EXAMPLE,
    CARDS_EXAMPLE,
    HINT_EXAMPLE,
    SOLUTION_EXAMPLE,
)
from backprop_explorer.compute.trace_requests import TRACE_EXAMPLE
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.sweeps import Sweep
from tests.helpers.api import API, keep, read
from tests.helpers.clients import Client
from tests.helpers.environment import ROOT
from tests.helpers.openapi import always, operations, schemas_of

TEXT = (ROOT / "docs" / "wire.md").read_text(encoding="utf-8")


def routes() -> dict[str, dict[str, Any]]:
    """The operations of the OpenAPI document, named as in docs/wire.md: GET /catalog."""
    return {
        f"{method.upper()} {path.removeprefix(API)}": operation
        for method, path, operation in operations()
    }


def sections() -> dict[str, str]:
    """The text under each heading that names a route."""
    found = {}
    for part in re.split(r"^##+ ", TEXT, flags=re.MULTILINE):
        head, _, text = part.partition("\n")
        if re.match(r"(GET|POST|PUT|DELETE) /", head):
            found[head.strip()] = text
    return found


def names(text: str, table: str) -> set[str]:
    """The names in backticks in the first column of the table with this heading."""
    found: set[str] = set()
    inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
        elif line.startswith(f"| {table} |"):
            inside = True
        elif inside:
            found |= set(re.findall(r"`([^`]+)`", line.split("|")[1]))
    return found


SECTIONS = sections()


def test_every_route_has_a_section_and_every_section_a_route() -> None:
    assert set(SECTIONS) == set(routes())


def test_query_parameters() -> None:
    described = {route: names(text, "query") for route, text in SECTIONS.items()}
    assert described == {
        route: {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
        for route, operation in routes().items()
    }


def test_fields_that_are_always_there() -> None:
    for route, operation in routes().items():
        status = next(status for status in operation["responses"] if status.startswith("2"))
        [(media_type, content)] = operation["responses"][status]["content"].items()
        described = names(SECTIONS[route], "answer")
        if media_type == "application/json":
            known = set().union(*(schema["properties"] for schema in schemas_of(content)))
            assert (route, always(content) - described) == (route, set())
            assert (route, described - known) == (route, set())


def test_bodies_are_named() -> None:
    for route, operation in routes().items():
        if route.startswith(("POST", "PUT")):
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            named = set(re.findall(r"schemas/(\w+)", json.dumps(schema)))
            said = set(re.findall(r"Body: `(\w+)`", SECTIONS[route]))
            assert (route, said - named) == (route, set())


CALLS: dict[str, tuple[str, str, Any]] = {
    "GET /catalog": ("GET", "/catalog", None),
    "POST /trace": ("POST", "/trace", TRACE_EXAMPLE),
    "POST /datasets": ("POST", "/datasets", {"csv": "a,b\n1.5,x\n2.5,y\n"}),
    "POST /experiments": ("POST", "/experiments", {}),
    "GET /experiments/{id}": ("GET", "", None),
    "GET /experiments/{id}/data": ("GET", "/data", None),
    "GET /experiments/{id}/frames/{step}": ("GET", "/frames/5", None),
    "GET /experiments/{id}/frames/{step}/trace": ("GET", "/frames/5/trace", None),
    "GET /experiments/{id}/steps": ("GET", "/steps?first=5", None),
    "GET /experiments/{id}/frames/{step}/slice": ("GET", "/frames/5/slice", None),
    "GET /experiments/{id}/frames/{step}/shares": ("GET", "/frames/5/shares", None),
    "GET /experiments/{id}/export/trace": ("GET", "/export/trace", None),
    "POST /sweeps": ("POST", "/sweeps", SWEEP_EXAMPLE),
    "GET /sweeps/{id}": ("GET", "", None),
    "GET /sweeps/{id}/cells/{row}/{column}": ("GET", "/cells/1/2", None),
    "GET /lessons": ("GET", "/lessons", None),
    "GET /lessons/{name}": ("GET", "/lessons/one-layer-by-hand", None),
    "POST /lessons/{name}/cards": ("POST", "/lessons/one-layer-by-hand/cards", CARDS_EXAMPLE),
    "GET /lessons/{name}/sheet": ("GET", "/lessons/one-layer-by-hand/sheet", None),
    "POST /lessons/{name}/hint": ("POST", "/lessons/one-layer-by-hand/hint", HINT_EXAMPLE),
    "POST /lessons/{name}/answer": ("POST", "/lessons/one-layer-by-hand/answer", ANSWER_EXAMPLE),
    "POST /lessons/{name}/solution": (
        "POST",
        "/lessons/one-layer-by-hand/solution",
        SOLUTION_EXAMPLE,
    ),
}


def ask(client: Client, route: str) -> Any:
    method, path, body = CALLS[route]
    start = keep(client) if "{id}" in route else API
    if "/sweeps/" in route:
        start = f"{API}/sweeps/{read(client.post(f'{API}/sweeps', json=SWEEP_EXAMPLE), 201)['id']}"
    response = client.request(method, start + path, **({} if body is None else {"json": body}))
    return read(response, response.status_code)


@pytest.mark.parametrize("route", CALLS)
def test_answers_have_the_fields_that_are_described(shared_client: Client, route: str) -> None:
    assert set(ask(shared_client, route)) == names(SECTIONS[route], "answer")


@pytest.mark.parametrize("kind", ["plane", "weights&a=b1[0]&b=b1[1]"])
def test_the_fields_of_a_plane(shared_client: Client, kind: str) -> None:
    url = f"{keep(shared_client)}/frames/5/slice?points=3&kind={kind}"
    found = read(shared_client.get(url))
    described = names(SECTIONS["GET /experiments/{id}/frames/{step}/slice"], "field")
    if kind != "plane":
        described.remove("seed")
    assert set(found) == described | {"kind", "step", "samples"}
    for name, fields in (
        ("here", {"x", "y", "cost"}),
        ("update", {"x", "y", "off", "cost"}),
        ("path", {"step", "x", "y", "off"}),
    ):
        assert set(found[name]) == fields


def test_the_fields_of_a_direction(shared_client: Client) -> None:
    [direction, _] = read(shared_client.get(f"{keep(shared_client)}/frames/5/slice?points=3"))[
        "directions"
    ]
    shown = "{" + ", ".join(direction) + "}"
    assert f"A direction is `{shown}`" in TEXT
    assert set(direction["update"]) == {"t", "off", "cost_train", "cost_batch"}


def test_the_fields_of_a_layer(shared_client: Client) -> None:
    frame = read(shared_client.get(f"{keep(shared_client)}/frames/5"))
    gradient = frame["layers"][0].pop("gradient")
    shown = "gradient: {" + ", ".join(gradient) + "}"
    assert shown in TEXT
    [listed] = re.findall(r"A layer has `([^`]+)`", TEXT)
    assert set(listed.split(", ")) == set(frame["layers"][0])


def test_json_examples_are_recipes_and_sweeps() -> None:
    examples = re.findall(r"```json\n(.*?)```", TEXT, flags=re.DOTALL)
    assert examples
    for example in examples:
        given = json.loads(example)
        assert (Sweep if "axes" in given else Recipe).model_validate(given).id


def test_limits_that_are_named_exist(shared_client: Client) -> None:
    limits = read(shared_client.get(f"{API}/catalog"))["limits"]
    assert {"max_points", "max_columns", "max_cells"} <= set(limits)
    assert set(re.findall(r"`(max_\w+)`", TEXT)) <= set(limits)
