"""Every error leaves the server as one shape: a problem document (RFC 9457).

    {"type": "urn:backprop-explorer:unknown-name", "title": "Unprocessable Content", "status": 422,
     "detail": "unknown activation; did you mean 'relu'? known: relu, sigmoid, tanh",
     "errors": [{"field": "layers.0.activation", "message": "unknown activation; did you …"}]}

What was given is never repeated in the answer: it may be huge, a number that JSON cannot hold, or
half a surrogate pair, and repeating it is how an error page becomes an error or a hole.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.json_errors import EMPTY, explain
from app.core.errors import (
    ExplorerError,
    InvalidInput,
    LimitExceeded,
    NotFound,
    Unavailable,
    UnknownName,
)
from app.experiments.parts import MAX_NUMBER
from app.logs import REQUEST_ID
from app.settings import Limits

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
# Errors of a name that was given where there is no such field: Pydantic's, and one of ours.
OF_NO_FIELD = frozenset({"extra_forbidden", "parameter"})
SHOWN_ERRORS = 20
SHOWN_NAME = 60
RETRY_SECONDS = 2

# Python 3.13 renamed these two; the answer must not depend on the interpreter.
TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}

# The most special class comes first.
EXPLORER_ERRORS: Sequence[tuple[type[ExplorerError], int, str]] = (
    (UnknownName, 422, "unknown-name"),
    (LimitExceeded, 422, "limit-exceeded"),
    (InvalidInput, 422, "invalid-input"),
    (NotFound, 404, "not-found"),
    (Unavailable, 503, "unavailable"),
    (ExplorerError, 422, "refused"),
)

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

_PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string", "description": "What kind of problem this is"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for a person"},
        "errors": {
            "type": "array",
            "description": "Which fields to change",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe these error answers for the OpenAPI document."""
    return {
        status: {
            "description": _title(status),
            "content": {MEDIA_TYPE: {"schema": _PROBLEM_SCHEMA}},
        }
        for status in statuses
    }


def problem(
    status: int,
    detail: str,
    *,
    kind: str = "about:blank",
    errors: Iterable[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem document; ``errors`` are pairs of a field's path and a message."""
    document = {
        "type": kind,
        "title": _title(status),
        "status": status,
        "detail": _clean(detail),
        "errors": [{"field": _clean(field), "message": _clean(text)} for field, text in errors],
    }
    return Response(
        orjson.dumps(document),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def install_error_handlers(app: FastAPI, limits: Limits | None = None) -> None:
    """Make every error that a route raises, and 404 and 405, a problem document."""
    on_validation_error = partial(_on_validation_error, limits=limits or Limits())
    app.add_exception_handler(ExplorerError, _on_explorer_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)


class UnexpectedErrors:
    """ASGI middleware: an exception that nobody expected becomes a 500 with an id, and is logged.

    Starlette's own handler for these sits outside of all middleware, where the security headers
    would be missing, and raises the exception again for the server to log a second time.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, note_start)
        except Exception:
            if started:
                raise  # Too late for an answer: the server must cut the connection.
            request_id = REQUEST_ID.get() or secrets.token_hex(8)
            logger.exception("Request %s failed: %s %r", request_id, scope["method"], scope["path"])
            response = problem(
                500,
                f"Something went wrong in the server. Its log has the details under {request_id}.",
                kind=f"urn:backprop-explorer:request:{request_id}",
                headers={"X-Request-Id": request_id},
            )
            await response(scope, receive, send)


async def _on_explorer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ExplorerError)
    status, kind = next(
        (status, kind) for cls, status, kind in EXPLORER_ERRORS if isinstance(error, cls)
    )
    errors = [(error.field, error.message)] if isinstance(error, InvalidInput) else []
    headers = {}
    if status == 503:
        logger.warning("%s: %s", error, error.__cause__)
        headers["Retry-After"] = str(RETRY_SECONDS)
    return problem(
        status, str(error), kind=f"urn:backprop-explorer:{kind}", errors=errors, headers=headers
    )


async def _on_http_exception(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code < 400 or error.status_code in (204, 304):
        return Response(status_code=error.status_code, headers=error.headers)
    return problem(error.status_code, str(error.detail), headers=error.headers)


async def _on_validation_error(request: Request, error: Exception, limits: Limits) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if _body_was_not_read_as_json(request, found):
        return problem(
            415, "The body must be JSON, sent with the header Content-Type: application/json."
        )
    no_json = _of_no_json(request, found[0], error.body)
    # There may be as many as a body has room for, and only a few are put into words.
    causes = [] if no_json else _causes(found)
    shown = [no_json] if no_json else [_told(*cause, limits) for cause in causes[:SHOWN_ERRORS]]
    first_field, first_message = shown[0]
    limited = bool(causes) and _beyond(*causes[0], limits) is not None
    detail = first_message if limited else f"{first_field} {first_message}".strip()
    if len(causes) > 1:
        detail += f" (and {len(causes) - 1} more)"
    kind = "limit-exceeded" if limited else "invalid-input"
    return problem(422, detail, kind=f"urn:backprop-explorer:{kind}", errors=shown)


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


def _of_no_json(request: Request, item: Mapping[str, Any], body: Any) -> tuple[str, str] | None:
    """(field, message) of a body in which there is nothing to be checked; None of any other."""
    field: Sequence[str | int] = ()
    if item["type"] == "json_invalid":
        said = str((item.get("ctx") or {}).get("error", ""))
        field, text = explain(body if isinstance(body, str) else "", item["loc"][-1], said)
    elif item["type"] == "missing" and item["loc"] == ("body",):
        sent = request.headers.get("content-type", "")
        text = EMPTY if not sent or is_json(sent) else "is empty"
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


def _told(path: tuple[str, ...], item: Mapping[str, Any], limits: Limits) -> tuple[str, str]:
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


def _body_was_not_read_as_json(request: Request, found: Sequence[Any]) -> bool:
    """FastAPI hands a body of another type on as bytes, which then fail as "not an object"."""
    return any(
        item["loc"] == ("body",) and isinstance(item.get("input"), bytes) for item in found
    ) and not is_json(request.headers.get("content-type", ""))


def is_json(content_type: str) -> bool:
    """Tell whether a Content-Type header says JSON."""
    essence = content_type.partition(";")[0].strip().lower()
    return essence == "application/json" or (
        essence.startswith("application/") and essence.endswith("+json")
    )


_TYPE_NAME = re.compile(r"(float|int|str|bool|constrained-\w+|none)\Z|.*[\[(]")


def _names_a_type(part: Any) -> bool:
    return isinstance(part, str) and _TYPE_NAME.match(part) is not None


def _title(status: int) -> str:
    return TITLES.get(status) or HTTPStatus(status).phrase


def _clean(text: str) -> str:
    """Lone surrogates have no UTF-8."""
    return text.encode("utf-8", "replace").decode()
