"""The OpenAPI document describes the server: its examples work, and what it excludes is refused.

Schemathesis generates valid and invalid requests from the document for a real server.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from backprop_explorer.api.bodies import BodyRoute
from backprop_explorer.api.invalid_fields import is_json
from backprop_explorer.api.routes.rooms import CODE_EXAMPLE
from backprop_explorer.api.routes.sweeps import SWEEP_EXAMPLE
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.helpers.api import API, JSON, keep, read
from tests.helpers.cases import covering, exhaustive
from tests.helpers.clients import Client, MakeClient
from tests.helpers.openapi import always, document, operation_features, operations, schemas_of
from tests.helpers.rooms import HEADERS, example_room
from tests.helpers.servers import start_server, stop_server

if TYPE_CHECKING:
    # Schemathesis and Hypothesis take a second to import: only the test that uses them does.
    import requests
    from schemathesis.generation.case import Case

# ``make test`` sends one in four of the first 160 requests of an operation, and one in 16 of the
# others. An operation has between 13 and 1,000 requests, most where its body has a recipe.
FIRST, SHARE, SHARE_OF_OTHERS = 160, 4, 16


def test_every_route_is_described(subtests: pytest.Subtests) -> None:
    for method, path, operation in operations():
        with subtests.test(f"{method} {path}"):
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
    names = [operation["operationId"] for *_, operation in operations()]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and "api_v1" not in name for name in names)


def test_every_route_has_a_summary_and_none_reads_its_body_leniently() -> None:
    from backprop_explorer.api.routes import ROUTERS

    for router in ROUTERS:
        assert router.routes
        for route in router.routes:
            assert isinstance(route, BodyRoute)
            # Where there is none, the document has the name of the function.
            assert route.summary


def test_the_examples_work(
    shared_client: Client, settings: Settings, make_client: MakeClient, subtests: pytest.Subtests
) -> None:
    # Each room has the same code, so that it is ended before the next one is opened.
    room_client = make_client(create_app(settings.model_copy(update={"store": ":memory:"})))
    keep(room_client)
    keep(shared_client)  # the experiment that the examples are about
    read(shared_client.post(f"{API}/sweeps", json=SWEEP_EXAMPLE), 201)
    for method, path, operation in operations():
        # Event streams do not end: test_room_events reads them from a real server.
        if path.endswith("/events"):
            continue
        with subtests.test(f"{method} {path}"):
            if "/rooms/" in path:
                example_room(room_client)
                try:
                    try_examples(room_client, method, path, operation, HEADERS)
                finally:
                    room_client.request("DELETE", f"{API}/rooms/{CODE_EXAMPLE}", headers=HEADERS)
            else:
                try_examples(shared_client, method, path, operation, JSON)


def try_examples(
    client: Client, method: str, path: str, operation: dict[str, Any], headers: dict[str, str]
) -> None:
    """Send every example of an operation; the answers have the fields that are always there."""
    bodies: list[Any] = [None]
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        bodies = [example["value"] for example in content["examples"].values()]
    url = path
    query = {}
    for parameter in operation.get("parameters", []):
        if parameter["in"] not in ("path", "query") or not parameter["required"]:
            continue
        [example] = parameter["schema"]["examples"]
        if parameter["in"] == "path":
            url = url.replace(f"{{{parameter['name']}}}", str(example))
        else:
            query[parameter["name"]] = example
    assert "{" not in url
    status = next(status for status in operation["responses"] if status.startswith("2"))
    described = operation["responses"][status]["content"]
    for body in bodies:
        sent = {} if body is None else {"json": body}
        response = client.request(method.upper(), url, params=query, headers=headers, **sent)
        assert response.status_code == int(status), response.text[:300]
        assert response.headers["content-type"] in described
        if "application/json" in described:
            shown = described["application/json"]
            found = response.json()
            assert always(shown) <= set(found)


def test_links_lead_on(shared_client: Client) -> None:
    described = document()["paths"][f"{API}/experiments"]["post"]["responses"]["201"]
    names = {operation["operationId"] for *_, operation in operations()}
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
        folder, EXPLORER_LIMITS__MAX_STEPS="20000", EXPLORER_LIMITS__MAX_SWEEP_UPDATES="1000000"
    )
    yield running.url
    stop_server(running.process)


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """A client that keeps its connections."""
    import requests

    with requests.Session() as session:
        yield session


@pytest.mark.parametrize(
    ("whole", "part"),
    # Each test starts a server and imports Schemathesis.
    [
        (False, slice(None)),
        exhaustive(True, slice(0, None, 2)),
        exhaustive(True, slice(1, None, 2)),
    ],
    ids=["few", "even", "odd"],
)
def test_requests_made_from_the_document(
    whole: bool,
    part: slice,
    brief_server: str,
    session: requests.Session,
    subtests: pytest.Subtests,
) -> None:
    """Every answer has a status, a content type and a schema that the document names.

    ``make test`` asks few operations that together have every parameter and every schema.
    """
    import schemathesis
    from hypothesis import HealthCheck
    from hypothesis import settings as hypothesis_settings
    from schemathesis.checks import load_all_checks
    from schemathesis.generation.feedback import FeedbackSources
    from schemathesis.pytest._test_builder import build_operation_test
    from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

    # A recipe may have the right form and still not fit its data: 422 is right for it. A method
    # that a path does not have is 405; if it may change something, its origin is checked first.
    excluded = [positive_data_acceptance, unsupported_method]

    @hypothesis_settings(
        max_examples=15 if whole else 3,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def is_answered_as_described(case: Case) -> None:
        number = next(count)
        if not whole and number % (SHARE if number < FIRST else SHARE_OF_OTHERS):
            return
        # One connection for all cases: a new one took a third of the time of a case.
        response = case.call(base_url=brief_server, session=session)
        assert response.status_code < 500, response.text
        case.validate_response(response, excluded_checks=excluded)

    # A list that is too long may make a body that is too long, before the list is validated.
    rejected = {"expected-statuses": [404, 413, 415, 422]}
    config = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": rejected}})
    schema = schemathesis.openapi.from_dict(document(), config=config)
    load_all_checks()
    features = operation_features()
    asked = features if whole else covering(features)
    chosen = [each.ok() for each in schema.get_all_operations() if each.ok().label in asked]
    tried = 0
    for operation in chosen[part]:
        tried += 1
        count = itertools.count()
        with subtests.test(operation.label):
            test = build_operation_test(
                config=schema.config,
                operation=operation,
                test_func=is_answered_as_described,
                given_kwargs={},
                feedback=FeedbackSources(),
            )
            test()
    assert tried >= 18
