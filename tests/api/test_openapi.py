"""The OpenAPI document describes the server: its examples work, and what it excludes is refused.

Schemathesis generates valid and invalid requests from the document for a real server.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks
from schemathesis.generation.case import Case
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from backprop_explorer.api.bodies import BodyRoute
from backprop_explorer.api.json_errors import is_json
from backprop_explorer.api.routes.sweeps import SWEEP_EXAMPLE
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.conftest import Client, start_server, stop_server
from tests.helpers.api import API, JSON, keep, read
from tests.helpers.rooms import HEADERS, example_room

# A recipe may have the right form and still not fit its data: 422 is right for it. A method that
# there is not is 405, but one that changes something must first say that it comes from here.
EXCLUDED = [positive_data_acceptance, unsupported_method]


def document() -> dict[str, Any]:
    app = create_app(Settings(store=":memory:"))
    found = app.openapi()
    # Relative to the document, which Schemathesis has from memory: it gets the base URL below.
    del found["servers"]
    return found


DOCUMENT = document()
# A list that is too long may make a body that is too long, before the list is validated.
CONFIG = schemathesis.Config.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": [404, 413, 415, 422]}}}
)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)


def schemas_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas of an answer's content, looked up where they are references."""
    if "itemSchema" in content:
        return [content["itemSchema"]]
    schemas = content["schema"].get("oneOf", [content["schema"]])
    known = DOCUMENT["components"]["schemas"]
    return [known[s["$ref"].rpartition("/")[2]] if "$ref" in s else s for s in schemas]


def always(content: dict[str, Any]) -> set[str]:
    """The fields that every answer with this content has."""
    return set.intersection(*(set(s.get("required", [])) for s in schemas_of(content)))


OPERATIONS: list[tuple[str, str, dict[str, Any]]] = [
    (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
IDS = [f"{method} {path}" for method, path, _ in OPERATIONS]


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=IDS)
def test_every_route_is_described(method: str, path: str, operation: dict[str, Any]) -> None:
    assert path.startswith(f"{API}/")
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    for parameter in operation.get("parameters", []):
        assert {"name", "in", "schema"} <= set(parameter)
    successes = [status for status in operation["responses"] if status.startswith("2")]
    assert successes
    for status in successes:
        [(media_type, content)] = operation["responses"][status]["content"].items()
        assert content["example"]
        kinds = {schema["type"] for schema in schemas_of(content)}
        events = media_type == "text/event-stream"
        assert kinds == {"object" if is_json(media_type) or events else "string"}
    if method in ("post", "put"):
        content = operation["requestBody"]["content"]["application/json"]
        assert content["examples"]
    for status in ("404", "413", "422", "500"):
        content = operation["responses"][status]["content"]
        assert set(content) == {"application/problem+json"}


def test_operations_have_names_for_clients() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and "api_v1" not in name for name in names)


def test_every_route_has_a_summary_and_none_reads_its_body_leniently(client: Client) -> None:
    from backprop_explorer.api.router import router_factory
    from backprop_explorer.api.routes import all_routers
    from backprop_explorer.api.task_runner import TaskRunner
    from backprop_explorer.classroom.asking import Asking

    new_router = router_factory(1000)
    pool, rooms = client.app.state.pool, client.app.state.rooms
    settings = Settings(store=":memory:")
    routers = all_routers(new_router, TaskRunner(pool), settings, rooms, Asking(rooms, pool))
    for router in routers:
        assert router.routes
        for route in router.routes:
            assert isinstance(route, BodyRoute)
            # Where there is none, the document has the name of the function.
            assert route.summary


# Event streams do not end: test_rooms reads them from a real server.
ENDING = [each for each in OPERATIONS if not each[1].endswith("/events")]


@pytest.mark.parametrize(("method", "path", "operation"), ENDING)
def test_the_examples_work(
    client: Client, method: str, path: str, operation: dict[str, Any]
) -> None:
    keep(client)  # the experiment that the examples are about
    if "/sweeps/" in path:
        read(client.post(f"{API}/sweeps", json=SWEEP_EXAMPLE), 201)
    bodies: list[Any] = [None]
    headers = {}
    if "/rooms/" in path:
        example_room(client)
        headers = HEADERS
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        bodies = [example["value"] for example in content["examples"].values()]
    url = path
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            [example] = parameter["schema"]["examples"]
            url = url.replace(f"{{{parameter['name']}}}", str(example))
    assert "{" not in url
    status = next(status for status in operation["responses"] if status.startswith("2"))
    described = operation["responses"][status]["content"]
    for body in bodies:
        sent = {} if body is None else {"json": body}
        response = client.request(method.upper(), url, headers=headers or JSON, **sent)
        assert response.status_code == int(status), response.text[:300]
        assert response.headers["content-type"] in described
        if "application/json" in described:
            shown = described["application/json"]
            found = response.json()
            assert always(shown) <= set(found)
            assert set(shown["example"]) <= set(found)


def test_the_example_of_an_experiment_is_the_first_visit(client: Client) -> None:
    described = DOCUMENT["paths"][f"{API}/experiments"]["post"]["responses"]["201"]
    example = described["content"]["application/json"]["example"]
    found = read(client.post(f"{API}/experiments", json={}), 201)
    # FastAPI leaves what is null out of the document.
    network = {
        name: each for name, each in found["experiment"]["network"].items() if each is not None
    }
    found["experiment"]["network"] = network
    assert found == example


def test_links_lead_on(client: Client) -> None:
    described = DOCUMENT["paths"][f"{API}/experiments"]["post"]["responses"]["201"]
    names = {operation["operationId"] for _, _, operation in OPERATIONS}
    assert set(described["links"]) <= names
    for link in described["links"].values():
        assert link["parameters"] == {"id": "$response.body#/id"}


@pytest.fixture(scope="module")
def brief_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a low limit of steps, since generated requests choose very far steps.

    A history up to step 5,164,270 took longer than all other requests together.
    """
    folder = tmp_path_factory.mktemp("brief")
    running = start_server(
        folder,
        EXPLORER_LIMITS__MAX_STEPS="20000",
        EXPLORER_LIMITS__MAX_SWEEP_UPDATES="1000000",
    )
    yield running.url
    stop_server(running.process)


# Each process that runs tests collects all of them, and a case takes as long to make as to send, so
# that the cases of an operation are made when it is tested, not by SCHEMA.parametrize.
@pytest.mark.parametrize(
    "operation", [each.ok() for each in SCHEMA.get_all_operations()], ids=lambda each: each.label
)
def test_requests_made_from_the_document(operation: APIOperation, brief_server: str) -> None:
    """Every answer has a status, a content type and a schema that the document names."""

    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def is_answered_as_described(case: Case) -> None:
        response = case.call(base_url=brief_server)
        assert response.status_code < 500, response.text
        case.validate_response(response, excluded_checks=EXCLUDED)

    load_all_checks()
    test = build_operation_test(
        config=SCHEMA.config,
        operation=operation,
        test_func=is_answered_as_described,
        given_kwargs={},
        feedback=FeedbackSources(),
    )
    test()
