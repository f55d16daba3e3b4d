"""The reply of a task: an encoded HTTP answer that the web process sends."""

from __future__ import annotations

from typing import Any, NamedTuple

from backprop_explorer.compute.encoding import dumps, typed_all


class Reply(NamedTuple):
    """Body, status and headers of an answer."""

    body: bytes
    status: int = 200
    media_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


def json_reply(content: Any, arrays: str = "lists", status: int = 200) -> Reply:
    """Encode ``content`` as JSON. ``arrays`` is "lists" or "base64"."""
    return Reply(dumps(typed_all(content) if arrays == "base64" else content), status)
