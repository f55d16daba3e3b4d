"""What a task returns for the web process to send."""

from __future__ import annotations

from typing import Any, NamedTuple

from backprop_explorer.compute.encoding import dumps, typed_all
from backprop_explorer.experiments.explorer import Progress


class Reply(NamedTuple):
    """An encoded answer."""

    body: bytes
    status: int = 200
    media_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


def json_reply(content: Any, arrays: str = "lists", status: int = 200) -> Reply:
    """``content`` as JSON, its arrays as lists or base64."""
    return Reply(dumps(typed_all(content) if arrays == "base64" else content), status)


def progress_reply(progress: Progress) -> Reply:
    """202: the step is too far for one slice; asking again continues."""
    return Reply(dumps({"reached": progress.reached, "target": progress.target}), 202)
