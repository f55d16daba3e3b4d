"""Marks of saved progress: answers are marked again, and written for gradebooks."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from backprop_explorer.cli import main
from tests.helpers.lessons import LESSONS, ONE, cards, wrong_answer

SEED = 7


def kept(**results: Any) -> dict[str, Any]:
    """The cards of a lesson, right, with these results; what is None is answered wrong."""
    asked = [card for card in cards(ONE, SEED) if card.question is not None]
    found = {}
    for card, (_, result) in zip(asked, results.items(), strict=False):
        assert card.question is not None
        answer = card.question.solution() if result else wrong_answer(card.question)
        found[card.name] = {
            "result": result or "alone",
            "tries": 1,
            "hint": False,
            "answer": answer,
        }
    return found


def saved(path: Path, progress: dict[str, Any], student: str = "") -> str:
    place = {"at": None, "cards": progress, "digest": LESSONS[ONE].digest}
    book = {"version": 3, "seed": SEED, "student": student, "lessons": {ONE: {SEED: place}}}
    path.write_text(json.dumps(book))
    return str(path)


def rows(out: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out)))


def test_answers_are_marked_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    progress = kept(a="alone", b="hint", c="shown", d=None)
    file = saved(tmp_path / "ada.json", progress, "s123")
    assert main(["lesson", "marks", file, "--hint", "0.5"]) == 0
    (row,) = rows(capsys.readouterr().out)
    names = [card.name for card in cards(ONE, SEED) if card.question is not None]
    assert [row[f"{ONE} / {name}"] for name in names[:5]] == ["1", "0.5", "0", "0", "0"]
    assert (row["student"], row["total"], row["notes"]) == ("s123", "1.5", "")


def test_what_a_lecturer_should_look_at_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saved(tmp_path / "x.json", kept(a="alone"), "=1+1")
    book = json.loads(Path(file).read_text())
    book["lessons"][ONE][str(SEED)]["digest"] = "abc"
    book["lessons"]["gone"] = {}
    Path(file).write_text(json.dumps(book))
    other = tmp_path / "none.json"
    other.write_text("[" * 100_000)
    assert main(["lesson", "marks", file, str(other)]) == 1
    captured = capsys.readouterr()
    (row,) = rows(captured.out)
    assert row["student"] == "x"
    assert "another version" in row["notes"]
    assert "no lesson gone" in row["notes"]
    assert "none.json: holds no progress" in captured.err


def test_two_files_of_a_student_are_one_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [
        saved(tmp_path / "1.json", kept(a="alone", b=None), "s1"),
        saved(tmp_path / "2.json", kept(a=None, b="alone"), "s1"),
    ]
    assert main(["lesson", "marks", *files, "--format", "moodle", "--lesson", ONE]) == 0
    (row,) = rows(capsys.readouterr().out)
    assert (row["ID number"], row["total"]) == ("s1", "2")
    assert main(["lesson", "marks", *files, "--format", "canvas"]) == 0
    possible, row = rows(capsys.readouterr().out)
    assert possible["Student"] == "    Points Possible"
    # Its importer reads the columns by their place, and finds a student by either of two.
    assert [*row][:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert row["SIS Login ID"] == row["SIS User ID"] == "s1"
    # It adds up itself: each column is an assignment.
    cards_of = [*row][5:]
    assert {possible[each] for each in cards_of} == {"1"}
    assert "total" not in row
    assert sum(float(row[each]) for each in cards_of) == 2
