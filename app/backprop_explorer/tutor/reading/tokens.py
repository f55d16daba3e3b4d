"""Tokenizer of printed numbers, used by both readers.

The strict reader (``arrays``) raises an error for tokens that are not part of a printed array. The
recovering reader (``transcript``) reports them and continues. The text is never changed: the output
of other tools is converted by replacing characters and tokens, so that places in messages stay
correct.

The time is linear in the length of every text: all quantifiers are possessive, and alternatives
share an unbounded prefix only a fixed number of times.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

from backprop_explorer.engine.errors import LimitExceeded
from backprop_explorer.texts import tutor_reading as texts
from backprop_explorer.tutor.reading.dialects import usual_layout
from backprop_explorer.tutor.reading.printed_array import MAX_ENTRIES, check_size

# MAX_ENTRIES numbers, and as many names and brackets.
MAX_TOKENS = 600_000

_NUMBER = (
    r"[+-]?+(?:(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?+\d{1,5}+(?!\d))?+"
    r"|(?i:nan|inf(?:inity)?+)\b)"
)
# A sign directly after a number is an operator: "2-1".
_END_OF_NUMBER = r"(?!\w|\.[\w.]|[+-]\.?+\d)"
# Functions that return an array with the numbers of their first argument.
_ARRAY_FUNCTIONS = "array|tensor|matrix|asarray|devicearray|list|tuple|float16|float32|float64"
_TOKEN = re.compile(
    rf"""(?P<before>[\s,;]*+)(?:
      (?P<number>{_NUMBER}){_END_OF_NUMBER}
    | (?P<prompt>(?:In|Out)[ \t]*+\[[ \t]*+(?:\d++|\*)?+(?:[ \t]*+\]|\.\.\.|…)[ \t]*+[:=]?+
        | >>> | ```\w*+ | [-=*~]{{3,}}+)
    | (?P<open>[\[({{]|<tf\.\w++:?+(?:\s++'[^'\n]*+')?+)
    | (?P<close>[\])}}>])
    | (?P<dots>\.\.\.|…)
    | (?P<scalar>(?i:np|numpy)\.(?i:float)(?:16|32|64)\(\s*+(?P<inner>{_NUMBER})\s*+\))
    | (?P<label>(?i:Parameter\s++containing:|Autograd\s++ArrayBox\s++with\s++value\b))
    | (?P<attribute>(?i:
          (?:dtype|grad_fn|requires_grad|device|layout|weak_type)\s*+=\s*+
              (?:<[^<>()]*+>|[\w.'":<]++)
        | (?:shape|size)\s*+=\s*+\([\d\s,]*+\)
        | numpy\s*+=(?!=)))
    | (?P<record>[A-Z]\w{{0,60}}+\((?=[^\W\d]\w{{0,60}}+=(?:array\(|tensor\(|\[)))
    | (?P<call>(?:[^\W\d]\w*+\.)*+(?i:{_ARRAY_FUNCTIONS})(?=[\s,;]*+\())
    | (?P<path>(?P<quote>['"])?+\w++(?:\.\w++)++(?(quote)(?P=quote)))
    | (?P<name>(?P<mark>['"])?+(?:[^\W\d]|∂)[\w∂/]*+(?(mark)(?P=mark)))
    | (?P<is>=(?!=)|:|→)
    | (?P<comment>\#[^\n]*+)
    | (?P<other>\w++|.)
    | \Z)""",
    re.VERBOSE | re.DOTALL,
)
CLOSES = {"[": "]", "(": ")", "{": "}", "<": ">"}
_OTHER_CHARACTERS = {
    "\u2212": "-",
    "\u00a0": " ",
    "\u202f": " ",
    "\r\n": " \n",
    "\r": "\n",
    "\x0b": "\n",
    "\x0c": "\n",
    "\x85": "\n",
    "\u2028": "\n",
    "\u2029": "\n",
}


class Token(NamedTuple):
    """A token. ``text`` is the numeral, the name without quotes, or the text of the token.

    ``before`` are the blanks, line breaks, commas and semicolons between it and the last token. A
    "call" is the name in ``np.array(``.
    """

    kind: str
    text: str
    start: int
    end: int
    before: str = ""

    @property
    def begins_line(self) -> bool:
        """Whether a line break is before it."""
        return "\n" in self.before

    @property
    def follows(self) -> bool:
        """Whether at most blanks are between it and the last token."""
        return not self.before.strip(" \t")

    @property
    def is_word(self) -> bool:
        """Whether it is a name that an identifier of Python can be."""
        return self.kind == "name" and self.text.isidentifier()


class Unreadable(Exception):  # noqa: N818
    """Text that is not an array. ``at`` is its offset; None means the start of the array.

    Raised only within this package. The readers convert it to InvalidInput or ``Unread``.
    """

    def __init__(self, message: str, at: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


class Source:
    """A text with the minus signs, line ends and arrays of Python; its length is unchanged.

    Raises LimitExceeded naming ``where`` for a text of more than ``longest`` characters.
    """

    def __init__(self, text: str, longest: int, where: str) -> None:
        if len(text) > longest:
            raise LimitExceeded(where, "characters", longest)
        for other, usual in _OTHER_CHARACTERS.items():
            text = text.replace(other, usual)
        self._written = text
        self.text = usual_layout(text)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self._written))]

    def place(self, at: int) -> tuple[int, int]:
        """Return line and column of an offset, both from 1."""
        line = bisect_right(self._line_starts, at)
        return line, at - self._line_starts[line - 1] + 1


def tokenize(source: Source, where: str) -> list[Token]:
    """Return the tokens of a text. Raises LimitExceeded naming ``where`` for too many."""
    tokens: list[Token] = []
    records: set[int] = set()
    add = tokens.append
    numbers = 0
    for match in _TOKEN.finditer(source.text):
        kind = match.lastgroup
        if kind is None or kind == "before":
            break
        part = match[kind]
        start, end = match.span(kind)
        if kind == "number":
            numbers += 1
        elif kind == "scalar":
            kind, part = "number", match["inner"]
            numbers += 1
        elif kind in ("name", "path") and part[0] in "'\"":
            part = part[1:-1]
        elif kind == "record":
            kind, part = "open", "("
            records.add(len(tokens))
        add(Token(kind, part, start, end, match["before"]))
        if len(tokens) > MAX_TOKENS:
            raise LimitExceeded(where, texts.NUMBERS_NAMES_BRACKETS, MAX_TOKENS)
        if numbers > MAX_ENTRIES:
            check_size(numbers, where)
    # Layer(W=array(…), b=array(…)), a dataclass, is a dictionary.
    for at, end in closing_brackets(tokens).items() if records else ():
        if at in records:
            tokens[at] = tokens[at]._replace(text="{")
            tokens[end] = tokens[end]._replace(text="}")
    return tokens


def closing_brackets(tokens: list[Token]) -> dict[int, int]:
    """Map the index of each opening bracket to that of its closing bracket.

    Only pairs whose inner brackets are all closed are included. A ``>`` without ``<tf.…`` before it
    is an operator and is ignored.
    """
    closes: dict[int, int] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind == "open":
            opened.append(at)
        elif token.kind == "close":
            if opened and CLOSES[tokens[opened[-1]].text[0]] == token.text:
                closes[opened.pop()] = at
            elif token.text != ">":
                opened.clear()
    return closes
