"""The event streams of one server: who listens to which room, and what is sent next.

A listener that is slow gets the newest state when it reads again, not all that it missed, so that
nothing piles up for it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
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

    async def wait(self, seen: int) -> None:
        """Wait for a change after number ``seen``."""
        if self.number == seen:
            await self._changed.wait()


# Whose share a stream is of: the holder of the share, the room, and the listener in it.
Path = tuple[str, str, str]


class Listener:
    """An open stream."""

    def __init__(self, channel: Channel, path: Path) -> None:
        self.channel = channel
        self.path = path
        self._patience: asyncio.Timeout | None = None

    async def wait(self, seen: int, seconds: float) -> bool:
        """Wait for a change after number ``seen``. Returns False if there is none in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds) as self._patience:
                await self.channel.wait(seen)
        self._patience = None
        return self.channel.number != seen

    def end(self) -> None:
        """End a wait now."""
        if self._patience is not None:
            self._patience.reschedule(0)


class Listeners:
    """The channels of this server. A channel exists while it has a listener."""

    def __init__(self, most: int) -> None:
        self.most = most
        # In the order in which they joined.
        self._open: dict[Listener, None] = {}
        self._channels: dict[tuple[str, str], Channel] = {}

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, listener: Listener) -> bool:
        return listener in self._open

    def in_room(self, code: str) -> int:
        """How many streams a room has."""
        return sum(each.path[1] == code for each in self._open)

    def make_place(self, path: Path) -> bool:
        """Tell whether there is place for another stream.

        If there is none, a stream is ended of who has most: of another holder, else of another room
        of this holder, else of another listener in the room. So the shares become equal, as far as
        they are used, and what nobody else wants is not kept free.
        """
        if len(self._open) < self.most:
            return True
        rivals = list(self._open)
        for depth in range(1, len(path) + 1):
            rivals = [each for each in rivals if each.path[: depth - 1] == path[: depth - 1]]
            counts = Counter(each.path[:depth] for each in rivals)
            largest = max(counts, key=counts.__getitem__, default=path)
            if counts[path[:depth]] + 1 < counts[largest]:
                found = [each for each in rivals if each.path[:depth] == largest]
                [(fullest, _)] = Counter(each.path for each in found).most_common(1)
                newest = [each for each in found if each.path == fullest][-1]
                del self._open[newest]
                newest.end()
                return True
        return False

    def join(self, code: str, what: str, path: Path) -> Listener:
        """Listen to ``what`` ("room" or "tally") in a room, until ``leave`` or ``make_place``."""
        channel = self._channels.setdefault((code, what), Channel())
        channel.listeners += 1
        listener = Listener(channel, path)
        self._open[listener] = None
        return listener

    def leave(self, code: str, what: str, listener: Listener) -> None:
        """Undo ``join``."""
        listener.channel.listeners -= 1
        self._open.pop(listener, None)
        if not listener.channel.listeners:
            del self._channels[code, what]

    def changed(self, code: str, what: str) -> None:
        """Wake those who listen to ``what`` in a room; all of them if ``code`` is empty."""
        if not code:
            for channel in self._channels.values():
                channel.notify()
        elif (code, what) in self._channels:
            self._channels[code, what].notify()
