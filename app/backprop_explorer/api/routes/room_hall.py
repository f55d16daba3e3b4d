"""/rooms/events, and of a room: what the hall sees, its door, silent students, its record."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import ConfigDict, Field
from starlette.responses import Response

from backprop_explorer.api.openapi import ok
from backprop_explorer.api.router import api_router
from backprop_explorer.api.routes.rooms import (
    CODE_EXAMPLE,
    KEY_PROBLEMS,
    Code,
    RoomKey,
    address_of,
    as_lecturer,
    asking_of,
    event_stream,
    events,
    private,
    rooms_of,
)
from backprop_explorer.classroom.requests import (
    MAX_KEY,
    DoorRequest,
    FollowedRequest,
    ScreenRequest,
)
from backprop_explorer.experiments.recipe_fields import RecipePart

# Rooms of one stream.
MOST_FOLLOWED = 8

ScreenToken = Annotated[
    str | None,
    Header(alias="X-Screen-Token", max_length=MAX_KEY, description="Of POST /rooms: reads only"),
]


class FollowRequest(RecipePart):
    """All rooms that a browser follows."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rooms": [{"room": CODE_EXAMPLE}]}]})

    rooms: Annotated[list[FollowedRequest], Field(min_length=1, max_length=MOST_FOLLOWED)]


routes = api_router("rooms")


@routes.post(
    "/rooms/events",
    summary="Follow several rooms live by one connection",
    response_class=StreamingResponse,
    responses=events(
        "Events `room`, `tally` and `screen`, each with a room and the whole state; `ended`",
        'event: tally\ndata: {"room":"K74Q-9XMD","state":{"students":43,"here":41}}\n\n',
        "rooms.FollowedState",
    ),
)
async def follow_rooms(request: Request, body: FollowRequest) -> Response:
    """All that the tabs of a browser need: over HTTP/1.1 it has six connections to a server.

    With `key` a room's tally comes, too, with `screen` what the hall sees. A room that has
    ended, or whose key is wrong, is told by an event `ended`; the others go on.
    """
    rooms = rooms_of(request)
    address = address_of(request)
    followed, ended = await rooms.access.followed(body.rooms, address)
    path = rooms.streams.place(followed[0].found, address, followed[0].listener)
    names = {each.found.code: each.room for each in followed}
    parts = dict.fromkeys((each.found.code, what) for each in followed for what in each.whats)
    return event_stream(rooms.follow(parts, path), names, ended)


@routes.get(
    "/rooms/{code}/screen",
    summary="What the hall sees of a room",
    responses=ok("What is on the screen", "rooms.ScreenState", KEY_PROBLEMS),
)
async def read_screen(request: Request, code: Code, token: ScreenToken = None) -> Response:
    """The same as an event `screen`. The token reads this, and nothing else."""
    rooms = rooms_of(request)
    room = await rooms.access.as_screen(code, address_of(request), token)
    return private(await rooms.screen(room))


@routes.put(
    "/rooms/{code}/screen",
    summary="Show the hall how the open question is answered",
    responses=ok("The new state", "rooms.RoomState", KEY_PROBLEMS),
)
async def change_screen(
    request: Request, code: Code, body: ScreenRequest, key: RoomKey = None
) -> Response:
    """For the lecturer. Once a question is closed, its bars are on the screen anyway."""
    _, room = await as_lecturer(request, code, key)
    changed = await asking_of(request).show_bars(room.code, body)
    return private(changed.room.public(changed.version))


@routes.delete(
    "/rooms/{code}/students",
    summary="Remove students who are silent",
    responses=ok("They are removed", "rooms.StudentsRemoved", KEY_PROBLEMS),
)
async def remove_students(
    request: Request,
    code: Code,
    silent: Annotated[
        int, Query(description="Seconds since they were heard of", ge=60, le=86_400)
    ] = 75,
    key: RoomKey = None,
) -> Response:
    """For the lecturer. Who has answered stays. Who comes back joins again."""
    rooms, room = await as_lecturer(request, code, key)
    removed = await rooms.access.remove_silent(room, silent)
    await rooms.tell_tally(room.code)
    return private({"removed": removed})


@routes.put(
    "/rooms/{code}/door",
    summary="Let new students in, or not",
    responses=ok("The new state", "rooms.RoomState", KEY_PROBLEMS),
)
async def set_door(
    request: Request, code: Code, body: DoorRequest, key: RoomKey = None
) -> Response:
    """For the lecturer. Students who have joined stay, and may come back."""
    rooms, found = await as_lecturer(request, code, key)
    door = {"door_open": body.open}
    changed = await rooms.change(found.code, lambda _, room: room.model_copy(update=door))
    return private(changed.room.public(changed.version))


@routes.get(
    "/rooms/{code}/record",
    summary="All questions and how they were answered, to keep",
    responses=ok("The record", "rooms.RoomRecord", KEY_PROBLEMS),
)
async def export_record(request: Request, code: Code, key: RoomKey = None) -> Response:
    """For the lecturer, before the room ends. The page `/teach` opens it again."""
    _, room = await as_lecturer(request, code, key)
    return private(await asking_of(request).record(room))
