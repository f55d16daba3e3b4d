"""What happens in rooms: their state changes, and all who follow are told."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing, suppress
from functools import partial
from typing import Any

import orjson

from backprop_explorer.classroom.access import OpenRoom, RoomAccess, read_room
from backprop_explorer.classroom.listeners import Part, Path
from backprop_explorer.classroom.requests import OfferRequest, PlaceRequest
from backprop_explorer.classroom.room import Room, SceneRequest
from backprop_explorer.classroom.store import RoomStore, open_room_store
from backprop_explorer.classroom.store.base import OFFER, PLACE
from backprop_explorer.classroom.store_thread import StoreThread
from backprop_explorer.classroom.streams import ROOM, TALLY, News, Streams
from backprop_explorer.classroom.tally import on_screen
from backprop_explorer.engine.errors import NotFound, TooManyRequests, Unavailable
from backprop_explorer.settings import Settings
from backprop_explorer.texts import classroom as texts

MAX_OFFERS = 100
# How often a change is tried again that another one overtook.
ATTEMPTS = 10


class Rooms:
    """All rooms, as one server sees them. Methods raise Unavailable if the store is away."""

    def __init__(self, settings: Settings) -> None:
        self.limits = settings.classroom
        seconds = 3600.0 * self.limits.hours
        self.store = StoreThread(lambda: self._open(settings.store, seconds))
        self.streams = Streams(self.store, self.limits.max_streams)
        self.access = RoomAccess(self.store, self.limits)

    def _open(self, address: str, seconds: float) -> RoomStore:
        """Open the store. Called in its thread."""
        store = open_room_store(address, seconds, self.limits.max_room_bytes)
        store.subscribe(self.streams.heard)
        return store

    async def close(self) -> None:
        """Close the store."""
        self.streams.counts.close()
        await self.store.close()

    async def join(self, typed: str, address: str, known: str | None = None) -> str:
        """Add a student and return the token, ``known`` if it is one of this room.

        Raises TooManyRequests if the room is full.
        """
        code, token = await self.access.join(typed, address, known)
        if token != known:
            await self.tell_tally(code)
        return token

    async def follow(self, parts: Iterable[Part], path: Path) -> AsyncGenerator[News, None]:
        """Yield as ``Streams.follow``. Who follows the tally uses the room meanwhile."""
        async with aclosing(self.streams.follow(parts, path)) as stream:
            async for news in stream:
                if news.part is not None and news.part[1] == TALLY and news.content is not None:
                    with suppress(Unavailable):
                        await self.access.note_use(news.part[0])
                yield news

    async def screen(self, found: OpenRoom) -> dict[str, Any]:
        """Return what the hall sees. Raises NotFound."""
        counts = await self.streams.last_tally(found.code)
        if counts is None:
            raise NotFound(texts.NO_ROOM)
        return on_screen(found.room, counts.tally)

    async def end(self, code: str) -> None:
        """End a room and delete what is kept of it."""

        def work(store: RoomStore) -> None:
            store.end(code)
            store.publish(code, ROOM)

        await self.store.call(work)
        self.streams.listeners.changed(code, ROOM)

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
            raise TooManyRequests(texts.ENOUGH_OFFERS, 30)
        await self.tell_tally(code)

    async def change(self, code: str, edit: Callable[[RoomStore, Room], Room]) -> OpenRoom:
        """Replace a room by ``edit(store, room)``, and tell all who listen.

        ``edit`` may run again if another change came first. Raises NotFound.
        """
        found, changed = await self.store.call(partial(_changed, code=code, edit=edit))
        if changed:
            self.streams.listeners.changed(code, ROOM)
        return found

    async def tell_tally(self, code: str) -> None:
        """Tell the lecturer's streams, on all servers, that there is something new to count."""
        self.streams.listeners.changed(code, TALLY)
        await self.store.call(lambda store: store.publish(code, TALLY))


def _changed(
    store: RoomStore, *, code: str, edit: Callable[[RoomStore, Room], Room]
) -> tuple[OpenRoom, bool]:
    for _ in range(ATTEMPTS):
        found = read_room(store, code)
        if found is None:
            raise NotFound(texts.NO_ROOM)
        room = edit(store, found.room)
        if room is found.room:
            return found, False
        done = store.replace(code, found.version, room.content(), room.answerable)
        # The client of Redis sends a request again whose answer was lost.
        now = None if done else store.read(code)
        if done or (now is not None and now.content == room.content()):
            store.publish(code, ROOM)
            return OpenRoom(code, found.version + 1, room), True
    raise Unavailable(texts.CHANGES_TOO_FAST)
