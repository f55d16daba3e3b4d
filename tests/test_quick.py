"""The short way of routes that are asked often: the same answers as FastAPI's own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Body, FastAPI, Path, Query
from pydantic import ConfigDict
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from app.api.encoding import Json
from app.api.errors import install_error_handlers
from app.api.numbers import Matrix
from app.api.quick import QuickRoute
from app.api.security import StrictJSONRoute
from app.core.errors import NotFound
from app.experiments.parts import Part
from app.settings import Limits
from tests.conftest import Client, MakeClient

MOST = 300
JSON = {"content-type": "application/json"}


class Given(Part):
    """A body."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    W: Matrix
    units: int = 3


def application(route_class: type[StrictJSONRoute], asked: list[str]) -> FastAPI:
    """Two routes, which note what they were asked."""
    routes = APIRouter(route_class=route_class, max_body_size=MOST)

    @routes.get("/things/{name}/{step}")
    async def read(
        name: str,
        step: Annotated[int, Path(ge=0)],
        since: Annotated[int, Query(ge=-1, le=100)] = -1,
        include: Annotated[str, Query(max_length=12)] = "a,b",
        fused: Annotated[bool, Query()] = True,
        most: Annotated[int | None, Query(ge=1)] = None,
    ) -> Response:
        asked.append("read")
        return Json([name, step, since, include, fused, most])

    @routes.post("/things")
    async def make(
        given: Annotated[Given, Body()], arrays: Annotated[str, Query(max_length=6)] = "lists"
    ) -> Response:
        asked.append("make")
        return Json([given.W, given.units, arrays])

    @routes.get("/refused/{name}")
    async def refuse(name: str) -> Response:
        raise NotFound(f"there is no {name}")

    app = FastAPI()
    install_error_handlers(app, Limits())
    app.router.routes += routes.routes
    return app


@pytest.fixture
def both(make_client: MakeClient) -> tuple[Client, Client, list[str]]:
    """Clients of the quick routes and of FastAPI's own, and what the quick ones were asked."""
    asked: list[str] = []
    quick = make_client(application(QuickRoute, asked))
    return quick, make_client(application(StrictJSONRoute, [])), asked


READS = [
    "/refused/x%20y",
    "/things/a/3",
    "/things/a/3?since=7&include=x%2Cy&fused=false&most=5",
    "/things/a%20b%2Fc/3",
    "/things/%C3%A9/0?include=%E2%88%82",
    "/things/a/3?since=1&since=2",
    "/things/a/3?unknown=1",
    "/things/a/3?step=9&name=b",
    "/things/a/3?include=",
    "/things/a/3?include",
    "/things/a/3?include=a+b",
    "/things/a/3?fused=yes",
    # What is wrong.
    "/things/a/-1",
    "/things/a/x",
    "/things/a/3?since=101",
    "/things/a/3?since=",
    "/things/a/3?since=1.5&include=much-too-long-for-it",
    "/things/a/3?most=0&fused=2",
    "/things/a/3?include=%FF",
]
MAKES: list[tuple[bytes, dict[str, str]]] = [
    (b'{"W": [[1, 2], [3, 4.5]]}', JSON),
    (b'{"W": [[1]], "units": 8}', JSON),
    (b'{"W": [[1]]}', {"content-type": "application/json; charset=utf-8"}),
    (b'{"W": [[1]]}', {"content-type": "application/vnd.thing+json"}),
    # What is wrong.
    (b'{"W": [[1]]}', {"content-type": "text/plain"}),
    (b'{"W": [[1]]}', {}),
    (b"", JSON),
    (b"{", JSON),
    (b"[]", JSON),
    (b'{"W": [[1], [2, 3]]}', JSON),
    (b'{"W": [[1, "2"]], "units": true}', JSON),
    (b'{"W": [[1]], "more": 1}', JSON),
    (b'{"units": "x"}', JSON),
    (b'{"W": [[NaN]]}', JSON),
    (b'\xff{"W": [[1]]}', JSON),
    (b'{"W": [[' + b"1" * MOST + b"]]}", JSON),
    (b'{"W": [[1]]}' + b" " * (MOST - 12), JSON),
]


@pytest.mark.parametrize("url", READS)
def test_what_a_query_says(both: tuple[Client, Client, list[str]], url: str) -> None:
    quick, usual, _ = both
    found, expected = quick.get(url), usual.get(url)
    assert (found.status_code, found.content) == (expected.status_code, expected.content)


@pytest.mark.parametrize(("content", "headers"), MAKES)
def test_what_a_body_says(
    both: tuple[Client, Client, list[str]], content: bytes, headers: dict[str, str]
) -> None:
    quick, usual, _ = both
    for url in ("/things", "/things?arrays=base64", "/things?arrays=too-long", "/things?given=1"):
        found = quick.request("POST", url, content=content, headers=headers)
        expected = usual.request("POST", url, content=content, headers=headers)
        assert (found.status_code, found.content) == (expected.status_code, expected.content)


@pytest.mark.parametrize(("content", "headers"), MAKES)
def test_a_body_in_pieces(
    both: tuple[Client, Client, list[str]], content: bytes, headers: dict[str, str]
) -> None:
    """Sent without a length, so that what is too long is known when it has come."""

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(content), 7):
            yield content[at : at + 7]

    answers = [
        each.request("POST", "/things", content=pieces(), headers=headers) for each in both[:2]
    ]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize("sent", [[], [{"type": "http.request", "body": b"{", "more_body": True}]])
def test_whoever_goes_away_is_not_answered(sent: list[Any]) -> None:
    app = application(QuickRoute, [])
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/things",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    received = iter([*sent, *[{"type": "http.disconnect"}] * 3])
    given: list[Any] = []

    async def ask() -> None:
        async def receive() -> Any:
            return next(received)

        async def send(message: Any) -> None:
            given.append(message)

        with contextlib.suppress(ClientDisconnect):
            await app(scope, receive, send)

    asyncio.run(ask())
    assert given == [] or given[0]["status"] >= 400


def test_the_short_way_is_taken(
    both: tuple[Client, Client, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, _, asked = both

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("FastAPI was asked")

    monkeypatch.setattr("fastapi.routing.solve_dependencies", refuse)
    assert quick.get("/things/a/3?since=7").status_code == 200
    assert quick.request("POST", "/things", content=MAKES[0][0], headers=JSON).status_code == 200
    assert asked == ["read", "make"]
