"""A process that computes: it runs the API for the requests that the web process hands to it.

    python -m app.worker FILE_DESCRIPTOR

Started by ``app.nursery`` for ``app.pool``; the first message is the settings. It ends when the
socket does, so also when the web process is killed.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import re
import signal
import socket
import sys
from collections.abc import MutableMapping
from typing import Any

import anyio.to_thread
from fastapi import FastAPI
from starlette.middleware import Middleware

from app.api.encoding import dumps
from app.api.errors import UnexpectedErrors
from app.api.observing import NO_TELEMETRY, route_of
from app.core.tape import native
from app.experiments.explorer import Explorer
from app.logs import REQUEST_ID, set_up_logging
from app.main import add_api
from app.memory import give_back
from app.settings import Settings
from app.wire import Head, Link, as_bytes, as_text, linked

logger = logging.getLogger(__name__)

# More would share one core without finishing any sooner.
THREADS = 4
# A body from which on what is made of it may be large: a table of 5,000 rows, a working of 10,000
# weights.
LARGE_BODY_BYTES = 256 * 1024
EXPERIMENT = re.compile(r"/experiments/([0-9a-f]{20})(/history)?")
# What most data sets need takes half a second to import, and the runner of tapes a twentieth: when
# nobody waits for anything else.
WARM_UP = "sklearn.datasets"
QUIET_SECONDS = 1.0


class Worker:
    """Answers the requests that come over ``link``, several at a time."""

    def __init__(self, settings: Settings, link: Link) -> None:
        self.explorer = Explorer(settings)
        # As middleware, and not around it: Starlette's own answer is plain text.
        self.app = FastAPI(
            openapi_url=None, middleware=[Middleware(UnexpectedErrors)], telemetry=NO_TELEMETRY
        )
        add_api(self.app, self.explorer, settings)
        self.link = link
        self.running: dict[int, tuple[asyncio.Task[None], asyncio.Event]] = {}
        self.asked = 0
        self.tidied = 0
        # What is large is made one after the other, in the order in which it came.
        self.large = asyncio.Lock()
        self.holding: dict[object, int] = {}

    async def run(self) -> None:
        """Answer until the other side has gone, which raises EOFError."""
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        self.link.send({"ready": os.getpid()})
        warm_up = asyncio.create_task(self._warm_up())
        try:
            self.link.deliver(self._take)
            await self.link.ended
            raise EOFError
        finally:
            warm_up.cancel()

    async def _warm_up(self) -> None:
        asked = -1
        while self.running or asked != self.asked:
            asked = self.asked
            await asyncio.sleep(QUIET_SECONDS)
        await anyio.to_thread.run_sync(importlib.import_module, WARM_UP)
        await anyio.to_thread.run_sync(native.load)

    def _take(self, head: Head, body: bytes) -> None:
        number = head["number"]
        if head.get("cancel"):
            if number in self.running:
                self.running[number][1].set()
        elif head.get("statistics"):
            found = self.explorer.statistics()
            self.link.send({"number": number, "end": True}, dumps(found))
        elif head.get("alive"):
            self.link.send({"number": number, "stuck": self._stuck()})
            self._tidy()
        else:
            self.asked += 1
            gone = asyncio.Event()
            task = asyncio.create_task(self._answer(head, body, gone))
            self.running[number] = (task, gone)

    def _tidy(self) -> None:
        """Give back what the answers since the last look have left, and those that still run."""
        if self.tidied != self.asked or self.running:
            self.tidied = self.asked
            give_back()

    def _stuck(self) -> int:
        """In how many calls of this in a row the same piece of work has held a thread."""
        holders = anyio.to_thread.current_default_thread_limiter().statistics().borrowers
        self.holding = {each: self.holding.get(each, 0) + 1 for each in holders}
        return max(self.holding.values(), default=0)

    def _is_large(self, head: Head, body: bytes) -> bool:
        """Whether the answer may take tens of megabytes: beside another, twice as many."""
        found = EXPERIMENT.search(head["path"])
        if found is None or found[2] is not None:
            # A history goes on for minutes, a little at a time.
            return len(body) > LARGE_BODY_BYTES
        return self.explorer.is_large(found[1])

    async def _answer(self, head: Head, body: bytes, gone: asyncio.Event) -> None:
        """Answer, or, where nobody waits any more when its turn has come, do not begin."""
        if not self._is_large(head, body):
            await self._run(head, body, gone)
            return
        async with self.large:
            if gone.is_set():
                del self.running[head["number"]]
            else:
                await self._run(head, body, gone)

    async def _run(self, head: Head, body: bytes, gone: asyncio.Event) -> None:
        number = head["number"]
        scope: MutableMapping[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": head["method"],
            "path": head["path"],
            "raw_path": head["path"].encode("utf-8", "replace"),
            "root_path": "",
            "query_string": head["query"].encode("latin-1"),
            "headers": as_bytes(head["headers"]),
            "client": None,
            "server": None,
        }
        REQUEST_ID.set(head["request_id"])
        taken = False
        start: Head = {}

        async def take() -> MutableMapping[str, Any]:
            nonlocal taken
            if taken:
                await gone.wait()
                return {"type": "http.disconnect"}
            taken = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def give(message: MutableMapping[str, Any]) -> None:
            nonlocal start
            # What says something is not stuck, such as a history that runs for minutes.
            self.holding.pop(asyncio.current_task(), None)
            if gone.is_set():
                return
            if message["type"] == "http.response.start":
                headers = as_text(list(message["headers"]))
                found = {"status": message["status"], "headers": headers, "route": route_of(scope)}
                # It goes with the first part of the body, which follows at once.
                start = {"start": found}
            else:
                end = not message.get("more_body", False)
                about = {"number": number, "end": end, **start}
                start = {}
                self.link.send(about, message.get("body", b""))
                await self.link.drained()

        try:
            await self.app(scope, take, give)
        except Exception:
            # The answer had begun, so that it cannot become a 500: the other side cuts it.
            logger.exception("Request %s failed in its middle", head["request_id"])
            self.link.send({"number": number, "failed": True})
        finally:
            del self.running[number]


async def serve(descriptor: int) -> None:
    """Read the settings and answer until the socket ends."""
    link = await linked(socket.socket(fileno=descriptor))
    _, content = await link.next()
    settings = Settings.model_validate_json(content)
    set_up_logging(settings.log_level)
    await Worker(settings, link).run()


def work(descriptor: int) -> None:
    """Serve the socket. Ends without a word when it is closed."""
    # Ctrl+C goes to the whole group: the web process decides what ends when.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        asyncio.run(serve(descriptor))
    except (EOFError, OSError):
        # Threads may be in the middle of something that nobody waits for.
        os._exit(0)


if __name__ == "__main__":
    work(int(sys.argv[1]))
