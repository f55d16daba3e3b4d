"""Clients of an application in this process, as fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from backprop_explorer.limits import Limits
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.helpers.environment import without_settings


class Client:
    """Requests to an application in this process, without a socket.

    The application runs in the event loop of another thread, since Playwright's occupies this one.
    """

    def __init__(
        self, app: FastAPI, portal: BlockingPortal, *, base_url: str = "http://127.0.0.1"
    ) -> None:
        self.app = app
        self._portal = portal
        transport = httpx.ASGITransport(app)
        self._client = httpx.AsyncClient(transport=transport, base_url=base_url, timeout=60)

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Send a request and return its whole answer; options are those of httpx."""
        return self._portal.call(partial(self._client.request, method, url, **options))

    def get(self, url: str, **options: Any) -> httpx.Response:
        """Send a GET request."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        """Send a POST request."""
        return self.request("POST", url, **options)

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Return what a coroutine function returns in the application's event loop."""
        return self._portal.call(function, *args)

    def put(self, url: str, **options: Any) -> httpx.Response:
        """Send a PUT request."""
        return self.request("PUT", url, **options)

    def close(self) -> None:
        """Close the connections, and what computes for the application."""
        self._portal.call(self._client.aclose)
        if hasattr(self.app.state, "rooms"):
            self._portal.call(self.app.state.rooms.close)
        if hasattr(self.app.state, "pool"):
            self._portal.call(self.app.state.pool.close)


MakeClient = Callable[[FastAPI], Client]


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """An event loop in a thread of its own."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def make_client(portal: BlockingPortal) -> Iterator[MakeClient]:
    """A function that makes a client of any application."""
    made: list[Client] = []

    def make(app: FastAPI) -> Client:
        made.append(Client(app, portal))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(settings: Settings, make_client: MakeClient) -> Client:
    """A client of the whole application, built for this test."""
    return make_client(create_app(settings))


@pytest.fixture(scope="session")
def shared_client(
    portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """A client of one application for all tests that do not depend on what it was asked before.

    Building an application takes 0.07 s, which is most of the time of many tests.
    """
    with pytest.MonkeyPatch.context() as monkeypatch:
        without_settings(monkeypatch)
        store = tmp_path_factory.mktemp("shared") / "store.sqlite3"
        app = create_app(Settings(store=str(store), limits=Limits(frame_budget_seconds=60)))
    client = Client(app, portal)
    yield client
    client.close()
