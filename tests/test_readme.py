"""The README's examples run as they stand, and its links and settings exist."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"
PYTHON = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
CURL = [
    block
    for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    if block.startswith("curl")
]


def test_there_are_examples_of_each_kind() -> None:
    assert len(PYTHON) >= 3
    assert len(CURL) >= 1


@pytest.mark.parametrize("code", PYTHON, ids=range(len(PYTHON)))
def test_python_examples_run(code: str, server: str, tmp_path: Path) -> None:
    script = tmp_path / "example.py"
    script.write_text(code.replace(ADDRESS, server), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()


@pytest.mark.parametrize("command", CURL, ids=range(len(CURL)))
def test_curl_examples_are_answered(command: str, server: str) -> None:
    """Send what curl would: it is not on every machine that runs the tests."""
    words = shlex.split(command.replace("\\\n", " ").replace(ADDRESS, server))
    assert words.pop(0) == "curl"
    method, headers, data, url = "GET", {}, None, ""
    while words:
        word = words.pop(0)
        match word:
            case "-s":
                pass
            case "-X":
                method = words.pop(0)
            case "-H":
                name, value = words.pop(0).split(":", 1)
                headers[name] = value.strip()
            case "-d":
                data = words.pop(0)
            case _:
                url = word
    answer = httpx.request(method, url, headers=headers, content=data, timeout=30)
    assert answer.is_success, answer.text
    assert json.loads(answer.text)


def test_files_that_it_shows_exist() -> None:
    linked = re.findall(r"\]\(([^)#:]+)\)", README)
    named = [*linked, "CONTRIBUTING.md", "docs/decisions", "bench"]
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing == []


def test_settings_that_it_names_exist() -> None:
    fields = Settings.model_fields
    limits = type(Settings().limits).model_fields
    for name in re.findall(r"EXPLORER_([A-Z_]+)", README):
        first, _, second = name.lower().partition("__")
        assert first in fields, name
        if second:
            assert second in limits, name
