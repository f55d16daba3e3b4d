"""Event streams of rooms, of one server and of two with one Redis."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from backprop_explorer.main import create_app
from backprop_explorer.settings import ClassroomSettings, Settings
from tests.helpers.api import API, JSON
from tests.helpers.redis_server import RedisServer
from tests.helpers.rooms import CHOICE
from tests.helpers.serving import serving

# Event streams, from a real server


class Stream:
    """Reads the events of a stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def next(self) -> tuple[str, Any]:
        """The name and the data of the next event; comments are passed over."""
        name = ""
        for line in self._lines:
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                return name, json.loads(value)
        return "end", None


@pytest.fixture
def served(settings: Settings) -> Iterator[str]:
    with serving(create_app(settings)) as (port, _):
        yield f"http://127.0.0.1:{port}{API}"


def test_events_have_the_whole_state_and_the_headers_of_a_stream(served: str) -> None:
    with httpx.Client(base_url=served, timeout=20) as client:
        made = client.post("/rooms", json={"scene": {"step": 1}}).json()
        key, url = {"X-Room-Key": made["key"], **JSON}, f"/rooms/{made['code']}"
        with client.stream("GET", f"{url}/events", headers={"Accept-Encoding": "gzip"}) as response:
            headers = response.headers
            assert headers["content-type"].startswith("text/event-stream")
            assert headers["cache-control"] == "no-store"
            assert headers["x-accel-buffering"] == "no"
            assert "content-encoding" not in headers
            assert "content-security-policy" in headers
            stream = Stream(response)
            name, state = stream.next()
            assert (name, state["scene"]) == ("room", {"step": 1})
            began = time.perf_counter()
            client.put(f"{url}/scene", json={"scene": {"step": 2}}, headers=key)
            assert stream.next()[1]["scene"] == {"step": 2}
            assert time.perf_counter() - began < 5
            client.post(f"{url}/questions", json=CHOICE, headers=key)
            question = stream.next()[1]["question"]
            assert question["shown"]["kind"] == "choice"
            assert question["solution"] is question["counts"] is None
            client.delete(url, headers=key)
            assert stream.next() == ("end", None)
        assert client.get(f"{url}/events").status_code == 404


def test_the_tally_is_sent_live(served: str) -> None:
    with httpx.Client(base_url=served, timeout=20) as client:
        made = client.post("/rooms", json={}).json()
        key, url = {"X-Room-Key": made["key"], **JSON}, f"/rooms/{made['code']}"
        client.post(f"{url}/questions", json=CHOICE, headers=key)
        with client.stream("GET", f"{url}/tally/events", headers=key) as response:
            stream = Stream(response)
            assert stream.next()[1]["question"]["answered"] == 0
            token = client.post(f"{url}/students", json={}).json()["token"]
            body = {"question": 1, "answer": 1}
            client.post(f"{url}/answers", json=body, headers={"X-Student-Token": token})
            while (found := stream.next()[1])["question"]["answered"] == 0:
                assert found["students"] in (0, 1)
            assert found["question"]["right"] == 1


def test_two_servers_with_one_redis_share_a_class(shared_redis: RedisServer) -> None:
    apps = [create_app(Settings(store=shared_redis.url)) for _ in range(2)]
    with serving(apps[0]) as (one, _), serving(apps[1]) as (two, _):
        first, second = (
            httpx.Client(base_url=f"http://127.0.0.1:{port}{API}", timeout=20)
            for port in (one, two)
        )
        with first, second:
            made = first.post("/rooms", json={}).json()
            key, url = {"X-Room-Key": made["key"], **JSON}, f"/rooms/{made['code']}"
            with second.stream("GET", f"{url}/events") as response:
                stream = Stream(response)
                stream.next()
                first.post(f"{url}/questions", json=CHOICE, headers=key)
                assert stream.next()[1]["question"]["number"] == 1
            token = second.post(f"{url}/students", json={}).json()["token"]
            student = {"X-Student-Token": token}
            for client, answer in ((first, 1), (second, 0)):
                body = {"question": 1, "answer": answer}
                client.post(f"{url}/answers", json=body, headers=student)
            tallies = [each.get(f"{url}/tally", headers=key).json() for each in (first, second)]
            assert [each["question"]["right"] for each in tallies] == [1, 1]
            assert [each["question"]["answered"] for each in tallies] == [1, 1]


def test_streams_of_one_room_take_no_place_of_another(settings: Settings) -> None:
    limited = settings.model_copy(update={"classroom": ClassroomSettings(max_streams=6)})
    with (
        serving(create_app(limited)) as (port, _),
        ExitStack() as stack,
        httpx.Client(base_url=f"http://127.0.0.1:{port}{API}", timeout=20) as client,
    ):

        def follow(url: str, **headers: str) -> httpx.Response:
            stream = client.stream("GET", f"{url}/events", headers=headers)
            return stack.enter_context(stream)

        attacked, other = (f"/rooms/{client.post('/rooms', json={}).json()['code']}" for _ in "ab")
        kept = [follow(attacked) for _ in range(6)]
        assert [each.status_code for each in kept] == [200] * 6
        streams = [Stream(each) for each in kept]
        assert [each.next()[0] for each in streams] == ["room"] * 6
        refused = follow(attacked)
        assert (refused.status_code, "retry-after" in refused.headers) == (503, True)
        assert [follow(other).status_code for _ in range(4)] == [200] * 3 + [503]
        # The newest ones of the room with most have ended.
        assert [each.next() for each in streams[3:]] == [("end", None)] * 3
        # A student of the attacked room has a share of the room's.
        token = client.post(f"{attacked}/students", json={}).json()["token"]
        assert follow(attacked, **{"X-Student-Token": token}).status_code == 200
        assert follow(attacked, **{"X-Student-Token": "wrong"}).status_code == 503


def test_a_slow_listener_gets_the_newest_state_only(settings: Settings) -> None:
    rooms = create_app(settings).state.rooms

    async def run() -> None:
        code, *_ = await rooms.access.create("here")
        code = code.replace("-", "")
        stream = rooms.streams.follow([(code, "room")], ("here", code, "x"))
        assert json.loads((await anext(stream)).content)["version"] == 1
        for step in range(5):
            await rooms.change(
                code, lambda _s, room, step=step: room.model_copy(update={"questions": step + 1})
            )
        assert json.loads((await anext(stream)).content)["questions"] == 5
        await stream.aclose()
        assert len(rooms.streams.listeners) == 0
        await rooms.close()

    asyncio.run(run())
