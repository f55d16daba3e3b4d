"""Layouts of other tools, written as NumPy and spreadsheets do: R, MATLAB, LaTeX, Julia, Markdown.

Characters are replaced by as many others, so that places in messages stay correct.
"""

from __future__ import annotations

import re

_COLORS = re.compile(r"\x1b\[[\d;]*+[A-Za-z]")
# The prompt before a name alone in its line, whose value follows: "> W1", "julia> W1".
_ASKED = re.compile(
    r"^(?:>{1,2}|julia>|octave:\d{1,4}>)(?=[ \t]*+[^\W\d]\w*+[ \t]*+$)", re.MULTILINE
)
# R: the numbers of columns, those of rows, and those of the first entry of a line of a vector.
_R_COLUMNS = re.compile(r"^[ \t]*+(?:\[,\d{1,4}\][ \t]*+)++\n", re.MULTILINE)
_R_ROW = re.compile(r"^[ \t]*+\[\d{1,4},\]", re.MULTILINE)
_R_FIRST = re.compile(r"^[ \t]*+\[1\](?=[ \t]++[-+\d.])", re.MULTILINE)
_R_LATER = re.compile(r"\n[ \t]*+\[\d{1,4}\](?=[ \t]++[-+\d.])")
_JULIA = re.compile(
    r"^(?:\d{1,6}(?:×\d{1,6})?+|\d{1,6}-element)[ \t](?:Matrix|Vector|Array)\{[\w, ]*+\}:?+\n",
    re.MULTILINE,
)
_LATEX = re.compile(r"\\(?:begin|end)\{[bpvBV]?matrix\*?\}|\\left[(\[]|\\right[)\]]|\$\$?")
_LATEX_END = re.compile(r"\\\\(?=[ \t]*+\n)")
_LATEX_GRADIENT = re.compile(
    r"\\frac\{\\partial[ ]?(\w)\}\{\\partial[ ]?([A-Za-z])(?:[_^]\{?\(?(\w{1,3})\)?\}?)?\}"
)
_LATEX_INDEX = re.compile(r"[_^](?:\{\(?(\w{1,3})\)?\}|\((\w{1,3})\))(?=[ \t]*+=)")
_TABLE = re.compile(r"^[ \t]*+\|[^\n]*\|[ \t]*+$", re.MULTILINE)
_TABLE_RULE = re.compile(r"^[ \t]*+\|(?:[ \t]*+:?+-++:?+[ \t]*+\|)++[ \t]*+\n", re.MULTILINE)
# A name and the empty line below it, before a table.
_BOLD = re.compile(r"^\*\*(\w++)(\*\*:?+)\n\n(?=[ \t]*+\|)", re.MULTILINE)
# Braces, and what is no part of an array.
_BRACE = re.compile(r"[{}]|[^-+\d.eE,\s{}]++")
_ROWS = re.compile(r"\[([^\[\]\n;A-DF-Za-df-z]*+(?:;[^\[\];A-DF-Za-df-z]*+)++)\]")
_POINT = re.compile(r"\d\.|\.\d")


def usual_layout(text: str) -> str:
    """Return a text of the same length in which arrays of other tools are as those of NumPy."""
    if "\x1b" in text:
        text = _COLORS.sub(_blank, text)
    if ">" in text:
        text = _ASKED.sub(_blank, text)
    if "]" in text:
        # A line that is taken out leaves no empty one between a name and its numbers.
        text = _R_COLUMNS.sub(_blank, text)
        text = _R_ROW.sub(_blank, text)
        if _R_FIRST.search(text):
            text = _R_LATER.sub(_blank, _R_FIRST.sub(_blank, text))
        if ";" in text:
            text = _ROWS.sub(_rows, text)
    if "{" in text:
        text = _JULIA.sub(_blank, text)
        text = _without_braces(text)
    if "matrix}" in text:
        text = _LATEX_GRADIENT.sub(lambda m: f"d{m[1]}_d{m[2]}{m[3] or ''}".ljust(len(m[0])), text)
        text = _LATEX_INDEX.sub(lambda m: f"_{m[1] or m[2]}".ljust(len(m[0])), text)
        text = _LATEX_END.sub(_blank, _LATEX.sub(_blank, text))
        text = text.replace("\\\\", "\n ").replace("&", " ")
    if "|" in text:
        text = _BOLD.sub(lambda name: f"  {name[1]}{' ' * len(name[2])} \n", text)
        text = _TABLE_RULE.sub(_blank, text)
        text = _TABLE.sub(lambda line: line[0].replace("|", " "), text)
    return text


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _without_braces(text: str) -> str:
    """Write braces around numbers alone as brackets: {{1, 2}, {3, 4}}."""
    written = list(text)
    opened: list[int] = []
    other = -1  # the last place that is no part of an array
    for match in _BRACE.finditer(text):
        at = match.start()
        if match[0] == "{":
            opened.append(at)
        elif match[0] != "}":
            other = at
        elif opened and (start := opened.pop()) > other and at > start + 1:
            written[start], written[at] = "[", "]"
        else:
            other = at
    return "".join(written)


def _rows(match: re.Match[str]) -> str:
    """Write [1.5 2; 3 4] as rows, unless the semicolons are between numbers such as 1,5."""
    if "," in match[1] and not _POINT.search(match[1]):
        return match[0]
    return f" {match[1]} ".replace("\n", " ").replace(";", "\n")
