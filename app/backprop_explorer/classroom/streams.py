"""The event streams of a server: what each listener gets, and when.

Tallies are counted once for all who ask at the same time, beside the store's thread: the answers to
a question may have 20 MB as JSON. A tally begins after all who get it have asked, so that nobody
misses what was kept before; who asks later waits for the next one, which begins after a pause.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

import orjson

from backprop_explorer.classroom.access import OpenRoom, read_room
from backprop_explorer.classroom.codes import short_digest
from backprop_explorer.classroom.listeners import Listeners, Part, Path
from backprop_explorer.classroom.store import RoomStore
from backprop_explorer.classroom.store_thread import StoreThread
from backprop_explorer.classroom.tally import Counted, Uncounted, counted, on_screen, read
from backprop_explorer.engine.errors import Unavailable
from backprop_explorer.texts import classroom as texts

T = TypeVar("T")
# The pause after a tally, as a multiple of its processor time.
PAUSE = 3.0


class Tallies:
    """Reads with the store's thread and counts in a thread of its own."""

    def __init__(self, store: StoreThread) -> None:
        self._store = store
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="tally")
        # By what is counted: the tally that has not begun, and who is counting or pauses.
        self._next: dict[Hashable, asyncio.Task[Any]] = {}
        self._turns: dict[Hashable, asyncio.Lock] = {}

    async def shared(
        self, key: Hashable, read: Callable[[RoomStore], Any], count: Callable[[Any], T]
    ) -> T:
        """Return ``count(read(store))``, the same for all who ask for ``key`` before it begins.

        Raises what these raise; or Unavailable.
        """
        task = self._next.get(key)
        if task is None:
            task = self._next[key] = asyncio.ensure_future(self._turn(key, read, count))
            # Who asked may be gone.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        found: T = await asyncio.shield(task)
        return found

    async def _turn(self, key: Hashable, read: Any, count: Any) -> Any:
        turn = self._turns.setdefault(key, asyncio.Lock())
        await turn.acquire()
        del self._next[key]
        loop = asyncio.get_running_loop()
        seconds = 0.0
        try:
            content, took = await self._store.call(lambda store: _timed(read, store))
            seconds += took
            counted, took = await loop.run_in_executor(self._executor, _timed, count, content)
            seconds += took
        finally:
            loop.call_later(PAUSE * seconds, self._release, key)
        return counted

    def _release(self, key: Hashable) -> None:
        self._turns[key].release()
        if key not in self._next:
            del self._turns[key]

    def close(self) -> None:
        """End the thread."""
        self._executor.shutdown()


def _timed(work: Callable[[Any], T], given: Any) -> tuple[T, float]:
    """Return ``work(given)`` and its processor time in seconds."""
    began = time.thread_time()
    return work(given), time.thread_time() - began


ROOM, TALLY, SCREEN = "room", "tally", "screen"
# A stream that has nothing to say looks for changes that it was not told of, and says that it is
# alive; sooner for a tally, which has times.
AGAIN_SECONDS = {ROOM: 15.0, TALLY: 5.0, SCREEN: 5.0}
# It is sent at most so often.
PAUSE_SECONDS = {ROOM: 0.0, TALLY: 0.25, SCREEN: 0.25}


class News(NamedTuple):
    """What a stream sends next: the state of ``part``; with ``content`` None its room has ended.

    ``part`` None says only that the stream is alive.
    """

    part: Part | None
    version: int = 0
    content: bytes | None = None


class Streams:
    """The streams of all rooms. ``counted`` is told of each tally that is sent."""

    def __init__(self, store: StoreThread, most: int) -> None:
        self.listeners = Listeners(most)
        self.counted: Callable[[str, Counted], None] | None = None
        self.counts = Tallies(store)
        self._store = store
        self._loop: asyncio.AbstractEventLoop | None = None
        self._shared: dict[tuple[Part, int], asyncio.Task[News]] = {}

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

    async def follow(self, parts: Iterable[Part], path: Path) -> AsyncGenerator[News, None]:
        """Yield the state of each part now and after each change.

        It ends when all rooms have ended, or when it has to make place for another stream.
        """
        self._loop = asyncio.get_running_loop()
        clock = self._loop.time
        listener = self.listeners.join(parts, path)
        last: dict[Part, bytes | None] = {}
        # From when on, and until when at the latest, a part is looked at.
        soonest, latest = ({part: clock() for part in listener.parts} for _ in range(2))
        try:
            while latest and listener in self.listeners:
                due = [
                    part
                    for part, late in latest.items()
                    if late <= clock() or (part in listener.changed and soonest[part] <= clock())
                ]
                silent = bool(due)
                for part in due:
                    listener.changed.discard(part)
                    news = await self._together(part)
                    soonest[part] = clock() + PAUSE_SECONDS[part[1]]
                    latest[part] = clock() + AGAIN_SECONDS[part[1]]
                    if news.content is None and news.part is not None:
                        del latest[part]
                    if news.part is not None and last.get(part, b"") != news.content:
                        last[part], silent = news.content, False
                        yield news
                if silent:
                    yield News(None)
                times = [
                    soonest[part] if part in listener.changed else latest[part] for part in latest
                ]
                await listener.wait(min(times, default=0.0) - clock())
        finally:
            self.listeners.leave(listener)

    async def _together(self, part: Part) -> News:
        """Read once for all listeners that were woken by the same change."""
        key = (part, self.listeners.numbers[part])
        task = self._shared.get(key)
        if task is None:
            look = {ROOM: self._state, TALLY: self._tally, SCREEN: self._screen}[part[1]]
            task = self._shared[key] = asyncio.ensure_future(look(part))
            task.add_done_callback(lambda _: self._shared.pop(key, None))
        try:
            return await asyncio.shield(task)
        except Unavailable:
            # The store is away: the stream stays open and looks again.
            return News(None)

    async def _state(self, part: Part) -> News:
        def work(store: RoomStore) -> News:
            found = read_room(store, part[0])
            if found is None:
                return News(part)
            return News(part, found.version, orjson.dumps(found.room.public(found.version)))

        return await self._store.call(work)

    async def _tally(self, part: Part) -> News:
        found = await self.last_tally(part[0])
        if found is not None and self.counted is not None:
            self.counted(part[0], found)
        return News(part, 0, None if found is None else found.content)

    async def _screen(self, part: Part) -> News:
        found = await self._store.call(lambda store: read_room(store, part[0]))
        counts = await self.last_tally(part[0])
        if found is None or counts is None:
            return News(part)
        return News(part, 0, orjson.dumps(on_screen(found.room, counts.tally)))

    async def last_tally(self, code: str) -> Counted | None:
        """Return the lecturer's view of the last question; None if there is no such room."""

        def work(store: RoomStore) -> Uncounted | None:
            found = read_room(store, code)
            return None if found is None else read(store, code, found.room.asked)

        return await self.counts.shared((code, None), work, counted)
