"""The event streams of a server: what each listener gets, and when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any, NamedTuple

import orjson

from backprop_explorer.classroom.access import OpenRoom, read_room
from backprop_explorer.classroom.codes import short_digest
from backprop_explorer.classroom.listeners import Listeners, Path
from backprop_explorer.classroom.store import RoomStore
from backprop_explorer.classroom.store_thread import StoreThread
from backprop_explorer.classroom.tallies import Tallies
from backprop_explorer.classroom.tally import Counted, Uncounted, counted, read
from backprop_explorer.engine.errors import Unavailable
from backprop_explorer.texts import classroom as texts

# A stream that has nothing to say looks for changes that it was not told of, and says that it is
# alive.
PING_SECONDS = 15.0
# The tally is sent at most so often, and again at the latest after so long: it has times.
TALLY_SECONDS = 0.25
TALLY_AGAIN_SECONDS = 5.0
ROOM, TALLY = "room", "tally"


class News(NamedTuple):
    """What a stream sends next: a state, or with ``content`` None only that it is alive."""

    version: int
    content: bytes | None


class Streams:
    """The streams of all rooms. ``counted`` is told of each tally that is sent."""

    def __init__(self, store: StoreThread, most: int) -> None:
        self.listeners = Listeners(most)
        self.counted: Callable[[str, dict[str, Any]], None] | None = None
        self.counts = Tallies(store)
        self._store = store
        self._loop: asyncio.AbstractEventLoop | None = None
        self._shared: dict[tuple[str, str, int], asyncio.Task[News | None]] = {}

    def heard(self, code: str, what: str) -> None:
        """Pass on what another server changed. Called in a thread of the store."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.listeners.changed, code, what)

    def place(self, found: OpenRoom, address: str, listener: str) -> Path:
        """Return the path of a new stream in the shares.

        As many as the lecturer expects students are of the room, which shares with all that were
        opened at the same address; others are of their own address. Raises Unavailable if there is
        no place.
        """
        code, room = found.code, found.room
        own = self.listeners.in_room(code) < room.students
        path = (room.opener if own else short_digest(address), code, listener)
        if not self.listeners.make_place(path):
            raise Unavailable(texts.NO_PLACE_TO_FOLLOW)
        return path

    def states(self, code: str, path: Path) -> AsyncGenerator[News, None]:
        """Yield the room's state now and after each change, until it ends, or the stream has to."""
        return self._stream(code, ROOM, path, self._state, PING_SECONDS, 0.0)

    def tallies(self, code: str, path: Path) -> AsyncGenerator[News, None]:
        """Yield the lecturer's view now and while it changes, until the room ends."""
        return self._stream(code, TALLY, path, self._tally_now, TALLY_AGAIN_SECONDS, TALLY_SECONDS)

    async def _stream(
        self, code: str, what: str, path: Path, look: Any, patience: float, pause: float
    ) -> AsyncGenerator[News, None]:
        self._loop = asyncio.get_running_loop()
        listener = self.listeners.join(code, what, path)
        channel = listener.channel
        last: bytes | None = None
        try:
            while listener in self.listeners:
                seen = channel.number
                news = await self._together((code, what, seen), look)
                if news is None:
                    return
                if news.content is None or news.content == last:
                    yield News(news.version, None)
                else:
                    last = news.content
                    yield news
                if await listener.wait(seen, patience) and pause:
                    await asyncio.sleep(pause)
        finally:
            self.listeners.leave(code, what, listener)

    async def _together(self, key: tuple[str, str, int], look: Any) -> News | None:
        """Read once for all listeners that were woken by the same change."""
        task = self._shared.get(key)
        if task is None:
            task = self._shared[key] = asyncio.ensure_future(look(key[0]))
            task.add_done_callback(lambda _: self._shared.pop(key, None))
        try:
            return await asyncio.shield(task)
        except Unavailable:
            # The store is away: the stream stays open and looks again.
            return News(0, None)

    async def _state(self, code: str) -> News | None:
        def work(store: RoomStore) -> News | None:
            found = read_room(store, code)
            if found is None:
                return None
            return News(found.version, orjson.dumps(found.room.public(found.version)))

        return await self._store.call(work)

    async def last_tally(self, code: str) -> Counted | None:
        """Return the lecturer's view of the last question; None if there is no such room."""

        def work(store: RoomStore) -> Uncounted | None:
            found = read_room(store, code)
            return None if found is None else read(store, code, found.room.asked)

        return await self.counts.shared((code, None), work, counted)

    async def _tally_now(self, code: str) -> News | None:
        found = await self.last_tally(code)
        if found is None:
            return None
        if self.counted is not None:
            self.counted(code, found.tally)
        return News(0, found.content)
