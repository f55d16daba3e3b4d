"""The README's links and settings exist; its examples run in ``test_documents.py``."""

from __future__ import annotations

import re
from pathlib import Path

from backprop_explorer.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_files_that_it_shows_exist() -> None:
    linked = re.findall(r"\]\(([^)#:]+)\)", README)
    named = [*linked, "CONTRIBUTING.md", "docs/decisions", "bench"]
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing == []


def test_settings_that_it_names_exist() -> None:
    for name in re.findall(r"EXPLORER_([A-Z_]+)", README):
        first, _, second = name.lower().partition("__")
        assert first in Settings.model_fields, name
        if second:
            assert second in type(getattr(Settings(), first)).model_fields, name
