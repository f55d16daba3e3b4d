"""Describe a body that is not valid JSON: the field with the error, and what to change."""

from __future__ import annotations

import re
from typing import NamedTuple

from backprop_explorer.texts import api as texts

# Beyond this position or depth the field is not searched, since the search takes time.
MAX_SEARCHED = 100_000
MAX_DEPTH = 16
EMPTY = texts.EMPTY_BODY

# The error's position may cut off a string. The possessive * prevents slow backtracking.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},:]', re.DOTALL)
# Messages by the text at the error's position.
_SLIPS = (
    (
        re.compile(r"-?(?:nan|inf)", re.IGNORECASE),
        texts.NOT_FINITE,
    ),
    (re.compile(r"True|False|None"), texts.WRITE_TRUE_FALSE_NULL),
    (re.compile("'"), texts.WRITE_DOUBLE_QUOTES),
)
# Messages of orjson about text between values: the error belongs to no field.
_BETWEEN = re.compile(r"comma|','|':'|key|end of|after document|depth|UTF-8")
# Messages by orjson's message.
_MEANINGS = (
    ("infinity", texts.NUMBER_TOO_LARGE),
    ("UTF-8:", texts.NOT_UTF8),
    ("surrogate", texts.HALF_SURROGATE),
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
    message = next(slips, None) or next(meanings, texts.not_json(said))
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    known = position <= MAX_SEARCHED and _BETWEEN.search(said) is None
    field = field_at(text, position) if known else ()
    return JSONProblem(field, texts.at_place(message, line, column))


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
