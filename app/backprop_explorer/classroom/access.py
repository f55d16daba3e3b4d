"""Who may do what: rooms are opened and found, lecturers have keys, students tokens."""

from __future__ import annotations

import time
from functools import lru_cache, partial
from typing import NamedTuple

import orjson

from backprop_explorer.classroom.codes import (
    digest,
    grouped,
    matches,
    new_code,
    new_key,
    read_code,
)
from backprop_explorer.classroom.rates import Guesses, Rate
from backprop_explorer.classroom.room import Room
from backprop_explorer.classroom.store import RoomStore
from backprop_explorer.classroom.store.base import PLACE, STUDENT, answers_to
from backprop_explorer.classroom.store_thread import StoreThread
from backprop_explorer.engine.errors import Forbidden, NotFound, TooManyRequests, Unauthorized
from backprop_explorer.settings import ClassroomSettings
from backprop_explorer.texts import classroom as texts

# The use of a room is written after this many seconds at the earliest.
NOTE_SECONDS = 60.0
# A student who did nothing for so long loses the place if the room is full.
STALE_SECONDS = 600.0
# So does a token whose page never said where it is; a page does within two seconds.
UNHEARD_SECONDS = 60.0
# Rooms that are read and not changed since are parsed once.
KEPT_ROOMS = 64
GONE = texts.NO_ROOM


class OpenRoom(NamedTuple):
    """A room that a request is about."""

    code: str
    version: int
    room: Room


class RoomAccess:
    """Opens and finds rooms. Methods raise Unavailable if the store is away."""

    def __init__(self, store: StoreThread, limits: ClassroomSettings) -> None:
        self._store = store
        self._limits = limits
        self._guesses = Guesses()
        self._openings = Rate(20, 0.1)
        self._joins = Rate(max(50.0, limits.max_students), 20.0)
        self._lecturers = Rate(60, 10.0)
        self._students = Rate(10, limits.messages_per_second)
        self._noted: dict[str, float] = {}

    async def create(self, address: str) -> tuple[str, str]:
        """Open a room; return its code, as it is shown, and the lecturer's key.

        ``address``: where the request comes from. Raises TooManyRequests.
        """
        _allow(self._openings.take(address), texts.ROOMS_OPENED)
        if not self._limits.max_rooms:
            raise Forbidden(texts.NO_CLASSES)
        key = new_key()
        room = Room(key=digest(key), secret=new_key(), opened=time.time())

        def work(store: RoomStore) -> str:
            while not store.create(code := new_code(), room.content(), self._limits.max_rooms):
                pass
            return code

        code = await self._store.call(work)
        self._guesses.found(address, code)
        return grouped(code), key

    async def find(self, typed: str, address: str) -> OpenRoom:
        """Return the room with this code. Raises NotFound; after many guesses TooManyRequests."""
        found, _ = await self._look_up(typed, address, None)
        return found

    async def as_lecturer(self, typed: str, address: str, key: str | None) -> OpenRoom:
        """Return the room for its lecturer. Raises Unauthorized or Forbidden, too."""
        found = await self.find(typed, address)
        if not key:
            raise Unauthorized(texts.NEEDS_KEY)
        if not matches(key, found.room.key):
            raise Forbidden(texts.WRONG_KEY)
        _allow(self._lecturers.take(found.code), "requests")
        return found

    async def as_student(self, typed: str, address: str, token: str | None) -> tuple[OpenRoom, str]:
        """Return the room and the student of a token. Raises Unauthorized or Forbidden, too."""
        student = digest(token or "")
        found, known = await self._look_up(typed, address, student)
        if not token:
            raise Unauthorized(texts.JOIN_FIRST)
        if not known:
            raise Forbidden(texts.JOIN_AGAIN)
        return found, student

    def slow_down(self, student: str) -> None:
        """Raise TooManyRequests for a student who sends too many messages."""
        _allow(self._students.take(student), "messages")

    async def join(self, typed: str, address: str, known: str | None = None) -> tuple[str, str]:
        """Add a student; return the room's code and the token, ``known`` if it is one of this room.

        Raises TooManyRequests if the room is full.
        """
        found, is_known = await self._look_up(typed, address, digest(known or ""))
        if known and is_known:
            return found.code, known
        _allow(self._joins.take(found.code), texts.STUDENTS_JOINED)
        token = new_key()
        name, most = digest(token), self._limits.max_students

        def work(store: RoomStore) -> bool:
            content = orjson.dumps({"joined": time.time()})
            if store.put(found.code, STUDENT, name, content, most):
                return True
            stale = _stale(store, found.code, found.room.questions)
            for kind in (STUDENT, PLACE):
                store.drop(found.code, kind, stale)
            return store.put(found.code, STUDENT, name, content, most)

        if not await self._store.call(work):
            raise TooManyRequests(texts.room_full(most), 60)
        return found.code, token

    async def _look_up(
        self, typed: str, address: str, student: str | None
    ) -> tuple[OpenRoom, bool]:
        """Return the room, and whether it has the student."""
        code = read_code(typed)
        if code is None:
            raise NotFound(GONE)
        _allow(self._guesses.wait(address, code), texts.CODES_TRIED)
        now = time.monotonic()
        note = now - self._noted.get(code, -NOTE_SECONDS) >= NOTE_SECONDS
        work = partial(_read_for, code=code, note=note, student=student)
        found, known = await self._store.call(work)
        if found is None:
            self._guesses.missed(address)
            raise NotFound(GONE)
        self._guesses.found(address, code)
        if note:
            self._noted = {
                each: at for each, at in self._noted.items() if now - at < NOTE_SECONDS
            } | {code: now}
        return found, known


def read_room(store: RoomStore, code: str) -> OpenRoom | None:
    """Return the room, None if there is none."""
    found = store.read(code)
    return None if found is None else OpenRoom(code, found.version, _parsed(found.content))


@lru_cache(maxsize=KEPT_ROOMS)
def _parsed(content: bytes) -> Room:
    return Room.model_validate_json(content)


def _read_for(
    store: RoomStore, *, code: str, note: bool, student: str | None
) -> tuple[OpenRoom | None, bool]:
    found = read_room(store, code)
    if found is not None and note:
        store.use(code)
    known = found is not None and student is not None
    return found, known and store.get(code, STUDENT, student or "") is not None


def _allow(seconds: float, what: str) -> None:
    if seconds > 0:
        raise TooManyRequests(texts.too_many(what), seconds)


def _stale(store: RoomStore, code: str, questions: int) -> list[str]:
    """The students who gave no answer, and were never heard of or not for long."""
    now = time.time()
    busy = {name for k in range(1, questions + 1) for name in store.entries(code, answers_to(k))}
    seen = {name: orjson.loads(each)["seen"] for name, each in store.entries(code, PLACE).items()}
    joined = {
        name: orjson.loads(each)["joined"] for name, each in store.entries(code, STUDENT).items()
    }
    return [
        name
        for name, at in joined.items()
        if name not in busy
        and now - max(seen.get(name, at), at) > (STALE_SECONDS if name in seen else UNHEARD_SECONDS)
    ]
