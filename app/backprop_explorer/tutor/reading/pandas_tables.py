"""Convert printed pandas Series and DataFrames to brackets, without index and header.

Only tokens are replaced. The other tokens keep their places in the text.
"""

from __future__ import annotations

import re

from backprop_explorer.tutor.reading.tokens import Source, Token

# Words that are names of arrays, not labels of rows.
_ARRAY_NAME = re.compile(
    r"[CLJxyt]|cost|loss|target|(?:d[CLJ]?[_/]?)*+(?:[azWb]|delta)_?\d++\w*+", re.IGNORECASE
)

Line = list[Token]


def replace_tables(source: Source, tokens: list[Token]) -> list[Token]:
    """Return ``tokens`` with every Series and DataFrame replaced by an array in brackets."""
    if source.text.find("\n") < 0:
        return tokens
    lines = _lines(source, tokens)
    changed = False
    for at, line in enumerate(lines):
        if _is_footer(line):
            changed |= _series(source, lines, at)
        elif header := _header(source, line):
            changed |= _frame(source, lines, at, header)
    return [token for line in lines for token in line] if changed else tokens


def _lines(source: Source, tokens: list[Token]) -> list[Line]:
    """Split the tokens into lines; an empty line has no tokens."""
    lines: list[Line] = [[]]
    end = 0
    for token in tokens:
        breaks = source.text.count("\n", end, token.start)
        if breaks:
            lines += ([] for _ in range(breaks))
        lines[-1].append(token)
        end = token.end
    return lines


def _is_footer(line: Line) -> bool:
    """Whether a line ends a Series: ``Name: b1, Length: 3, dtype: float64``."""
    return (
        len(line) >= 3
        and line[-3].text == "dtype"
        and line[-2].text == ":"
        and line[-1].kind == "name"
        and line[0].text in ("Name", "Length", "dtype")
    )


def _header(source: Source, line: Line) -> Line:
    """Return the column header in a line: numbers from 0, or indented names; else nothing."""
    first = len(line)
    while first and line[first - 1].kind == "number":
        first -= 1
    if numbers := line[first:]:
        counted = all(token.text == str(k) for k, token in enumerate(numbers))
        return numbers if counted and not _has_commas(source, numbers) else []
    if not line or _has_commas(source, line):
        return []
    start = line[0].start
    indented = start > 0 and source.text[start - 1] in " \t"
    return line if indented and all(_is_word(token) for token in line) else []


def _has_commas(source: Source, line: Line) -> bool:
    start, end = line[0].start, line[-1].end
    return source.text.find(",", start, end) >= 0 or source.text.find(";", start, end) >= 0


def _is_word(token: Token) -> bool:
    return token.kind == "name" and token.text.isidentifier()


def _is_label(token: Token) -> bool:
    return _is_word(token) and not _ARRAY_NAME.fullmatch(token.text)


def _is_position(token: Token) -> bool:
    return token.kind == "number" and token.text.isdigit()


def _series(source: Source, lines: list[Line], footer: int) -> bool:
    """Put the entries above the footer in brackets. A name may precede the first entry."""
    first = footer
    while first and (index := _index(source, lines[first - 1])):
        if first < footer and _is_position(index) != _is_position(lines[first][-2]):
            break
        first -= 1
        if len(lines[first]) > 2 or index.text == "0":
            break
    entries = lines[first:footer]
    indices = [line[-2] for line in entries]
    if not entries or len({index.text for index in indices}) < len(indices):
        return False
    if not _is_position(indices[0]) and not all(_is_label(index) for index in indices):
        return False
    for line in entries:
        del line[-2]
    entries[0].insert(-1, _bracket("[", indices[0].start))
    lines[footer][:] = [_bracket("]", lines[footer][0].start)]
    return True


def _index(source: Source, line: Line) -> Token | None:
    """Return the index of an entry of a Series: index, blanks, number; None for other lines."""
    if len(line) < 2 or line[-1].kind != "number":
        return None
    index = line[-2]
    gap = source.text[index.end : line[-1].start]
    before = source.text[index.start - 1 : index.start]
    if gap.strip(" \t") or not gap or (before and not before.isspace()):
        return None
    # With a single blank it may be the name of a number.
    return index if _is_position(index) or (_is_word(index) and len(gap) > 1) else None


def _frame(source: Source, lines: list[Line], at: int, header: Line) -> bool:
    """Put the rows below the header in brackets."""
    rows: list[Line] = []
    for below in range(at + 1, len(lines)):
        line = lines[below]
        if not _is_row(source, line, len(header), len(rows)):
            break
        if rows and _is_position(line[0]) != _is_position(rows[0][0]):
            break
        rows.append(line)
    if not rows or len({row[0].text for row in rows}) < len(rows):
        return False
    lines[at][-len(header) :] = [_bracket("[", header[0].start)]
    for row in rows:
        row[0] = _bracket("[", row[0].start)
        row.append(_bracket("]", row[-1].end))
    rows[-1].append(_bracket("]", rows[-1][-1].end))
    return True


def _is_row(source: Source, line: Line, columns: int, position: int) -> bool:
    return (
        len(line) == columns + 1
        and (line[0].text == str(position) or _is_label(line[0]))
        and all(token.kind == "number" for token in line[1:])
        and not _has_commas(source, line)
    )


def _bracket(bracket: str, at: int) -> Token:
    return Token("open" if bracket == "[" else "close", bracket, at, at)
