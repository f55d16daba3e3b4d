"""Examples in the project's documents: found, and applied to a copy of the project."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path
from typing import NamedTuple

from tests.helpers.environment import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
# The first line of an example that changes a file says where its text belongs.
_PLACE = re.compile(r"# ([\w./]+), (before|in) (\w+)\n")


class Example(NamedTuple):
    """A fenced block of a document."""

    document: str
    number: int
    language: str
    text: str

    @property
    def is_change(self) -> bool:
        """Whether it is a piece of a file, and no program."""
        return _PLACE.match(self.text) is not None


def examples() -> list[Example]:
    """All fenced blocks of all documents, in order."""
    return [
        Example(path.relative_to(ROOT).as_posix(), number, *found)
        for path in DOCUMENTS
        for number, found in enumerate(_FENCED.findall(path.read_text(encoding="utf-8")))
    ]


def copy_project(folder: Path) -> Path:
    """A project whose code and tests can be changed; everything else links to this one.

    The cache is linked too: the files that the server compresses are not compressed again. Compiled
    modules are copied, but not those that another test process is just writing.
    """
    (ROOT / ".cache").mkdir(exist_ok=True)
    for name in ("app", "tests"):
        ignored = shutil.ignore_patterns("*.pyc.*")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("static", "templates", "docs", "pyproject.toml", "README.md", ".cache"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def apply(change: Example, project: Path) -> None:
    """Put the text of an example into the file, and before or into the table, that it names."""
    place = _PLACE.match(change.text)
    assert place is not None
    name, how, table = place.groups()
    file = project / name
    text, added = file.read_text(encoding="utf-8"), change.text[place.end() :]
    starts = re.search(rf"^{table}\b.* = .*[({{]$", text, flags=re.MULTILINE)
    assert starts is not None, f"{name} has no table {table}"
    if how == "before":
        at, added = starts.start(), f"{added}\n\n"
    else:
        # Keyword arguments of a table stand behind its entries.
        end = re.compile(r"^(?:    \w+=.*,\n)*[)}]$", flags=re.MULTILINE)
        closing = end.search(text, starts.end())
        assert closing is not None
        at = closing.start()
        added = _indented(added.rstrip().removesuffix(",") + ",\n")
    file.write_text(text[:at] + added + text[at:], encoding="utf-8")


def _indented(entry: str) -> str:
    """An entry of a table; lines within triple quotes, the last of them included, stay."""
    lines, quoted = [], False
    for line in entry.splitlines(keepends=True):
        lines.append(line if quoted else textwrap.indent(line, "    "))
        quoted ^= line.count('"""') % 2 == 1
    return "".join(lines)
