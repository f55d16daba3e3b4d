"""What is read of pasted text."""

from __future__ import annotations

from backprop_explorer.compute.check_requests import PasteRequest
from backprop_explorer.tutor.reading.arrays import named_arrays_of
from backprop_explorer.tutor.reading.pandas_tables import replace_tables
from backprop_explorer.tutor.reading.printed_array import PrintedArray
from backprop_explorer.tutor.reading.tokens import Source, tokenize


def lines(text: str, layers: int = 2) -> dict[str | None, tuple[int, ...]]:
    """The shapes of the recognised lines."""
    answer = PasteRequest(text=text, layers=layers).answer()
    return {array["as"]: tuple(array["shape"]) for array in answer["arrays"]}


def named_arrays(text: str) -> dict[str, PrintedArray]:
    """The arrays of one statement by name. Raises Unreadable."""
    source = Source(text, len(text), "text")
    return named_arrays_of(source, replace_tables(tokenize(source, "text")))
