"""A real server in a thread of this process, whose constants a test can change."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from starlette.types import ASGIApp

from app.server import Server, make_server


@contextlib.contextmanager
def serving(app: ASGIApp) -> Iterator[tuple[int, Server]]:
    """Serve ``app``; yields the port and the server."""
    ready = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = make_server(app, ready.set)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert ready.wait(30)
            yield listener.getsockname()[1], server
        finally:
            server.should_exit = True
            thread.join(15)
            assert not thread.is_alive()
