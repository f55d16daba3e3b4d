"""Rooms through HTTP: what a lecturer and students do, event streams, and 20 attacks."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from backprop_explorer.classroom import access, asking, marking
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.main import create_app
from backprop_explorer.settings import ClassroomSettings, Settings
from tests.helpers.api import API, JSON, keep, read, refused
from tests.helpers.clients import Client, MakeClient
from tests.helpers.redis_server import RedisServer
from tests.helpers.rooms import CHOICE, Class
from tests.helpers.serving import serving

LINE = {"kind": "array", "experiment": Recipe().id, "line": "dC_dz2", "step": 3}


@pytest.fixture
def room(shared_client: Client) -> Iterator[Class]:
    """A room of the application that tests share, which forgets what was done before and here."""
    known = shared_client.app.state.rooms.access

    def forget() -> None:
        vars(known).update(vars(access.RoomAccess(known._store, known._limits)))

    forget()
    yield Class(shared_client)
    forget()


def test_a_scene_is_shown_to_all_and_late_comers_see_it(room: Class) -> None:
    assert room.state() == {
        "version": 1, "scene": None, "hold": False, "questions": 0, "question": None,
    }  # fmt: skip
    scene = {"view": "step=3&line=dC_dz2", "line": "dC_dz2", "step": 3}
    body = {"scene": scene, "hold": True}
    shown = read(room.client.put(f"{room.url}/scene", json=body, headers=room.key))
    assert (shown["scene"], shown["hold"]) == (scene, True)
    assert room.state() == shown
    empty = {"answer": {"answer": None, "question": 1}}
    read(room.client.put(f"{room.url}/scene", json={"scene": empty}, headers=room.key))
    assert room.state()["scene"] == empty
    let_go = {"scene": None}
    read(room.client.put(f"{room.url}/scene", json=let_go, headers=room.key))
    assert room.state()["scene"] is None


def test_a_question_from_ask_to_table(room: Class) -> None:
    keep(room.client)
    asked = room.ask(**LINE)
    assert (asked["number"], asked["state"], asked["line"]) == (1, "open", "dC_dz2")
    right = asked["solution"]["answer"]
    students = [room.join() for _ in range(4)]
    wrong = [0.5] * 4
    for student, answer in zip(students, (right, right, wrong, str(right)), strict=True):
        assert read(room.answer(student, answer)) == {"question": 1, "attempt": 1, "mark": None}
    # A second attempt replaces the first one; the same one again, and an older one, do nothing.
    assert read(room.answer(students[2], right, attempt=2))["attempt"] == 2
    assert read(room.answer(students[2], wrong, attempt=2))["attempt"] == 2
    assert read(room.answer(students[2], wrong, attempt=1))["attempt"] == 2
    counted = room.tally()["question"]
    assert (counted["answered"], counted["right"], counted["wrong"]) == (4, 4, 0)
    assert room.set("closed").status_code == 200
    assert room.answer(room.join(), right).status_code == 409
    own = room.question(students[0])
    assert (own["answer"], own["mark"], own["solution"]) == (right, None, None)
    revealed = read(room.set("revealed"))["question"]
    assert revealed["counts"] == {"right": 4, "close": 0, "wrong": 0}
    assert revealed["solution"]["answer"] == right
    own = room.question(students[0])
    assert own["mark"]["verdict"] == "right"
    assert own["solution"]["answer"] == right
    # What is revealed stays so, and takes no answers.
    assert room.set("open").status_code == 409
    table = room.client.get(f"{room.url}/tally.csv", headers=room.key)
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.text.splitlines()[1].startswith("1,array,dC_dz2,revealed,5,4,4,0,0,")


def test_own_numbers_and_feedback_at_once(room: Class) -> None:
    keep(room.client)
    asked = room.ask(**LINE, own_numbers=True, feedback="at_once")
    assert asked["shown"] is asked["solution"] is None
    one, other = room.join(), room.join()
    first, second = room.question(one), room.question(other)
    assert first["scene"]["recipe"] != second["scene"]["recipe"]
    mark = read(room.answer(one, [1, 2, 3, 4]))["mark"]
    assert (mark["verdict"], mark["entries"]) == ("wrong", [False] * 4)
    # The typical wrong answer comes with the seed of its numbers.
    [mistake] = room.tally()["question"]["mistakes"]
    assert mistake["example"]["answer"] == [1, 2, 3, 4]
    assert mistake["example"]["seed"]
    read(room.set("revealed"))
    solutions = [room.question(each)["solution"]["answer"] for each in (one, other)]
    assert solutions[0] != solutions[1]
    assert room.state()["question"]["solution"] is None


def test_asking_again_closes_the_question_before_and_the_same_request_asks_once(
    room: Class,
) -> None:
    assert room.ask(**CHOICE)["number"] == room.ask(**CHOICE)["number"] == 1
    assert room.ask(**{**CHOICE, "right": 0})["number"] == 2
    student = room.join()
    assert room.answer(student, 1, question=1).status_code == 409
    assert room.question(student, 1)["state"] == "closed"
    assert room.set("open", 1).status_code == 409
    read(room.set("closed", 2))
    read(room.set("open", 2))
    read(room.answer(student, 1, question=2))
    assert room.tally("?question=1")["question"]["answered"] == 0
    for wrong in ("x", 3, -1, None, {}, True):
        assert "answer" in refused(room.answer(student, wrong, question=2, attempt=2))


def test_an_answer_that_is_shown_goes_with_the_next_question(room: Class) -> None:
    room.ask(**CHOICE)
    scene = {"line": "z1", "answer": {"answer": 0, "question": 1}}
    read(room.client.put(f"{room.url}/scene", json={"scene": scene}, headers=room.key))
    room.ask(**CHOICE)
    assert room.state()["scene"] == scene
    room.ask(**{**CHOICE, "right": 0})
    assert room.state()["scene"] == {"line": "z1"}


def test_places_and_offers_are_told_to_the_lecturer_alone(room: Class) -> None:
    students = [room.join() for _ in range(3)]
    for student in students[:2]:
        read(room.client.put(f"{room.url}/place", json={"line": "z1"}, headers=student))
    offer = {"view": "step=7"}
    read(room.client.put(f"{room.url}/offer", json=offer, headers=students[0]))
    found = room.tally()
    assert (found["students"], found["here"]) == (3, 2)
    assert found["places"] == [{"line": "z1", "card": None, "count": 2, "longest_seconds": 0}]
    assert found["offers"] == [{"view": "step=7", "seconds": 0}]
    assert "step=7" not in room.client.get(room.url).text
    read(room.client.put(f"{room.url}/offer", json={"view": None}, headers=students[0]))
    assert room.tally()["offers"] == []


def test_a_student_who_comes_back_is_the_same_one(room: Class) -> None:
    token = room.join()["X-Student-Token"]
    again = room.client.post(f"{room.url}/students", json={"token": token})
    assert read(again, 201)["token"] == token
    other = room.client.post(f"{room.url}/students", json={"token": "unknown"})
    assert read(other, 201)["token"] not in (token, "unknown")
    assert room.tally()["students"] == 2


def test_limits_of_rooms_students_questions_and_streams(
    tmp_path: Path, make_client: MakeClient
) -> None:
    limits = ClassroomSettings(max_rooms=1, max_students=2, max_questions=1, max_streams=1)
    settings = Settings(store=str(tmp_path / "store.sqlite3"), classroom=limits)
    client = make_client(create_app(settings))
    room = Class(client)
    answer = client.post(f"{API}/rooms", json={})
    refused(answer, 429)
    assert int(answer.headers["retry-after"]) > 0
    room.join()
    room.join()
    refused(client.post(f"{room.url}/students", json={}), 429)
    room.ask(**CHOICE)
    refused(room.ask(422, **{**CHOICE, "right": 0}))
    client.app.state.rooms.streams.listeners.count = 1
    answer = client.get(f"{room.url}/events")
    refused(answer, 503)
    assert answer.headers["retry-after"]


def test_students_who_never_came_back_make_place(
    tmp_path: Path, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(
        store=str(tmp_path / "store.sqlite3"), classroom=ClassroomSettings(max_students=2)
    )
    room = Class(make_client(create_app(settings)))
    room.ask(**CHOICE)
    busy, _gone = room.join(), room.join()
    read(room.answer(busy, 1))
    monkeypatch.setattr(access, "STALE_SECONDS", -1.0)
    refused(room.client.post(f"{room.url}/students", json={}), 429)
    monkeypatch.setattr(access, "UNHEARD_SECONDS", -1.0)
    room.join()
    assert room.tally()["students"] == 2
    assert read(room.answer(busy, 1))["attempt"] == 1


def test_tokens_that_nobody_uses_fill_no_room(
    tmp_path: Path, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(
        store=str(tmp_path / "store.sqlite3"), classroom=ClassroomSettings(max_students=3)
    )
    room = Class(make_client(create_app(settings)))
    honest, *_tokens = [room.join() for _ in range(3)]
    read(room.client.put(f"{room.url}/place", json={"line": "z1"}, headers=honest))
    refused(room.client.post(f"{room.url}/students", json={}), 429)
    monkeypatch.setattr(access, "UNHEARD_SECONDS", -1.0)
    room.join()
    assert room.tally()["students"] == 2
    read(room.client.put(f"{room.url}/place", json={"line": "z2"}, headers=honest))


def test_a_room_survives_a_restart_with_its_answers(
    settings: Settings, make_client: MakeClient
) -> None:
    room = Class(make_client(create_app(settings)))
    room.ask(**CHOICE)
    student = room.join()
    read(room.answer(student, 1))
    room.client = make_client(create_app(settings))
    assert room.tally()["question"]["right"] == 1
    assert read(room.answer(student, 0))["attempt"] == 1
    assert room.tally()["question"]["answered"] == 1


def test_mistakes_that_a_killed_server_left_are_found_by_the_next(
    settings: Settings, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_client(create_app(settings))
    keep(first)
    room = Class(first)
    right = room.ask(**LINE)["solution"]["answer"]
    # Killed between the answer and its diagnosis.
    monkeypatch.setattr(marking.Marking, "diagnose_soon", lambda *_: None)
    answer = (2 * np.array(right)).tolist()
    read(room.answer(room.join(), answer))
    url = f"{room.url}/tally"
    left = read(first.get(url, headers=room.key))["question"]
    assert (left["wrong"], left["undiagnosed"], left["mistakes"]) == (1, 1, [])
    monkeypatch.undo()
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.0)
    room.client = make_client(create_app(settings))
    found = room.tally()["question"]
    assert (found["wrong"], found["undiagnosed"]) == (1, 0)
    assert [each["count"] for each in found["mistakes"]] == [1]


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


def test_a_slow_listener_gets_the_newest_state_only(settings: Settings) -> None:
    rooms = create_app(settings).state.rooms

    async def run() -> None:
        code, _ = await rooms.access.create("here")
        code = code.replace("-", "")
        stream = rooms.streams.states(code)
        assert json.loads((await anext(stream)).content)["version"] == 1
        for step in range(5):
            await rooms.change(
                code, lambda _s, room, step=step: room.model_copy(update={"questions": step + 1})
            )
        assert json.loads((await anext(stream)).content)["questions"] == 5
        await stream.aclose()
        assert rooms.streams.listeners.count == 0
        await rooms.close()

    asyncio.run(run())


# Attacks: each must fail, and change nothing.


def attack(room: Class, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
    sent = {} if body is None else {"json": body}
    names = {"key": "X-Room-Key", "token": "X-Student-Token"}
    given = {names[name]: value for name, value in headers.items()}
    return room.client.request(method, room.url + path, headers={**JSON, **given}, **sent)


SCENE: dict[str, Any] = {"scene": {"note": "hacked"}}
LECTURERS = [
    ("PUT", "/scene", SCENE),
    ("POST", "/questions", CHOICE),
    ("PUT", "/questions/1", {"state": "revealed"}),
    ("GET", "/tally", None),
    ("GET", "/tally.csv", None),
    ("GET", "/tally/events", None),
    ("DELETE", "", None),
]


@pytest.mark.parametrize(("method", "path", "body"), LECTURERS)
def test_what_is_the_lecturers_needs_the_key(
    room: Class, method: str, path: str, body: Any
) -> None:
    """Attacks 1 to 7, each without a key, and with keys that are wrong."""
    room.ask(**CHOICE)
    token = room.join()["X-Student-Token"]
    before = room.state()
    answer = attack(room, method, path, body)
    refused(answer, 401)
    assert answer.headers["www-authenticate"]
    other = Class(room.client)
    right = room.made["key"]
    for key in (token, other.made["key"], right[:-1], right.swapcase(), "x", room.made["code"]):
        refused(attack(room, method, path, body, key=key), 403)
    refused(attack(room, method, path, body, key="x" * 1000))
    refused(attack(room, method, path, body, token=token), 401)
    assert room.state() == before
    assert room.tally()["question"]["answered"] == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/answers", {"question": 1, "answer": 1}),
        ("/place", {"line": "z1"}),
        ("/offer", {"view": "x"}),
    ],
)
def test_what_is_a_students_needs_a_token_of_this_room(room: Class, path: str, body: Any) -> None:
    """Attacks 8 to 10: without a token, with one of another room, with the lecturer's key."""
    room.ask(**CHOICE)
    method = "POST" if path == "/answers" else "PUT"
    refused(attack(room, method, path, body), 401)
    other = Class(room.client).join()["X-Student-Token"]
    for token in (other, room.made["key"], "x"):
        refused(attack(room, method, path, body, token=token), 403)
    found = room.tally()
    assert (found["question"]["answered"], found["here"], found["offers"]) == (0, 0, [])


def test_an_answer_cannot_be_written_for_another(room: Class) -> None:
    """Attack 11: a field that names another student, and a guess at what the store calls one."""
    room.ask(**CHOICE)
    victim, thief = room.join(), room.join()
    read(room.answer(victim, 1))
    for extra in ({"student": "x"}, {"token": victim["X-Student-Token"]}):
        body = {"question": 1, "answer": 0, "attempt": 9, **extra}
        refused(room.client.post(f"{room.url}/answers", json=body, headers=thief))
    read(room.answer(thief, 0, attempt=1000))
    assert room.question(victim)["answer"] == 1
    counted = room.tally()["question"]
    assert (counted["right"], counted["wrong"]) == (1, 1)


ALL_KINDS: list[dict[str, Any]] = [
    LINE,
    {**LINE, "kind": "sign"},
    {**LINE, "kind": "formula"},
    {**LINE, "kind": "shape"},
    {**LINE, "own_numbers": True},
    CHOICE,
]


def test_nothing_that_a_student_reads_has_an_answer_before_it_is_revealed(room: Class) -> None:
    """Attack 12: every address that a student may read, of every kind of question."""
    keep(room.client)
    for number, question in enumerate(ALL_KINDS, start=1):
        asked, spy = room.ask(**question), room.join()
        for state in ("open", "closed"):
            read(room.set(state, number))
            for path in ("", f"/questions/{number}"):
                for headers in (spy, {}):
                    text = room.client.get(f"{room.url}{path}", headers=headers).text
                    found = json.loads(text)
                    found = found if path else found["question"]
                    assert found["solution"] is None
                    assert found.get("mark") is found.get("counts") is None
                    if question is LINE:
                        assert not any(repr(x) in text for x in asked["solution"]["answer"])


def test_receipts_do_not_tell_whether_an_answer_is_right(room: Class) -> None:
    """Attack 13: try all options and compare what comes back."""
    room.ask(**CHOICE)
    student = room.join()
    receipts = [read(room.answer(student, k, attempt=k + 1)) for k in range(3)]
    assert all(each["mark"] is None for each in receipts)
    assert [set(each) for each in receipts] == [{"question", "attempt", "mark"}] * 3


def test_codes_are_not_found_by_trying(client: Client) -> None:
    """Attack 14: a thousand codes; after 30 nothing is looked up, not even a code that exists."""
    room = Class(client)
    access_ = client.app.state.rooms.access
    access_._guesses = type(access_._guesses)()
    statuses = [client.get(f"{API}/rooms/{k:08d}").status_code for k in range(200)]
    assert statuses.count(404) < 40
    assert set(statuses) == {404, 429}
    refused(client.get(room.url), 429)
    refused(client.post(f"{room.url}/students", json={}), 429)


def test_a_class_at_the_address_of_an_attacker_goes_on(room: Class) -> None:
    """Attack 15: a student of the class tries codes until the address is blocked."""
    student = room.join()
    room.ask(**CHOICE)
    for k in range(100):
        room.client.get(f"{API}/rooms/{k:08d}")
    assert room.client.get(f"{API}/rooms/{'0' * 8}").status_code == 429
    read(room.answer(student, 1))
    room.join()


def test_a_flood_of_one_student_is_refused(room: Class) -> None:
    """Attack 16: ten times the messages that one may send."""
    room.ask(**CHOICE)
    flood, honest = room.join(), room.join()
    answers = [room.answer(flood, 1, attempt=k + 1) for k in range(100)]
    assert sum(each.status_code == 429 for each in answers) > 60
    assert all(each.headers["retry-after"] for each in answers if each.status_code == 429)
    read(room.answer(honest, 1))
    assert room.tally()["question"]["answered"] == 2


def test_rooms_cannot_be_opened_without_end(client: Client) -> None:
    """Attack 17: one address opens rooms until no class has place."""
    statuses = [client.post(f"{API}/rooms", json={}).status_code for _ in range(60)]
    assert statuses.count(201) <= 25
    assert set(statuses) == {201, 429}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Host": "evil.example"}, 400),
    ],
)
def test_another_sites_page_changes_nothing(
    room: Class, headers: dict[str, str], status: int
) -> None:
    """Attack 18: a page that knows the key, and sends it from another site."""
    sent = {**room.key, **headers}
    for method, path in (("PUT", "/scene"), ("POST", "/students"), ("DELETE", "")):
        answer = room.client.request(method, room.url + path, content=b"{}", headers=sent)
        assert answer.status_code == status
    answer = room.client.get(room.url, headers={"Origin": "http://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_texts_come_back_as_they_are_and_are_bounded(room: Class) -> None:
    """Attack 19: markup in a note and in options, sentences in places, endless texts."""
    script = "<script>alert(1)</script>"
    body: dict[str, Any] = {"scene": {"note": script}}
    read(room.client.put(f"{room.url}/scene", json=body, headers=room.key))
    # JSON that no browser takes for HTML; the page shows it as text.
    answer = room.client.get(room.url)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    asked = room.ask(**{**CHOICE, "options": [script, "b"]})
    assert asked["shown"]["options"][0] == [[{"kind": "text", "text": script}]]
    student = room.join()
    for path, given in (
        ("/place", {"line": script}), ("/offer", {"view": script + " "}),
        ("/offer", {"view": "x" * 16_001}), ("/place", {"line": "x" * 65}),
    ):  # fmt: skip
        refused(room.client.put(room.url + path, json=given, headers=student))
    refused(room.answer(student, "x" * 30_000))


def test_the_store_has_no_keys_and_an_ended_room_no_rows(
    settings: Settings, client: Client
) -> None:
    """Attack 20: an attacker reads the file of the store."""
    room = Class(client)
    room.ask(**CHOICE)
    student = room.join()
    read(room.answer(student, 1))
    path = Path(settings.store)
    file = path.with_stem(f"{path.stem}-rooms")
    content = file.read_bytes()
    assert room.made["key"].encode() not in content
    assert student["X-Student-Token"].encode() not in content
    code = room.made["code"].replace("-", "").encode()
    assert code in content
    read(room.client.request("DELETE", room.url, headers=room.key))
    refused(room.client.get(room.url), 404)
    refused(room.answer(student, 1), 404)


def test_questions_and_receipts_have_formulas_as_asked(room: Class) -> None:
    keep(room.client)
    room.ask(**{**LINE, "kind": "formula"})
    student = room.join()
    both, latex = (
        room.client.get(f"{room.url}/questions/1?formulas={each}", headers=student).text
        for each in ("both", "latex")
    )
    assert '"mathml"' in both
    assert '"latex"' in latex
    assert '"mathml"' not in latex
    body = {"question": 1, "answer": 0, "attempt": 1}
    url = f"{room.url}/answers?formulas=none"
    assert read(room.client.post(url, json=body, headers=student))["attempt"] == 1
