"""Strict reader: text that is one array, or several named arrays, and no other text.

It reads the output of NumPy, PyTorch, JAX, TensorFlow, autograd and pandas, brackets with or
without commas, line breaks anywhere, ``array([...], dtype=...)``, scalars such as
``np.float64(0.5)``, tuples and lists of arrays, dictionaries, and plain rows of numbers separated
by commas, semicolons, tabs or blanks. Numbers may have a decimal comma.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from backprop_explorer.engine import names
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.texts import tutor_reading as texts
from backprop_explorer.tutor.reading import MAX_TEXT
from backprop_explorer.tutor.reading.decimal_comma import find_decimal_commas
from backprop_explorer.tutor.reading.pandas_tables import replace_tables
from backprop_explorer.tutor.reading.printed_array import (
    BLANK,
    MAX_DEPTH,
    PrintedArray,
    from_tokens,
    ragged_message,
)
from backprop_explorer.tutor.reading.source_code import code_or_error
from backprop_explorer.tutor.reading.tokens import CLOSES, Source, Token, Unreadable, tokenize

MAX_ARRAYS = 1_000
SHORTENED = texts.SHORTENED
# Dictionaries and calls add brackets around those of an array.
_MAX_NESTING = MAX_DEPTH + 4


@dataclass(frozen=True, slots=True)
class AmbiguousArray(PrintedArray):
    """Whole numbers separated by commas, such as "1,2". ``decimal`` is the reading as 1.2."""

    decimal: PrintedArray


def reading_of_size(printed: PrintedArray, size: int) -> PrintedArray:
    """Return the decimal reading of an ambiguous array if it has ``size`` numbers.

    Otherwise return ``printed``.
    """
    if isinstance(printed, AmbiguousArray) and printed.decimal.values.size == size:
        return printed.decimal
    return printed


def parse_array(text: str, where: str = "text") -> PrintedArray:
    """Read one array. Blank text gives a blank.

    Raises InvalidInput naming ``where`` if the text is not exactly one array.
    """
    source = Source(text, MAX_TEXT, where)
    tokens = replace_tables(tokenize(source, where))
    words = [token.text for token in tokens if token.kind in ("name", "number", "other")]
    if words and set(words) <= {"None", "nan"} and "None" in words:
        return BLANK
    try:
        return array_of(source, tokens)
    except Unreadable as error:
        raise InvalidInput(where, _reason(source, error)) from None


def _reason(source: Source, error: Unreadable) -> str:
    """Return why a text is not one array, with line and column."""
    if error.at is not None and is_tracer(source.text):
        return texts.TRACER
    if (found := code_or_error(source.text)) is not None or error.at is None:
        return found or error.message
    line, column = source.place(error.at)
    return texts.at_place(error.message, line, column)


def is_tracer(text: str) -> bool:
    """Whether a text has a JAX tracer, as printed inside jit and grad."""
    return "Traced<" in text or "Tracer<" in text


def array_of(source: Source, tokens: Sequence[Token]) -> PrintedArray:
    """Read one array from ``tokens``. Raises Unreadable."""
    commas = find_decimal_commas(source, tokens)
    if commas.decimal is None:
        return _array(tokens)
    decimal = _array(commas.decimal)
    if commas.sure:
        return decimal
    listed = _array(tokens)
    return AmbiguousArray(listed.values, listed.quantum, listed.digits, listed.decimals, decimal)


def _array(tokens: Sequence[Token]) -> PrintedArray:
    root = bracket_tree(tokens)
    items = [item for item in root.items if not is_name(item)]
    if len(items) < len(root.items):
        # One name before the array is allowed and ignored.
        if len(items) != 1 or len(root.items) != 2:
            raise Unreadable(texts.ONLY_NUMBERS)
        return one_array(items[0])
    if not items:
        return BLANK
    numbers = [item for item in items if isinstance(item, Token)]
    if len(numbers) == len(items):
        return _rows(numbers)
    if len(items) > 1:
        raise Unreadable(texts.one_array(len(items)))
    return one_array(items[0])


def _rows(numbers: list[Token]) -> PrintedArray:
    """Read plain rows of numbers: CSV, or cells copied from a spreadsheet."""
    lengths = [0]
    for at, number in enumerate(numbers):
        if at and number.begins_line:
            lengths.append(0)
        lengths[-1] += 1
    for index, length in enumerate(lengths):
        if length != lengths[0]:
            raise Unreadable(ragged_message(index, (length,), (lengths[0],)))
    shape: tuple[int, ...] = (len(lengths), lengths[0])
    if len(lengths) == 1:
        shape = shape[1:] if lengths[0] > 1 else ()
    return from_tokens([number.text for number in numbers], shape)


@dataclass(slots=True)
class Brackets:
    """A pair of brackets. ``kind`` is "[", "(" or "{", or "array" for a call such as array(…)."""

    kind: str
    items: list[Item] = field(default_factory=list)


Item = Brackets | Token


def bracket_tree(tokens: Sequence[Token]) -> Brackets:
    """Return the root of the tree of brackets in ``tokens``.

    Leaves are numbers and names. Raises Unreadable for a token that is not part of a printed array.
    """
    root = Brackets("")
    stack: list[tuple[Brackets, str]] = [(root, "")]
    before = ""  # the kind of the last token
    for token in tokens:
        kind = token.kind
        if kind in ("number", "name"):
            stack[-1][0].items.append(token)
        elif kind == "open":
            if len(stack) > _MAX_NESTING:
                raise Unreadable(texts.nested_deeper(MAX_DEPTH))
            bracket = token.text[0]
            node = Brackets("array" if before == "call" or bracket == "<" else bracket)
            stack[-1][0].items.append(node)
            stack.append((node, CLOSES[bracket]))
        elif kind == "close":
            if token.text != stack[-1][1]:
                raise Unreadable(texts.no_opening(token.text), token.start)
            stack.pop()
        elif kind == "dots":
            raise Unreadable(SHORTENED)
        elif kind not in ("attribute", "label", "call") and (kind, before) != ("is", "name"):
            raise Unreadable(texts.NUMBER_OR_BRACKET, token.start)
        before = kind
    if len(stack) > 1:
        raise Unreadable(texts.missing_at_end(stack[-1][1]))
    return root


def one_array(node: Item) -> PrintedArray:
    """Read one array from a node or number. Raises Unreadable if it is not one array."""
    numerals: list[str] = []

    def shape_of(item: Item) -> tuple[int, ...]:
        if isinstance(item, Token):
            if item.kind == "name":
                raise Unreadable(texts.WORD, item.start)
            numerals.append(item.text)
            return ()
        if item.kind == "array" and len(item.items) == 1:
            return shape_of(item.items[0])
        shapes = [shape_of(part) for part in item.items]
        for index, shape in enumerate(shapes):
            if shape != shapes[0]:
                raise Unreadable(ragged_message(index, shape, shapes[0]))
        return (len(shapes), *shapes[0]) if shapes else (0,)

    shape = shape_of(node)
    return from_tokens(numerals, shape) if numerals else BLANK


def is_name(item: Item) -> bool:
    """Whether an item is a name rather than a number or brackets."""
    return isinstance(item, Token) and item.kind == "name"


def holds_several(node: Brackets) -> bool:
    """Whether the node holds several arrays, not the rows of one."""
    if node.kind == "{" or any(is_name(item) for item in node.items):
        return True
    parts = [item for item in node.items if isinstance(item, Brackets)]
    if node.kind == "array" or len(parts) < len(node.items):
        return False
    if any(part.kind in ("array", "(") or holds_several(part) for part in parts):
        return True
    # A tuple of plain lists of different depth is (W, b).
    return node.kind == "(" and len({_depth(part) for part in parts}) > 1


def _depth(item: Item) -> int:
    return 1 + _depth(item.items[0]) if isinstance(item, Brackets) and item.items else 0


def named_arrays_of(source: Source, tokens: Sequence[Token]) -> dict[str, PrintedArray]:
    """Read arrays by name from ``tokens``. Raises Unreadable."""
    commas = find_decimal_commas(source, tokens)
    named: dict[str, PrintedArray] = {}
    unnamed: list[PrintedArray] = []
    name: str | None = None
    for item in _names_and_arrays(bracket_tree((commas.sure and commas.decimal) or tokens).items):
        if isinstance(item, Token) and item.kind == "name":
            name = item.text
        elif name is None:
            unnamed.append(one_array(item))
        elif name in named:
            raise Unreadable(texts.SAME_NAME)
        else:
            named[name], name = one_array(item), None
        if len(named) + len(unnamed) > MAX_ARRAYS:
            raise Unreadable(texts.most_arrays(MAX_ARRAYS))
    if named and unnamed:
        raise Unreadable(texts.SOME_NAMED)
    return named or _by_layer(unnamed)


def _names_and_arrays(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Brackets) and holds_several(item):
            yield from _names_and_arrays(item.items)
        else:
            yield item


def _by_layer(arrays: list[PrintedArray]) -> dict[str, PrintedArray]:
    named: dict[str, PrintedArray] = {}
    layer = 0
    for array in arrays:
        if array.values.ndim == 2:
            layer += 1
            named[names.gradient(names.weights(layer))] = array
        elif layer and array.values.ndim == 1 and names.gradient(names.biases(layer)) not in named:
            named[names.gradient(names.biases(layer))] = array
        else:
            raise Unreadable(texts.WITHOUT_NAMES)
    return named
