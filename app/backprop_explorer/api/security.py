"""Middleware that refuses cross-site writes or compresses answers.

The middleware is plain ASGI: Starlette's BaseHTTPMiddleware adds a task and a queue per request.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipResponder, IdentityResponder
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from backprop_explorer.api.content_coding import IDENTITY, AcceptedCodings
from backprop_explorer.api.errors import problem
from backprop_explorer.api.invalid_fields import is_json
from backprop_explorer.host_names import is_loopback
from backprop_explorer.texts import api as texts

# The path of a frame (not of its trace) or of several steps.
FRAME = re.compile(r"/(frames/[^/]+|steps)\Z")
COMPRESSED_FROM_BYTES = 1024
# Headers that a proxy adds, besides X-Forwarded-…: the client's address is not the browser's.
PROXIED = frozenset({"forwarded", "via", "x-real-ip"})


SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Refusals:
    """Refuses writes from other sites, and bodies that are too large, before a body is read."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.app
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            write = scope["method"] not in SAFE_METHODS
            refusal = (refuse_write(headers) if write else None) or self._too_large(headers)
            app = refusal or app
        await app(scope, receive, send)

    def _too_large(self, headers: Headers) -> Response | None:
        """Return status 413 if Content-Length is too large.

        ``HeldBodies`` counts the bytes of bodies without Content-Length.
        """
        announced = headers.get("content-length", "0")
        # Some digits are enough to compare; int() of very many would take long.
        if not announced.isdecimal() or int(announced[:20]) <= self.max_bytes:
            return None
        return problem(
            413, texts.body_too_large(self.max_bytes), kind="urn:backprop-explorer:limit-exceeded"
        )


def refuse_write(headers: Headers) -> Response | None:
    """Return the refusal of an unsafe method that another site's page sends (CSRF), or None.

    Browsers send Sec-Fetch-Site, older ones Origin. A request with neither comes from a script. It
    must have a content type that a page can send to another site only after a preflight (CORS).
    """
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if site is not None:
        from_here = site in ("same-origin", "none")
    elif origin is not None:
        # A proxy that names itself to this server keeps the browser's Host here. Pages of other
        # sites cannot send this header: it needs a preflight, which is not granted.
        hosts = (headers.get("host", ""), headers.get("x-forwarded-host", ""))
        from_here = any(_is_origin_of(origin, host) for host in hosts)
    else:
        # Without a preflight (CORS), pages send only text/plain, multipart and urlencoded bodies.
        kind = headers.get("content-type", "")
        from_here = is_json(kind) or kind.partition(";")[0].strip().lower() == "text/csv"
        if not from_here:
            return problem(415, texts.SEND_JSON)
    if from_here:
        return None
    return problem(403, texts.OTHER_SITE, kind="urn:backprop-explorer:cross-site")


def _is_origin_of(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:  # such as an unfinished IPv6 address
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower() != ""


class Compression:
    """Compresses answers with gzip level 1 if the client accepts it.

    Measured on 54 kB of JSON numbers: gzip 1 takes 0.4 ms and halves the size; brotli 1 takes
    0.3 ms and saves 8 % more. But browsers accept brotli only over TLS and from localhost, not in
    a classroom network without TLS. Frames for a browser on the same machine are not compressed:
    the page requests many a second, and they do not pass a network. Requests of a local proxy do
    not count as such.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        accepted = AcceptedCodings(headers)
        least = COMPRESSED_FROM_BYTES if accepted.identity else 0
        local_frame = accepted.identity and _is_played(scope) and _is_local(scope, headers)
        responder: ASGIApp
        # Starlette's GZipMiddleware ignores "gzip;q=0", so only its responders are used.
        if local_frame or accepted.choose(("gzip",)) == IDENTITY:
            responder = IdentityResponder(self.app, least)
        else:
            responder = GZipResponder(self.app, least, compresslevel=1)
        await responder(scope, receive, send)


def _is_played(scope: Scope) -> bool:
    """Tell whether it asks for a frame, or several steps, as in playing.

    A single step comes with its working, when a page opens or someone steps: compressing it takes
    a millisecond, and a page that opens is smaller.
    """
    path = FRAME.search(scope["path"])
    return path is not None and (path[1] != "steps" or b"count=" in scope["query_string"])


def _is_local(scope: Scope, headers: Headers) -> bool:
    """Tell whether the request shows that the browser runs on this machine.

    A proxy on this machine has a loopback address, too. It passes on the browser's Host, or adds a
    header, or sends HTTP/1.0 or Connection: close as nginx does by default. In doubt the answer is
    False, so that the answer is compressed.
    """
    client, _ = scope.get("client") or ("", 0)
    host = headers.get("host", "").removesuffix(".")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return (
        is_loopback(client)
        and is_loopback(name)
        and scope["http_version"] != "1.0"
        and headers.get("connection", "").lower() != "close"
        and PROXIED.isdisjoint(headers)
        and not any(each.startswith("x-forwarded-") for each in headers)
    )
