"""The path prefix at which a reverse proxy serves the program, such as /user/name/proxy/8000.

Pages and redirects use relative addresses, so that a proxy that removes the prefix needs no
setting. EXPLORER_ROOT_PATH is for a proxy that leaves it in the requests.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backprop_explorer.settings import ROOT_PATH

# The prefix of this request, as far as the proxy or the setting tells it.
PREFIX = "explorer.prefix"


class PathPrefix:
    """ASGI middleware: removes ``root_path`` from paths, and makes Location headers fit the prefix.

    What stands in ``Location`` as an absolute path gets the prefix of X-Forwarded-Prefix, which
    jupyter-server-proxy and Traefik send, or of ``root_path``. Starlette's redirects, which name
    the path that it knows, become relative.
    """

    def __init__(self, app: ASGIApp, root_path: str = "", *, required: bool = False) -> None:
        self.app = app
        self.required = required
        self.root_path = root_path
        self.decoded = unquote(root_path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self.required and not f"{scope['path']}/".startswith(f"{self.decoded}/"):
            await Response(status_code=404)(scope, receive, send)
            return
        prefix = self._remove(scope)
        if scope["path"] == "":
            # Relative addresses need the slash: without it they would leave the prefix.
            location = f"./{self.root_path.rpartition('/')[2]}/"
            await Response(status_code=307, headers={"Location": location})(scope, receive, send)
            return
        scope[PREFIX] = prefix

        async def send_fitting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (201, 307):
                message["headers"] = [
                    (name, fitting(value.decode("latin-1"), scope).encode("latin-1"))
                    if name == b"location"
                    else (name, value)
                    for name, value in message["headers"]
                ]
            await send(message)

        await self.app(scope, receive, send_fitting)

    def _remove(self, scope: Scope) -> str:
        """Remove ``root_path`` from the scope's paths if it is there, and return the prefix."""
        path = scope["path"]
        if not self.root_path or not f"{path}/".startswith(f"{self.decoded}/"):
            return forwarded_prefix(scope)
        # In place: middleware outside of this looks up the route in this scope.
        scope["path"] = path[len(self.decoded) :]
        segments = raw_path(scope).split(b"/", self.root_path.count("/") + 1)
        scope["raw_path"] = b"/" + segments[-1] if scope["path"] else b""
        return self.root_path


def raw_path(scope: Scope) -> bytes:
    """Return the path as it was sent: an encoded slash in it is no level of the page's address."""
    path: bytes | None = scope.get("raw_path")
    return scope["path"].encode() if path is None else path


def root_of(scope: Scope) -> str:
    """Return the relative address of the program's root, seen from this request's address."""
    return "../" * (raw_path(scope).count(b"/") - 1) or "./"


def forwarded_prefix(scope: Scope) -> str:
    """Return X-Forwarded-Prefix if it is a path, else ""."""
    values = (value for name, value in scope["headers"] if name == b"x-forwarded-prefix")
    prefix = next(values, b"").decode("latin-1").rstrip("/")
    return prefix if ROOT_PATH.fullmatch(prefix) else ""


def fitting(location: str, scope: Scope) -> str:
    """Return a Location header as the client has to read it."""
    if location.startswith("/"):
        return f"{scope[PREFIX]}{location}"
    parts = urlsplit(location)
    if not parts.netloc:
        return location
    # Starlette adds or removes a slash at the end.
    last = parts.path.rstrip("/").rpartition("/")[2]
    raw = raw_path(scope)
    levels = "../" * (len(raw) - len(raw.rstrip(b"/"))) or "./"
    slash = "/" if parts.path.endswith("/") else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{levels}{last}{slash}{query}"
