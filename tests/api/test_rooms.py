"""Rooms through HTTP: what a lecturer and students do, and what is kept."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from backprop_explorer.classroom import access, asking, marking
from backprop_explorer.classroom.store.sqlite import SqliteRoomStore
from backprop_explorer.main import create_app
from backprop_explorer.settings import ClassroomSettings, Settings
from tests.helpers.api import API, keep, read, refused
from tests.helpers.clients import MakeClient
from tests.helpers.rooms import CHOICE, LINE, Class


def test_a_scene_is_shown_to_all_and_late_comers_see_it(room: Class) -> None:
    assert room.state() == {
        "version": 1, "scene": None, "hold": False, "questions": 0, "question": None,
        "door_open": True,
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


@pytest.mark.parametrize("page", ["https://example.com", "programs/../teach", "graphs/1", "/check"])
def test_a_scene_shows_only_pages_of_programs(room: Class, page: str) -> None:
    body = {"scene": {"program": page}}
    answer = room.client.put(f"{room.url}/scene", json=body, headers=room.key)
    assert "programs/rnn" in refused(answer)["scene.program"]


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
    assert table.text.splitlines()[1].startswith("1,,array,dC_dz2,Compute $")
    assert ",revealed,5,4,4,0,0," in table.text


def test_submitted_numbers_and_feedback_at_once(room: Class) -> None:
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
    room = Class(client, students=2)
    answer = client.post(f"{API}/rooms", json={})
    refused(answer, 429)
    assert int(answer.headers["retry-after"]) > 0
    room.join()
    room.join()
    refused(client.post(f"{room.url}/students", json={}), 429)
    room.ask(**CHOICE)
    refused(room.ask(422, **{**CHOICE, "right": 0}))
    client.app.state.rooms.streams.listeners.join([("A", "room")], ("here", "A", "x"))
    answer = client.get(f"{room.url}/events")
    refused(answer, 503)
    assert answer.headers["retry-after"]


def test_unused_tokens_make_place_for_students(
    tmp_path: Path, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = ClassroomSettings(max_students=4)
    settings = Settings(store=str(tmp_path / "store.sqlite3"), classroom=limits)
    room = Class(make_client(create_app(settings)))
    room.ask(**CHOICE)
    answered, placed = room.join(), room.join()
    read(room.answer(answered, 1))
    read(room.client.put(f"{room.url}/place", json={"line": "z1"}, headers=placed))
    # One address has half of what is free.
    refused(room.client.post(f"{room.url}/students", json={}), 429)
    monkeypatch.setattr(access, "UNHEARD_SECONDS", -1.0)
    refused(room.client.post(f"{room.url}/students", json={}), 429)
    monkeypatch.setattr(access, "STALE_SECONDS", -1.0)
    unused = room.join()
    assert room.client.put(f"{room.url}/place", json={}, headers=placed).status_code == 403
    room.join()
    assert room.client.put(f"{room.url}/place", json={}, headers=unused).status_code == 403
    assert read(room.answer(answered, 1))["attempt"] == 1
    assert room.tally()["students"] == 2


@pytest.mark.parametrize(("attacker", "students"), [("school", 0), ("school", 5), ("else", 0)])
def test_one_person_does_not_fill_a_class(
    room: Class, attacker: str, students: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """999 joins of one address, the class's or another: all students join, and stay."""
    monkeypatch.setattr(access, "UNHEARD_SECONDS", -1.0)
    room = Class(room.client, students=students or None)
    room.ask(**CHOICE)
    join, code = room.client.app.state.rooms.access.join, room.made["code"]

    def student() -> dict[str, str]:
        _, token = room.client.call(join, code, "school")
        headers = {"X-Student-Token": token}
        read(room.client.put(f"{room.url}/place", json={"line": "z1"}, headers=headers))
        return headers

    async def attack() -> None:
        await asyncio.gather(*(join(code, attacker) for _ in range(999)))

    before = [student() for _ in range(5)]
    room.client.call(attack)
    for each in before + [student() for _ in range(5)]:
        read(room.answer(each, 1))
    tally = room.tally()
    assert (tally["here"], tally["question"]["answered"]) == (10, 10)
    assert tally["students"] <= 520


def test_only_its_lecturer_keeps_a_room(room: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[str] = []
    monkeypatch.setattr(SqliteRoomStore, "use", lambda _, code: used.append(code))
    student = room.join()
    read(room.client.put(f"{room.url}/place", json={"line": "z1"}, headers=student))
    room.state()
    wrong_key = {**room.key, "X-Room-Key": "x"}
    refused(room.client.get(f"{room.url}/tally", headers=wrong_key), 403)
    assert used == []
    room.tally()
    room.tally()
    assert used == [room.made["code"].replace("-", "")]
    # Who follows the tally uses it, too.
    rooms = room.client.app.state.rooms
    rooms.access._noted.clear()

    async def follow() -> None:
        async with aclosing(rooms.follow([(used[0], "tally")], ("here", used[0], "x"))) as tallies:
            await anext(tallies)

    room.client.call(follow)
    assert len(used) == 2


def test_a_room_that_keeps_enough_takes_no_more(tmp_path: Path, make_client: MakeClient) -> None:
    limits = ClassroomSettings(max_room_bytes=2**20)
    settings = Settings(store=str(tmp_path / "store.sqlite3"), classroom=limits)
    room = Class(make_client(create_app(settings)))
    keep(room.client)
    room.ask(**LINE)
    statuses = [room.answer(room.join(), f"[1, 2, 3, {'4' * 19_000}]") for _ in range(60)]
    assert {each.status_code for each in statuses} == {200, 409}
    assert 40 < [each.status_code for each in statuses].count(200) < 60
    assert "1,048,576 bytes" in statuses[-1].json()["detail"]
    assert room.tally()["question"]["answered"] > 40


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
