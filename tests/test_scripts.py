"""The page's modules that need no page are tested by Node's own test runner: tests/js."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.helpers.environment import ROOT

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


def anys_without_a_reason(source: str) -> list[str]:
    """The comments of a script that have the type ``any`` and do not say why.

    A reason is "any: of the route", or words after a type alone. A script of types may give one for
    all in its first comment.
    """
    if "`any` is used for" in source:
        return []
    comments = re.findall(r"/\*\*.*?\*/", source, re.DOTALL)
    lines = [re.sub(r"\s*\*?\s+", " ", comment) for comment in comments]
    return [
        line
        for line in lines
        if re.search(r"\{[^@]*\bany\b[^@]*\}", line)
        and not re.search(r"\bany: \w|@(type|typedef) \{.*\} \w+ \w", line)
    ]


def test_any_has_a_reason() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {comment}"
        for path in (ROOT / "static" / "js").rglob("*.js")
        for comment in anys_without_a_reason(path.read_text())
    ]
    assert found == []
    assert len(anys_without_a_reason("/** @param {any} x */")) == 1
    assert len(anys_without_a_reason("/** @type {Record<string, any>} */")) == 1
    assert anys_without_a_reason("/** @param {any} x any: from a file */") == []
    assert anys_without_a_reason("/** @param {number} x any number */") == []


def test_a_test_file_is_named_after_its_module() -> None:
    for path in FILES:
        name = str(path).replace("/tests/js/", "/static/js/").replace(".test.js", ".js")
        assert (ROOT / name).is_file(), name


# What only a page has, and the modules that make elements.
OF_THE_PAGE = re.compile(
    r"\b(document|window|navigator|location|localStorage|addEventListener|matchMedia|getComputedStyle|querySelector\w*|\w*Element)\b"
    r"|/ui/|^import .*\./(dom|theme)\.js",
    re.MULTILINE,
)


def test_every_module_that_needs_no_page_has_a_test() -> None:
    """Those with a function; texts are used by those that show them."""
    tested = {path.relative_to(ROOT / "tests/js").as_posix() for path in FILES}
    missing = []
    for path in (ROOT / "static/js").rglob("*.js"):
        name = path.relative_to(ROOT / "static/js").as_posix()
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.DOTALL)
        if name.startswith("text/") or OF_THE_PAGE.search(code):
            continue
        if re.search(r"=>|\bfunction\b", code) and name.replace(".js", ".test.js") not in tested:
            missing.append(name)
    assert missing == []
