"""/healthz: whether a worker can compute and the store can be read."""

from __future__ import annotations

import asyncio
import time

from starlette.requests import Request
from starlette.responses import JSONResponse

from backprop_explorer import __version__
from backprop_explorer.compute.pool import Pool
from backprop_explorer.experiments.store import is_damaged

# The store's pages are checked at most so often.
CHECK_SECONDS = 10.0


class Health:
    """The state of a server. ``damaged`` stays set: a damaged store needs its operator."""

    def __init__(self, pool: Pool, store: str) -> None:
        self._pool = pool
        self._store = store
        self._checked = -CHECK_SECONDS
        self.damaged = False

    async def answer(self, _request: Request) -> JSONResponse:
        """200 once a worker has started and while the store is not damaged, else 503."""
        if not self.damaged and time.monotonic() - self._checked >= CHECK_SECONDS:
            self._checked = time.monotonic()
            self.damaged = await asyncio.to_thread(is_damaged, self._store) or self.damaged
        starting = "ok" if self._pool.ready else "starting"
        status = "damaged" if self.damaged else starting
        return JSONResponse(
            {"status": status, "version": __version__},
            status_code=200 if status == "ok" else 503,
            headers={"Retry-After": "1"} if status == "starting" else None,
        )
