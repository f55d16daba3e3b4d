"""The middleware in front of the pool: what it holds is bounded."""

from __future__ import annotations

import contextlib
import socket
import time

import httpx
import pytest

from app import forward as forward_module
from app.main import create_app
from app.settings import Limits, Settings
from tests.helpers.api import API, JSON
from tests.helpers.serving import serving

HEAD = (
    f"POST {API}/trace HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    "Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
)


def test_bodies_on_their_way_do_not_fill_the_memory(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward_module, "MOST_HELD_BYTES", 300_000)
    limits = Limits(max_body_bytes=200_000)
    app = create_app(settings.model_copy(update={"workers": 1, "limits": limits}))
    with serving(app) as (port, _), httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        url = f"{API}/trace"
        with contextlib.ExitStack() as stack:
            for _ in range(2):
                slow = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                slow.sendall(HEAD.format(size=160_001).encode() + b" " * 140_000)
            # Others may come in small, as long as there is room; not with as much again.
            deadline = time.monotonic() + 8
            while True:
                refused = client.post(url, content=b" " * 100_000, headers=JSON, timeout=60)
                if refused.status_code != 422:
                    break
                assert time.monotonic() < deadline
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) > 0
            assert refused.headers["content-type"] == "application/problem+json"
            assert client.post(url, content=b"{}", headers=JSON, timeout=60).status_code == 422
        # The slow ones have gone, and what they held with them.
        while client.post(url, content=b" " * 100_000, headers=JSON).status_code == 503:
            assert time.monotonic() < deadline + 10
