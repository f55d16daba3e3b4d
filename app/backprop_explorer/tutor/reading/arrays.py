"""Strict reader: text that is one array, or several named arrays, and no other text.

It reads the output of NumPy, PyTorch, JAX, TensorFlow, autograd and pandas, brackets with or
without commas, line breaks anywhere, ``array([...], dtype=...)``, scalars such as
``np.float64(0.5)``, tuples and lists of arrays, dictionaries, and plain rows of numbers separated
by commas, semicolons, tabs or blanks. Numbers may have a decimal comma.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from backprop_explorer.engine import names
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.texts import tutor_reading as texts
from backprop_explorer.tutor.reading import MAX_TEXT
from backprop_explorer.tutor.reading.brackets import (
    NO_NUMBERS,
    Brackets,
    Item,
    bracket_tree,
    holds_several,
    is_name,
    one_array,
)
from backprop_explorer.tutor.reading.decimal_comma import find_decimal_commas
from backprop_explorer.tutor.reading.pandas_tables import replace_tables
from backprop_explorer.tutor.reading.printed_array import (
    BLANK,
    PrintedArray,
    from_tokens,
    ragged_message,
)
from backprop_explorer.tutor.reading.source_code import code_or_error
from backprop_explorer.tutor.reading.tokens import (
    Source,
    Token,
    Unreadable,
    invalid_input,
    tokenize,
)

MAX_ARRAYS = 1_000


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
    tokens = replace_tables(source, tokenize(source, where))
    words = [token.text for token in tokens if token.kind in ("name", "number", "other")]
    if words and set(words) <= {"None", "nan"} and "None" in words:
        return BLANK
    try:
        return array_of(source, tokens)
    except Unreadable as error:
        raise _refused(source, error, where) from None


def _refused(source: Source, error: Unreadable, where: str) -> InvalidInput:
    if error.at is not None and is_tracer(source):
        return InvalidInput(where, NO_NUMBERS)
    if (found := code_or_error(source.text)) is not None:
        return InvalidInput(where, found)
    return invalid_input(source, error, where)


def is_tracer(source: Source, start: int = 0, end: int | None = None) -> bool:
    """Whether a part of the text has a JAX tracer, as printed inside jit and grad."""
    return any(source.text.find(name, start, end) >= 0 for name in ("Traced<", "Tracer<"))


def array_of(source: Source, tokens: Sequence[Token]) -> PrintedArray:
    """Read one array from ``tokens``. Raises Unreadable."""
    commas = find_decimal_commas(source, tokens)
    if commas.decimal is None:
        return _array(source, tokens)
    decimal = _array(source, commas.decimal)
    if commas.sure:
        return decimal
    listed = _array(source, tokens)
    return AmbiguousArray(listed.values, listed.quantum, listed.digits, listed.decimals, decimal)


def _array(source: Source, tokens: Sequence[Token]) -> PrintedArray:
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
        return _rows(source, numbers)
    if len(items) > 1:
        raise Unreadable(texts.one_array(len(items)))
    return one_array(items[0])


def _rows(source: Source, numbers: list[Token]) -> PrintedArray:
    """Read plain rows of numbers: CSV, or cells copied from a spreadsheet."""
    lengths = [1]
    for before, number in pairwise(numbers):
        if source.breaks_line(before.end, number.start):
            lengths.append(1)
        else:
            lengths[-1] += 1
    for index, length in enumerate(lengths):
        if length != lengths[0]:
            raise Unreadable(ragged_message(index, (length,), (lengths[0],)))
    flat = [number.text for number in numbers]
    if len(lengths) > 1:
        return from_tokens(flat, (len(lengths), lengths[0]))
    return from_tokens(flat, (len(flat),) if len(flat) > 1 else ())


def named_arrays_of(source: Source, tokens: Sequence[Token]) -> dict[str, PrintedArray]:
    """Read arrays by name from ``tokens``. Raises Unreadable."""
    commas = find_decimal_commas(source, tokens)
    named = _NamedArrays()
    for item in bracket_tree((commas.sure and commas.decimal) or tokens).items:
        named.walk(item)
    if not named.unnamed:
        return named.arrays
    if named.arrays:
        raise Unreadable(texts.SOME_NAMED)
    return _by_layer(named.unnamed)


class _NamedArrays:
    """Collects arrays, each with the name before it."""

    def __init__(self) -> None:
        self.arrays: dict[str, PrintedArray] = {}
        self.unnamed: list[PrintedArray] = []
        self.name: str | None = None

    def walk(self, item: Item) -> None:
        if isinstance(item, Token) and item.kind == "name":
            self.name = item.text
        elif isinstance(item, Brackets) and holds_several(item):
            for part in item.items:
                self.walk(part)
        else:
            self.add(item)

    def add(self, item: Item) -> None:
        array = one_array(item)
        if self.name is None:
            self.unnamed.append(array)
        elif self.name in self.arrays:
            raise Unreadable(texts.SAME_NAME)
        else:
            self.arrays[self.name] = array
            self.name = None
        if len(self.arrays) + len(self.unnamed) > MAX_ARRAYS:
            raise Unreadable(texts.most_arrays(MAX_ARRAYS))


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
