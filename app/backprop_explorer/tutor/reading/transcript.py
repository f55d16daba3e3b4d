"""Recovering reader: finds the arrays in text from a notebook or a terminal.

The text may also contain prompts, comments, code and error messages. Everything that is not read is
reported with its place, so that no text is silently ignored. Lists of arrays by kind, such as
``nabla_w [array(…), array(…)]``, belong to the layers in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backprop_explorer.engine import names
from backprop_explorer.texts import tutor_reading as texts
from backprop_explorer.tutor.reading import MAX_PASTED
from backprop_explorer.tutor.reading.arrays import (
    MAX_ARRAYS,
    AmbiguousArray,
    Brackets,
    array_of,
    bracket_tree,
    is_tracer,
    named_arrays_of,
    one_array,
)
from backprop_explorer.tutor.reading.decimal_comma import find_decimal_commas
from backprop_explorer.tutor.reading.pandas_tables import replace_tables
from backprop_explorer.tutor.reading.printed_array import PrintedArray, check_size
from backprop_explorer.tutor.reading.source_code import (
    CODE,
    TRACEBACK,
    block_end,
    continues_as_code,
    explain_error,
    logical_line_end,
    traceback_end,
)
from backprop_explorer.tutor.reading.tokens import (
    Source,
    Token,
    Unreadable,
    closing_brackets,
    tokenize,
)
from backprop_explorer.tutor.reading.written_names import replace_written_names
from backprop_explorer.tutor.spellings import OF_WEIGHTS, spellings


@dataclass(frozen=True, slots=True)
class PastedArray:
    """An array, the name before it (None without one), and its line in the text, from 1.

    ``listed``: its name is only its place in a list of layers.
    """

    name: str | None
    printed: PrintedArray
    line: int
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """Text that is not an array: its line and column, both from 1, and the reason."""

    line: int
    column: int
    message: str


@dataclass(slots=True)
class Transcript:
    """The content of a text: arrays in order, words by name, and places that were not read."""

    arrays: list[PastedArray] = field(default_factory=list)
    words: dict[str, list[str]] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)


MAX_UNREAD = 20
MAX_WORDS = 200
# Of a tuple that is a shape.
MAX_AXES = 4


def read_transcript(text: str) -> Transcript:
    """Read all arrays in ``text``.

    Returns at most ``MAX_ARRAYS`` arrays and ``MAX_UNREAD`` unread places; if there are more, the
    last unread place says that the rest was not read. Raises LimitExceeded naming "text" for more
    than ``MAX_PASTED`` characters, or too many numbers.
    """
    source = Source(text, MAX_PASTED, "text")
    tokens = replace_tables(tokenize(source, "text"))
    end = Token("end", "", len(text) + 1, len(text) + 1, "\n\n")
    reader = _Reader(source, [*replace_written_names(tokens), end])
    reader.read()
    reader.resolve_decimal_commas()
    check_size(sum(array.printed.values.size for array in reader.transcript.arrays), "text")
    return reader.transcript


def _of_gradients(name: str) -> bool:
    """Whether a name says that its arrays are gradients."""
    meaning = next(iter(spellings(name)), None)
    words = name.lower()
    return "grad" in words or "nabla" in words or (meaning is not None and meaning.is_gradient)


class _Reader:
    def __init__(self, source: Source, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.closes = closing_brackets(tokens)
        self.at = 0
        self.name: str | None = None
        self.assigned = False  # whether = or : follows the name
        self.gradients = ("", 0)  # the name of a dictionary of gradients, and where it ends
        self.transcript = Transcript()
        self.decimal_comma = False
        self.ambiguous: list[int] = []  # positions in transcript.arrays
        self.code_line = 0  # last line of the latest reported code or error message

    @property
    def full(self) -> bool:
        """Whether a limit is reached, so that the rest is not read."""
        return (
            len(self.transcript.arrays) >= MAX_ARRAYS or len(self.transcript.unread) >= MAX_UNREAD
        )

    def read(self) -> None:
        while (token := self.tokens[self.at]).kind != "end":
            if token.text == "{" and self.name is not None and _of_gradients(self.name):
                self.gradients = self.name, self.closes.get(self.at, 0)
            if token.kind in ("comment", "prompt", "attribute", "label") or token.text in "{}":
                self.at += 1
            elif self.full:
                self.report(token.start, texts.REST_NOT_READ)
                return
            else:
                self.statement(token)

    def resolve_decimal_commas(self) -> None:
        """Read every 1,2 as one number if the text has an unambiguous decimal comma."""
        arrays = self.transcript.arrays
        for at in self.ambiguous if self.decimal_comma else ():
            printed = arrays[at].printed
            if isinstance(printed, AmbiguousArray):
                arrays[at] = replace(arrays[at], printed=printed.decimal)

    def statement(self, token: Token) -> None:
        """Read one value, name or statement, which begins with ``token``."""
        first = self.at
        while self.tokens[first - 1].kind == "prompt" and not self.tokens[first].begins_line:
            first -= 1
        if (first == 0 or self.tokens[first].begins_line) and self.code():
            return
        after = self.tokens[self.at + 1]
        if token.kind == "number":
            self.value(self.numbers_end())
        elif self.is_bracket(self.at):
            self.brackets()
        elif token.kind == "name" and self.is_named(self.at):
            self.take_name(token)
        elif (
            token.kind == "name"
            and after.text == "{"
            and not after.before.strip(" ")
            and self.tokens[self.at + 2].kind == "name"
        ):
            # The name of a dictionary: grads {'dW1': …}
            self.at, self.name = self.at + 1, token.text
        else:
            self.skip(self.reason(self.at))

    def is_bracket(self, at: int) -> bool:
        """Whether brackets of an array can begin here."""
        token = self.tokens[at]
        return (token.kind == "open" and token.text != "{") or token.kind == "call"

    def is_named(self, at: int) -> bool:
        """Whether a token is the name of the next value: ``z1 = [1]``, ``z1: [1]``, ``z1 [1]``."""
        after = self.tokens[at + 1]
        if after.kind == "is":
            return True
        if after.text == "(" and not after.before:
            return False  # a call
        if after.before.count("\n") > 1 or after.before.strip(" \t\n"):
            return False
        return after.kind in ("number", "label") or self.is_bracket(at + 1)

    def numbers_end(self) -> int:
        """Return the index after numbers separated by blanks, commas or single line breaks."""

        def is_scalar(token: Token) -> bool:
            return token.end - token.start != len(token.text)  # np.float64(0.5)

        end = self.at + 1
        while (
            self.tokens[end].kind == "number"
            and self.tokens[end].before.count("\n") < 2
            and not any(map(is_scalar, self.tokens[end - 1 : end + 1]))
        ):
            end += 1
        return end

    def reason(self, at: int) -> str:
        """Return why a token is neither a value nor a name."""
        token, after = self.tokens[at : at + 2]
        if after.start != token.end or token.kind not in ("name", "path"):
            operator = after.text in ("@", "*", "+", "/", "-", "**")
            return CODE if operator and token.kind in ("name", "path") else texts.NOT_AN_ARRAY
        if is_tracer(self.source.text[token.start : after.end]):
            return texts.TRACER
        is_code = after.text in ("(", ".", "[") or not after.text.isalnum()
        return CODE if is_code else texts.NOT_AN_ARRAY

    def code(self) -> bool:
        """Skip an error message or a Python statement, if one begins here."""
        start = self.at
        end = traceback_end(self.source, self.tokens, start)
        if end is not None:
            while self.tokens[self.at].start < end:
                self.at += 1
            meaning = explain_error(self.source.text[self.tokens[start].start : end])
            self.report_code(start, f"{TRACEBACK}: {meaning}" if meaning else TRACEBACK)
            return True
        after = block_end(self.source, self.tokens, self.closes, start)
        if after is None:
            return False
        self.at = after
        self.report_code(start, CODE)
        return True

    def take_name(self, token: Token) -> None:
        self.at += 1
        self.assigned = self.tokens[self.at].kind == "is"
        self.at += self.assigned
        self.name = token.text
        if self.words() or not self.assigned:
            return
        after, following = self.tokens[self.at], self.tokens[self.at + 1 : self.at + 2]
        # a = b = [1] has two names; a = b + 1 is code.
        chained = bool(following) and following[0].kind == "is"
        if after.kind == "name" and not after.begins_line and not chained:
            self.skip(self.reason(self.at))

    def words(self) -> bool:
        """Read words after a name: ``cost = "mse"``, ``activations = [relu, sigmoid]``."""
        tokens, at = self.tokens, self.at
        end = self.closes.get(at)
        if tokens[at].text in ("[", "(") and end is not None:
            inner = tokens[at + 1 : end]
        elif tokens[at].is_word and self.ends_statement(at):
            inner, end = [tokens[at]], at
        else:
            return False
        if not inner or not all(token.is_word for token in inner):
            return False
        if self.name is not None and len(self.transcript.words) < MAX_WORDS:
            self.transcript.words[self.name] = [token.text for token in inner[:MAX_WORDS]]
        self.at, self.name = end + 1, None
        return True

    def ends_statement(self, at: int) -> bool:
        """Whether a comma, the end of the line or a closing brace follows a token."""
        after = self.tokens[at + 1]
        return after.text == "}" or after.kind == "comment" or not after.follows

    def brackets(self) -> None:
        opened = self.at + (self.tokens[self.at].kind == "call")
        end = self.closes.get(opened)
        if end is None:
            self.skip(texts.BRACKET_NOT_CLOSED)
        elif not self.assigned and self.is_shape(self.at, end):
            # The array of the name may follow its shape: dW1 (2, 2) [[…]]
            if self.is_bracket(end + 1) and not any(
                token.begins_line for token in self.tokens[self.at + 1 : end + 2]
            ):
                self.at = end + 1
            else:
                self.skip(texts.SHAPE_ONLY)
        elif any(token.text == "{" for token in self.tokens[opened:end]):
            self.dictionaries(end + 1)
        else:
            self.value(end + 1)

    def is_shape(self, at: int, end: int) -> bool:
        """Whether brackets are a tuple of whole numbers, as NumPy prints a shape."""
        lengths = [token.text for token in self.tokens[at + 1 : end] if token.kind == "number"]
        few = 0 < len(lengths) <= MAX_AXES
        return self.tokens[at].text == "(" and few and all(map(str.isdigit, lengths))

    def value(self, end: int) -> None:
        """Read the tokens up to ``end`` as a value, unless they are part of code or prose."""
        tokens, start = self.tokens, self.at
        after = tokens[end]
        prose = (
            tokens[start].kind == "number"
            and after.follows
            and after.kind in ("name", "path")
            and not (self.name is not None and self.is_named(end))
        )
        if end == start + 1 and after.text == "*" and tokens[end + 1].begins_line:
            self.skip_scaled(end)
        elif continues_as_code(tokens, end):
            self.skip(texts.NOT_AN_ARRAY if after.text == ":" else CODE)
        elif prose and not self.assigned:  # after 3 epochs
            self.skip(texts.NOT_AN_ARRAY)
        else:
            self.at = end
            self.take_value(start, end)

    def skip_scaled(self, end: int) -> None:
        """Skip a factor and the numbers below it, and report them."""
        start, self.at = self.at, end + 1
        self.name, self.assigned = None, False
        if self.is_bracket(self.at):
            opened = self.at + (self.tokens[self.at].kind == "call")
            self.at = self.closes.get(opened, opened) + 1
        elif self.tokens[self.at].kind == "number":
            self.at = self.numbers_end()
        self.report(self.tokens[start].start, texts.COMMON_FACTOR)

    def dictionaries(self, end: int) -> None:
        """Read a list of dictionaries, one for each layer."""
        opened, number = None, 0
        if self.name is not None and _of_gradients(self.name):
            self.gradients = self.name, end
        for at in range(self.at, end):
            if self.full:
                break
            text = self.tokens[at].text
            if text == "{":
                opened = at
            elif text == "}" and opened is not None:
                number += 1
                self.layer(opened, at + 1, number)
                opened = None
        self.at = end
        self.name = None

    def layer(self, start: int, end: int, number: int) -> None:
        tokens = self.tokens[start:end]
        try:
            arrays = named_arrays_of(self.source, tokens)
        except Unreadable as error:
            self.report(error.at or self.tokens[start].start, error.message)
            return
        for name, printed in arrays.items():
            self.add(name if name[-1:].isdigit() else f"{name}{number}", printed, start)
        for at, token in enumerate(tokens[:-2]):
            if token.text == "activation" and tokens[at + 1].kind == "is":
                names = self.transcript.words.setdefault("activations", [])
                names += [tokens[at + 2].text] if len(names) < MAX_WORDS else []

    def take_value(self, start: int, end: int) -> None:
        """Read one array, or the pairs (W, b) of all layers."""
        name, self.name = self.name, None
        self.assigned = False
        tokens = [token for token in self.tokens[start:end] if token.kind != "comment"]
        if of_layers := arrays_by_layer(name, tokens):
            for index, printed in enumerate(of_layers):
                self.add(None if name is None else f"{name}[{index}]", printed, start)
            return
        try:
            printed = array_of(self.source, tokens)
        except Unreadable as error:
            refused = error
        else:
            self.decimal_comma = self.decimal_comma or find_decimal_commas(self.source, tokens).sure
            if isinstance(printed, AmbiguousArray) and tokens[0].text not in ("[", "("):
                self.ambiguous.append(len(self.transcript.arrays))
            self.add(name, printed, start)
            return
        try:
            named_arrays = named_arrays_of(self.source, tokens)
        except Unreadable:
            named_arrays = {}
        if not named_arrays:
            self.report(refused.at or self.tokens[start].start, refused.message)
        for inner, printed in named_arrays.items():
            of_parameters = name is not None and not _of_gradients(name)
            of = names.of_gradient(inner)
            line_id = of if of is not None and of_parameters else inner
            listed = name is None and names.of_gradient(line_id) is not None
            self.add(line_id, printed, start, listed=listed)

    def add(
        self, name: str | None, printed: PrintedArray, start: int, *, listed: bool = False
    ) -> None:
        if not printed.blank and len(self.transcript.arrays) < MAX_ARRAYS:
            of, end = self.gradients
            if start < end and name is not None and not _of_gradients(name):
                name = f"{of}['{name}']"
            line, _ = self.source.place(self.tokens[start].start)
            self.transcript.arrays.append(PastedArray(name, printed, line, listed))

    def skip(self, message: str) -> None:
        """Skip the rest of the statement, and report it."""
        start = self.at
        self.name, self.assigned = None, False
        self.at = logical_line_end(self.tokens, self.closes, self.at)
        if message is CODE:
            self.report_code(start, message)
        else:
            self.report(self.tokens[start].start, message)

    def report_code(self, start: int, message: str) -> None:
        """Report code. Consecutive lines of code are reported once."""
        line, column = self.source.place(self.tokens[start].start)
        self.name, self.assigned = None, False
        unread = self.transcript.unread
        if not (unread and unread[-1].message == message and self.code_line + 1 >= line):
            unread.append(Unread(line, column, message))
        self.code_line, _ = self.source.place(self.tokens[self.at - 1].end)

    def report(self, at: int, message: str) -> None:
        line, column = self.source.place(at)
        self.transcript.unread.append(Unread(line, column, message))


def arrays_by_layer(name: str | None, tokens: Sequence[Token]) -> list[PrintedArray]:
    """Return the arrays of a list for the layers in order; none if ``tokens`` is no such list.

    A list is recognised by the calls ``array(…)`` in it, by arrays of different shapes, or by
    matrices where the name says weights. A name with a layer, and that of x or the target, has one
    array.
    """
    meaning = next(iter(spellings(name or "")), None)
    if meaning is not None and (meaning.layer is not None or meaning.quantity in ("x", "target")):
        return []
    quantity = None if meaning is None else meaning.quantity
    try:
        root = bracket_tree(tokens)
        node = root.items[0] if len(root.items) == 1 else None
        if isinstance(node, Brackets) and node.kind == "array" and len(node.items) == 1:
            node = node.items[0]
        if not isinstance(node, Brackets) or not all(
            isinstance(item, Brackets) for item in node.items
        ):
            return []
        arrays = [one_array(item) for item in node.items]
    except Unreadable:
        return []
    calls = any(isinstance(item, Brackets) and item.kind == "array" for item in node.items)
    shapes = {array.values.shape for array in arrays}
    matrices = quantity in OF_WEIGHTS and all(len(shape) == 2 for shape in shapes)
    if name is None:
        # Without a name, rows of one array and arrays of the layers look the same.
        return arrays if len(shapes) > 1 and max(map(len, shapes)) == 1 else []
    return arrays if calls or len(shapes) > 1 or matrices else []
