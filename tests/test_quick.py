"""The short way of routes that are asked often: the same answers as FastAPI's own."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Body, FastAPI, Path, Query
from pydantic import ConfigDict
from starlette.responses import Response

from app.api.encoding import Json
from app.api.errors import install_error_handlers
from app.api.numbers import Matrix
from app.api.quick import QuickRoute
from app.api.security import StrictJSONRoute
from app.experiments.parts import Part
from app.settings import Limits
from tests.conftest import Client, MakeClient

JSON = {"content-type": "application/json"}


class Given(Part):
    """A body."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    W: Matrix
    units: int = 3


def application(route_class: type[StrictJSONRoute], asked: list[str]) -> FastAPI:
    """Two routes, which note what they were asked."""
    routes = APIRouter(route_class=route_class)

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

    app = FastAPI()
    install_error_handlers(app, Limits())
    app.include_router(routes)
    return app


@pytest.fixture
def both(make_client: MakeClient) -> tuple[Client, Client, list[str]]:
    """Clients of the quick routes and of FastAPI's own, and what the quick ones were asked."""
    asked: list[str] = []
    quick = make_client(application(QuickRoute, asked))
    return quick, make_client(application(StrictJSONRoute, [])), asked


READS = [
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
