"""The headers of every answer."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from backprop_explorer.api import response_headers
from backprop_explorer.api.response_headers import OF_DOCUMENTS, SECURITY_HEADERS, ResponseHeaders
from tests.helpers.api import API
from tests.helpers.clients import Client, MakeClient


def test_the_policy_allows_nothing_inline() -> None:
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert policy.endswith("frame-src 'self'; frame-ancestors 'self'")


@pytest.mark.parametrize(
    ("media_type", "document"),
    [
        ("text/html", True),
        ("application/json", True),
        ("image/svg+xml", True),
        (None, True),
        ("text/javascript; charset=utf-8", False),
        ("text/css", False),
        ("font/woff2", False),
    ],
)
def test_only_documents_have_the_headers_of_documents(
    make_client: MakeClient, media_type: str | None, document: bool
) -> None:
    answer = Response(b"1", media_type=media_type, headers={"Referrer-Policy": "unsafe-url"})
    app = Starlette(routes=[Mount("/", answer)], middleware=[Middleware(ResponseHeaders)])
    headers = make_client(app).get("/").headers  # type: ignore[arg-type]
    for name, value in SECURITY_HEADERS.items():
        expected = [value] if document or name not in OF_DOCUMENTS else []
        assert headers.get_list(name) == expected
    # There is no request outside of the application's own middleware.
    assert "x-request-id" not in headers


@pytest.mark.parametrize("url", ["/healthz", "/nowhere", "/", f"{API}/catalog"])
def test_every_answer_has_a_server_timing(shared_client: Client, url: str) -> None:
    began = time.perf_counter()
    (said,) = shared_client.get(url).headers.get_list("server-timing")
    waited = 1000 * (time.perf_counter() - began)
    found = re.fullmatch(r"total;dur=(\d+\.\d\d)", said)
    assert found is not None
    assert 0 < float(found[1]) < waited


def test_server_timing_ends_when_the_answer_begins(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(response_headers, "time", SimpleNamespace(perf_counter=lambda: clock[0]))

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        clock[0] += 0.0125
        await Response()(scope, receive, send)
        # What follows is no longer counted.
        clock[0] += 1.0

    app = Starlette(routes=[Mount("/", slow)], middleware=[Middleware(ResponseHeaders)])
    answer = make_client(app).get("/")  # type: ignore[arg-type]
    assert answer.headers["server-timing"] == "total;dur=12.50"
