"""A pandas Series or DataFrame as it is printed: its values in brackets, without index and header.

Its places in the text stay where they are; only brackets are put in.
"""

from __future__ import annotations

import re

_NUMBER = r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NaN|inf)"
_FOOTER = re.compile(r"(?:Name: .*, )?(?:Length: \d+, )?dtype: \w+\s*")
_HEADER = re.compile(r"\s*0(?:[ \t]+\d+)*\s*|[ \t]+[^\W\d]\w*+(?:[ \t]++[^\W\d]\w*+)*\s*")
_ENTRY = re.compile(rf"(?P<before>.*?)(?<!\S)(?P<index>\d+)[ \t]+{_NUMBER}\s*")
_WORD_ENTRY = re.compile(rf"(?P<before>(?:.*\s)?)(?P<index>[^\W\d]\w*+)[ \t]{{2,}}{_NUMBER}\s*")
_ROW = re.compile(rf"\s*(?P<index>\d+|[^\W\d]\w*+)(?:[ \t]+{_NUMBER})+\s*", re.IGNORECASE)
# Words that are names of numbers, and no labels of rows.
_LINE = re.compile(
    r"[CLJxyt]|cost|loss|target|(?:d[CLJ]?[_/]?)*(?:[azWb]|delta)_?\d+\w*", re.IGNORECASE
)


def bracketed(text: str) -> str:
    """``text`` with every Series and DataFrame as brackets, its rows numbered or named."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if _FOOTER.fullmatch(line):
            _series(lines, at)
        elif _HEADER.fullmatch(line):
            _frame(lines, at)
    return "\n".join(lines)


def _is_label(index: str) -> bool:
    return not index.isdigit() and not _LINE.fullmatch(index)


def _series(lines: list[str], footer: int) -> None:
    """The entries above the line of the dtype; a name may stand before the first."""
    entries = _numbered(lines, footer) or _labelled(lines, footer)
    if not entries or len({entry["index"] for entry in entries}) < len(entries):
        return
    first = footer - len(entries)
    for at, entry in enumerate(entries, first):
        lines[at] = _without(lines[at], entry, "" if at > first else "[")
    lines[footer] = "]"


def _numbered(lines: list[str], footer: int) -> list[re.Match[str]]:
    first, entries = footer, []
    while first and (entry := _ENTRY.fullmatch(lines[first - 1])):
        first -= 1
        entries.append(entry)
        if entry["index"] == "0" or entry["before"].strip():
            break
    return entries[::-1]


def _labelled(lines: list[str], footer: int) -> list[re.Match[str]]:
    first, entries = footer, []
    while first and (entry := _WORD_ENTRY.fullmatch(lines[first - 1])):
        first -= 1
        entries.append(entry)
        if entry["before"].strip():
            break
    return entries[::-1] if all(_is_label(entry["index"]) for entry in entries) else []


def _frame(lines: list[str], header: int) -> None:
    """The rows below the line of the columns' numbers or names."""
    names = lines[header].split()
    columns = len(names)
    if names[0].isdigit() and names != [str(k) for k in range(columns)]:
        return
    end = header + 1
    rows: list[re.Match[str]] = []
    while end < len(lines) and (row := _ROW.fullmatch(lines[end])):
        index = row["index"]
        if index != str(len(rows)) and not _is_label(index):
            break
        if rows and index.isdigit() != rows[0]["index"].isdigit():
            break
        if len(row.group().split()) != columns + 1:
            break
        rows.append(row)
        end += 1
    if not rows or len({row["index"] for row in rows}) < len(rows):
        return
    for at, row in enumerate(rows, header + 1):
        lines[at] = _without(lines[at], row, "[") + "]"
    lines[header] = "[".rjust(len(lines[header]) - len(lines[header].lstrip()) + 1)
    lines[end - 1] += "]"


def _without(line: str, entry: re.Match[str], bracket: str) -> str:
    """The line with a bracket, if any, and blanks in place of its index."""
    start, end = entry.span("index")
    return line[:start] + bracket.ljust(end - start) + line[end:]
