"""A room with known code, key and token, and what a lecturer and students do in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from backprop_explorer.api.answers import rooms
from backprop_explorer.api.answers.base import TrainingProgress
from backprop_explorer.api.routes.rooms import CODE_EXAMPLE
from backprop_explorer.classroom import access
from backprop_explorer.classroom.codes import digest, read_code, screen_token
from backprop_explorer.classroom.room import Room
from backprop_explorer.classroom.store import RoomStore
from backprop_explorer.classroom.store.base import STUDENT
from backprop_explorer.experiments.recipe import Recipe
from tests.helpers.api import API, JSON, read
from tests.helpers.clients import Client

KEY, TOKEN = "pmTqG0bfnkTmBnpA4oeLcw", "y5Kd1VvSgWNs7SSrEtVfQQ"
HEADERS = {
    "X-Room-Key": KEY, "X-Student-Token": TOKEN, "X-Screen-Token": screen_token("secret"), **JSON,
}  # fmt: skip
CHOICE: dict[str, Any] = {
    "kind": "choice",
    "prompt": "What is $W$?",
    "options": ["a number", "a matrix", "a vector"],
    "right": 1,
}
LINE = {"kind": "array", "experiment": Recipe().id, "line": "dC_dz2", "step": 3}
_ROOM = f"/rooms/{CODE_EXAMPLE}"
_EXPERIMENT = Recipe().id
_LESSON = {"name": "one-layer-by-hand", "card": "a-tensor-that-is-mostly-zeros", "seed": 1}
_SCENE = {
    "view": "step=3", "experiment": _EXPERIMENT, "step": 3, "sample": 0, "line": "dC_dz2",
    "entry": [0], "program": "programs/rnn",
    "hide": "dC_dz1", "bare": True, "note": "Look", "lesson": _LESSON,
    "answer": {"question": 1, "answer": 0, "line": "z1", "misconception": "transposed", "seed": 1,
               "count": 2},
}  # fmt: skip
# (method, path, body, status, model) of requests to the room of ``example_room``, in order.
ROOM_CALLS: list[tuple[str, str, Any, int, Any]] = [
    ("GET", _ROOM, None, 200, rooms.RoomState),
    ("PUT", f"{_ROOM}/scene", {"scene": _SCENE, "hold": True}, 200, rooms.RoomState),
    ("POST", f"{_ROOM}/students", {}, 201, rooms.StudentJoined),
    ("PUT", f"{_ROOM}/place", {"line": "z1"}, 200, rooms.PlaceNoted),
    ("PUT", f"{_ROOM}/offer", {"view": "step=1"}, 200, rooms.OfferNoted),
    ("GET", f"{_ROOM}/questions/1", None, 200, rooms.StudentQuestion),
    ("POST", f"{_ROOM}/answers", {"question": 1, "answer": 0}, 200, rooms.AnswerReceipt),
    ("GET", f"{_ROOM}/tally", None, 200, rooms.TallyAnswer),
    ("PUT", f"{_ROOM}/questions/1", {"state": "revealed"}, 200, rooms.RoomState),
    ("GET", f"{_ROOM}/questions/1", None, 200, rooms.StudentQuestion),
    ("POST", f"{_ROOM}/questions",
     {"kind": "array", "experiment": _EXPERIMENT, "line": "dC_dz2", "own_numbers": True,
      "feedback": "at_once"}, 201, rooms.QuestionAsked),
    ("GET", f"{_ROOM}/questions/2", None, 200, rooms.StudentQuestion),
    ("POST", f"{_ROOM}/answers", {"question": 2, "answer": [1, 2, 3, 4]}, 200, rooms.AnswerReceipt),
    ("GET", f"{_ROOM}/tally?question=2", None, 200, rooms.TallyAnswer),
    ("POST", f"{_ROOM}/rounds", {"question": 1}, 201, rooms.QuestionAsked),
    ("GET", f"{_ROOM}/tally", None, 200, rooms.TallyAnswer),
    ("PUT", f"{_ROOM}/screen", {"bars": True}, 200, rooms.RoomState),
    ("GET", f"{_ROOM}/screen", None, 200, rooms.ScreenState),
    ("POST", f"{_ROOM}/questions", {"kind": "text", "prompt": "Why?"}, 201, rooms.QuestionAsked),
    ("POST", f"{_ROOM}/answers", {"question": 4, "answer": "so"}, 200, rooms.AnswerReceipt),
    ("GET", f"{_ROOM}/tally", None, 200, rooms.TallyAnswer),
    ("PUT", f"{_ROOM}/door", {"open": False}, 200, rooms.RoomState),
    ("DELETE", f"{_ROOM}/students", None, 200, rooms.StudentsRemoved),
    ("GET", f"{_ROOM}/record", None, 200, rooms.RoomRecord),
    ("POST", f"{_ROOM}/questions", {"kind": "working", "experiment": _EXPERIMENT}, 201,
     rooms.QuestionAsked),
    ("POST", f"{_ROOM}/questions",
     {"kind": "array", "experiment": _EXPERIMENT, "line": "dC_dz2", "step": 9_000_000}, 202,
     TrainingProgress),
    ("DELETE", _ROOM, None, 200, rooms.RoomEnded),
]  # fmt: skip


def example_room(client: Client) -> None:
    """Open the room of the documentation's examples, with one student and one question."""

    def work(store: RoomStore) -> None:
        code = read_code(CODE_EXAMPLE) or ""
        room = Room(key=digest(KEY), secret="secret", opened=time.time())
        assert store.create(code, room.content(), 10)
        assert store.put(code, STUDENT, digest(TOKEN), b'{"joined": 0}', 10)

    client.call(client.app.state.rooms.store.call, work)
    url = f"{API}/rooms/{CODE_EXAMPLE}/questions"
    read(client.post(url, json=CHOICE, headers=HEADERS), 201)


@dataclass
class Class:
    """A room opened by its lecturer, seen through a client of the application."""

    client: Client
    made: dict[str, Any] = field(default_factory=dict)
    students: int | None = None

    def __post_init__(self) -> None:
        body = {"students": self.students}
        self.made = read(self.client.post(f"{API}/rooms", json=body), 201)
        self.url = f"{API}/rooms/{self.made['code']}"
        self.key = {"X-Room-Key": self.made["key"], **JSON}

    def ask(self, status: int = 201, **question: Any) -> Any:
        """Ask as the lecturer."""
        answer = self.client.post(f"{self.url}/questions", json=question, headers=self.key)
        return answer if status >= 400 else read(answer, status)

    def set(self, state: str, number: int = 1) -> httpx.Response:
        """Close, open or reveal a question."""
        body = {"state": state}
        return self.client.put(f"{self.url}/questions/{number}", json=body, headers=self.key)

    def state(self) -> Any:
        """The public state of the room."""
        return read(self.client.get(self.url))

    def tally(self, query: str = "") -> Any:
        """What the lecturer sees, once all mistakes have been looked for."""
        late = time.monotonic() + 10
        while True:
            answer = self.client.get(f"{self.url}/tally{query}", headers=self.key)
            if answer.status_code == 429 and time.monotonic() < late:
                continue  # a busy machine is slower than the limit of questions
            found = read(answer)
            question = found["question"]
            if question is None or not question["undiagnosed"] or time.monotonic() > late:
                return found

    def join(self) -> dict[str, str]:
        """Join as a student; return the headers of the student's requests."""
        made = read(self.client.post(f"{self.url}/students", json={}), 201)
        return {"X-Student-Token": made["token"]}

    def answer(
        self, student: dict[str, str], answer: Any, question: int = 1, attempt: int = 1
    ) -> httpx.Response:
        """Answer as a student."""
        body = {"question": question, "attempt": attempt, "answer": answer}
        return self.client.post(f"{self.url}/answers", json=body, headers=student)

    def question(self, student: dict[str, str], number: int = 1) -> Any:
        """A question as the student sees it."""
        return read(self.client.get(f"{self.url}/questions/{number}", headers=student))


@pytest.fixture
def room(shared_client: Client) -> Iterator[Class]:
    """A room of the application that tests share, which forgets what was done before and here."""
    known = shared_client.app.state.rooms.access

    def forget() -> None:
        vars(known).update(vars(access.RoomAccess(known._store, known._limits)))

    forget()
    yield Class(shared_client)
    forget()
