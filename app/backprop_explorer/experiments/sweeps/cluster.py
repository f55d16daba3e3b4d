"""Compute the tiles of sweeps on an existing Dask cluster, ``EXPLORER_DASK``; the extra ``dask``.

A tile is a task whose key is the sweep's id and the tile's number, so that the processes of a
server, and servers, that ask for the same tile share one computation. Dask repeats tasks of a
worker that died.
"""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.datasets import Rows
from backprop_explorer.experiments.sweeps.remote import compute_tile, fingerprint
from backprop_explorer.experiments.sweeps.sweep import Sweep
from backprop_explorer.limits import Limits
from backprop_explorer.settings import check_dask

Array = NDArray[np.float64]
# The number of a tile, and its cells.
Tile = tuple[int, tuple[int, ...]]

logger = logging.getLogger(__name__)

# How long to wait for the scheduler; a worker process waits with it.
CONNECT_SECONDS = 2.0
# After a failure tiles are computed here for so long, then the cluster is tried again.
RETRY_SECONDS = 30.0
# The threads of the cluster are counted again after this time.
COUNT_SECONDS = 1.0
# Tiles that are given to the cluster, per thread: one runs, one waits for it.
TILES_PER_THREAD = 2


def open_cluster(address: str) -> DaskCluster | None:
    """Return the cluster at ``address``, None for "". Raises ConfigurationError without Dask.

    The first use connects.
    """
    if not address:
        return None
    check_dask(address)
    return DaskCluster(address)


def _dask() -> Any:
    # Imported at the first use: it takes half a second and is an extra. It has no types.
    return importlib.import_module("distributed")


class ClusterError(Exception):
    """The cluster cannot compute now. ``str(error)`` is one line."""


class DaskCluster:
    """A client of the scheduler at ``address`` (tcp://host:port, tls://…). Not thread-safe."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: Any = None
        self._pending: dict[str, dict[int, Any]] = {}
        self._threads, self._counted = 0, -COUNT_SECONDS
        self._failed = -RETRY_SECONDS

    @property
    def usable(self) -> bool:
        """Whether it has not failed within RETRY_SECONDS."""
        return time.monotonic() >= self._failed + RETRY_SECONDS

    def compute(
        self,
        sweep: Sweep,
        tiles: Iterator[Tile],
        limits: Limits,
        tables: Mapping[str, Rows],
        deadline: float,
    ) -> dict[int, Array]:
        """Give out ``tiles`` in this order; return those done at the deadline, by number.

        ``tables`` has the uploaded rows by id. What is not done goes on in the cluster: ask again.
        Raises ClusterError; after that ``usable`` is False for a while.
        """
        with self._failures():
            return self._compute(sweep, tiles, (limits, tables), deadline)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Disconnect and raise ClusterError for any error."""
        try:
            yield
        except Exception as error:
            # Errors of the network, of the scheduler and of tasks: of many modules and classes.
            self.close()
            self._failed = time.monotonic()
            message = str(error).strip().partition("\n")[0] or type(error).__name__
            logger.warning("The Dask cluster cannot be used; computing here: %s", message)
            raise ClusterError(message) from error

    def _compute(
        self,
        sweep: Sweep,
        tiles: Iterator[Tile],
        inputs: tuple[Limits, Mapping[str, Rows]],
        deadline: float,
    ) -> dict[int, Array]:
        wait = _dask().wait
        client = self._connected()
        pending = self._of(sweep.id)
        left = (each for each in tiles if each[0] not in pending)
        content, bounds, bits = (sweep.canonical(), inputs[0].model_dump_json(), fingerprint())
        found: dict[int, Array] = {}
        while True:
            room = TILES_PER_THREAD * self._count(client) - len(pending)
            for tile, cells in islice(left, max(room, 0)):
                pending[tile] = client.submit(
                    *(compute_tile, content, cells, bounds, dict(inputs[1]), bits),
                    key=f"backprop-explorer {bits} {sweep.id} {tile}",
                )
            seconds = deadline - time.perf_counter()
            if not pending or seconds <= 0:
                return found
            try:
                with client.as_current():
                    wait(list(pending.values()), timeout=seconds, return_when="FIRST_COMPLETED")
            except TimeoutError:
                return found
            done = [tile for tile, future in pending.items() if future.done()]
            results = client.gather([pending[tile] for tile in done])
            for tile, result in zip(done, results, strict=True):
                found[tile] = result
                del pending[tile]

    def _connected(self) -> Any:
        if self._client is None:
            self._client = _dask().Client(
                self._address,
                timeout=CONNECT_SECONDS,
                set_as_default=False,
                name="backprop-explorer",
            )
        return self._client

    def _count(self, client: Any) -> int:
        """Return the threads of the cluster. Raises ClusterError if there are none."""
        if time.monotonic() >= self._counted + COUNT_SECONDS:
            self._threads = sum(client.nthreads().values())
            self._counted = time.monotonic()
        if not self._threads:
            raise ClusterError("the scheduler has no workers")
        return self._threads

    def _of(self, name: str) -> dict[int, Any]:
        """Return the pending tiles of a sweep. Finished tiles of other sweeps are dropped."""
        mine = self._pending.pop(name, {})
        for other, futures in list(self._pending.items()):
            if all(future.done() for future in futures.values()):
                del self._pending[other]
        self._pending[name] = mine
        return mine

    def close(self) -> None:
        """Disconnect; the scheduler drops tiles without a waiting client."""
        self._pending.clear()
        client, self._client = self._client, None
        self._counted = -COUNT_SECONDS
        if client is not None:
            client.close(timeout=1.0)
