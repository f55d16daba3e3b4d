"""Routes that are asked many times a second, without what FastAPI does for routes of every kind.

FastAPI looks at each parameter of each request by itself, and asks of each what kind it is: for the
eight of a frame that takes as long as half of its numbers do. Here they are read together, by one
Pydantic model that is made of the endpoint's own signature. What does not pass is given to FastAPI,
from the beginning: so what is wrong is said as everywhere, and what is documented is what holds.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from typing import Any, get_args
from urllib.parse import parse_qsl

import orjson
from fastapi.params import Body
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.security import StrictJSONRoute

Endpoint = Callable[..., Coroutine[Any, Any, Response]]
JSON = b"application/json"


class QuickRoute(StrictJSONRoute):
    """For ``APIRouter(route_class=QuickRoute)``: endpoints of parameters and a body, all annotated.

    They are ``async``, have no dependencies, and answer with a Response; others go FastAPI's way.
    """

    def __init__(
        self, path: str, endpoint: Endpoint, *, max_body_size: int | None = None, **rest: Any
    ) -> None:
        super().__init__(path, endpoint, max_body_size=max_body_size, **rest)
        if inspect.iscoroutinefunction(endpoint):
            self.app = _Quick(endpoint, self.app, max_body_size or 0)


class _UnusualError(Exception):
    """Something that is left to FastAPI."""


class _Quick:
    """The short way to ``endpoint``, and ``usual`` for what cannot take it."""

    def __init__(self, endpoint: Endpoint, usual: ASGIApp, max_body_size: int) -> None:
        self.endpoint = endpoint
        self.usual = usual
        self.max_body_size = max_body_size
        self.model, self.body = _parameters(endpoint)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read: list[Message] = []
        try:
            given = self.model.model_validate(await self._given(scope, receive, read))
        except (ValidationError, orjson.JSONDecodeError, _UnusualError):

            async def again() -> Message:
                return read.pop(0) if read else await receive()

            await self.usual(scope, again, send)
            return
        response = await self.endpoint(**given.__dict__)
        await response(scope, receive, send)

    async def _given(self, scope: Scope, receive: Receive, read: list[Message]) -> dict[str, Any]:
        """What the request says, by name; later parameters of one name count, as everywhere.

        ``read`` gets what has been received. Raises _UnusualError, and JSONDecodeError.
        """
        query = scope["query_string"].decode("latin-1")
        values: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
        values.update(scope["path_params"])
        if self.body is not None:
            kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
            if kind != JSON:
                raise _UnusualError
            values[self.body] = orjson.loads(await self._content(receive, read))
        return values

    async def _content(self, receive: Receive, read: list[Message]) -> bytes:
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            read.append(message)
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            more = message.get("more_body", False)
            if message["type"] == "http.disconnect" or size > self.max_body_size:
                raise _UnusualError
        return b"".join(parts)


def _parameters(endpoint: Endpoint) -> tuple[type[BaseModel], str | None]:
    """A model of all the endpoint's parameters, and which of them is the body."""
    fields: dict[str, Any] = {}
    body = None
    for name, parameter in inspect.signature(endpoint, eval_str=True).parameters.items():
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[name] = (parameter.annotation, default)
        if any(isinstance(each, Body) for each in get_args(parameter.annotation)):
            body = name
    config = ConfigDict(arbitrary_types_allowed=True)
    return create_model("Parameters", __config__=config, **fields), body
