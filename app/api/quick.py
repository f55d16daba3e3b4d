"""Routes that are asked many times a second, without what FastAPI does for routes of every kind.

FastAPI looks at each parameter of each request by itself, and asks of each what kind it is: for the
eight of a frame that takes as long as half of its numbers do. Here they are read together, by one
Pydantic model that is made of the endpoint's own signature. What does not pass is given to FastAPI,
from the beginning: so what is wrong is said as everywhere, and what is documented is what holds.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, get_args
from urllib.parse import parse_qsl

import orjson
from fastapi import Request
from fastapi.params import Body
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from starlette.responses import Response

from app.api.security import StrictJSONRoute, StrictRequest

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
JSON = b"application/json"


def _parameters(endpoint: Callable[..., Any]) -> tuple[type[BaseModel], str | None]:
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


class QuickRoute(StrictJSONRoute):
    """For ``APIRouter(route_class=QuickRoute)``: endpoints of parameters and a body, all annotated.

    They are ``async``, have no dependencies, and answer with a Response.
    """

    def get_route_handler(self) -> Handler:
        """The handler: the short way, and FastAPI's for what it cannot do."""
        usual = super().get_route_handler()
        if not inspect.iscoroutinefunction(self.endpoint):
            return usual
        model, body = _parameters(self.endpoint)
        endpoint: Callable[..., Coroutine[Any, Any, Response]] = self.endpoint

        async def quick(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            try:
                values = await _given(strict, body)
                found = model.model_validate(values)
            except (ValidationError, orjson.JSONDecodeError):
                return await usual(strict)
            return await endpoint(**found.__dict__)

        return quick


async def _given(request: StrictRequest, body: str | None) -> Mapping[str, Any]:
    """What the request says, by name; later parameters of one name count, as everywhere.

    A body that is not said to be JSON is left out, and so is missing.
    """
    scope = request.scope
    values: dict[str, Any] = dict(
        parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    )
    values.update(scope["path_params"])
    if body is not None:
        values.pop(body, None)
        kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
        if kind == JSON:
            values[body] = await request.json()
    return values
