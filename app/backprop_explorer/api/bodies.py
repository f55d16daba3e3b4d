"""Request bodies: small ones are validated in the event loop, large ones in a worker.

Validating 4 MB of JSON takes several tenths of a second, which would block the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Iterator
from json import JSONDecodeError
from typing import Any

import orjson
from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backprop_explorer.api.errors import RefusedBodyError
from backprop_explorer.api.invalid_fields import InvalidFields, describe_invalid
from backprop_explorer.compute.pool import Pool
from backprop_explorer.compute.worker_process import STATE
from backprop_explorer.engine.errors import ExplorerError, InvalidInput, Unavailable, UnknownName
from backprop_explorer.texts import api as texts

# Validating a body of this size takes at most 15 ms: printed arrays take 2 µs a byte, 1,000 unknown
# fields 8 ms.
LARGE_BODY_BYTES = 8 * 1024
# Longer names are not compared with the known ones, since that takes time that grows with them.
MAX_NAME = 100
# Limit of all bodies in memory: those being received and those waiting for a worker.
MOST_HELD_BYTES = 64 * 1024 * 1024


def checked(model: type[BaseModel], body: bytes, content_type: str) -> BaseModel | InvalidFields:
    """A task: parse and validate a body. Returns the model, or a description of the errors."""
    try:
        given = orjson.loads(body)
        # A body of several kinds: the first model says which one it is.
        choose = getattr(model, "for_body", None)
        return (model if choose is None else choose(given)).model_validate(given)
    except JSONDecodeError as error:
        found = {"type": "json_invalid", "loc": ("body", error.pos), "ctx": {"error": error.msg}}
        refusal = RequestValidationError([found], body=error.doc)
    except ValidationError as error:
        items = error.errors(include_url=False)
        refusal = RequestValidationError(
            [{**item, "loc": ("body", *item["loc"])} for item in items]
        )
    return describe_invalid(refusal, content_type, STATE.get().limits)


class _Request(Request):
    """A request whose JSON is parsed by orjson; a large body is validated in a worker.

    Unlike the standard library, orjson refuses NaN, Infinity, numbers beyond a double (1e999), lone
    surrogates and nesting beyond 1,024 levels, and it is four times as fast on matrices. It raises
    json.JSONDecodeError, which FastAPI answers with 422. A worker returns the model.
    """

    model: type[BaseModel] | None = None

    async def json(self) -> Any:
        body = await self.body()
        if self.model is None or len(body) <= LARGE_BODY_BYTES:
            return orjson.loads(body)
        pool: Pool = self.app.state.pool
        try:
            content_type = self.headers.get("content-type", "")
            validated = await pool.submit(checked, self.model, body, content_type)
        except ExplorerError as error:
            raise RefusedBodyError(error) from error
        if isinstance(validated, InvalidFields):
            raise RefusedBodyError(validated)
        return validated


class BodyRoute(APIRoute):
    """A route with strict JSON and no unknown parameters; a worker validates a large body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        model = self._model()
        known = frozenset(_query_parameters(self.dependant))

        async def handle(request: Request) -> Response:
            refuse_unknown(request.query_params, known)
            given = _Request(request.scope, request.receive)
            given.model = model
            return await handler(given)

        return handle

    def _model(self) -> type[BaseModel] | None:
        """The Pydantic model of the JSON body; of a union, its first model. None without one."""
        if self.body_field is None:
            return None
        return next(iter(_models(self.body_field.field_info.annotation)), None)


def refuse_unknown(given: Iterable[str], known: frozenset[str]) -> None:
    """Raise UnknownName for the first name of a query parameter that a route does not have.

    Otherwise a misspelt parameter would silently have its default.
    """
    for name in given:
        if name not in known:
            if not known:
                raise InvalidInput("query", texts.NO_QUERY)
            raise UnknownName("query", texts.QUERY_PARAMETER, sorted(known), name[:MAX_NAME])


def _query_parameters(dependant: Dependant) -> Iterator[str]:
    yield from (each.alias for each in dependant.query_params)
    for each in dependant.dependencies:
        yield from _query_parameters(each)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [each for part in getattr(annotation, "__args__", ()) for each in _models(part)]


class HeldBodies:
    """ASGI middleware: answers 413 to a body that is too large without Content-Length.

    It answers 503 if the bodies of all requests exceed MOST_HELD_BYTES.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes
        self.held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held = 0

        async def hold() -> Message:
            nonlocal held
            message = await receive()
            size = len(message.get("body", b""))
            if held + size > self.max_body_bytes:
                raise HTTPException(413, texts.body_too_large(self.max_body_bytes))
            if self.held_bytes + size > max(MOST_HELD_BYTES, self.max_body_bytes):
                raise RefusedBodyError(Unavailable(texts.RECEIVING_TOO_MUCH))
            held += size
            self.held_bytes += size
            return message

        try:
            await self.app(scope, hold, send)
        finally:
            self.held_bytes -= held
