"""Rooms through HTTP: rounds, times, the screen, the door, silent students, and what is kept."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from backprop_explorer.classroom import access, asking
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.api.test_room_events import Stream
from tests.helpers.api import API, JSON, keep, read, refused
from tests.helpers.rooms import CHOICE, LINE, Class
from tests.helpers.serving import serving

TEXT = {"kind": "text", "prompt": "What carries the error back?"}
LESSON = {"kind": "lesson", "lesson": "one-layer-by-hand", "seed": 7}


def screen(room: Class) -> Any:
    headers = {"X-Screen-Token": room.made["screen"]}
    return read(room.client.get(f"{room.url}/screen", headers=headers))


def put(room: Class, path: str, body: Any) -> Any:
    return read(room.client.put(f"{room.url}/{path}", json=body, headers=room.key))


def again(room: Class, number: int) -> Any:
    body = {"question": number}
    return read(room.client.post(f"{room.url}/rounds", json=body, headers=room.key), 201)


def test_two_rounds_of_a_question_stand_beside_each_other(room: Class) -> None:
    keep(room.client)
    students = [room.join() for _ in range(3)]
    reasons = ["it has rows", "", "it has two axes"]
    room.ask(**CHOICE, reasons=reasons)
    for student, option in zip(students, (0, 2, 1), strict=True):
        read(room.answer(student, option))
    assert room.tally()["question"]["options"] == [1, 1, 1]
    second = again(room, 1)
    # The same request again asks nothing new.
    assert again(room, 1)["number"] == 2
    assert (second["number"], second["again"], second["shown"]) == (
        2,
        1,
        room.question(students[0])["shown"],
    )
    for student in students:
        read(room.answer(student, 1, question=2))
    tally = room.tally()["question"]
    assert (tally["options"], tally["before"]["options"], tally["before"]["right"]) == (
        [0, 3, 0],
        [1, 1, 1],
        1,
    )
    assert "before" not in room.state()["question"]
    solution = read(room.set("revealed", 2))["question"]["solution"]
    assert [bool(each) for each in solution["reasons"]] == [True, False, True]
    # Own numbers are the same in both rounds.
    room.ask(**LINE, own_numbers=True)
    before = room.question(students[0], 3)["scene"]
    again(room, 3)
    assert room.question(students[0], 4)["scene"] == before


def test_answers_in_words_are_collected_and_not_marked(room: Class) -> None:
    room.ask(**TEXT)
    students = [room.join() for _ in range(3)]
    for student, text in zip(students, ("the chain rule", "Chain rule!", "weights"), strict=True):
        read(room.answer(student, text))
    for wrong in ("", 3, "x" * 301):
        refused(room.answer(students[0], wrong, attempt=2), 422)
    found = room.tally()["question"]
    assert [each["count"] for each in found["groups"]] == [2, 1]
    assert (found["right"], found["wrong"], found["mistakes"]) == (0, 0, [])
    read(room.set("revealed"))
    assert room.question(students[0])["mark"]["verdict"] == "unmarked"


def test_formulas_have_reasons_and_cards_the_network_of_earlier_ones(room: Class) -> None:
    keep(room.client)
    room.ask(kind="formula", experiment=LINE["experiment"], line="dC_dz2")
    solution = read(room.set("revealed"))["question"]["solution"]
    assert sum(bool(each) for each in solution["reasons"]) == len(solution["reasons"]) - 1
    cards = read(room.client.get(f"{API}/lessons/one-layer-by-hand?seed=7"))["outline"]
    asking_cards = [each["name"] for each in cards if each["asks"]]
    for number, card in enumerate(asking_cards, 2):
        room.ask(**LESSON, card=card)
        assert room.question({}, number)["scene"]["recipe"]["network"]["layers"]


def test_the_screen_has_what_the_lecturer_chose_to_show(room: Class) -> None:
    student = room.join()
    room.ask(**CHOICE)
    read(room.answer(student, 0))
    shown = screen(room)["question"]
    assert (shown["answered"], shown["options"], shown["solution"], shown["counts"]) == (
        1,
        None,
        None,
        None,
    )
    put(room, "screen", {"bars": True})
    assert screen(room)["question"]["options"] == [1, 0, 0]
    # The next question begins without.
    room.ask(**TEXT)
    read(room.answer(student, "rude", question=2))
    view = "dataset.points.classes=rude"
    read(room.client.put(f"{room.url}/offer", json={"view": view}, headers=student))
    put(room, "scene", {"scene": {"view": view, "note": "n"}})
    assert "rude" not in json.dumps(screen(room))
    # An answer is there once the lecturer shows it.
    answer = {"answer": "polite", "question": 2}
    put(room, "scene", {"scene": {"view": "step=1", "answer": answer}})
    found = screen(room)
    assert (found["answer"]["answer"], found["view"]) == ("polite", "step=1")


def test_the_screens_token_only_reads(room: Class) -> None:
    token = room.made["screen"]
    assert token not in (room.made["key"], room.made["code"])
    for headers in ({"X-Screen-Token": token}, {"X-Room-Key": token}, {"X-Student-Token": token}):
        for method, path, body in (
            ("PUT", "scene", {"scene": None}), ("POST", "questions", CHOICE), ("DELETE", "", None),
            ("POST", "rounds", {"question": 1}), ("PUT", "screen", {"bars": True}),
            ("PUT", "door", {"open": False}), ("DELETE", "students", None),
            ("GET", "record", None), ("GET", "tally", None), ("GET", "tally.csv", None),
            ("POST", "answers", {"question": 1, "answer": 0}), ("PUT", "place", {"line": "z1"}),
        ):  # fmt: skip
            url = f"{room.url}/{path}".rstrip("/")
            answer = room.client.request(method, url, json=body, headers={**JSON, **headers})
            assert answer.status_code in (401, 403), (method, path, headers)
    url = f"{room.url}/screen"
    refused(room.client.get(url), 401)
    for wrong in (
        room.made["key"],
        room.join()["X-Student-Token"],
        Class(room.client).made["screen"],
    ):
        refused(room.client.get(url, headers={"X-Screen-Token": wrong}), 403)


def test_a_question_closes_when_its_time_is_up(
    room: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.ask(**CHOICE)
    student = room.join()
    state = put(room, "questions/1", {"state": "open", "seconds": 60})["question"]
    assert 55 < state["seconds_left"] <= 60
    assert (
        put(room, "questions/1", {"state": "open", "seconds": 0})["question"]["seconds_left"]
        is None
    )
    put(room, "questions/1", {"state": "open", "seconds": 1})
    late = time.monotonic() + 20
    while room.state()["question"]["state"] == "open" and time.monotonic() < late:
        pass
    refused(room.answer(student, 1), 409)
    # A server that is started meanwhile closes it, too.
    put(room, "questions/1", {"state": "open", "seconds": 1})
    own = room.client.app.state.asking
    monkeypatch.setattr(own, "_timers", own._timers.copy())
    room.client.call(_forget, own)
    late = time.monotonic() + 20
    while room.tally()["question"]["state"] == "open" and time.monotonic() < late:
        pass
    assert room.state()["question"]["state"] == "closed"


async def _forget(own: asking.Asking) -> None:
    for timer in own._timers.values():
        timer.cancel()
    own._timers.clear()


@pytest.mark.parametrize("age", [0.0, 2.0], ids=["at once", "held up"])
def test_a_reveal_waits_for_answers_that_were_sent_before(
    room: Class, age: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lecturer pressed after two students and before a third, whose answers come late."""
    room.ask(**CHOICE)
    students = [room.join() for _ in range(3)]
    for each in students:
        read(room.client.put(f"{room.url}/place", json={"line": "z1"}, headers=each))
    http = room.client._client

    async def answer(student: dict[str, str], age: float) -> int:
        body = {"question": 1, "answer": 1, "age": age}
        return (await http.post(f"{room.url}/answers", json=body, headers=student)).status_code

    async def reveal() -> tuple[list[int], Any]:
        body = {"state": "revealed", "age": age}
        url = f"{room.url}/questions/1"
        pressed = asyncio.ensure_future(http.put(url, json=body, headers=room.key))
        for _ in range(1000):
            if (await http.get(room.url)).json()["question"]["state"] == "closed":
                break
        statuses = [await answer(students[0], 20.0), await answer(students[1], 0.0)]
        # All others who are here have answered: the reveal waits no longer.
        statuses += [await answer(students[1], 20.0), await answer(students[2], 20.0)]
        return statuses, (await pressed).json()

    statuses, revealed = room.client.call(reveal)
    assert statuses == [200, 409, 200, 200]
    assert revealed["question"]["counts"] == {"right": 3, "close": 0, "wrong": 0}
    refused(room.answer(room.join(), 1), 409)
    # One student never answers: the reveal waits no longer than GRACE_SECONDS.
    monkeypatch.setattr(asking, "GRACE_SECONDS", 0.3)
    room.ask(**CHOICE)
    began = time.monotonic()
    assert read(room.set("revealed", 2))["question"]["state"] == "revealed"
    assert time.monotonic() - began >= asking.GRACE_SECONDS


def test_the_door_can_be_closed_and_silent_students_removed(
    room: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.ask(**CHOICE)
    answered, silent = room.join(), room.join()
    read(room.answer(answered, 1))
    assert put(room, "door", {"open": False})["door_open"] is False
    refused(room.client.post(f"{room.url}/students", json={}), 403)
    token = {"token": silent["X-Student-Token"]}
    read(room.client.post(f"{room.url}/students", json=token), 201)
    removing = f"{room.url}/students?silent="
    refused(room.client.request("DELETE", f"{removing}5", headers=room.key), 422)
    assert read(room.client.request("DELETE", f"{removing}60", headers=room.key)) == {"removed": 0}
    now = time.time()
    monkeypatch.setattr(access.time, "time", lambda: now + 90)
    assert read(room.client.request("DELETE", f"{removing}60", headers=room.key)) == {"removed": 1}
    assert room.tally()["students"] == 1
    assert read(room.answer(answered, 0, attempt=2))["attempt"] == 2
    refused(room.answer(silent, 0), 403)


def test_a_record_has_all_that_was_asked(room: Class) -> None:
    keep(room.client)
    student = room.join()
    room.ask(**CHOICE)
    read(room.answer(student, 0))
    room.ask(**TEXT)
    room.ask(**LINE, own_numbers=True)
    record = read(room.client.get(f"{room.url}/record", headers=room.key))
    one, two, three = record["questions"]
    assert (one["text"], one["texts"], one["options"], one["right_option"]) == (
        CHOICE["prompt"], CHOICE["options"], [1, 0, 0], CHOICE["right"],
    )  # fmt: skip
    assert (two["text"], three["line"]) == (TEXT["prompt"], "dC_dz2")
    assert three["text"].startswith("Compute $")
    assert student["X-Student-Token"] not in json.dumps(record)


def test_one_stream_has_all_rooms_of_a_browser(settings: Settings) -> None:
    with (
        serving(create_app(settings)) as (port, _),
        httpx.Client(base_url=f"http://127.0.0.1:{port}{API}", timeout=20) as client,
    ):
        taught, joined, other = (client.post("/rooms", json={}).json() for _ in range(3))
        key = {"X-Room-Key": taught["key"], **JSON}
        rooms = [
            {"room": taught["code"], "key": taught["key"], "screen": taught["screen"]},
            {"room": joined["code"]},
            {"room": other["code"], "key": taught["key"]},
        ]
        with client.stream("POST", "/rooms/events", json={"rooms": rooms}) as response:
            stream = Stream(response)
            first = [stream.next() for _ in range(5)]
            assert [(name, data["room"]) for name, data in first] == [
                ("ended", other["code"]), ("room", taught["code"]), ("tally", taught["code"]),
                ("screen", taught["code"]), ("room", joined["code"]),
            ]  # fmt: skip
            client.post(f"/rooms/{taught['code']}/questions", json=CHOICE, headers=key)
            seen = {stream.next()[0] for _ in range(3)}
            assert seen == {"room", "tally", "screen"}
            client.delete(f"/rooms/{joined['code']}", headers={"X-Room-Key": joined["key"], **JSON})
            assert stream.next() == ("ended", {"room": joined["code"], "state": None})
        wrong = {"rooms": [{"room": other["code"], "key": "wrong"}]}
        assert client.post("/rooms/events", json=wrong).status_code == 404
        many = {"rooms": 9 * [{"room": other["code"]}]}
        assert client.post("/rooms/events", json=many).status_code == 422
