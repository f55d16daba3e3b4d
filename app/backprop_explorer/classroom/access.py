"""Who may do what: rooms are opened and found, lecturers have keys, students tokens."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Any, NamedTuple

import orjson

from backprop_explorer.classroom.codes import (
    digest,
    grouped,
    matches,
    new_code,
    new_key,
    read_code,
    screen_token,
    short_digest,
)
from backprop_explorer.classroom.rates import Guesses, Rate
from backprop_explorer.classroom.requests import FollowedRequest
from backprop_explorer.classroom.room import Room
from backprop_explorer.classroom.store import RoomStore
from backprop_explorer.classroom.store.base import OFFER, PLACE, STUDENT, answers_to
from backprop_explorer.classroom.store_thread import StoreThread
from backprop_explorer.engine.errors import Forbidden, NotFound, TooManyRequests, Unauthorized
from backprop_explorer.settings import ClassroomSettings
from backprop_explorer.texts import classroom as texts

# The use of a room is written after this many seconds at the earliest.
NOTE_SECONDS = 60.0
# A student without an answer who did nothing for so long loses the place if it is needed.
STALE_SECONDS = 600.0
# So does a token whose page never said where it is; a page does within two seconds.
UNHEARD_SECONDS = 3.0
# Rooms that are read and not changed since are parsed once.
KEPT_ROOMS = 64


class OpenRoom(NamedTuple):
    """A room that a request is about."""

    code: str
    version: int
    room: Room


class FollowedRoom(NamedTuple):
    """A room that a stream follows: as the client calls it, what of it, and whose share it is."""

    room: str
    found: OpenRoom
    whats: tuple[str, ...]
    listener: str


class RoomAccess:
    """Opens and finds rooms. Methods raise Unavailable if the store is away."""

    def __init__(self, store: StoreThread, limits: ClassroomSettings) -> None:
        self._store = store
        self._limits = limits
        self._guesses = Guesses()
        self._openings = Rate(20, 0.1)
        self._joins = Rate(max(50.0, 2 * limits.max_students), 20.0)
        self._lecturers = Rate(60, 10.0)
        self._students = Rate(10, limits.messages_per_second)
        self._note_seconds = min(NOTE_SECONDS, 900.0 * limits.hours)
        self._noted: dict[str, float] = {}

    async def create(self, address: str, students: int = 0) -> tuple[str, str, str]:
        """Open a room; return its code, as it is shown, the lecturer's key and the screen's token.

        ``address``: where the request comes from; ``students``: how many are expected. Raises
        TooManyRequests.
        """
        _allow(self._openings.take(address), texts.ROOMS_OPENED)
        if not self._limits.max_rooms:
            raise Forbidden(texts.NO_CLASSES)
        key = new_key()
        room = Room(
            key=digest(key),
            secret=new_key(),
            opened=time.time(),
            opener=short_digest(address),
            students=students,
        )

        def work(store: RoomStore) -> str:
            while not store.create(code := new_code(), room.content(), self._limits.max_rooms):
                pass
            return code

        code = await self._store.call(work)
        self._guesses.found(address, code)
        return grouped(code), key, screen_token(room.secret)

    async def find(self, typed: str, address: str) -> OpenRoom:
        """Return the room with this code. Raises NotFound; after many guesses TooManyRequests."""
        found, _ = await self._look_up(typed, address, None)
        return found

    async def as_lecturer(self, typed: str, address: str, key: str | None) -> OpenRoom:
        """Return the room for its lecturer. Raises Unauthorized or Forbidden, too."""
        room = await self.find(typed, address)
        if not key:
            raise Unauthorized(texts.NEEDS_KEY)
        if not matches(key, room.room.key):
            raise Forbidden(texts.WRONG_KEY)
        _allow(self._lecturers.take(room.code), "requests")
        await self.note_use(room.code)
        return room

    async def as_screen(self, typed: str, address: str, token: str | None) -> OpenRoom:
        """Return the room for its screen, which only reads. Raises Unauthorized or Forbidden."""
        found = await self.find(typed, address)
        if not token:
            raise Unauthorized(texts.NEEDS_SCREEN)
        if not matches(token, digest(screen_token(found.room.secret))):
            raise Forbidden(texts.WRONG_SCREEN)
        return found

    async def followed(
        self, asked: Iterable[FollowedRequest], address: str
    ) -> tuple[list[FollowedRoom], list[str]]:
        """Return the rooms that may be followed, and the names of the others.

        Raises NotFound if there are none.
        """
        followed: list[FollowedRoom] = []
        ended: list[str] = []
        for each in asked:
            whats: tuple[str, ...] = ("room",)
            listener = "lecturer"
            try:
                if each.key is not None:
                    found = await self.as_lecturer(each.room, address, each.key)
                    whats = ("room", "tally")
                elif each.token is not None or each.screen is None:
                    found, listener = await self.listener(each.room, address, each.token)
                else:
                    found = await self.as_screen(each.room, address, each.screen)
                    listener, whats = "screen", ()
                if each.screen is not None:
                    await self.as_screen(each.room, address, each.screen)
                    whats = (*whats, "screen")
            except (NotFound, Unauthorized, Forbidden):
                ended.append(each.room)
            else:
                followed.append(FollowedRoom(each.room, found, whats, listener))
        if not followed:
            raise NotFound(texts.NO_ROOM)
        return followed, ended

    async def note_use(self, code: str) -> None:
        """Note that the lecturer uses the room, at most once a minute."""
        now = time.monotonic()
        if now - self._noted.get(code, -NOTE_SECONDS) < self._note_seconds:
            return
        await self._store.call(lambda store: store.use(code))
        recent = {each: at for each, at in self._noted.items() if now - at < NOTE_SECONDS}
        self._noted = recent | {code: now}

    async def as_student(self, typed: str, address: str, token: str | None) -> tuple[OpenRoom, str]:
        """Return the room and the student of a token. Raises Unauthorized or Forbidden, too."""
        student = digest(token or "")
        found, known = await self._look_up(typed, address, student)
        if not token:
            raise Unauthorized(texts.JOIN_FIRST)
        if not known:
            raise Forbidden(texts.JOIN_AGAIN)
        return found, student

    async def listener(self, typed: str, address: str, token: str | None) -> tuple[OpenRoom, str]:
        """Return the room, and whose share a stream is: the student's, or that of the address."""
        student = digest(token or "")
        found, known = await self._look_up(typed, address, student)
        return found, student if known else address

    def slow_down(self, student: str) -> None:
        """Raise TooManyRequests for a student who sends too many messages."""
        _allow(self._students.take(student), "messages")

    async def join(self, typed: str, address: str, known: str | None = None) -> tuple[str, str]:
        """Add a student; return the room's code and the token, ``known`` if it is one of this room.

        The first students, as many as the lecturer expects, may come from anywhere. Then an address
        may take half of what is free; more only in place of its own tokens that nobody uses. Raises
        TooManyRequests if there is no place, Forbidden if the lecturer has closed the door.
        """
        found, is_known = await self._look_up(typed, address, digest(known or ""))
        if known and is_known:
            return found.code, known
        if not found.room.door_open:
            raise Forbidden(texts.DOOR_CLOSED)
        _allow(self._joins.take(f"{found.code} {address}"), texts.STUDENTS_JOINED)
        token = new_key()
        name, most = digest(token), self._limits.max_students
        origin = short_digest(address, found.room.secret)

        def work(store: RoomStore) -> bool:
            content = orjson.dumps({"joined": time.time(), "from": origin})
            return _make_place(store, found, origin, most) and store.put(
                found.code, STUDENT, name, content, most
            )

        if not await self._store.call(work):
            raise TooManyRequests(texts.room_full(most), 60)
        return found.code, token

    async def remove_silent(self, found: OpenRoom, seconds: float) -> int:
        """Remove students who gave no answer and were not heard of for ``seconds``; count them."""

        def work(store: RoomStore) -> int:
            joined = _entries(store, found.code, STUDENT)
            times = {name: each["joined"] for name, each in joined.items()}
            silent = _unused(store, found, times, seconds, seconds)
            for kind in (STUDENT, PLACE, OFFER):
                store.drop(found.code, kind, silent)
            return len(silent)

        return await self._store.call(work)

    async def _look_up(
        self, typed: str, address: str, student: str | None
    ) -> tuple[OpenRoom, bool]:
        """Return the room, and whether it has the student."""
        code = read_code(typed)
        if code is None:
            raise NotFound(texts.NO_ROOM)
        _allow(self._guesses.wait(address, code), texts.CODES_TRIED)
        work = partial(_read_for, code=code, student=student)
        found, known = await self._store.call(work)
        if found is None:
            self._guesses.missed(address)
            raise NotFound(texts.NO_ROOM)
        self._guesses.found(address, code)
        return found, known


def read_room(store: RoomStore, code: str) -> OpenRoom | None:
    """Return the room, None if there is none."""
    document = store.read(code)
    return None if document is None else OpenRoom(code, document.version, _parsed(document.content))


@lru_cache(maxsize=KEPT_ROOMS)
def _parsed(content: bytes) -> Room:
    return Room.model_validate_json(content)


def _read_for(store: RoomStore, *, code: str, student: str | None) -> tuple[OpenRoom | None, bool]:
    found = read_room(store, code)
    known = found is not None and student is not None
    return found, known and store.get(code, STUDENT, student or "") is not None


def _allow(seconds: float, what: str) -> None:
    if seconds > 0:
        raise TooManyRequests(texts.too_many(what), seconds)


def _entries(store: RoomStore, code: str, kind: str) -> dict[str, dict[str, Any]]:
    return {name: orjson.loads(each) for name, each in store.entries(code, kind).items()}


def _make_place(store: RoomStore, room: OpenRoom, origin: str, most: int) -> bool:
    """Tell whether another student from ``origin`` has a place.

    If the share of its address, or the room, is full, the place of an unused token is taken: of its
    own address, or of the one with most.
    """
    taken = len(store.names(room.code, STUDENT))
    if taken < min(room.room.students, most):
        return True
    joined = _entries(store, room.code, STUDENT)
    share = Counter(each.get("from") for each in joined.values())
    if share[origin] < most - taken:
        return True
    crowd = origin if taken < most else max(share, key=share.__getitem__)
    unused = _unused(
        store,
        room,
        {name: each["joined"] for name, each in joined.items() if each.get("from") == crowd},
        STALE_SECONDS,
        UNHEARD_SECONDS,
    )
    for kind in (STUDENT, PLACE):
        store.drop(room.code, kind, unused[:1])
    return bool(unused)


def _unused(
    store: RoomStore, found: OpenRoom, joined: dict[str, float], stale: float, unheard: float
) -> list[str]:
    """Return who gave no answer and was never heard of, or not for long; who joined first, first.

    ``joined``: when, by student. ``stale``, ``unheard``: seconds since the page told where it is,
    or since the student joined, if it never did.
    """
    now = time.time()
    seen = {name: each["seen"] for name, each in _entries(store, found.code, PLACE).items()}
    kinds = map(answers_to, range(1, found.room.questions + 1))
    answered = set().union(*(store.names(found.code, kind) for kind in kinds))
    return sorted(
        (
            name
            for name, at in joined.items()
            if name not in answered
            and now - seen.get(name, at) > (stale if name in seen else unheard)
        ),
        key=joined.__getitem__,
    )
