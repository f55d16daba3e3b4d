"""A pandas Series or DataFrame as it is printed: its values in brackets, without index and header.

Its places in the text stay where they are; only brackets are put in.
"""

from __future__ import annotations

import re

_NUMBER = r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NaN|inf)"
_FOOTER = re.compile(r"(?:Name: .*, )?(?:Length: \d+, )?dtype: \w+\s*")
_HEADER = re.compile(r"\s*0(?:[ \t]+\d+)*\s*")
_ENTRY = re.compile(rf"(?P<before>.*?)(?<!\S)(?P<index>\d+)[ \t]+{_NUMBER}\s*")
_ROW = re.compile(rf"\s*(?P<index>\d+)(?:[ \t]+{_NUMBER})+\s*", re.IGNORECASE)


def bracketed(text: str) -> str:
    """``text`` with every Series and DataFrame, rows and columns numbered, as brackets."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if _FOOTER.fullmatch(line):
            _series(lines, at)
        elif _HEADER.fullmatch(line):
            _frame(lines, at)
    return "\n".join(lines)


def _series(lines: list[str], footer: int) -> None:
    """The entries above the line of the dtype; a name may stand before the first."""
    first, entries = footer, []
    while first and (entry := _ENTRY.fullmatch(lines[first - 1])):
        first -= 1
        entries.append(entry)
        if entry["index"] == "0" or entry["before"].strip():
            break
    entries.reverse()
    if not entries or len({entry["index"] for entry in entries}) < len(entries):
        return
    for at, entry in enumerate(entries, first):
        lines[at] = _without(lines[at], entry, "" if at > first else "[")
    lines[footer] = "]"


def _frame(lines: list[str], header: int) -> None:
    """The rows below the line of column numbers."""
    columns = len(lines[header].split())
    if lines[header].split() != [str(k) for k in range(columns)]:
        return
    end = header + 1
    while end < len(lines) and (row := _ROW.fullmatch(lines[end])):
        if row["index"] != str(end - header - 1) or len(row.group().split()) != columns + 1:
            break
        lines[end] = _without(lines[end], row, "[") + "]"
        end += 1
    if end > header + 1:
        lines[header] = "[".rjust(len(lines[header]) - len(lines[header].lstrip()) + 1)
        lines[end - 1] += "]"


def _without(line: str, entry: re.Match[str], bracket: str) -> str:
    """The line with a bracket, if any, and blanks in place of its index."""
    start, end = entry.span("index")
    return line[:start] + bracket.ljust(end - start) + line[end:]
