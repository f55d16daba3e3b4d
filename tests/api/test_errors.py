"""Every error answer is a problem document and repeats nothing of the request."""

from __future__ import annotations

import logging
import re
from typing import Annotated, Any, Literal

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from backprop_explorer.api import bodies
from backprop_explorer.api.bodies import BodyRoute
from backprop_explorer.api.errors import UnexpectedErrors, install_error_handlers, problem
from backprop_explorer.api.invalid_fields import SHOWN_ERRORS, field_path
from backprop_explorer.engine.errors import (
    ExplorerError,
    InvalidInput,
    LimitExceeded,
    NotFound,
    UnknownName,
)
from backprop_explorer.experiments import recipe_fields as parts
from tests.helpers.api import API
from tests.helpers.clients import Client, MakeClient

JSON = {"Content-Type": "application/json"}
SECRET = "tell-no-one"

Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]


class Layer(BaseModel):
    W: list[list[Number]] = Field(max_length=3)
    activation: Literal["relu", "tanh"] = "relu"


class Given(BaseModel, extra="forbid"):
    x: Number
    layers: list[Layer] = []
    name: str = Field("", max_length=5)
    sample: Number | list[Number] | str = 0


class Pair(BaseModel):
    size: int = Field(strict=True, ge=1)


class Bounded(BaseModel):
    pairs: Annotated[tuple[Pair, ...], Field(min_length=1)] = (Pair(size=1),)
    either: Number | list[Number] = 0
    size: int = Field(1, strict=True)
    share: float = Field(0.5, ge=0.0, le=1e6)
    weight: parts.Number = 0.0
    label: str = Field("a", min_length=1)


RAISED = {
    "unknown": UnknownName("activation", "activation", ["relu", "tanh"], "rely"),
    "limit": LimitExceeded("layers", "layers", 24, 25),
    "invalid": InvalidInput("layers.0.W", "must be a matrix"),
    "missing": NotFound("no experiment is stored under that name"),
    "plain": ExplorerError("cannot be done"),
    "http": HTTPException(409, "busy", headers={"Retry-After": "1"}),
    "not-modified": HTTPException(304),
    "unexpected": ZeroDivisionError(SECRET),
    "surrogate": InvalidInput("layers.\ud800", "half a pair: \udc00"),
}


def build(route_class: type[Any]) -> FastAPI:
    app = FastAPI(middleware=[Middleware(UnexpectedErrors)])
    install_error_handlers(app)
    router = APIRouter(route_class=route_class)

    @router.post("/given")
    async def given(body: Given) -> dict[str, float]:
        return {"x": body.x}

    @router.post("/bounded")
    async def bounded(body: Bounded) -> int:
        return body.size

    @router.get("/raise/{name}")
    async def raise_it(name: str, limit: int = 1) -> None:
        raise RAISED[name]

    app.include_router(router)
    return app


@pytest.fixture
def strict(make_client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Without workers: large bodies are read here, too."""
    monkeypatch.setattr(bodies, "LARGE_BODY_BYTES", 2**20)
    return make_client(build(BodyRoute))


@pytest.fixture
def lax(make_client: MakeClient) -> Client:
    """An application without BodyRoute: json.loads parses its bodies."""
    from fastapi.routing import APIRoute

    return make_client(build(APIRoute))


def read(response: httpx.Response, status: int) -> dict[str, Any]:
    """Check the shape of a problem document and return it."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert set(document) == {"type", "title", "status", "detail", "errors"}
    assert document["status"] == status
    assert document["title"]
    for item in document["errors"]:
        assert set(item) == {"field", "message"}
        assert all(isinstance(value, str) for value in item.values())
    return document


@pytest.mark.parametrize(
    ("name", "status", "kind", "field"),
    [
        ("unknown", 422, "unknown-name", "activation"),
        ("limit", 422, "limit-exceeded", "layers"),
        ("invalid", 422, "invalid-input", "layers.0.W"),
        ("missing", 404, "not-found", None),
        ("plain", 422, "refused", None),
    ],
)
def test_the_errors_of_the_core(
    strict: Client, name: str, status: int, kind: str, field: str | None
) -> None:
    document = read(strict.get(f"/raise/{name}"), status)
    assert document["type"] == f"urn:backprop-explorer:{kind}"
    raised = RAISED[name]
    assert document["detail"] == (raised.message if field else str(raised))
    assert [item["field"] for item in document["errors"]] == ([field] if field else [])


def test_errors_of_http_keep_their_status_and_headers(strict: Client) -> None:
    response = strict.get("/raise/http")
    assert read(response, 409)["detail"] == "busy"
    assert response.headers["retry-after"] == "1"
    assert strict.get("/raise/not-modified").content == b""


def test_unknown_paths_and_methods(strict: Client) -> None:
    read(strict.get("/nowhere"), 404)
    response = strict.get("/given")
    read(response, 405)
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/nothing", "There is nothing at this address"),
        ("/graphs/abc", "There is no recording at this address"),
        ("/check/none", "There is no check at this address"),
        ("/programs/none", "There is no program of this name"),
    ],
)
def test_a_browser_gets_a_page_at_a_wrong_address(
    shared_client: Client, path: str, said: str
) -> None:
    response = shared_client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 404
    assert said in response.text
    assert response.headers["content-type"].startswith("text/html")


def test_only_a_browser_gets_a_page(shared_client: Client) -> None:
    read(shared_client.get("/nothing"), 404)
    read(shared_client.post("/nothing", headers={"Accept": "text/html"}, json={}), 404)


def test_a_path_of_its_own_allows_no_method_of_a_parameters(shared_client: Client) -> None:
    """/rooms/{code} has other methods."""
    response = shared_client.request("OPTIONS", f"{API}/rooms/events")
    read(response, 405)
    assert response.headers["allow"] == "POST"


def test_an_unexpected_error_has_an_id_that_the_log_has_too(
    strict: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = strict.get("/raise/unexpected")
    document = read(response, 500)
    request_id = response.headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{16}", request_id)
    assert request_id in document["detail"]
    assert SECRET not in response.text
    assert request_id in caplog.text
    assert SECRET in caplog.text


def test_lone_surrogates_do_not_break_the_answer(strict: Client) -> None:
    assert read(strict.get("/raise/surrogate"), 422)["errors"][0]["field"] == "layers.?"


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "x", "is required"),
        ({"x": "a"}, "x", "must be a number"),
        ({"x": 1e7}, "x", "at most 1000000"),
        ({"x": 1, "y": 2}, "y", "not a known field"),
        ({"x": 1, "name": "abcdef"}, "name", "at most 5 characters"),
        ({"x": 1, "layers": [{"W": [[1], [2, "a"]]}]}, "layers.0.W.1.1", "must be a number"),
        ({"x": 1, "layers": [{"W": [[1]] * 4}]}, "layers.0.W", "at most 3 items"),
        (
            {"x": 1, "layers": [{"W": [], "activation": "rely"}]},
            "layers.0.activation",
            "'relu' or 'tanh'",
        ),
        ({"x": 1, "sample": {}}, "sample", "must be a number"),
        ([], "", "must be an object"),
    ],
)
def test_validation_names_the_field_in_plain_words(
    strict: Client, body: Any, field: str, words: str
) -> None:
    document = read(strict.post("/given", json=body), 422)
    assert document["errors"][0]["field"] == field
    assert words in document["errors"][0]["message"]
    assert words in document["detail"]


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (b'{"x": 1,', "body", "is not valid JSON: unexpected end of data (line 1, column 9)"),
        (b'{"x": 1, "layers": [{"W": [[1, NaN', "layers.0.W.0.1", "must be a finite number"),
        (b'{"x": 1, "int": 2}', "int", "is not a known field"),
        (b'{"x": 1, "W[0]": 2}', "W[0]", "is not a known field"),
    ],
)
def test_an_unreadable_body_is_reported_with_its_position(
    strict: Client, body: bytes, field: str, message: str
) -> None:
    document = read(strict.post("/given", content=body, headers=JSON), 422)
    [error] = document["errors"]
    assert error["field"] == field
    assert error["message"].startswith(message)
    assert document["detail"] == f"{field} {error['message']}".strip()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"pairs": [{"size": 0}]}, {"pairs.0.size": "must be at least 1"}),
        ({"pairs": [{"size": 1}, {"size": "1"}]}, {"pairs.1.size": "must be a whole number"}),
        ({"pairs": []}, {"pairs": "must have at least 1 item"}),
        ({"either": ["a"]}, {"either.0": "must be a number"}),
        ({"either": "a"}, {"either": "must be a number"}),
        ({"size": 0.5}, {"size": "must be a whole number"}),
        ({"size": 2.0}, {"size": "must be a whole number, written without a decimal point"}),
        ({"size": 10**30}, {"size": "is too large a number"}),
        ({"size": -(10**30)}, {"size": "is too small a number"}),
        ({"share": -1}, {"share": "must be at least 0"}),
        ({"share": 1e7}, {"share": "must be at most 1000000"}),
        ({"weight": 1e101}, {"weight": "is too large a number"}),
        ({"weight": -1e101}, {"weight": "is too small a number"}),
        ({"label": ""}, {"label": "must not be empty"}),
    ],
)
def test_only_the_cause_is_reported(
    strict: Client, changes: dict[str, Any], told: dict[str, str]
) -> None:
    document = read(strict.post("/bounded", json=changes), 422)
    assert {item["field"]: item["message"] for item in document["errors"]} == told


def test_answers_do_not_repeat_the_request(strict: Client) -> None:
    response = strict.post("/given", json={"x": SECRET, "name": SECRET, "layers": SECRET})
    assert len(read(response, 422)["errors"]) == 3
    assert SECRET not in response.text


def test_a_thousand_errors_are_counted_but_not_listed(strict: Client) -> None:
    response = strict.post("/given", json={"x": 1, "layers": [1] * 1000})
    document = read(response, 422)
    assert len(document["errors"]) == SHOWN_ERRORS
    assert "and 999 more" in document["detail"]


def test_a_long_name_is_cut(strict: Client) -> None:
    response = strict.post("/given", json={"x": 1, "n" * 100_000: 2})
    assert len(response.content) < 1000
    read(response, 422)


def test_query_parameters_have_paths_too(strict: Client) -> None:
    document = read(strict.get("/raise/plain?limit=many"), 422)
    assert document["errors"] == [{"field": "limit", "message": "must be a whole number"}]


BODIES = {
    "1e999": b'{"x": 1e999}',
    "-1e999": b'{"x": -1e999}',
    "NaN": b'{"x": NaN}',
    "Infinity": b'{"x": -Infinity}',
    "NaN where any is allowed": b'{"x": 1, "sample": [NaN]}',
    "5,000 digits": b'{"x": ' + b"9" * 5000 + b"}",
    "400 digits": b'{"x": ' + b"9" * 400 + b"}",
    "a lone surrogate": b'{"x": 1, "sample": 1, "name": "\\ud800"}',
    "a lone surrogate in a name": b'{"x": 1, "\\udfff": 1}',
    "200,000 levels of lists": b'{"x": ' + b"[" * 200_000,
    "200,000 closed levels": b'{"x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "200,000 levels of objects": b'{"x":' * 200_000,
    "invalid UTF-8": b'{"name": "\xff\xfe", "x": 1}',
    "an encoded surrogate": b'{"name": "\xed\xa0\x80", "x": 1}',
    "UTF-16": '{"x": 1e999}'.encode("utf-16"),
    "a zero byte": b'{"x": 1}\x00',
    "no value": b'{"x": }',
    "half": b'{"x"',
    "a number": b"1",
    "null": b"null",
    "nothing": b"",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_hostile_bodies_get_a_problem(strict: Client, lax: Client, body: bytes) -> None:
    read(strict.post("/given", content=body, headers=JSON), 422)
    # Also without BodyRoute, where some of these get 400.
    response = lax.post("/given", content=body, headers=JSON)
    assert response.status_code in (400, 422)
    read(response, response.status_code)


@pytest.mark.parametrize("sent", ["text/plain", "", "application/x-www-form-urlencoded", "x"])
def test_a_body_of_another_type_is_415(strict: Client, sent: str) -> None:
    document = read(strict.post("/given", content=b'{"x": 1}', headers={"Content-Type": sent}), 415)
    assert "application/json" in document["detail"]


def test_a_json_body_of_a_special_kind_is_read(strict: Client) -> None:
    headers = {"Content-Type": "application/vnd.example+json; charset=utf-8"}
    assert strict.post("/given", content=b'{"x": 2}', headers=headers).json() == {"x": 2.0}


def test_field_paths_leave_out_where_and_which_branch() -> None:
    assert field_path(("body", "layers", 0, "W")) == "layers.0.W"
    assert field_path(("query", "step")) == "step"
    assert field_path(("body", "x", "list[list[float]]", 0, 1)) == "x.0.1"
    assert field_path(("body", "x", "function-after[f(), float]")) == "x"
    assert field_path(("body",)) == ""


def test_the_title_does_not_depend_on_the_interpreter() -> None:
    assert b'"title":"Unprocessable Content"' in bytes(problem(422, "no").body)
    assert b'"title":"Content Too Large"' in bytes(problem(413, "no").body)
