"""The page's modules that need no page are tested by Node's own test runner: tests/js."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

FILES = sorted((ROOT / "tests" / "js").rglob("*.test.js"))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``node`` of the PATH or, where that has none that is new enough, of this environment."""
    return subprocess.run(
        ["sh", "scripts/node.sh", sys.prefix, "node", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_every_module_passes_its_tests() -> None:
    quiet = "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"
    done = run(quiet, "--test-reporter=tap", "tests/js/run.js", *map(str, FILES))
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed is not None, done.stdout + done.stderr
    assert int(passed[1]) >= len(FILES) > 0


def test_lines_have_at_most_100_characters() -> None:
    """Strings and comments too, which the formatter leaves as they are."""
    sources = [
        *(ROOT / "static" / "js").rglob("*.js"),
        *(ROOT / "templates").rglob("*.html"),
        *(path for path in (ROOT / "static" / "css").glob("*.css") if path.name != "plotly.css"),
    ]
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 100
    ]
    assert long == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_test_file_is_named_after_its_module(path: object) -> None:
    name = str(path).replace("/tests/js/", "/static/js/").replace(".test.js", ".js")
    assert (ROOT / name).is_file()
