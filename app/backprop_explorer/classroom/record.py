"""A room's questions to keep: as JSON, which the page opens again, and as a table."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping
from typing import Any

from backprop_explorer.classroom.access import OpenRoom
from backprop_explorer.classroom.codes import grouped
from backprop_explorer.classroom.room import AskedQuestion
from backprop_explorer.texts import classroom as texts

FORMAT = "backprop-explorer-class"
# Left out: what is of the moment.
_PASSING = ("seconds_left", "last_seconds", "before", "bars")
HEADER = (
    *("question", "round_of", "kind", "line", "text", "state", "students", "answered"),
    *("right", "close", "wrong", "option", "misconception", "at_line", "count"),
)


def recorded(question: AskedQuestion, counted: Mapping[str, Any]) -> dict[str, Any]:
    """Return a question with its texts and how it was answered."""
    kept = {name: value for name, value in counted.items() if name not in _PASSING}
    solution = question.solution
    right = solution["answer"] if solution and question.options else None
    more = {"text": question.prompt, "texts": question.options, "right_option": right}
    return {**kept, **more, "shown": question.shown, "asked": question.at}


def whole_record(found: OpenRoom, students: int, questions: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the record of a room."""
    head = {"format": FORMAT, "version": 1, "code": grouped(found.code)}
    times = {"opened": found.room.opened, "saved": time.time()}
    return {**head, **times, "students": students, "questions": questions}


def as_csv(record: Mapping[str, Any]) -> str:
    """Return a record as CSV: a row for each option, mistake and group of texts, or one if none."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADER)
    for each in record["questions"]:
        common = (
            *(each["number"], each["again"] or "", each["kind"], each["line"] or ""),
            *(quoted(each["text"]), each["state"], record["students"], each["answered"]),
            *(each["right"], each["close"], each["wrong"]),
        )
        counts = each["options"] or []
        options = zip(each["texts"], counts, strict=False)
        rows: list[tuple[Any, ...]] = [(quoted(option), "", "", n) for option, n in options]
        rows += [(quoted(group["text"] or ""), "", "", group["count"]) for group in each["groups"]]
        rows += [
            ("", row["misconception"] or texts.NOT_RECOGNISED, row["line"] or "", row["count"])
            for row in each["mistakes"]
            if not counts
        ]
        if each["undiagnosed"] and not counts:
            rows.append(("", texts.NOT_LOOKED_AT, each["line"] or "", each["undiagnosed"]))
        for row in rows or [("", "", "", "")]:
            writer.writerow((*common, *row))
    return text.getvalue()


def quoted(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
