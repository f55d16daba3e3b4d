"""Every error answer is a problem document (RFC 9457).

    {"type": "urn:backprop-explorer:unknown-name", "title": "Unprocessable Content", "status": 422,
     "detail": "unknown activation; did you mean 'relu'? known: relu, sigmoid, tanh",
     "errors": [{"field": "layers.0.activation", "message": "unknown activation; did you …"}]}

Answers never repeat the client's input. It may be huge, a number that JSON cannot hold, or a lone
surrogate; and repeated input can be an injection.
"""

from __future__ import annotations

import logging
import math
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backprop_explorer.api.invalid_fields import InvalidFields, describe_invalid, is_json
from backprop_explorer.api.openapi import schema_of
from backprop_explorer.api.runner import ClientGoneError
from backprop_explorer.compute.logs import REQUEST_ID
from backprop_explorer.engine.errors import (
    Conflict,
    DamagedStore,
    ExplorerError,
    Forbidden,
    InvalidInput,
    LimitExceeded,
    NotFound,
    NotReached,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnknownName,
)
from backprop_explorer.limits import Limits
from backprop_explorer.texts import api as texts

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2
Page = Callable[[Request], Response]

# Python 3.13 renamed these two; answers must not depend on the Python version.
TITLES = {413: texts.CONTENT_TOO_LARGE, 422: texts.UNPROCESSABLE}

# Subclasses come before their base classes.
EXPLORER_ERRORS: Sequence[tuple[type[ExplorerError], int, str]] = (
    (UnknownName, 422, "unknown-name"),
    (LimitExceeded, 422, "limit-exceeded"),
    (InvalidInput, 422, "invalid-input"),
    (NotFound, 404, "not-found"),
    (Unauthorized, 401, "unauthorized"),
    (Forbidden, 403, "forbidden"),
    (Conflict, 409, "conflict"),
    (TooManyRequests, 429, "too-many-requests"),
    (Unavailable, 503, "unavailable"),
    (ExplorerError, 422, "refused"),
)


def wants_page(scope: Scope) -> bool:
    """Tell whether a browser asks, for what it shows as a page."""
    accepted = Headers(scope=scope).get("accept", "")
    return "text/html" in accepted and scope["method"] in ("GET", "HEAD")


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe these error answers for the OpenAPI document."""
    return {
        status: {
            "description": _title(status),
            "content": {MEDIA_TYPE: {"schema": schema_of("base.ProblemDetails")}},
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
    more: Mapping[str, Any] | None = None,
) -> Response:
    """Return a problem document, with ``more`` in it.

    ``errors`` are pairs of a field's path and a message.
    """
    document = {
        "type": kind,
        "title": _title(status),
        "status": status,
        "detail": _clean(detail),
        "errors": [{"field": _clean(field), "message": _clean(text)} for field, text in errors],
        **(more or {}),
    }
    return Response(
        orjson.dumps(document),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def install_error_handlers(
    app: FastAPI, limits: Limits | None = None, page: Page | None = None
) -> None:
    """Answer exceptions of routes, 404 and 405 with problem documents, NotReached with 202.

    ``page``: makes the answer for browsers where there is nothing at an address.
    """
    on_validation_error = partial(_on_validation_error, limits=limits or Limits())
    app.add_exception_handler(ExplorerError, _on_explorer_error)
    app.add_exception_handler(NotReached, _on_not_reached)
    app.add_exception_handler(ClientGoneError, _on_client_gone)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(RefusedBodyError, _on_refused_body)
    app.add_exception_handler(HTTPException, partial(_on_http_exception, page=page))


class RefusedBodyError(HTTPException):
    """An invalid body. An HTTPException, since FastAPI wraps others that occur while it reads."""

    def __init__(self, reason: InvalidFields | ExplorerError) -> None:
        super().__init__(422)
        self.reason = reason


class UnexpectedErrors:
    """ASGI middleware: logs an unexpected exception and answers 500 with the request's id.

    Starlette's own handler runs outside all middleware, so that its answer has no security headers,
    and raises the exception again, so that the server logs it twice.
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
                raise  # The answer has begun: the server must close the connection.
            request_id = REQUEST_ID.get() or secrets.token_hex(8)
            logger.exception("Request %s failed: %s %r", request_id, scope["method"], scope["path"])
            response = problem(
                500,
                texts.internal_error(request_id),
                kind=f"urn:backprop-explorer:request:{request_id}",
                headers={"X-Request-Id": request_id},
            )
            await response(scope, receive, send)


async def _on_explorer_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ExplorerError)
    status, kind = next(
        (status, kind) for cls, status, kind in EXPLORER_ERRORS if isinstance(error, cls)
    )
    detail, errors, more = str(error), [], {}
    if isinstance(error, InvalidInput):
        detail, errors, more = error.message, [(error.field, error.message)], error.more
    headers = {}
    if isinstance(error, DamagedStore):
        request.app.state.health.damaged = True
    if status == 503:
        logger.warning("%s: %s", error, error.__cause__)
        headers["Retry-After"] = str(RETRY_SECONDS)
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(max(1, math.ceil(error.seconds)))
    if status == 401:
        # RFC 9110 requires the header. Browsers ask nothing for a scheme that they do not know.
        headers["WWW-Authenticate"] = "Key"
    kind = f"urn:backprop-explorer:{kind}"
    return problem(status, detail, kind=kind, errors=errors, headers=headers, more=more)


async def _on_not_reached(_request: Request, error: Exception) -> Response:
    """Answer 202 with the progress: asking again continues."""
    assert isinstance(error, NotReached)
    progress = {"reached": error.reached, "target": error.target}
    return Response(orjson.dumps(progress), 202, media_type="application/json")


async def _on_client_gone(_request: Request, _error: Exception) -> Response:
    # nginx logs this status for a client that disconnected. No client receives it.
    return Response(status_code=499)


async def _on_refused_body(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedBodyError)
    if isinstance(error.reason, ExplorerError):
        return await _on_explorer_error(request, error.reason)
    return _of_fields(error.reason)


async def _on_http_exception(request: Request, error: Exception, page: Page | None) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404 and page is not None and wants_page(request.scope):
        return await run_in_threadpool(page, request)
    if error.status_code == 405:
        first = (error.headers or {}).get("Allow", "")
        headers = {"Allow": _allowed(request, first)}
        detail = texts.not_allowed(request.method, headers["Allow"])
        return problem(405, detail, headers=headers)
    if error.status_code < 400 or error.status_code in (204, 304):
        return Response(status_code=error.status_code, headers=error.headers)
    detail = texts.NOT_FOUND if error.detail == "Not Found" else str(error.detail)
    return problem(error.status_code, detail, headers=error.headers)


def _allowed(request: Request, first: str) -> str:
    """The methods of all routes with this path; ``first``: of the first one, as Starlette says."""
    path = request.scope["path"]
    every = [route for route in request.app.router.routes if isinstance(route, Route)]
    # A path of its own is no value of a parameter: /rooms/events is no room.
    found = [route for route in every if route.path == path] or [
        route for route in every if route.path_regex.match(path)
    ]
    return ", ".join(sorted({each for route in found for each in route.methods or ()})) or first


async def _on_validation_error(request: Request, error: Exception, limits: Limits) -> Response:
    assert isinstance(error, RequestValidationError)
    if _body_was_not_read_as_json(request, error.errors()):
        return problem(415, texts.BODY_MUST_BE_JSON)
    return _of_fields(describe_invalid(error, request.headers.get("content-type", ""), limits))


def _of_fields(invalid: InvalidFields) -> Response:
    kind = f"urn:backprop-explorer:{invalid.kind}"
    return problem(422, invalid.detail, kind=kind, errors=invalid.errors)


def _body_was_not_read_as_json(request: Request, errors: Sequence[Any]) -> bool:
    """FastAPI passes a body of another type on as bytes; validation then fails with "no object"."""
    return any(
        item["loc"] == ("body",) and isinstance(item.get("input"), bytes) for item in errors
    ) and not is_json(request.headers.get("content-type", ""))


def _title(status: int) -> str:
    return TITLES.get(status) or HTTPStatus(status).phrase


def _clean(text: str) -> str:
    """Replace lone surrogates, which cannot be encoded as UTF-8."""
    return text.encode("utf-8", "replace").decode()
