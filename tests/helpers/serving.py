"""A real server in a thread of this process, whose constants a test can change."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Sequence

from pydantic import IPvAnyNetwork
from starlette.types import ASGIApp

from backprop_explorer.web.server import Server


@contextlib.contextmanager
def serving(
    app: ASGIApp, send_buffer: int = 0, port: int = 0, proxies: Sequence[IPvAnyNetwork] = ()
) -> Iterator[tuple[int, Server]]:
    """Serve ``app`` on ``port``, or on a free one; yields the port and the server.

    ``send_buffer``: how many bytes the system takes of an answer that a client does not read.
    """
    ready = threading.Event()
    # asyncio sets TCP_NODELAY only for sockets that name their protocol; without it an answer of
    # two packets takes 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        if send_buffer:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        # Another server had the given port a moment ago.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(100)
        server = Server(app, ready.set, proxies=proxies)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert ready.wait(30)
            yield listener.getsockname()[1], server
        finally:
            server.should_exit = True
            thread.join(15)
            assert not thread.is_alive()
