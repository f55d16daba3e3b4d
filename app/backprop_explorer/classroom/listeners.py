"""The event streams of one server: who listens to which room, and what is sent next.

A listener that is slow gets the newest state when it reads again, not all that it missed, so that
nothing piles up for it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

# Whose share a stream is of: the holder of the share, the room, and the listener in it.
Path = tuple[str, str, str]
# What of which room: its code, and "room", "tally" or "screen".
Part = tuple[str, str]


class Listener:
    """An open stream, about one part or several. It is woken when one of them changes."""

    def __init__(self, parts: Iterable[Part], path: Path) -> None:
        self.parts = tuple(parts)
        self.path = path
        # What it has to look at: at first all.
        self.changed = set(self.parts)
        self._woken = asyncio.Event()

    def wake(self, part: Part | None = None) -> None:
        """Note that ``part`` changed, and end a wait."""
        if part is not None:
            self.changed.add(part)
        self._woken.set()

    async def wait(self, seconds: float) -> None:
        """Wait until something changes, ``seconds`` at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()


class Listeners:
    """The listeners of this server, by what they listen to."""

    def __init__(self, most: int) -> None:
        self.most = most
        # In the order in which they joined.
        self._open: dict[Listener, None] = {}
        self._of: dict[Part, set[Listener]] = {}
        # How often a part changed, while anybody listens to it.
        self.numbers: Counter[Part] = Counter()

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
                newest.wake()
                return True
        return False

    def join(self, parts: Iterable[Part], path: Path) -> Listener:
        """Listen to parts of rooms, until ``leave`` or ``make_place``."""
        listener = Listener(parts, path)
        for part in listener.parts:
            self._of.setdefault(part, set()).add(listener)
        self._open[listener] = None
        return listener

    def leave(self, listener: Listener) -> None:
        """Undo ``join``."""
        self._open.pop(listener, None)
        for part in listener.parts:
            self._of[part].discard(listener)
            if not self._of[part]:
                del self._of[part], self.numbers[part]

    def changed(self, code: str, what: str) -> None:
        """Wake those who listen to ``what`` in a room; all of them if ``code`` is empty.

        A screen shows what is in the room's state and in its tally.
        """
        for part in ((code, what), (code, "screen")) if code else tuple(self._of):
            if part in self._of:
                self.numbers[part] += 1
            for listener in self._of.get(part, ()):
                listener.wake(part)
