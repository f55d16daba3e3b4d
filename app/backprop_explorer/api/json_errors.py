"""Describe a body that is not valid JSON: the field with the error, and what to change."""

from __future__ import annotations

import re
from typing import NamedTuple

# Beyond this position or depth the field is not searched, since the search takes time.
MAX_SEARCHED = 100_000
MAX_DEPTH = 16
EMPTY = "is empty: send a JSON object"

# The error's position may cut off a string. The possessive * prevents slow backtracking.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},:]', re.DOTALL)
# Messages by the text at the error's position.
_SLIPS = (
    (
        re.compile(r"-?(?:nan|inf)", re.IGNORECASE),
        "must be a finite number: JSON has no NaN and no infinity",
    ),
    (re.compile(r"True|False|None"), "is not valid JSON: write true, false or null"),
    (re.compile("'"), "is not valid JSON: write names and text in double quotes"),
)
# Messages of orjson about text between values: the error belongs to no field.
_BETWEEN = re.compile(r"comma|','|':'|key|end of|after document|depth|UTF-8")
# Messages by orjson's message.
_MEANINGS = (
    ("infinity", "is too large a number"),
    ("UTF-8:", "is not valid JSON: it must be text in UTF-8"),
    ("surrogate", "is not valid JSON: it must be Unicode text, without half a surrogate pair"),
)


class JSONProblem(NamedTuple):
    """The path of the invalid field (empty: the whole body) and a message."""

    field: tuple[str | int, ...]
    message: str


def is_json(content_type: str) -> bool:
    """Tell whether a Content-Type header says JSON."""
    essence = content_type.partition(";")[0].strip().lower()
    return essence == "application/json" or (
        essence.startswith("application/") and essence.endswith("+json")
    )


def explain(text: str, position: int, said: str) -> JSONProblem:
    """Describe orjson's error message ``said`` at ``position`` of ``text``."""
    if not text.strip() and "empty" in said:
        return JSONProblem((), EMPTY)
    begin = position - 1 if "sign" in said else position
    slips = (meaning for slip, meaning in _SLIPS if slip.match(text, max(begin, 0)))
    meanings = (meaning for words, meaning in _MEANINGS if words in said)
    message = next(slips, None) or next(meanings, f"is not valid JSON: {said}")
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    known = position <= MAX_SEARCHED and _BETWEEN.search(said) is None
    field = field_at(text, position) if known else ()
    return JSONProblem(field, f"{message} (line {line:,}, column {column:,})")


def field_at(text: str, position: int) -> tuple[str | int, ...]:
    """The path of the value at ``position``; empty if it is not the value of a field."""
    path: list[str | int | None] = []
    name = ""
    for token in _TOKEN.finditer(text, 0, position):
        match token.group():
            case "[" | "{" as opened:
                path.append(0 if opened == "[" else None)
            case "]" | "}" if path:
                path.pop()
            case ":" if path:
                path[-1] = name
            case "," if path:
                path[-1] = path[-1] + 1 if isinstance(path[-1], int) else None
            case string:
                name = string.strip('"')
    # Checked at the end: values before the position may be deeper.
    return () if len(path) > MAX_DEPTH else tuple(part for part in path if part is not None)
