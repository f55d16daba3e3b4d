"""What attackers of a room try. Each attempt must fail, and change nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from backprop_explorer.settings import Settings
from tests.helpers.api import API, JSON, keep, read, refused
from tests.helpers.clients import Client
from tests.helpers.rooms import CHOICE, LINE, Class


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
    access_._guesses = type(access_._guesses)(lambda: 0.0)  # no guess is given back meanwhile
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
    before = room.state()
    for depth, status in ((16, 200), (17, 422), (250, 422), (1000, 422)):
        nested = "[" * depth + "]" * depth
        shown = f'{{"scene": {{"answer": {{"question": 1, "answer": {nested}}}}}}}'
        answer = room.client.put(f"{room.url}/scene", content=shown, headers=room.key)
        assert answer.status_code == status
        given = f'{{"question": 1, "answer": {nested}}}'
        answer = room.client.post(f"{room.url}/answers", content=given, headers={**JSON, **student})
        assert answer.status_code == 422
    assert room.state()["version"] == before["version"] + 1
    room.tally()


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
