"""The documents: their links and settings exist, and README is short. Examples: test_documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backprop_explorer.settings import Settings
from tests.helpers.documents import DOCUMENTS
from tests.helpers.environment import ROOT

README_LINES = 120


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= README_LINES


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_linked_files_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    linked = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    assert [name for name in linked if not (path.parent / name).exists()] == []


def test_readme_leads_to_every_guide() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    guides = {name_of(path) for path in (ROOT / "docs").glob("*.md")}
    assert guides <= set(re.findall(r"\]\(([^)#:]+)\)", text))


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_named_settings_exist(path: Path) -> None:
    fields = Settings.model_fields
    for name in re.findall(r"EXPLORER_([A-Z][A-Z_]*[A-Z])", path.read_text(encoding="utf-8")):
        first, _, second = name.lower().partition("__")
        assert first in fields, name
        if second:
            assert second in fields[first].annotation.model_fields, name  # type: ignore[union-attr]
