"""Strict reader: text that is one array, or several with their names, and nothing else.

Understood are brackets without commas, lines broken anywhere, ``array([...], dtype=...)``, what
PyTorch, JAX, TensorFlow, autograd and pandas print, scalars such as ``np.float64(0.5)``, tuples and
lists of arrays, dictionaries, and plain rows of numbers separated by commas, semicolons, tabs or
blanks, with a decimal comma too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.tutor.reading.brackets import (
    NO_NUMBERS,
    Item,
    Node,
    bracket_tree,
    holds_several,
    is_name,
    one_array,
)
from backprop_explorer.tutor.reading.decimal_comma import find_decimal_commas
from backprop_explorer.tutor.reading.pandas_tables import replace_tables
from backprop_explorer.tutor.reading.printed_array import (
    BLANK,
    Printed,
    from_tokens,
    ragged_message,
)
from backprop_explorer.tutor.reading.tokens import (
    Source,
    Token,
    Unreadable,
    invalid_input,
    tokenize,
)

MAX_TEXT = 4_000_000
MAX_ARRAYS = 1_000


@dataclass(frozen=True, slots=True)
class AmbiguousArray(Printed):
    """Whole numbers with commas between, such as "1,2", that may be ``decimal`` as well."""

    decimal: Printed


def reading_of_size(printed: Printed, size: int) -> Printed:
    """The reading of ``printed`` that has ``size`` numbers, if one has."""
    if isinstance(printed, AmbiguousArray) and printed.decimal.values.size == size:
        return printed.decimal
    return printed


def parse_array(text: str, where: str = "text") -> Printed:
    """One array from ``text``; blank text is a blank.

    Raises InvalidInput naming ``where`` if it cannot be read, or is not one array.
    """
    source, tokens = _tokens(text, where)
    try:
        return array_of(source, tokens)
    except Unreadable as error:
        raise _refused(source, error, where) from None


def parse_named(text: str, where: str = "text") -> dict[str, Printed]:
    """Several arrays by name, in the order printed.

    Names are taken from ``name = …``, ``name: …`` or a dictionary. Without names the arrays are
    those of the layers in order: a matrix is ``dC_dW1``, the vector after it ``dC_db1``, and so on.
    Raises InvalidInput naming ``where``.
    """
    source, tokens = _tokens(text, where)
    try:
        return named_arrays_of(source, tokens)
    except Unreadable as error:
        raise _refused(source, error, where) from None


def _tokens(text: str, where: str) -> tuple[Source, list[Token]]:
    source = Source(text, MAX_TEXT, where)
    return source, replace_tables(source, tokenize(source, where))


def _refused(source: Source, error: Unreadable, where: str) -> InvalidInput:
    if error.at is not None and is_tracer(source):
        return InvalidInput(where, NO_NUMBERS)
    return invalid_input(source, error, where)


def is_tracer(source: Source, start: int = 0, end: int | None = None) -> bool:
    """Whether a part of a text holds what JAX prints within jit and grad."""
    return any(source.text.find(name, start, end) >= 0 for name in ("Traced<", "Tracer<"))


def array_of(source: Source, tokens: Sequence[Token]) -> Printed:
    """The one array that ``tokens`` are. Raises Unreadable."""
    found = find_decimal_commas(source, tokens)
    if found.decimal is None:
        return _array(source, tokens)
    decimal = _array(source, found.decimal)
    if found.sure:
        return decimal
    listed = _array(source, tokens)
    return AmbiguousArray(listed.values, listed.quantum, listed.digits, listed.decimals, decimal)


def _array(source: Source, tokens: Sequence[Token]) -> Printed:
    root = bracket_tree(tokens)
    items = [item for item in root.items if not is_name(item)]
    if len(items) < len(root.items):
        # A name in front of its one array says nothing new.
        if len(items) != 1 or len(root.items) != 2:
            raise Unreadable("only numbers and brackets can stand here")
        return one_array(items[0])
    if not items:
        return BLANK
    numbers = [item for item in items if isinstance(item, Token)]
    if len(numbers) == len(items):
        return _rows(source, numbers)
    if len(items) > 1:
        raise Unreadable(f"expected one array, found {len(items)}")
    return one_array(items[0])


def _rows(source: Source, numbers: list[Token]) -> Printed:
    """Plain rows of numbers: CSV, or columns as a spreadsheet copies them."""
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


def named_arrays_of(source: Source, tokens: Sequence[Token]) -> dict[str, Printed]:
    """The arrays by name that ``tokens`` are. Raises Unreadable."""
    found = find_decimal_commas(source, tokens)
    named = _Named()
    for item in bracket_tree((found.sure and found.decimal) or tokens).items:
        named.walk(item)
    if not named.unnamed:
        return named.arrays
    if named.arrays:
        raise Unreadable("some arrays have a name and others have none")
    return _by_layer(named.unnamed)


class _Named:
    """Collects arrays, each with the name that stands before it."""

    def __init__(self) -> None:
        self.arrays: dict[str, Printed] = {}
        self.unnamed: list[Printed] = []
        self.name: str | None = None

    def walk(self, item: Item) -> None:
        if isinstance(item, Token) and item.kind == "name":
            self.name = item.text
        elif isinstance(item, Node) and holds_several(item):
            for part in item.items:
                self.walk(part)
        else:
            self.add(item)

    def add(self, item: Item) -> None:
        array = one_array(item)
        if self.name is None:
            self.unnamed.append(array)
        elif self.name in self.arrays:
            raise Unreadable("one name stands here twice")
        else:
            self.arrays[self.name] = array
            self.name = None
        if len(self.arrays) + len(self.unnamed) > MAX_ARRAYS:
            raise Unreadable(f"at most {MAX_ARRAYS} arrays can be read at once")


def _by_layer(arrays: list[Printed]) -> dict[str, Printed]:
    named: dict[str, Printed] = {}
    layer = 0
    for array in arrays:
        if array.values.ndim == 2:
            layer += 1
            named[f"dC_dW{layer}"] = array
        elif layer and array.values.ndim == 1 and f"dC_db{layer}" not in named:
            named[f"dC_db{layer}"] = array
        else:
            raise Unreadable(
                "arrays without names must be W, b, W, b, … of the layers in order; "
                "or write a name and = in front of each"
            )
    return named
