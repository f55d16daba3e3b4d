"""Middleware that sets the headers of every answer: security, request id, timing."""

from __future__ import annotations

import time
from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backprop_explorer.compute.logs import REQUEST_ID

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
        # a student's page shows a program in a frame
        "frame-src 'self'",
        "frame-ancestors 'self'",
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
# Browsers apply these three headers to documents only. A page loads about 100 scripts and styles:
# leaving the headers out there saves 30 kB.
OF_DOCUMENTS = ("Content-Security-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy")
NO_DOCUMENTS = (b"text/javascript", b"text/css", b"font/")

RAW_SECURITY_HEADERS = [
    (name.lower().encode("ascii"), value.encode("ascii"))
    for name, value in SECURITY_HEADERS.items()
]
_RAW_FILE_HEADERS = [
    pair for pair in RAW_SECURITY_HEADERS if pair[0].decode() not in map(str.lower, OF_DOCUMENTS)
]
_ID, _TIMING = b"x-request-id", b"server-timing"
_OWN_NAMES = frozenset((*(name for name, _ in RAW_SECURITY_HEADERS), _ID, _TIMING))


class ResponseHeaders:
    """Sets SECURITY_HEADERS, X-Request-Id and Server-Timing on every answer, errors included.

    Server-Timing is the time in milliseconds until the answer began.
    """

    def __init__(self, app: ASGIApp, frame_ancestors: Sequence[str] = ()) -> None:
        self.app = app
        policy = CONTENT_SECURITY_POLICY
        if frame_ancestors:
            own = () if "*" in frame_ancestors else ("'self'",)
            allowed = f"frame-ancestors {' '.join((*own, *frame_ancestors))}"
            policy = policy.replace("frame-ancestors 'self'", allowed)
        name = b"content-security-policy"
        self.headers = [
            (key, policy.encode("ascii") if key == name else value)
            for key, value in RAW_SECURITY_HEADERS
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [pair for pair in message["headers"] if pair[0] not in _OWN_NAMES]
                kind = next((value for name, value in others if name == b"content-type"), b"")
                request_id = REQUEST_ID.get()
                spent = 1000 * (time.perf_counter() - began)
                message["headers"] = [
                    *others,
                    *(_RAW_FILE_HEADERS if kind.startswith(NO_DOCUMENTS) else self.headers),
                    *([] if request_id is None else [(_ID, request_id.encode("latin-1"))]),
                    (_TIMING, f"total;dur={spent:.2f}".encode("latin-1")),
                ]
            await send(message)

        await self.app(scope, receive, send_with_headers)
