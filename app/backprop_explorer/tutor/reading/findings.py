"""Result of reading a pasted text: arrays, words by name, and the text that was not read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from backprop_explorer.engine import names
from backprop_explorer.tutor.reading.printed_array import PrintedArray


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


def with_guessed_names(arrays: list[PastedArray]) -> Iterator[tuple[PastedArray, bool]]:
    """Yield each array, and whether its name is a guess.

    Without names, each matrix is ∂C/∂W of the next layer, and the vector after it is its ∂C/∂b.
    """
    layer = 0
    bias = False
    for array in arrays:
        if array.name is not None:
            yield array, False
        elif array.printed.values.ndim == 2:
            layer += 1
            bias = True
            yield PastedArray(names.gradient(names.weights(layer)), array.printed, array.line), True
        elif array.printed.values.ndim == 1 and bias:
            bias = False
            yield PastedArray(names.gradient(names.biases(layer)), array.printed, array.line), True
        else:
            yield array, False
