"""Large bodies: validated in a worker, with the same answers, and bounded in memory."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

import httpx
import orjson
import pytest
from pydantic import BaseModel, ValidationError

from backprop_explorer.api import bodies
from backprop_explorer.compute.trace_requests import TRACE_EXAMPLE
from backprop_explorer.limits import Limits
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.helpers.api import API, JSON, refused
from tests.helpers.clients import Client
from tests.helpers.processes import wait_until
from tests.helpers.serving import serving

HEAD = (
    f"POST {API}/trace HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    "Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
)
BODIES: dict[str, tuple[str, Any]] = {
    "a working": ("/trace", TRACE_EXAMPLE),
    "an unknown field": ("/trace", {**TRACE_EXAMPLE, "colour": 1}),
    "a field of a list": ("/trace", {**TRACE_EXAMPLE, "layers": [{"W": [[1, 2]], "b": "x"}]}),
    "too many layers": ("/experiments", {"network": {"layers": [{"units": 1}] * 300}}),
    "an unknown name": ("/experiments", {"dataset": {"name": "moon"}}),
    "no object": ("/experiments", [1, 2]),
    "submitted lines": ("/check", {**TRACE_EXAMPLE, "submitted": {"z1": "[0.76 0.14]"}}),
    "text that is no array": ("/check", {**TRACE_EXAMPLE, "submitted": {"z1": "[1 2"}}),
    "a table": ("/datasets", {"csv": "a,b\n1,2\n2,3\n3,5\n4,4\n", "target": "b"}),
    "a table without text": ("/datasets", {"target": "b"}),
    "a text": ("/check/parse", {"text": "dC_dW1 = [[0.1 0.2]]"}),
    "an answer": ("/lessons/one-layer-by-hand/answer", {"card": 1000, "answer": 0}),
}


@pytest.mark.parametrize(("path", "content"), BODIES.values(), ids=BODIES)
def test_a_large_body_has_the_answer_of_a_small_one(
    shared_client: Client, monkeypatch: pytest.MonkeyPatch, path: str, content: Any
) -> None:
    small = shared_client.post(f"{API}{path}", content=orjson.dumps(content), headers=JSON)
    checked: list[type] = []
    real = bodies.checked

    def note(model: type, *rest: Any) -> Any:
        checked.append(model)
        return real(model, *rest)

    monkeypatch.setattr(bodies, "checked", note)
    padded = orjson.dumps(content) + b" " * bodies.LARGE_BODY_BYTES
    large = shared_client.post(f"{API}{path}", content=padded, headers=JSON)
    assert len(checked) == 1
    assert large.status_code == small.status_code
    assert large.content == small.content


@pytest.mark.parametrize("body", [b'{"x": NaN}', b"{", b'{"x": 1e999}', b'{"x": "\xff"}'])
def test_invalid_json_is_reported_with_its_position(shared_client: Client, body: bytes) -> None:
    small = shared_client.post(f"{API}/trace", content=body, headers=JSON)
    padded = body.replace(b"{", b"{" + b" " * bodies.LARGE_BODY_BYTES, 1)
    large = shared_client.post(f"{API}/trace", content=padded, headers=JSON)
    assert large.status_code == small.status_code == 422

    def words(response: httpx.Response) -> list[tuple[str, str]]:
        errors = response.json()["errors"]
        return [(each["field"], each["message"].partition(" (line")[0]) for each in errors]

    assert words(large) == words(small)


def parts_of(model: type[BaseModel], known: dict[str, type[BaseModel]]) -> None:
    """Add ``model`` and the models of its fields."""
    if model.__name__ not in known:
        known[model.__name__] = model
        for field in model.model_fields.values():
            for part in bodies._models(field.annotation):
                parts_of(part, known)


def test_no_body_has_very_many_errors(settings: Settings) -> None:
    """Each error takes 15 µs to describe, and 4 MB of wrong items took gigabytes."""
    known: dict[str, type[BaseModel]] = {}
    for route in create_app(settings).routes:
        if isinstance(route, bodies.BodyRoute) and (model := route._model()) is not None:
            parts_of(model, known)
    assert {"TraceRequest", "Edit", "Axis", "RoomAnswerRequest"} <= set(known)
    unknown = {f"k{k}": 0 for k in range(20_000)}
    counts: dict[tuple[str, str], int] = {}
    for name, model in known.items():
        for item in (0, "", {}, []):
            for body in (unknown, dict.fromkeys(model.model_fields, [item] * 20_000)):
                with pytest.raises(ValidationError) as caught:
                    model.model_validate(body)
                counts[name, str(item)] = caught.value.error_count()
    assert max(counts.values()) < 100, counts


def test_a_body_of_unknown_names_is_refused_with_one_sentence(shared_client: Client) -> None:
    body = {f"k{k:06}": 0 for k in range(320_000)}
    for path in ("/trace", "/sweeps"):
        answer = shared_client.post(f"{API}{path}", json=body)
        assert refused(answer) == {"": "the body must have at most 50 fields, 320,000 given"}


def test_a_large_body_is_checked_in_a_worker(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"workers": 1}))
    given = {**TRACE_EXAMPLE, "note": "x" * 100_000}
    with serving(app) as (port, _), httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        answer = client.post(f"{API}/trace", json=given, timeout=60)
        assert answer.status_code == 422
        assert answer.json()["errors"] == [{"field": "note", "message": "is not a known field"}]
        padded = orjson.dumps(TRACE_EXAMPLE) + b" " * 100_000
        answer = client.post(f"{API}/trace", content=padded, headers=JSON, timeout=60)
        assert answer.status_code == 200
        # The web process has opened no explorer of its own.
        assert app.state.pool.in_process._state is None


def test_waiting_bodies_are_bounded_in_memory(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MOST_HELD_BYTES", 300_000)
    limits = Limits(max_body_bytes=200_000)
    app = create_app(settings.model_copy(update={"workers": 1, "limits": limits}))
    with serving(app) as (port, _), httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:

        def post(size: int) -> httpx.Response:
            body = b" " * size if size > 2 else b"{}"
            return client.post(f"{API}/trace", content=body, headers=JSON, timeout=60)

        with contextlib.ExitStack() as stack:
            for _ in range(2):
                slow = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                slow.sendall(HEAD.format(size=160_001).encode() + b" " * 140_000)
            # Small bodies are still accepted, large ones are not.
            wait_until(lambda: post(100_000).status_code != 422, 8)
            refused = post(100_000)
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) > 0
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.json()["type"] == "urn:backprop-explorer:unavailable"
            assert post(2).status_code == 422
        # The slow clients have disconnected; their bodies are released.
        wait_until(lambda: post(100_000).status_code == 422, 10)
