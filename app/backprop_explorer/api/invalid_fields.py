"""What is wrong with the fields of a request, in words for the person who typed them.

Pydantic finds it; here it is said which field it is, what of many findings is the cause, and what
to write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastapi.exceptions import RequestValidationError

from backprop_explorer.api.json_errors import EMPTY, explain, is_json
from backprop_explorer.engine.errors import LimitExceeded
from backprop_explorer.experiments.recipe_fields import MAX_NUMBER
from backprop_explorer.settings import Limits

SHOWN_ERRORS = 20
SHOWN_NAME = 60
# Errors of a name that was given where there is no such field: Pydantic's, and one of ours.
OF_NO_FIELD = frozenset({"extra_forbidden", "parameter"})

# Pydantic's messages speak of types and of "after validation"; these speak to the person who typed.
MESSAGES: Mapping[str, str] = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "finite_number": "must be a finite number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_with_point": "must be a whole number, written without a decimal point",
    "int_parsing_size": "is too large a number",
    "too_large": "is too large a number",
    "too_small": "is too small a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "string_unicode": "must be valid Unicode text",
    "string_too_short": "must have at least {min_length} characters",
    "string_empty": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} items",
    "list_empty": "must have at least 1 item",
    "too_long": "must have at most {max_length} items",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "none_required": "must be null",
}

# What a model bounds so that nothing enormous is read, the settings bound more closely: the last
# name of the field and Pydantic's error -> the limit, and what it is one of.
LIMITED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("units", "less_than_equal"): ("max_units", "units in a layer"),
    ("layers", "too_long"): ("max_layers", "layers"),
    ("weights", "too_long"): ("max_layers", "layers"),
    ("edits", "too_long"): ("max_edits", "edits"),
}

_TYPE_NAME = re.compile(r"(float|int|str|bool|constrained-\w+|none)\Z|.*[\[(]")


class InvalidFields(NamedTuple):
    """What to answer: the kind of the problem, a sentence, and (field, message) of each field."""

    kind: str
    detail: str
    errors: list[tuple[str, str]]


def describe_invalid(
    error: RequestValidationError, content_type: str, limits: Limits
) -> InvalidFields:
    """What is wrong with the parameters and the body of a request, which said ``content_type``."""
    found = error.errors()
    no_json = _of_no_json(found[0], error.body, content_type)
    if no_json:
        return InvalidFields("invalid-input", " ".join(no_json).strip(), [no_json])
    # There may be as many as a body has room for, and only a few are put into words.
    causes = _causes(found)
    errors = [_said(*cause, limits) for cause in causes[:SHOWN_ERRORS]]
    first_field, first_message = errors[0]
    limited = _beyond(*causes[0], limits) is not None
    detail = first_message if limited else f"{first_field} {first_message}".strip()
    if len(causes) > 1:
        detail += f" (and {len(causes) - 1} more)"
    return InvalidFields("limit-exceeded" if limited else "invalid-input", detail, errors)


def field_path(location: Sequence[Any]) -> str:
    """Write Pydantic's location as ``layers.0.W``, without where it was and which union branch."""
    return ".".join(_names(location))


def _names(location: Sequence[Any], *, given: bool = False) -> tuple[str, ...]:
    """The parts of a field's path. ``given``: the last is a name that was given, and no branch."""
    parts = location[1:] if location and location[0] in ("body", "query", "path") else location
    last = len(parts) - 1 if given else None
    return tuple(
        str(part)[:SHOWN_NAME]
        for index, part in enumerate(parts)
        if index == last or not _names_a_type(part)
    )


def message(item: Mapping[str, Any]) -> str:
    """Say what is wrong with a field, in words that follow its name, without what was given."""
    context = item.get("ctx") or {}
    kind = _kind(item, context)
    if kind in MESSAGES:
        return MESSAGES[kind].format_map({key: _shown(each) for key, each in context.items()})
    return str(item["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _of_no_json(item: Mapping[str, Any], body: Any, content_type: str) -> tuple[str, str] | None:
    """(field, message) of a body in which there is nothing to be checked; None of any other."""
    field: Sequence[str | int] = ()
    if item["type"] == "json_invalid":
        said = str((item.get("ctx") or {}).get("error", ""))
        field, text = explain(body if isinstance(body, str) else "", item["loc"][-1], said)
    elif item["type"] == "missing" and item["loc"] == ("body",):
        text = EMPTY if not content_type or is_json(content_type) else "is empty"
    else:
        return None
    return field_path(("body", *field)) or "body", text


def _causes(found: Sequence[Mapping[str, Any]]) -> list[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """(path, error), of what is wrong with a field and with a part of it the part alone.

    Each branch of a union reports, and a list without the items that were refused is too short.
    Of the branches that speak of the same field the first is enough.
    """
    errors: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for item in found:
        errors.setdefault(_names(item["loc"], given=item["type"] in OF_NO_FIELD), item)
    above = {path[:k] for path in errors for k in range(len(path))}
    return [(path, item) for path, item in errors.items() if path not in above]


def _said(path: tuple[str, ...], item: Mapping[str, Any], limits: Limits) -> tuple[str, str]:
    beyond = _beyond(path, item, limits)
    if beyond is not None:
        return beyond.field, beyond.message
    return ".".join(path), message(item) if path else f"the body {message(item)}"


def _beyond(path: tuple[str, ...], item: Mapping[str, Any], limits: Limits) -> LimitExceeded | None:
    """What is beyond the bound of a model, as what is just beyond the limit is told."""
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
    """The key of MESSAGES: Pydantic's kind of error, or a finer one."""
    kind, given = str(item["type"]), item.get("input")
    if kind == "int_type" and isinstance(given, float) and given.is_integer():
        # JSON has one kind of number: 8.0, and what is too long to be read as a whole number.
        if abs(given) < 2**53:
            return "int_with_point"
        return "too_large" if given > 0 else "too_small"
    if context.get("le") == MAX_NUMBER:
        return "too_large"  # whatever a field allows, it is less
    if context.get("ge") == -MAX_NUMBER:
        return "too_small"
    if kind == "string_too_short" and context.get("min_length") == 1:
        return "string_empty"
    if kind == "too_short" and context.get("min_length") == 1:
        return "list_empty"
    return kind


def _shown(bound: Any) -> Any:
    """0 rather than 0.0, and 1000000 rather than 1000000.0."""
    whole = isinstance(bound, float) and abs(bound) < 1e15 and bound.is_integer()
    return int(bound) if whole else bound


def _names_a_type(part: Any) -> bool:
    return isinstance(part, str) and _TYPE_NAME.match(part) is not None
