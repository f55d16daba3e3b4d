"""/rooms: open a room, follow it, show a scene, join, say where one is, offer a view."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from functools import lru_cache
from typing import Annotated, Any

import orjson
from fastapi import Header, Path, Request
from fastapi.responses import EventSourceResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import ConfigDict, Field
from starlette.responses import JSONResponse, Response, StreamingResponse

from backprop_explorer.api.errors import problem_responses
from backprop_explorer.api.openapi import ok, schema_of
from backprop_explorer.api.router import API, api_router
from backprop_explorer.classroom.access import OpenRoom
from backprop_explorer.classroom.asking import Asking
from backprop_explorer.classroom.rates import network_of
from backprop_explorer.classroom.requests import MAX_KEY, OfferRequest, PlaceRequest
from backprop_explorer.classroom.room import RoomScene, SceneRequest
from backprop_explorer.classroom.rooms import Rooms
from backprop_explorer.classroom.streams import ROOM, TALLY, News
from backprop_explorer.experiments.recipe_fields import Flag, RecipePart

CODE_EXAMPLE = "K74Q-9XMD"
# Milliseconds after which a browser connects again.
RETRY_MILLISECONDS = 1000
NOT_KEPT = {"Cache-Control": "no-store"}
# Encoded events that are kept: all who listen to a room get the same bytes.
KEPT_EVENTS = 64

Code = Annotated[str, Path(description="The room's code", examples=[CODE_EXAMPLE])]
RoomKey = Annotated[
    str | None,
    Header(alias="X-Room-Key", max_length=MAX_KEY, description="The lecturer's, of POST /rooms"),
]
StudentToken = Annotated[
    str | None,
    Header(alias="X-Student-Token", max_length=MAX_KEY, description="Of POST …/students"),
]
KEY_PROBLEMS = problem_responses(401, 409, 429)

_SCENE: dict[str, Any] = {"line": "dC_dz2", "step": 0}


class RoomRequest(RecipePart):
    """A new room, and what it shows at first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"scene": _SCENE}]})

    scene: RoomScene | None = None
    hold: Flag = False
    students: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = Field(
        None,
        description="How many are expected: so many have a place, also if all have one address",
    )


class JoinRequest(RecipePart):
    """Join a room, or come back to it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    token: Annotated[str, Field(min_length=1, max_length=MAX_KEY)] | None = Field(
        None, description="The token from before; a new one is given if the room does not know it"
    )


def address_of(request: Request) -> str:
    """Where a request comes from, for rate limits."""
    return network_of(request.client.host) if request.client else ""


def events(description: str, example: str, model: str) -> dict[int | str, dict[str, Any]]:
    """Describe an event stream for the OpenAPI document."""
    data = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": schema_of(model),
    }
    # As FastAPI describes the events of its own routes (OpenAPI 3.2).
    event = {
        "type": "object",
        "properties": {
            "data": data,
            "event": {"type": "string"},
            "id": {"type": "string"},
            "retry": {"type": "integer", "minimum": 0},
        },
        "required": ["data"],
    }
    content = {"text/event-stream": {"itemSchema": event, "example": example}}
    return {200: {"description": description, "content": content}, **KEY_PROBLEMS}


@lru_cache(maxsize=KEPT_EVENTS)
def _of_room(room: str, content: bytes) -> bytes:
    return b'{"room":%b,"state":%b}' % (orjson.dumps(room), content)


@lru_cache(maxsize=KEPT_EVENTS)
def _event(name: str, version: int, content: bytes) -> bytes:
    number = str(version) if version else None
    return format_sse_event(
        event=name, data_str=content.decode(), id=number, retry=RETRY_MILLISECONDS
    )


def event_stream(
    news: AsyncGenerator[News, None],
    several: dict[str, str] | None = None,
    ended: Iterable[str] = (),
) -> Response:
    """Send ``news`` as events.

    ``several``: of rooms, as the client calls them by their codes, whose names are in the data;
    ``ended``: those that are not there, or not for this client.
    """

    async def parts() -> AsyncGenerator[bytes, None]:
        for room in ended:
            yield _event("ended", 0, _of_room(room, b"null"))
        # Closed at once when the client goes: it counts as a listener until then.
        async with aclosing(news):
            async for part, version, content in news:
                if part is None:
                    yield KEEPALIVE_COMMENT
                elif several is not None:
                    name = "ended" if content is None else part[1]
                    yield _event(name, 0, _of_room(several[part[0]], content or b"null"))
                elif content is not None:
                    yield _event(part[1], version, content)

    # A proxy must not collect events; nginx reads the second header.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventSourceResponse(parts(), headers=headers)


def private(content: Any, status: int = 200, **headers: str) -> Response:
    """An answer that no cache may keep."""
    return JSONResponse(content, status, {**NOT_KEPT, **headers})


routes = api_router("rooms")


def rooms_of(request: Request) -> Rooms:
    """All rooms of the application."""
    rooms: Rooms = request.app.state.rooms
    return rooms


def asking_of(request: Request) -> Asking:
    """The questions of all rooms."""
    asking: Asking = request.app.state.asking
    return asking


async def as_lecturer(request: Request, code: str, key: str | None) -> tuple[Rooms, OpenRoom]:
    """All rooms, and the one whose lecturer has the key. Raises Unauthorized or Forbidden."""
    rooms = rooms_of(request)
    return rooms, await rooms.access.as_lecturer(code, address_of(request), key)


async def as_student(request: Request, code: str, token: str | None) -> tuple[Rooms, OpenRoom, str]:
    """All rooms, the one of the token's student, and that student, who may not be too fast."""
    rooms = rooms_of(request)
    room, student = await rooms.access.as_student(code, address_of(request), token)
    rooms.access.slow_down(student)
    return rooms, room, student


@routes.post(
    "/rooms",
    summary="Open a room for a class",
    status_code=201,
    responses=ok(
        "The room's code, and the lecturer's key", "rooms.RoomOpened", KEY_PROBLEMS, status=201
    ),
)
async def open_room(request: Request, body: RoomRequest) -> Response:
    """Students join with the code. The key gives the rights of the lecturer: keep it secret."""
    rooms = rooms_of(request)
    address = address_of(request)
    code, key, screen = await rooms.access.create(address, body.students or 0)
    if body.scene is not None or body.hold:
        room = await rooms.access.find(code, address)
        await rooms.show(room.code, SceneRequest(scene=body.scene, hold=body.hold))
    opened: dict[str, Any] = {"code": code, "key": key, "screen": screen}
    opened |= {"link": f"join/{code}", "hours": rooms.limits.hours}
    return private(opened, 201, Location=f"{API}/rooms/{code}")


@routes.get(
    "/rooms/{code}",
    summary="What all in a room may see",
    responses=ok("The state of the room", "rooms.RoomState", KEY_PROBLEMS),
)
async def read_room(request: Request, code: Code) -> Response:
    """The same as the last event of `/rooms/{code}/events`."""
    rooms = rooms_of(request)
    room = await rooms.access.find(code, address_of(request))
    return private(room.room.public(room.version))


@routes.delete(
    "/rooms/{code}",
    summary="End a room and delete all that is kept of it",
    responses=ok("It is gone", "rooms.RoomEnded", KEY_PROBLEMS),
)
async def end_room(request: Request, code: Code, key: RoomKey = None) -> Response:
    """For the lecturer. The event streams end."""
    rooms, room = await as_lecturer(request, code, key)
    await rooms.end(room.code)
    return private({"ended": True})


@routes.get(
    "/rooms/{code}/events",
    summary="Follow a room live",
    response_class=StreamingResponse,
    responses=events(
        "An event `room` now and after each change, each with the whole state",
        'event: room\ndata: {"version":2,"scene":null,"hold":false}\nid: 2\n\n',
        "rooms.RoomState",
    ),
)
async def follow_room(request: Request, code: Code, token: StudentToken = None) -> Response:
    """Server-sent events. No key, and nothing in them that students may not know.

    With a student's token the stream has a share of its own, not only that of its address.
    """
    rooms = rooms_of(request)
    address = address_of(request)
    room, listener = await rooms.access.listener(code, address, token)
    path = rooms.streams.place(room, address, listener)
    return event_stream(rooms.streams.follow([(room.code, ROOM)], path))


@routes.put(
    "/rooms/{code}/scene",
    summary="Show something to the class",
    responses=ok("The new state", "rooms.RoomState", KEY_PROBLEMS),
)
async def show_scene(
    request: Request, code: Code, body: SceneRequest, key: RoomKey = None
) -> Response:
    """For the lecturer. All who follow see it within half a second."""
    rooms, room = await as_lecturer(request, code, key)
    changed = await rooms.show(room.code, body)
    return private(changed.room.public(changed.version))


@routes.post(
    "/rooms/{code}/students",
    summary="Join a room as a student",
    status_code=201,
    responses=ok("A token", "rooms.StudentJoined", KEY_PROBLEMS, status=201),
)
async def join_room(request: Request, code: Code, body: JoinRequest) -> Response:
    """No name is asked for. The token shows that answers come from the same student."""
    rooms = rooms_of(request)
    token = await rooms.join(code, address_of(request), body.token)
    return private({"token": token}, 201)


@routes.put(
    "/rooms/{code}/place",
    summary="Say where a student is",
    responses=ok("It is noted", "rooms.PlaceNoted", KEY_PROBLEMS),
)
async def report_place(
    request: Request, code: Code, body: PlaceRequest, token: StudentToken = None
) -> Response:
    """Sent at each change, and every half minute: who is silent for 75 s is not here."""
    rooms, room, student = await as_student(request, code, token)
    await rooms.place(room.code, student, body)
    return private({"line": body.line, "card": body.card})


@routes.put(
    "/rooms/{code}/offer",
    summary="Offer a student's view to the lecturer",
    responses=ok("It is offered", "rooms.OfferNoted", KEY_PROBLEMS),
)
async def offer_view(
    request: Request, code: Code, body: OfferRequest, token: StudentToken = None
) -> Response:
    """The part of the page's address after #; null takes it back. Only the lecturer sees it."""
    rooms, room, student = await as_student(request, code, token)
    await rooms.offer(room.code, student, body)
    return private({"view": body.view})


@routes.get(
    "/rooms/{code}/tally/events",
    summary="Follow the tally live",
    response_class=StreamingResponse,
    responses=events(
        "An event `tally` now and while it changes, each with the whole tally",
        'event: tally\ndata: {"students":43,"here":41}\n\n',
        "rooms.TallyAnswer",
    ),
)
async def follow_tally(request: Request, code: Code, key: RoomKey = None) -> Response:
    """For the lecturer: read it with `fetch`, since an EventSource sends no headers."""
    rooms, room = await as_lecturer(request, code, key)
    path = rooms.streams.place(room, address_of(request), "lecturer")
    return event_stream(rooms.follow([(room.code, TALLY)], path))
