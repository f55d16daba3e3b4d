"""Sends bytes to a server on this machine and waits for what comes back, for a bounded time."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import h11

from tests.helpers.attacks import Attack

# Half as long again as the server waits for a request that does not come. An answer that comes part
# by part, such as a long history, is read for so long and then given up.
HANG_SECONDS = 15.0
# From an answer's head.
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
CLOSED = "closed without an answer"
HANGS = "hangs"


@dataclass
class Outcome:
    """What became of all attacks."""

    count: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    bad: list[tuple[str, Attack, bytes]] = field(default_factory=list)
    slowest: tuple[float, bytes] = (0.0, b"")

    def note(self, attack: Attack, answer: bytes, seconds: float) -> None:
        """Count an answer; keep those that must not be."""
        found = STATUS.match(answer)
        verdict = found[1].decode() if found else answer.decode() or CLOSED
        self.count += 1
        self.answers[verdict] += 1
        self.kinds[attack.kind] += 1
        self.slowest = max(self.slowest, (seconds, attack.content[:200]))
        honest = verdict == "503" and re.search(rb"\r\nretry-after: \d", answer, re.IGNORECASE)
        if verdict == HANGS or (verdict.startswith("5") and not honest):
            self.bad.append((verdict, attack, answer))


def is_whole(content: bytes) -> bool:
    """Whether a server need not wait for more before it answers."""
    if not content:
        return False  # for h11 that would be the end of the connection
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(content)
    try:
        while (event := connection.next_event()) is not h11.NEED_DATA:
            if isinstance(event, h11.EndOfMessage) or event is h11.PAUSED:
                return True
    except h11.RemoteProtocolError:
        return True
    return False


async def answer_to(host: str, port: int, content: bytes) -> bytes:
    """What is answered to ``content``; HANGS if nothing comes for long, b"" if it is cut."""
    received = bytearray()
    try:
        async with asyncio.timeout(HANG_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                await _exchange(reader, writer, content, received)
            finally:
                writer.transport.abort()
    except TimeoutError:
        return bytes(received) or HANGS.encode()
    except OSError:
        pass
    return bytes(received)


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, content: bytes, received: bytearray
) -> None:

    async def send() -> None:
        try:
            writer.write(content)
            await writer.drain()
            if not is_whole(content):
                writer.write_eof()  # nothing more will come
        except OSError:
            pass  # the server has answered already, and does not want to read the rest

    sending = asyncio.create_task(send())
    try:
        while part := await reader.read(1 << 16):
            received += part
            if received.startswith(b"HTTP/1.1 100 "):
                del received[: received.index(b"\r\n\r\n") + 4]
            head, mark, rest = received.partition(b"\r\n\r\n")
            announced = LENGTH.search(head + b"\r\n")
            if mark and announced and len(rest) >= int(announced[1]):
                break
    except OSError:
        pass  # cut
    finally:
        sending.cancel()


async def attack_all(
    host: str, port: int, attacks: Iterable[Attack], *, lanes: int, until: float = float("inf")
) -> Outcome:
    """Send all ``attacks``, ``lanes`` at a time; begin none after ``until`` (a perf_counter)."""
    outcome = Outcome()
    waiting = iter(attacks)

    async def lane() -> None:
        for attack in waiting:
            began = time.perf_counter()
            if began > until:
                return
            answer = await answer_to(host, port, attack.content)
            outcome.note(attack, answer, time.perf_counter() - began)

    await asyncio.gather(*(lane() for _ in range(lanes)))
    return outcome
