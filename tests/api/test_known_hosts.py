"""Requests for hosts that are known, are not known, or are the server's own addresses."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Scope

from backprop_explorer.api.known_hosts import KnownHosts
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.api.test_errors import read
from tests.helpers.clients import Client, MakeClient

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def page(_scope: Scope) -> Response:
    return HTMLResponse("page", 400)


def answer(host: str, server: Any, *, own: bool = True, **headers: str) -> tuple[int, str]:
    """Ask for a host on a connection that arrived at the address ``server``."""
    guarded = KnownHosts(PlainTextResponse("in"), ("localhost",), own_addresses=own, page=page)
    sent: list[Any] = []
    raw = [(b"host", host.encode("latin-1"))]
    raw += [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": raw, "server": server}

    async def ask() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        for _ in range(2):  # the second answer may come from what is remembered
            sent.clear()
            await guarded(scope, receive, send)

    anyio.run(ask)
    return sent[0]["status"], sent[1]["body"].decode()


@pytest.mark.parametrize(
    ("host", "server", "status"),
    [
        ("192.168.1.5:8000", ("192.168.1.5", 8000), 200),
        ("192.168.1.5", ("192.168.1.5", 8000), 200),
        ("192.168.1.5:9999", ("192.168.1.5", 8000), 200),
        ("192.168.1.5", ("::ffff:192.168.1.5", 8000), 200),
        ("[fd00::5]:8000", ("fd00::5", 8000), 200),
        ("[fd00:0:0::5]", ("fd00::5", 8000), 200),
        ("192.168.1.6", ("192.168.1.5", 8000), 400),
        ("192.168.1.5.evil.example", ("192.168.1.5", 8000), 400),
        ("192.168.1.5@evil.example", ("192.168.1.5", 8000), 400),
        ("evil.example", ("192.168.1.5", 8000), 400),
        ("", ("192.168.1.5", 8000), 400),
        ("[", ("192.168.1.5", 8000), 400),
        ("1.2", ("192.168.1.5", 8000), 400),
        ("192.168.1.5", None, 400),
        ("192.168.1.5", ("/run/explorer.sock", None), 400),
    ],
)
def test_the_address_of_the_connection_is_known(host: str, server: Any, status: int) -> None:
    assert answer(host, server)[0] == status
    assert answer(host, server, own=False)[0] == 400


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("text/html,*/*;q=0.8", "page"), ("*/*", "{"), ("application/json", "{"), ("", "{")],
)
def test_browsers_get_a_page_and_scripts_a_problem_document(accept: str, kind: str) -> None:
    status, body = answer("evil.example", None, Accept=accept)
    assert status == 400
    assert body.startswith(kind)


@pytest.fixture
def client(settings: Settings, make_client: MakeClient) -> Client:
    app = create_app(settings)
    return make_client(app)


@pytest.mark.parametrize("path", ["/", "/lessons/one-layer-by-hand", "/api/v1/catalog"])
def test_the_page_names_the_host_to_set(client: Client, path: str) -> None:
    found = client.get(path, headers={"Host": "192.168.1.9:8000", **BROWSER})
    assert found.status_code == 400
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert "EXPLORER_ALLOWED_HOSTS=192.168.1.9,localhost" in found.text
    assert "<script" not in found.text


@pytest.mark.parametrize("host", ['"><script>alert(1)</script>', "q z", "x" * 3000 + "/", "<b>"])
def test_a_host_that_is_none_is_not_repeated(client: Client, host: str) -> None:
    found = client.get("/", headers={"Host": host, **BROWSER})
    assert found.status_code == 400
    assert host not in found.text
    assert "EXPLORER_ALLOWED_HOSTS=NAME,localhost" in found.text


def test_of_all_files_the_style_of_the_page_alone_is_answered(client: Client) -> None:
    strange = {"Host": "evil.example"}
    assert client.get("/static/css/unknown-host.css", headers=strange).status_code == 200
    for path in (
        "/static/css/base.css",
        "/static/js/main.js",
        "/static/css/../js/main.js",
        "/docs",
    ):
        read(client.get(path, headers=strange), 400)
    read(client.post("/static/css/unknown-host.css", headers=strange), 400)


def test_a_write_to_a_host_that_is_not_known_gets_a_problem_document(client: Client) -> None:
    read(client.post("/api/v1/trace", json={}, headers={"Host": "evil.example", **BROWSER}), 400)
