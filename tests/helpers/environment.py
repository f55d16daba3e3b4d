"""The environment of tests and of the programs they start, without the user's settings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of this process without the user's EXPLORER_ settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("EXPLORER_") or name == "EXPLORER_CHROMIUM"
    }
    # The folder outlives the run: what takes seconds to make is made in the first run alone.
    return {**kept, "XDG_CACHE_HOME": str(ROOT / ".cache"), **changes}


def without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the user's settings, and use the checkout's folder for caches."""
    for variable in list(os.environ):
        if variable.startswith("EXPLORER_") and variable != "EXPLORER_CHROMIUM":
            monkeypatch.delenv(variable)
    monkeypatch.setenv("XDG_CACHE_HOME", str(ROOT / ".cache"))
