"""The Host header: which names and addresses requests may ask for."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backprop_explorer.api.errors import problem, wants_page
from backprop_explorer.api.security import SAFE_METHODS
from backprop_explorer.texts import api as texts

# Letter cases and ports make many headers of one name.
MOST_SEEN = 100


@dataclass(eq=False)
class KnownHosts:
    """Starlette's TrustedHostMiddleware, with an answer that says what to do.

    Against DNS rebinding: a page at evil.example whose name suddenly means 127.0.0.1 is "same
    origin" to the browser, but its requests still say ``Host: evil.example``.

    ``own_addresses``: the address at which a connection arrived is known too. It is no name that
    a resolver could change, and it may be new: a laptop joins the network after the start.
    ``page``: makes the answer for browsers. ``open_path``: a file that this page needs.
    """

    app: ASGIApp
    allowed_hosts: Sequence[str]
    _: KW_ONLY
    own_addresses: bool = False
    page: Callable[[Scope], Response] | None = None
    open_path: str | None = None
    # Host headers as they were sent: few differ, and fewer are let in.
    _seen: set[bytes] = field(default_factory=set, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = next((value for name, value in scope.get("headers", ()) if name == b"host"), b"")
        if host in self._seen:
            await self.app(scope, receive, send)
            return
        accepted = False

        async def accept(scope: Scope, receive: Receive, _send: Send) -> None:
            nonlocal accepted
            accepted = True
            if scope["type"] == "http":
                self._remember(host)
            await self.app(scope, receive, send)

        async def discard(_message: Message) -> None:
            """Drop the answer of Starlette; ours follows."""

        check = TrustedHostMiddleware(accept, self.allowed_hosts, www_redirect=False)
        await check(scope, receive, discard)
        if accepted:
            return
        if self.own_addresses and _is_address_of(host, scope):
            self._remember(host)
            await self.app(scope, receive, send)
        elif scope["path"] == self.open_path and scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send)
        else:
            await self._refusal(scope)(scope, receive, send)

    def _remember(self, host: bytes) -> None:
        if len(self._seen) < MOST_SEEN:
            self._seen.add(host)

    def _refusal(self, scope: Scope) -> Response:
        if self.page is not None and wants_page(scope):
            return self.page(scope)
        return problem(400, texts.UNKNOWN_HOST, kind="urn:backprop-explorer:unknown-host")


def _is_address_of(host: bytes, scope: Scope) -> bool:
    """Tell whether a Host header is the address at which this request's connection arrived."""
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::[0-9]+)?", host.decode("latin-1"))
    server = scope.get("server")
    if match is None or not server:
        return False
    try:
        asked, own = (ipaddress.ip_address(each) for each in (match[1] or match[2], server[0]))
    except ValueError:  # no address after all, or a path: the server listens on a Unix socket
        return False
    # A socket for both versions of IP has the address of an IPv4 connection as ::ffff:192.168.1.5.
    return asked in (own, getattr(own, "ipv4_mapped", None))
