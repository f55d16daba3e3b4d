"""Who may ask what: requests that other sites' pages send, and strict JSON.

All of it is plain ASGI: Starlette's BaseHTTPMiddleware adds a task and a queue to each request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterable
from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import problem
from app.api.json_errors import is_json
from app.settings import is_loopback

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

# A frame itself, and not its trace, which is asked for one at a time.
FRAME = re.compile(r"/frames/[^/]+\Z")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


_RAW_SECURITY_HEADERS = [
    (name.lower().encode("ascii"), value.encode("ascii"))
    for name, value in SECURITY_HEADERS.items()
]
_SECURITY_NAMES = frozenset(name for name, _ in _RAW_SECURITY_HEADERS)
# What only a document obeys: a hundred scripts and styles would bring 30 kB of it for nothing.
OF_DOCUMENTS = ("Content-Security-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy")
_RAW_FILE_HEADERS = [
    pair for pair in _RAW_SECURITY_HEADERS if pair[0].decode() not in map(str.lower, OF_DOCUMENTS)
]
_NO_DOCUMENTS = (b"text/javascript", b"text/css", b"font/")


class SecurityHeaders:
    """Adds SECURITY_HEADERS to every answer, errors included; to scripts, styles and fonts some."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [pair for pair in message["headers"] if pair[0] not in _SECURITY_NAMES]
                kind = next((value for name, value in others if name == b"content-type"), b"")
                fitting = (
                    _RAW_FILE_HEADERS if kind.startswith(_NO_DOCUMENTS) else _RAW_SECURITY_HEADERS
                )
                message["headers"] = [*others, *fitting]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class SameOriginWrites:
    """Refuses methods that may change something when another site's page sends them.

    Browsers say so themselves: Sec-Fetch-Site where they have it, else Origin. A request with
    neither comes from a script, and must have a content type that no page can send unasked.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            refusal = refuse_write(Headers(scope=scope))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)


def refuse_write(headers: Headers) -> Response | None:
    """Return the refusal of an unsafe method with these headers, or None if it may go on."""
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if site is not None:
        from_here = site in ("same-origin", "none")
    elif origin is not None:
        # A proxy that names itself to this server keeps the browser's Host here. Pages of other
        # sites cannot send this header: it needs a preflight, which is not granted.
        hosts = (headers.get("host", ""), headers.get("x-forwarded-host", ""))
        from_here = any(_is_origin_of(origin, host) for host in hosts)
    elif _needs_preflight(headers.get("content-type", "")):
        from_here = True
    else:
        return problem(
            415, "Send the body as JSON, with the header Content-Type: application/json."
        )
    if from_here:
        return None
    return problem(
        403,
        "Pages of other sites may not change anything here.",
        kind="urn:backprop-explorer:cross-site",
    )


def _is_origin_of(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:  # such as an unfinished IPv6 address
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower() != ""


def _needs_preflight(content_type: str) -> bool:
    """A form can send text/plain, multipart and urlencoded; other types need our leave (CORS)."""
    return is_json(content_type) or content_type.partition(";")[0].strip().lower() == "text/csv"


class BodySize:
    """Answers a body that is announced as too large before a byte of it is read.

    FastAPI's max_body_size counts the bytes of the bodies that announce nothing, but answers an
    announced one in plain text.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            found = (value for name, value in scope["headers"] if name == b"content-length")
            announced = next(found, b"0").decode("latin-1")
            # The server has checked that these are digits; a few of them are enough to compare.
            if announced.isdecimal() and int(announced[:20]) > self.max_bytes:
                refusal = problem(
                    413,
                    f"The body may have at most {self.max_bytes:,} bytes.",
                    kind="urn:backprop-explorer:limit-exceeded",
                )
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)


class Compression:
    """Compresses answers of more than 1 kB with gzip at its quickest level.

    Measured on 54 kB of JSON numbers: gzip 1 takes 0.4 ms and halves it; brotli 1 takes 0.3 ms and
    saves 8 % more, but browsers offer brotli only over TLS and to localhost, so that a classroom
    network would get nothing of it. Frames for the same machine go as they are: while a training
    plays there are many a second, and packing what never leaves the memory saves nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.compressed = GZipMiddleware(app, minimum_size=1024, compresslevel=1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif not _takes_gzip(scope["headers"]):
            await self.app(scope, receive, _varying(send))
        else:
            local_frame = FRAME.search(scope["path"]) is not None and is_loopback(
                (scope.get("client") or ("", 0))[0]
            )
            await (self.app if local_frame else self.compressed)(scope, receive, send)


def _takes_gzip(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in headers)


def _varying(send: Send) -> Send:
    """Sends what somebody else may be sent compressed; a cache must know of that."""

    async def send_varying(message: Message) -> None:
        if message["type"] == "http.response.start":
            names = {name for name, _ in message["headers"]}
            if names.isdisjoint((b"vary", b"content-encoding")):
                message["headers"] = [*message["headers"], (b"vary", b"Accept-Encoding")]
        await send(message)

    return send_varying


class StrictRequest(Request):
    """A request whose JSON is read by orjson.

    Unlike the standard library it refuses NaN and Infinity, numbers beyond a double (1e999), lone
    surrogates and nesting beyond 1,024 levels, and it is four times as fast on matrices. Its error
    is a json.JSONDecodeError, which FastAPI turns into a 422.
    """

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = orjson.loads(await self.body())
        return self._json


class StrictJSONRoute(APIRoute):
    """For ``APIRouter(route_class=StrictJSONRoute)``: bodies are read by StrictRequest."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict
