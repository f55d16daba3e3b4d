"""The local server behind ``explore``: one process for each kernel, which ends with it."""

from __future__ import annotations

import atexit
import os
import re
import secrets
import subprocess
import sys
import threading
from functools import lru_cache

from backprop_explorer.engine.errors import Unavailable
from backprop_explorer.texts import notebook as texts

# The server reads from a pipe that this process holds: it is closed when this process ends in any
# way, also when the kernel is killed. The main thread then stops as after Ctrl+C.
_SCRIPT = """
import _thread, sys, threading
def watch():
    sys.stdin.read()
    _thread.interrupt_main()
threading.Thread(target=watch, daemon=True).start()
from backprop_explorer.cli import main
sys.exit(main(["--host", "127.0.0.1", "--port", "0", "--workers", "0"]))
"""
START_SECONDS = 60.0


class LocalServer:
    """A running server. ``url`` has its token and ends with a slash."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(24)
        self._process = subprocess.Popen(  # noqa: S603 - this Python and a constant script
            [sys.executable, "-c", _SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=self._environment(),
        )
        self.port = self._read_port()
        atexit.register(self.stop)

    def _environment(self) -> dict[str, str]:
        others = {k: v for k, v in os.environ.items() if not k.upper().startswith("EXPLORER_")}
        return {
            **others,
            "EXPLORER_TOKEN": self.token,
            # The notebook's page has another origin, in a hub also another host. The token keeps
            # other pages out.
            "EXPLORER_FRAME_ANCESTORS": "*",
            "EXPLORER_ALLOWED_HOSTS": "*",
            "EXPLORER_STORE": ":memory:",
        }

    def _read_port(self) -> int:
        """Wait for the line with the address. Raises Unavailable if the server does not start."""
        timer = threading.Timer(START_SECONDS, self._process.kill)
        timer.start()
        assert self._process.stdout is not None
        try:
            for line in self._process.stdout:
                match = re.search(r"http://[^ ]+?:(\d+)", line)
                if match is not None:
                    return int(match[1])
        finally:
            timer.cancel()
        raise Unavailable(texts.NOT_STARTED)

    @property
    def url(self) -> str:
        """The address on this machine."""
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    @property
    def running(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the server."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


@lru_cache(maxsize=1)
def _server_of(process: int) -> LocalServer:  # noqa: ARG001 - the key: a fork needs its own
    return LocalServer()


def local_server() -> LocalServer:
    """Return the server of this process, started at the first call and after a crash."""
    server = _server_of(os.getpid())
    if not server.running:
        _server_of.cache_clear()
        server = _server_of(os.getpid())
    return server
