"""Result of reading a pasted text: arrays, words by name, and the text that was not read."""

from __future__ import annotations

from dataclasses import dataclass, field

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
