"""The event streams of one server: who listens to which room, and what is sent next.

A listener that is slow gets the newest state when it reads again, not all that it missed, so that
nothing piles up for it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Channel:
    """What changes in one room, as seen by this server."""

    def __init__(self) -> None:
        self.listeners = 0
        self.number = 0
        self._changed = asyncio.Event()

    def notify(self) -> None:
        """Wake all listeners."""
        self.number += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def wait(self, seen: int, seconds: float) -> bool:
        """Wait for a change after number ``seen``. Returns False if there is none in time."""
        if self.number == seen:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), seconds)
        return self.number != seen


class Listeners:
    """The channels of this server. A channel exists while it has a listener."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.count = 0
        self._channels: dict[tuple[str, str], Channel] = {}

    @property
    def full(self) -> bool:
        """Whether there is no place for another one."""
        return self.count >= self.most

    def join(self, code: str, what: str) -> Channel:
        """Return the channel of ``what`` ("room" or "tally") in a room, for one more listener."""
        channel = self._channels.setdefault((code, what), Channel())
        channel.listeners += 1
        self.count += 1
        return channel

    def leave(self, code: str, what: str) -> None:
        """Undo ``join``."""
        channel = self._channels[code, what]
        channel.listeners -= 1
        self.count -= 1
        if not channel.listeners:
            del self._channels[code, what]

    def changed(self, code: str, what: str) -> None:
        """Wake those who listen to ``what`` in a room; all of them if ``code`` is empty."""
        if not code:
            for channel in self._channels.values():
                channel.notify()
        elif (code, what) in self._channels:
            self._channels[code, what].notify()
