from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from typing import Any

import orjson

from backprop_explorer.classroom.record import HEADER, as_csv
from backprop_explorer.classroom.room import LastQuestion
from backprop_explorer.classroom.store.base import PLACE, STUDENT
from backprop_explorer.classroom.store.sqlite import SqliteRoomStore
from backprop_explorer.classroom.tally import of_answers, read, tally


def given(verdict: str, mistake: str | None = None, answer: Any = 1, **more: Any) -> dict[str, Any]:
    line = None if verdict == "right" else "dC_dz2"
    return {
        "verdict": verdict, "misconception": mistake, "line": line,
        "answer": answer, "seed": None, "at": 100.0, "diagnosed": True, **more,
    }  # fmt: skip


ASKED = LastQuestion(
    number=1, state="closed", kind="array", line="dC_dz2", own_numbers=False, feedback="reveal",
    shown=None,
)  # fmt: skip


def record_of(*counted: dict[str, Any], text: str = "Compute $z$.") -> dict[str, Any]:
    """A record of 40 students with these questions."""
    more = {"text": text, "texts": ["=a", "b"]}
    return {"students": 40, "questions": [{**each, **more} for each in counted]}


ANSWERS = [
    given("right"),
    *(given("wrong", "missing_activation_derivative", [1, 2]) for _ in range(3)),
    given("wrong", "missing_activation_derivative", [3, 4]),
    given("close", None, 9),
    *(given("wrong", None, "x" * 3000) for _ in range(5)),
]


def test_mistakes_are_counted_by_line_with_a_typical_answer() -> None:
    found = of_answers(ASKED, ANSWERS, 130.4)
    assert (found["answered"], found["right"], found["close"], found["wrong"]) == (11, 1, 1, 9)
    assert found["last_seconds"] == 30
    named, unnamed = found["mistakes"]
    assert (named["misconception"], named["line"], named["count"]) == (
        "missing_activation_derivative", "dC_dz2", 4,
    )  # fmt: skip
    assert named["title"]
    assert named["example"] == {"answer": [1, 2], "seed": None, "count": 3}
    assert (unnamed["misconception"], unnamed["count"]) == (None, 6)
    # Answers that are too long to show are counted and not shown.
    assert unnamed["example"] == {"answer": 9, "seed": None, "count": 1}
    assert [each["count"] for each in found["answers"]] == [3, 1, 1, 1]
    assert of_answers(ASKED, [], 0.0)["last_seconds"] is None


def test_an_answer_is_counted_before_its_mistake_is_known() -> None:
    late = [given("wrong", diagnosed=False), given("close", diagnosed=False)]
    found = of_answers(ASKED, [*ANSWERS, *late], 0.0)
    assert (found["answered"], found["wrong"], found["undiagnosed"]) == (13, 10, 2)
    assert found["mistakes"] == of_answers(ASKED, ANSWERS, 0.0)["mistakes"]
    assert "not looked at yet,dC_dz2,2" in as_csv(record_of(found))


def test_who_is_here_and_who_is_stuck(tmp_path: Path) -> None:
    store = SqliteRoomStore(tmp_path / "rooms.sqlite3", 1000.0, 2**20)
    now = time.time()
    for name, line, since, seen in (
        ("a", "z1", 300, 10), ("b", "z1", 20, 5), ("c", "a1", 500, 1), ("gone", "z1", 900, 80),
    ):  # fmt: skip
        store.put("A", STUDENT, name, b"{}", 10)
        at = {"line": line, "card": None, "since": now - since, "seen": now - seen}
        store.put("A", PLACE, name, orjson.dumps(at), 10)
    asked = LastQuestion(
        number=1,
        state="open",
        kind="sign",
        line="z1",
        own_numbers=False,
        feedback="reveal",
        shown=None,
    )
    store.create("A", b"", 5)
    store.replace("A", 1, b"", 1)
    store.answer("A", 1, "c", 1, orjson.dumps(given("right")))
    found = tally(read(store, "A", asked))
    assert (found["students"], found["here"]) == (4, 3)
    # "c" has answered; "gone" is not here.
    assert 300 <= found["stuck_seconds"] <= 301
    assert [(each["line"], each["count"]) for each in found["places"]] == [("z1", 2), ("a1", 1)]
    closed = asked.model_copy(update={"state": "closed"})
    assert tally(read(store, "A", closed))["stuck_seconds"] is None
    assert tally(read(store, "A", None))["question"] is None
    text = orjson.dumps(found).decode()
    assert '"gone"' not in text
    store.close()


def test_the_table_has_a_row_for_each_option_mistake_and_group() -> None:
    shown = {"kind": "choice", "options": ["A", "B"]}
    choice = ASKED.model_copy(update={"number": 2, "kind": "choice", "shown": shown, "again": 1})
    words = ASKED.model_copy(update={"number": 3, "kind": "text"})
    record = record_of(
        of_answers(ASKED, ANSWERS, 0.0),
        of_answers(choice, [given("right", answer=k) for k in (1, 1, 0, True, "1")], 0.0),
        of_answers(words, [given("unmarked", answer="The chain rule!")], 0.0),
        text="=1+1",
    )
    table = list(csv.DictReader(io.StringIO(as_csv(record))))
    assert tuple(table[0]) == HEADER
    columns = ("question", "option", "misconception", "count")
    assert [tuple(row[each] for each in columns) for row in table] == [
        ("1", "", "missing_activation_derivative", "4"), ("1", "", "not recognised", "6"),
        ("2", "'=a", "", "1"), ("2", "b", "", "2"), ("3", "The chain rule!", "", "1"),
    ]  # fmt: skip
    assert {(row["students"], row["text"]) for row in table} == {("40", "'=1+1")}
    assert (table[0]["answered"], table[2]["round_of"]) == ("11", "1")
