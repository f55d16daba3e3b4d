"""Describe validation errors: the path of each field and a message for the user.

Pydantic reports an error for each branch of a union and for each list with an invalid item. Here
the cause is chosen among them, and Pydantic's messages are replaced by plainer ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastapi.exceptions import RequestValidationError

from backprop_explorer.engine.errors import LimitExceeded
from backprop_explorer.experiments.recipe_fields import MAX_NUMBER
from backprop_explorer.limits import Limits
from backprop_explorer.texts import api as texts

# Beyond this position or depth the field is not searched, since the search takes time.
MAX_SEARCHED = 100_000
MAX_DEPTH = 16
EMPTY = texts.EMPTY_BODY

# The error's position may cut off a string. The possessive * prevents slow backtracking.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},:]', re.DOTALL)
# Messages by the text at the error's position.
_SLIPS = (
    (re.compile(r"-?(?:nan|inf)", re.IGNORECASE), texts.NOT_FINITE),
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


SHOWN_ERRORS = 20
SHOWN_NAME = 60
# Types of errors for unknown names: Pydantic's, and one of ours.
UNKNOWN_FIELD = frozenset({"extra_forbidden", "parameter"})

# By Pydantic's type of error; the messages follow the field's name.
MESSAGES: Mapping[str, str] = texts.MESSAGES

# Models have fixed bounds; the settings may have lower ones, and the message names the lower one.
# (last name of the field, Pydantic's type of error) -> (name of the limit, the limited things).
LIMITED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("units", "less_than_equal"): ("max_units", texts.UNITS_IN_A_LAYER),
    ("layers", "too_long"): ("max_layers", texts.LAYERS),
    ("weights", "too_long"): ("max_layers", texts.LAYERS),
    ("edits", "too_long"): ("max_edits", texts.EDITS),
}

_TYPE_NAME = re.compile(r"(float|int|str|bool|constrained-\w+|none)\Z|.*[\[(]")


class InvalidFields(NamedTuple):
    """The kind of problem, a sentence as its detail, and (field, message) of each field."""

    kind: str
    detail: str
    errors: list[tuple[str, str]]


def describe_invalid(
    error: RequestValidationError, content_type: str, limits: Limits
) -> InvalidFields:
    """Describe what is wrong with the parameters or the body of a request."""
    reported = error.errors()
    no_json = _not_json(reported[0], error.body, content_type)
    if no_json:
        return InvalidFields("invalid-input", " ".join(no_json).strip(), [no_json])
    # A body may cause very many errors: only the first few get a message.
    causes = _causes(reported)
    errors = [_field_error(*cause, limits) for cause in causes[:SHOWN_ERRORS]]
    first_field, first_message = errors[0]
    limited = _beyond(*causes[0], limits) is not None
    detail = first_message if limited else f"{first_field} {first_message}".strip()
    if len(causes) > 1:
        detail += texts.and_more(len(causes) - 1)
    return InvalidFields("limit-exceeded" if limited else "invalid-input", detail, errors)


def field_path(location: Sequence[Any]) -> str:
    """Pydantic's location as a path: ``layers.0.W``, without "body" and union branches."""
    return ".".join(_names(location))


def _names(location: Sequence[Any], *, given: bool = False) -> tuple[str, ...]:
    """The parts of a field's path. ``given``: the last part is the client's name, not a branch."""
    parts = location[1:] if location and location[0] in ("body", "query", "path") else location
    last = len(parts) - 1 if given else None
    return tuple(
        str(part)[:SHOWN_NAME]
        for index, part in enumerate(parts)
        if index == last or not (isinstance(part, str) and _TYPE_NAME.match(part))
    )


def message(item: Mapping[str, Any]) -> str:
    """The message of an error, to follow the field's name. It never repeats the input."""
    context = item.get("ctx") or {}
    kind = _kind(item, context)
    if kind in MESSAGES:
        return MESSAGES[kind].format_map({key: _shown(each) for key, each in context.items()})
    return str(item["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _not_json(item: Mapping[str, Any], body: Any, content_type: str) -> tuple[str, str] | None:
    """(field, message) if the body is empty or not JSON, else None."""
    field: Sequence[str | int] = ()
    if item["type"] == "json_invalid":
        said = str((item.get("ctx") or {}).get("error", ""))
        field, text = explain(body if isinstance(body, str) else "", item["loc"][-1], said)
    elif item["type"] == "missing" and item["loc"] == ("body",):
        text = EMPTY if not content_type or is_json(content_type) else texts.IS_EMPTY
    else:
        return None
    return field_path(("body", *field)) or "body", text


def _causes(
    reported: Sequence[Mapping[str, Any]],
) -> list[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """(path, error) of each cause: of a field and a part of it, only the part.

    Every branch of a union reports errors, and a list without its invalid items is too short. If
    several branches report the same field, the first counts.
    """
    errors: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for item in reported:
        errors.setdefault(_names(item["loc"], given=item["type"] in UNKNOWN_FIELD), item)
    above = {path[:k] for path in errors for k in range(len(path))}
    return [(path, item) for path, item in errors.items() if path not in above]


def _field_error(path: tuple[str, ...], item: Mapping[str, Any], limits: Limits) -> tuple[str, str]:
    """(field, message) of an error."""
    beyond = _beyond(path, item, limits)
    if beyond is not None:
        return beyond.field, beyond.message
    return ".".join(path), message(item) if path else texts.of_the_body(message(item))


def _beyond(path: tuple[str, ...], item: Mapping[str, Any], limits: Limits) -> LimitExceeded | None:
    """The error for a value beyond a model's bound, worded as if beyond the setting's limit."""
    limit, what = LIMITED.get((path[-1] if path else "", str(item["type"])), (None, ""))
    if limit is None:
        return None
    context = item["ctx"]
    bound, given = (
        (context["le"], item["input"])
        if "le" in context
        else (context["max_length"], len(item["input"]))
    )
    return LimitExceeded(".".join(path), what, min(bound, getattr(limits, limit)), given)


def _kind(item: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    """The key of MESSAGES: Pydantic's type of error, or a more specific one."""
    kind, given = str(item["type"]), item.get("input")
    if kind == "int_type" and isinstance(given, float) and given.is_integer():
        # A float with a whole value: 8.0, or an integer so long that orjson reads it as a float.
        if abs(given) < 2**53:
            return "int_with_point"
        return "too_large" if given > 0 else "too_small"
    if context.get("le") == MAX_NUMBER:
        return "too_large"  # the field's own limit is lower
    if context.get("ge") == -MAX_NUMBER:
        return "too_small"
    if kind == "string_too_short" and context.get("min_length") == 1:
        return "string_empty"
    if kind == "too_short" and context.get("min_length") == 1:
        return "list_empty"
    return kind


def _shown(bound: Any) -> Any:
    """Write whole floats as integers: 0 instead of 0.0."""
    whole = isinstance(bound, float) and abs(bound) < 1e15 and bound.is_integer()
    return int(bound) if whole else bound
