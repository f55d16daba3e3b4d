"""Shared by the trials: a well-behaved client, and slow sockets in a separate process."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import time
from collections.abc import Callable, Iterator
from multiprocessing.sharedctypes import Synchronized
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np

API = "/api/v1"
FRAME = "?arrays=base64&include=parameters,gradients,neurons,boundary,curves,health&since={}"
# Spawned, so that no thread or socket is inherited; it imports the modules itself.
CLEAN = multiprocessing.get_context("spawn")

# What a slow client sends at once, before it sends single bytes.
SLOW = (
    b"",
    b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    b"POST /api/v1/trace HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n",
)
TRICKLE_SECONDS = 2.0


class Honest:
    """A client that reads one frame after another, with a short pause."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=60)
        answer = self.client.post(f"{API}/experiments", json={"dataset": {"seed": 12345}})
        self.path = f"{API}/experiments/{answer.raise_for_status().json()['id']}/frames"
        self.step = 0
        self.failed: list[str] = []
        self.frames(20, 0.0)

    def frames(self, count: int, think: float) -> list[float]:
        """Read ``count`` frames and return their times in seconds."""
        found: list[float] = []
        for _ in range(count):
            time.sleep(think)
            began = time.perf_counter()
            try:
                answer = self.client.get(f"{self.path}/{self.step + 1}{FRAME.format(self.step)}")
            except httpx.TransportError as error:
                self.failed.append(type(error).__name__)
                continue
            if answer.status_code == 200:
                found.append(time.perf_counter() - began)
                self.step += 1
            elif answer.status_code != 202:
                self.failed.append(str(answer.status_code))
        return found


def milliseconds(seconds: list[float], percentile: float) -> float:
    """A percentile in milliseconds; NaN for no times."""
    return float(np.percentile(seconds, percentile)) * 1000 if seconds else float("nan")


@contextlib.contextmanager
def beside(work: Callable[..., None], *arguments: Any) -> Iterator[Any]:
    """Run ``work(stop, *arguments)`` in another process during the block, at most one hour."""
    stop = CLEAN.Event()
    process = CLEAN.Process(target=work, args=(stop, *arguments), daemon=True)
    process.start()
    try:
        yield process
    finally:
        stop.set()
        process.join(30)
        if process.is_alive():
            process.kill()
            process.join()


def slow_sockets(
    stop: Any, url: str, count: int, opened: Synchronized[int], longest: Synchronized[float]
) -> None:
    """Keep ``count`` connections open that never finish their requests; replace closed ones.

    ``opened`` counts them, ``longest`` is the longest time that one was open, in seconds.
    """
    parts = urlsplit(url)
    assert parts.hostname == "127.0.0.1"

    async def one(index: int) -> None:
        while not stop.is_set():
            began = time.monotonic()
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
                opened.value += 1
                try:
                    await _trickle(reader, writer, SLOW[index % len(SLOW)], stop)
                finally:
                    writer.transport.abort()
                if not stop.is_set():
                    longest.value = max(longest.value, time.monotonic() - began)
            await asyncio.sleep(0.2)

    async def all_of_them() -> None:
        await asyncio.gather(*(one(index) for index in range(count)))

    asyncio.run(all_of_them())


async def _trickle(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, begin: bytes, stop: Any
) -> None:
    writer.write(begin)
    while not stop.is_set():
        try:
            async with asyncio.timeout(TRICKLE_SECONDS):
                if not await reader.read(1 << 16):
                    return
        except TimeoutError:
            if begin:
                writer.write(b"1")
