"""Open rooms, know who may do what in them, change and follow their state."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import orjson

from backprop_explorer.classroom.codes import (
    digest,
    grouped,
    matches,
    new_code,
    new_key,
    read_code,
)
from backprop_explorer.classroom.listeners import Listeners
from backprop_explorer.classroom.rates import Guesses, Rate
from backprop_explorer.classroom.requests import OfferRequest, PlaceRequest
from backprop_explorer.classroom.room import LastQuestion, Room, SceneRequest
from backprop_explorer.classroom.store import RoomStore, open_room_store
from backprop_explorer.classroom.store.base import OFFER, PLACE, STUDENT, answers_to
from backprop_explorer.classroom.store_thread import StoreThread
from backprop_explorer.classroom.tally import tally
from backprop_explorer.engine.errors import (
    Forbidden,
    NotFound,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)
from backprop_explorer.settings import Settings

# The use of a room is written after this many seconds at the earliest.
NOTE_SECONDS = 60.0
# A stream that has nothing to say looks for changes that it was not told of, and says that it is
# alive.
PING_SECONDS = 15.0
# The tally is sent at most so often, and again at the latest after so long: it has times.
TALLY_SECONDS = 0.25
TALLY_AGAIN_SECONDS = 5.0
MAX_OFFERS = 100
# A student who did nothing for so long loses the place if the room is full.
STALE_SECONDS = 600.0
# How often a change is tried again that another one overtook.
ATTEMPTS = 10
ROOM, TALLY = "room", "tally"
GONE = "there is no room with this code; check it, or ask for the new one"


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """A room that a request is about."""

    code: str
    version: int
    room: Room


class News(NamedTuple):
    """What a stream sends next: a state, or with ``content`` None only that it is alive."""

    version: int
    content: bytes | None


class Rooms:
    """All rooms, as one server sees them. Methods raise Unavailable if the store is away."""

    def __init__(self, settings: Settings) -> None:
        self.limits = settings.classroom
        seconds = 3600.0 * self.limits.hours
        self.store = StoreThread(lambda: self._open(settings.store, seconds))
        self.listeners = Listeners(self.limits.max_streams)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._guesses = Guesses()
        self._openings = Rate(20, 0.1)
        self._joins = Rate(max(50.0, self.limits.max_students), 20.0)
        self._lecturers = Rate(60, 10.0)
        self._students = Rate(10, self.limits.messages_per_second)
        self._noted: dict[str, float] = {}
        self._shared: dict[tuple[str, str, int], asyncio.Task[News | None]] = {}

    def _open(self, address: str, seconds: float) -> RoomStore:
        """Open the store. Called in its thread."""
        store = open_room_store(address, seconds)
        store.subscribe(self._heard)
        return store

    def _heard(self, code: str, what: str) -> None:
        """Pass on what another server changed. Called in a thread of the store."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.listeners.changed, code, what)

    async def close(self) -> None:
        """Close the store."""
        await self.store.close()

    # Who may do what

    async def create(self, address: str) -> tuple[str, str]:
        """Open a room; return its code, as it is shown, and the lecturer's key.

        ``address``: where the request comes from. Raises TooManyRequests.
        """
        _allow(self._openings.take(address), "rooms opened")
        if not self.limits.max_rooms:
            raise Forbidden("this server has no live classes")
        key = new_key()
        room = Room(key=digest(key), secret=new_key(), opened=time.time())

        def work(store: RoomStore) -> str:
            while not store.create(code := new_code(), room.content(), self.limits.max_rooms):
                pass
            return code

        code = await self.store.call(work)
        self._guesses.found(address, code)
        return grouped(code), key

    async def find(self, typed: str, address: str) -> OpenRoom:
        """Return the room with this code. Raises NotFound; after many guesses TooManyRequests."""
        code = read_code(typed)
        if code is None:
            raise NotFound(GONE)
        _allow(self._guesses.wait(address, code), "codes tried")
        now = time.monotonic()
        note = now - self._noted.get(code, -NOTE_SECONDS) >= NOTE_SECONDS
        found = await self.store.call(partial(_read, code=code, note=note))
        if found is None:
            self._guesses.missed(address)
            raise NotFound(GONE)
        self._guesses.found(address, code)
        if note:
            self._noted = {
                each: at for each, at in self._noted.items() if now - at < NOTE_SECONDS
            } | {code: now}
        return found

    async def as_lecturer(self, typed: str, address: str, key: str | None) -> OpenRoom:
        """Return the room for its lecturer. Raises Unauthorized or Forbidden, too."""
        found = await self.find(typed, address)
        if not key:
            raise Unauthorized("this is the lecturer's: send the header X-Room-Key")
        if not matches(key, found.room.key):
            raise Forbidden("X-Room-Key is not the key of this room")
        _allow(self._lecturers.take(found.code), "requests")
        return found

    async def as_student(self, typed: str, address: str, token: str | None) -> tuple[OpenRoom, str]:
        """Return the room and the student of a token. Raises Unauthorized or Forbidden, too."""
        found = await self.find(typed, address)
        if not token:
            raise Unauthorized("join the room first, and send the header X-Student-Token")
        student = digest(token)
        get = partial(_entry, code=found.code, kind=STUDENT, name=student)
        if await self.store.call(get) is None:
            raise Forbidden("X-Student-Token is no token of this room; join it again")
        return found, student

    def slow_down(self, student: str) -> None:
        """Raise TooManyRequests for a student who sends too many messages."""
        _allow(self._students.take(student), "messages")

    # What happens in a room

    async def join(self, typed: str, address: str, known: str | None = None) -> str:
        """Add a student and return the token, ``known`` if it is one of this room.

        Raises TooManyRequests if the room is full.
        """
        found = await self.find(typed, address)
        if known is not None:
            student = digest(known)
            get = partial(_entry, code=found.code, kind=STUDENT, name=student)
            if await self.store.call(get) is not None:
                return known
        _allow(self._joins.take(found.code), "students joined")
        token = new_key()
        name, most = digest(token), self.limits.max_students

        def work(store: RoomStore) -> bool:
            content = orjson.dumps({"joined": time.time()})
            if store.put(found.code, STUDENT, name, content, most):
                return True
            store.drop(found.code, STUDENT, _stale(store, found.code, found.room.questions))
            return store.put(found.code, STUDENT, name, content, most)

        if not await self.store.call(work):
            raise TooManyRequests(f"the room is full: it has {most:,} students", 60)
        await self.tell_tally(found.code)
        return token

    async def end(self, code: str) -> None:
        """End a room and delete what is kept of it."""

        def work(store: RoomStore) -> None:
            store.end(code)
            store.publish(code, ROOM)

        await self.store.call(work)
        self.listeners.changed(code, ROOM)

    async def show(self, code: str, request: SceneRequest) -> OpenRoom:
        """Show a scene to all."""
        scene = {"scene": request.scene, "hold": request.hold}
        return await self.change(code, lambda _store, room: room.model_copy(update=scene))

    async def place(self, code: str, student: str, request: PlaceRequest) -> None:
        """Note where a student is."""
        now = time.time()
        at = {"line": request.line, "card": request.card}

        def work(store: RoomStore) -> None:
            content = store.get(code, PLACE, student)
            before = {} if content is None else orjson.loads(content)
            same = {name: before.get(name) for name in at} == at and before
            since = before["since"] if same else now
            kept = orjson.dumps({**at, "since": since, "seen": now})
            store.put(code, PLACE, student, kept, self.limits.max_students)

        await self.store.call(work)

    async def offer(self, code: str, student: str, request: OfferRequest) -> None:
        """Offer a student's view to the lecturer, or take it back."""

        def work(store: RoomStore) -> bool:
            if request.view is None:
                store.drop(code, OFFER, [student])
                return True
            content = orjson.dumps({"view": request.view, "at": time.time()})
            return store.put(code, OFFER, student, content, MAX_OFFERS)

        if not await self.store.call(work):
            raise TooManyRequests("the lecturer has enough offers to look at", 30)
        await self.tell_tally(code)

    async def change(self, code: str, edit: Callable[[RoomStore, Room], Room]) -> OpenRoom:
        """Replace a room by ``edit(store, room)``, and tell all who listen.

        ``edit`` may run again if another change came first. Raises NotFound.
        """
        found, changed = await self.store.call(partial(_changed, code=code, edit=edit))
        if changed:
            self.listeners.changed(code, ROOM)
        return found

    async def tell_tally(self, code: str) -> None:
        """Tell the lecturer's streams, on all servers, that there is something new to count."""
        self.listeners.changed(code, TALLY)
        await self.store.call(lambda store: store.publish(code, TALLY))

    # Streams

    def check_place(self) -> None:
        """Raise Unavailable if this server has no place for another stream."""
        if self.listeners.full:
            raise Unavailable(
                "this server has no place for another live connection; ask for GET /rooms/{code} "
                "every few seconds instead"
            )

    def states(self, code: str) -> AsyncGenerator[News, None]:
        """Yield the room's state now and after each change, until it ends."""
        return self._stream(code, ROOM, self._state, PING_SECONDS, 0.0)

    def tallies(self, code: str) -> AsyncGenerator[News, None]:
        """Yield the lecturer's view now and while it changes, until the room ends."""
        return self._stream(code, TALLY, self._tally_now, TALLY_AGAIN_SECONDS, TALLY_SECONDS)

    async def _stream(
        self, code: str, what: str, read: Any, patience: float, pause: float
    ) -> AsyncGenerator[News, None]:
        self._loop = asyncio.get_running_loop()
        channel = self.listeners.join(code, what)
        last: bytes | None = None
        try:
            while True:
                seen = channel.number
                news = await self._together((code, what, seen), read)
                if news is None:
                    return
                if news.content is None or news.content == last:
                    yield News(news.version, None)
                else:
                    last = news.content
                    yield news
                if await channel.wait(seen, patience) and pause:
                    await asyncio.sleep(pause)
        finally:
            self.listeners.leave(code, what)

    async def _together(self, key: tuple[str, str, int], read: Any) -> News | None:
        """Read once for all listeners that were woken by the same change."""
        task = self._shared.get(key)
        if task is None:
            task = self._shared[key] = asyncio.ensure_future(read(key[0]))
            task.add_done_callback(lambda _: self._shared.pop(key, None))
        try:
            return await asyncio.shield(task)
        except Unavailable:
            # The store is away: the stream stays open and looks again.
            return News(0, None)

    async def _state(self, code: str) -> News | None:
        def work(store: RoomStore) -> News | None:
            found = _read(store, code=code, note=False)
            if found is None:
                return None
            return News(found.version, orjson.dumps(found.room.public(found.version)))

        return await self.store.call(work)

    async def _tally_now(self, code: str) -> News | None:
        def work(store: RoomStore) -> News | None:
            found = _read(store, code=code, note=False)
            if found is None:
                return None
            return News(0, orjson.dumps(tally(store, code, about(found.room.asked))))

        return await self.store.call(work)


def about(asked: LastQuestion | None) -> dict[str, Any] | None:
    """Return what the tally says of a question."""
    if asked is None:
        return None
    return {
        "number": asked.number,
        "state": asked.state,
        "kind": asked.kind,
        "line": asked.line,
        "own_numbers": asked.own_numbers,
    }


def _allow(seconds: float, what: str) -> None:
    if seconds > 0:
        raise TooManyRequests(f"too many {what} in a short time; wait a little", seconds)


def _read(store: RoomStore, *, code: str, note: bool) -> OpenRoom | None:
    found = store.read(code)
    if found is None:
        return None
    if note:
        store.use(code)
    return OpenRoom(code, found.version, Room.model_validate_json(found.content))


def _entry(store: RoomStore, *, code: str, kind: str, name: str) -> bytes | None:
    return store.get(code, kind, name)


def _changed(
    store: RoomStore, *, code: str, edit: Callable[[RoomStore, Room], Room]
) -> tuple[OpenRoom, bool]:
    for _ in range(ATTEMPTS):
        found = _read(store, code=code, note=False)
        if found is None:
            raise NotFound(GONE)
        room = edit(store, found.room)
        if room is found.room:
            return found, False
        done = store.replace(code, found.version, room.content(), room.open_question)
        # The client of Redis sends a request again whose answer was lost.
        now = None if done else store.read(code)
        if done or (now is not None and now.content == room.content()):
            store.publish(code, ROOM)
            return OpenRoom(code, found.version + 1, room), True
    raise Unavailable("the room changes too fast; try again")


def _stale(store: RoomStore, code: str, questions: int) -> list[str]:
    """The students who gave no answer and were not heard of for long."""
    now = time.time()
    busy = {name for k in range(1, questions + 1) for name in store.entries(code, answers_to(k))}
    seen = {name: orjson.loads(each)["seen"] for name, each in store.entries(code, PLACE).items()}
    return [
        name
        for name, each in store.entries(code, STUDENT).items()
        if name not in busy
        and now - max(seen.get(name, 0.0), orjson.loads(each)["joined"]) > STALE_SECONDS
    ]
