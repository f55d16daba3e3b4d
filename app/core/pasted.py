"""What somebody pastes from a notebook: named arrays among prompts, comments and code.

``parsing`` reads one printed thing and refuses what it does not know; a paste is read as far as it
goes. Everything that was not read is named with its place, so that nothing is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from app.core.decimal_comma import commas
from app.core.errors import InvalidInput
from app.core.pandas_text import bracketed
from app.core.parsing import (
    LABEL,
    MAX_ARRAYS,
    NO_NUMBERS,
    TRACER,
    EitherWay,
    parse_array,
    parse_named,
)
from app.core.printed import Printed, check_size
from app.core.torch_text import named

MAX_UNREAD = 20
MAX_PASTED = 500_000

_MAKER = r"(?i:(?:\w+\.)?(?:array|tensor|asarray|matrix|DeviceArray|float16|float32|float64)\s*\()"
_VALUE = rf"(?:{LABEL}|[\[(]|<tf\.|[+-]?\.?\d|[+-]?(?:nan|inf)\b|{_MAKER})"
_SKIP = re.compile(
    r"""(?:\s|,|;|[{}]
    | \#[^\n]*                                  # a comment
    | (?:In|Out)\s*\[[\s\d*.…]*\]?\s*[:=]?(?=\s|[\[({]|\w)   # a notebook's prompt
    | >>>\s?
    | ```\w*
    | -{3,}
    | """
    + LABEL
    + ")+",
    re.VERBOSE,
)
_NAME = re.compile(
    rf"""(['"]?)(?P<name>[A-Za-z_∂δη][\w∂/]*+)\1
    (?:\s*+(?:=(?!=)|:|→)\s*+(?P<said>)|[ \t]*+(?:\n[ \t]*+)?+(?={_VALUE}))""",
    re.VERBOSE,
)
_MAKES = re.compile(_MAKER)
_NUMBERS = re.compile(
    r"(?:[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf)(?![\w(])[ \t,;]*\n?[ \t]*)+",
    re.IGNORECASE,
)
_WORD = re.compile(r"""['"]?([A-Za-z]\w*)['"]?""")
_WORDS = re.compile(r"""[\[(]\s*+(?:['"]?[A-Za-z_]\w*+['"]?[\s,]*+)++[\])]""")
_END_OF_WORD = re.compile(r"\s*([,;}\n]|\Z)")
_BRACKET = re.compile(r"<tf\.|[\[({\])}>]")
_ACTIVATION = re.compile(r"""['"]?activation['"]?\s*[:=]\s*['"]?(\w+)""")
_PLACE = re.compile(r" at line (\d+), column (\d+)$")
_PLAIN_WORD = re.compile(r"(?<![\w.])(?!nan\b|inf\b)[A-Za-z_]\w*+(?!\s*[(.=])", re.IGNORECASE)
_CLOSES = {"[": "]", "(": ")", "{": "}", "<tf.": ">"}


@dataclass(frozen=True, slots=True)
class Piece:
    """An array, the name that stands before it, if any, and the line of the text it begins in."""

    name: str | None
    printed: Printed
    line: int


@dataclass(frozen=True, slots=True)
class Unread:
    """Text that is no array, by its place."""

    line: int
    column: int
    message: str


@dataclass(slots=True)
class Pasted:
    """All that a text holds: arrays in order, words by name, and what could not be read."""

    arrays: list[Piece] = field(default_factory=list)
    words: dict[str, list[str]] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)


def read_pasted(text: str) -> Pasted:
    """Read as much of ``text`` as holds arrays. Raises LimitExceeded for too many numbers."""
    plain = text.replace("\u2212", "-").replace("\u00a0", " ")
    reader = _Reader(named(bracketed(plain)))
    reader.read()
    reader.settle()
    check_size(sum(piece.printed.values.size for piece in reader.found.arrays), "text")
    return reader.found


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.name: str | None = None
        self.found = Pasted()
        self.decimal_comma = False
        self.open: list[int] = []  # positions of the arrays that are EitherWay

    def read(self) -> None:
        while len(self.found.arrays) < MAX_ARRAYS and len(self.found.unread) < MAX_UNREAD:
            skipped = _SKIP.match(self.text, self.at)
            if skipped is not None:
                self.at = skipped.end()
            if self.at >= len(self.text):
                return
            self.one()
        self.miss(self.at, "the rest was not read")

    def settle(self) -> None:
        """Who writes a decimal comma somewhere writes it everywhere."""
        arrays = self.found.arrays
        for at in self.open if self.decimal_comma else ():
            printed = arrays[at].printed
            if isinstance(printed, EitherWay):
                arrays[at] = replace(arrays[at], printed=printed.decimal)

    def one(self) -> None:
        """One thing at the place: a value, a name, or something else."""
        text = self.text
        if _MAKES.match(text, self.at) or text.startswith(("[", "(", "<tf."), self.at):
            self.brackets()
        elif numbers := _NUMBERS.match(text, self.at):
            self.take(numbers.group(), self.at)
            self.at = numbers.end()
        elif (named := _NAME.match(text, self.at)) and not self.is_call(named):
            self.name = named["name"]
            self.at = named.end()
            self.word()
        else:
            self.skip(NO_NUMBERS if TRACER.match(text, self.at) else "no array stands here")

    def is_call(self, named: re.Match[str]) -> bool:
        """Whether the name is a function's that is called here."""
        return named["said"] is None and self.text[named.end("name")] == "("

    def word(self) -> None:
        """Take words after a name: ``cost = "mse"``, ``activations = [relu, sigmoid]``."""
        if self.name is None:
            return
        listed = _WORDS.match(self.text, self.at)
        alone = _WORD.match(self.text, self.at)
        if listed is not None:
            self.found.words[self.name] = _WORD.findall(listed.group())
            self.at = listed.end()
        elif alone is not None and _END_OF_WORD.match(self.text, alone.end()):
            self.found.words[self.name] = [alone[1]]
            self.at = alone.end()
        else:
            return
        self.name = None

    def brackets(self) -> None:
        start = self.at
        end = self.closing(start)
        if end is None:
            self.skip("this bracket is not closed")
            return
        self.at = end
        chunk = self.text[start:end]
        if "{" in chunk:
            self.dictionaries(chunk, start)
        else:
            self.take(chunk, start)

    def closing(self, start: int) -> int | None:
        """Where the brackets that open at or after ``start`` are all closed again."""
        stack: list[str] = []
        for match in _BRACKET.finditer(self.text, start):
            bracket = match.group()
            if bracket in _CLOSES:
                stack.append(_CLOSES[bracket])
            elif bracket == ">" and stack[-1:] != [">"]:
                continue  # of dtype=<…> or grad_fn=<…>
            elif not stack or stack.pop() != bracket:
                return None
            if not stack:
                return match.end()
        return None

    def dictionaries(self, chunk: str, start: int) -> None:
        """A list of dictionaries, one for each layer."""
        for number, match in enumerate(re.finditer(r"\{[^{}]*\}", chunk), 1):
            try:
                arrays = parse_named(match.group())
            except InvalidInput as error:
                self.refuse(error, start + match.start())
                continue
            for name, printed in arrays.items():
                layered = name if name[-1:].isdigit() else f"{name}{number}"
                self.add(layered, printed, start + match.start())
            if activation := _ACTIVATION.search(match.group()):
                self.found.words.setdefault("activations", []).append(activation[1])
        self.name = None

    def take(self, chunk: str, start: int) -> None:
        """One array, or the pairs (W, b) of all layers."""
        name, self.name = self.name, None
        try:
            printed = parse_array(chunk)
        except InvalidInput as error:
            refused = error
        else:
            self.decimal_comma = self.decimal_comma or commas(chunk).sure
            if isinstance(printed, EitherWay) and chunk[0] not in "[(":
                self.open.append(len(self.found.arrays))
            self.add(name, printed, start)
            return
        try:
            several = parse_named(chunk)
        except InvalidInput:
            several = {}
        if not several:
            self.refuse(refused, start)
        for inner, printed in several.items():
            of_layers = name is not None and "grad" not in name.lower()
            self.add(inner.removeprefix("dC_d") if of_layers else inner, printed, start)

    def add(self, name: str | None, printed: Printed, start: int) -> None:
        if not printed.blank:
            self.found.arrays.append(Piece(name, printed, self.text.count("\n", 0, start) + 1))

    def skip(self, message: str) -> None:
        """Leave out the rest of the line."""
        self.miss(self.at, message)
        self.name = None
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def refuse(self, error: InvalidInput, start: int) -> None:
        """Keep what is wrong with brackets, at the place in the whole text."""
        message = error.message
        if place := _PLACE.search(message):
            line, column = int(place[1]), int(place[2])
            before = self.text[:start].split("\n")
            column += len(before[-1]) if line == 1 else 0
            self.found.unread.append(
                Unread(len(before) + line - 1, column, message[: place.start()])
            )
        else:
            word = _PLAIN_WORD.search(self.text, start, self.at) if "word" in message else None
            self.miss(word.start() if word else start, message)

    def miss(self, at: int, message: str) -> None:
        before = self.text[:at].split("\n")
        self.found.unread.append(Unread(len(before), len(before[-1]) + 1, message))


def with_names(pieces: list[Piece]) -> Iterator[tuple[Piece, bool]]:
    """Yield each array, and whether its name is a guess.

    Printed without names, a matrix is ∂C/∂W of the next layer and the vector after it its ∂C/∂b.
    """
    layer = 0
    bias = False
    for piece in pieces:
        if piece.name is not None:
            yield piece, False
        elif piece.printed.values.ndim == 2:
            layer += 1
            bias = True
            yield Piece(f"dC_dW{layer}", piece.printed, piece.line), True
        elif piece.printed.values.ndim == 1 and bias:
            bias = False
            yield Piece(f"dC_db{layer}", piece.printed, piece.line), True
        else:
            yield piece, False
