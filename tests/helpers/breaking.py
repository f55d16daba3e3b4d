"""Breaking one operation on purpose."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from backprop_explorer.engine.ops import OPS


def break_operation(
    monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[Callable[..., Any]], Any]
) -> None:
    """Put ``change(the right compute)`` in the place of an operation's compute."""
    operation = OPS[name]
    broken = dataclasses.replace(operation, compute=change(operation.compute))
    monkeypatch.setitem(OPS._entries, name, broken)
