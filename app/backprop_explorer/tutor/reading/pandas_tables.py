"""Convert printed pandas Series and DataFrames to brackets, without index and header.

Only tokens are replaced. The other tokens keep their places in the text.
"""

from __future__ import annotations

import re

from backprop_explorer.tutor.reading.tokens import Token

# Words that are names of arrays, not labels of rows.
_ARRAY_NAME = re.compile(
    r"[CLJxyt]|cost|loss|target|(?:d[CLJ]?[_/]?)*+(?:[azWb]|delta)_?\d++\w*+", re.IGNORECASE
)

Line = list[Token]


def replace_tables(tokens: list[Token]) -> list[Token]:
    """Return ``tokens`` with every Series and DataFrame replaced by an array in brackets."""
    lines: list[Line] = [[]]  # an empty line has no tokens
    for token in tokens:
        lines += ([] for _ in range(token.before.count("\n")))
        lines[-1].append(token)
    for at, line in enumerate(lines):
        if _is_footer(line):
            _series(lines, at)
        elif header := _header(line):
            _frame(lines, at, header)
    return [token for line in lines for token in line]


def _is_footer(line: Line) -> bool:
    """Whether a line ends a Series: ``Name: b1, Length: 3, dtype: float64``."""
    ends = [token.text for token in line[-3:-1]] == ["dtype", ":"] and line[-1].kind == "name"
    return ends and line[0].text in ("Name", "Length", "dtype")


def _header(line: Line) -> Line:
    """Return the column header in a line: numbers from 0, or indented names; else nothing."""
    first = len(line)
    while first and line[first - 1].kind == "number":
        first -= 1
    if numbers := line[first:]:
        counted = all(token.text == str(k) for k, token in enumerate(numbers))
        return numbers if counted and not _has_commas(numbers) else []
    indented = bool(line) and line[0].before.endswith((" ", "\t"))
    return line if indented and not _has_commas(line) and all(t.is_word for t in line) else []


def _has_commas(line: Line) -> bool:
    return any("," in token.before or ";" in token.before for token in line[1:])


def _is_label(token: Token) -> bool:
    return token.is_word and not _ARRAY_NAME.fullmatch(token.text)


def _is_position(token: Token) -> bool:
    return token.kind == "number" and token.text.isdigit()


def _series(lines: list[Line], footer: int) -> None:
    """Put the entries above the footer in brackets. A name may precede the first entry."""
    first = footer
    while first and (index := _index(lines[first - 1])):
        if first < footer and _is_position(index) != _is_position(lines[first][-2]):
            break
        first -= 1
        if len(lines[first]) > 2 or index.text == "0":
            break
    entries = lines[first:footer]
    indices = [line[-2] for line in entries]
    if not entries or len({index.text for index in indices}) < len(indices):
        return
    if not _is_position(indices[0]) and not all(map(_is_label, indices)):
        return
    for line in entries:
        del line[-2]
    entries[0].insert(-1, _bracket("[", indices[0]))
    lines[footer][:] = [_bracket("]", lines[footer][0])]


def _index(line: Line) -> Token | None:
    """Return the index of an entry of a Series: index, blanks, number; None for other lines."""
    if len(line) < 2 or line[-1].kind != "number":
        return None
    index, gap = line[-2], line[-1].before
    apart = index.before or index.start == 0
    if not gap or gap.strip(" \t") or not apart or index.before.endswith((",", ";")):
        return None
    # With a single blank it may be the name of a number.
    return index if _is_position(index) or (index.is_word and len(gap) > 1) else None


def _frame(lines: list[Line], at: int, header: Line) -> None:
    """Put the rows below the header in brackets."""
    rows: list[Line] = []
    for line in lines[at + 1 :]:
        if not _is_row(line, len(header), len(rows)):
            break
        if rows and _is_position(line[0]) != _is_position(rows[0][0]):
            break
        rows.append(line)
    if not rows or len({row[0].text for row in rows}) < len(rows):
        return
    lines[at][-len(header) :] = [_bracket("[", header[0])]
    for row in rows:
        end = Token("close", "]", row[-1].end, row[-1].end)
        row[0] = _bracket("[", row[0])
        row += [end, end] if row is rows[-1] else [end]


def _is_row(line: Line, columns: int, position: int) -> bool:
    return (
        len(line) == columns + 1
        and (line[0].text == str(position) or _is_label(line[0]))
        and all(token.kind == "number" for token in line[1:])
        and not _has_commas(line)
    )


def _bracket(bracket: str, of: Token) -> Token:
    kind = "open" if bracket == "[" else "close"
    return Token(kind, bracket, of.start, of.start, of.before)
