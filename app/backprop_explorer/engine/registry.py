"""Registry: the class of the tables ACTIVATIONS, COSTS, OPTIMIZERS, DATASETS, …"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.texts import engine as texts
from backprop_explorer.texts import tables

# Fields of an entry that a reader sees.
_WORDS = ("title", "description", "did", "why", "text")


class Named(Protocol):
    """An object with a name, as the entries of a registry must be."""

    @property
    def name(self) -> str: ...


EntryT = TypeVar("EntryT", bound=Named)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A numeric setting of an entry, with its bounds (both inclusive)."""

    name: str
    title: str
    default: float
    minimum: float
    maximum: float
    integer: bool = False

    def check(self, value: float, field: str) -> float:
        """Return ``value``. Raises InvalidInput for ``field`` if it is not allowed."""
        # Not math.isfinite: it raises OverflowError for integers too large for a float.
        if not abs(value) < math.inf:
            raise InvalidInput(field, texts.not_finite(self.name))
        if self.integer and value != int(value):
            raise InvalidInput(field, texts.not_whole(self.name))
        if not self.minimum <= value <= self.maximum:
            raise InvalidInput(field, texts.out_of_bounds(self.name, self.bounds))
        return value

    @property
    def bounds(self) -> str:
        """The bounds in words: "between 1 and 1,000,000"."""
        return texts.bounds(self.minimum, self.maximum)


class Registry(Mapping[str, EntryT]):
    """An ordered, read-only table of entries by name.

    ``registry["name"]`` raises KeyError, like any mapping. Use ``registry.find("name", field)`` for
    user input: it raises UnknownName, which lists the known names. ``derive`` makes entries of
    names that are not listed, such as "leaky_relu(0.1)". Raises ValueError if two entries have the
    same name.
    """

    def __init__(
        self, kind: str, *entries: EntryT, derive: Callable[[str], EntryT | None] | None = None
    ) -> None:
        self.kind = kind
        self._derive = None if derive is None else lru_cache(maxsize=256)(derive)
        self._entries = {
            entry.name: reworded(entry, f"{kind}.{entry.name}", tables.ENTRIES) for entry in entries
        }
        if len(self._entries) != len(entries):
            raise ValueError(f"two entries of the {kind} registry have the same name")

    def __getitem__(self, name: str) -> EntryT:
        entry = self._entries.get(name)
        if entry is None and self._derive is not None and isinstance(name, str):
            entry = self._derive(name)
        if entry is None:
            raise KeyError(name)
        return entry

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def texts(self) -> dict[str, str]:
        """Return the texts of all entries by id, such as ``activation.relu.title``."""
        by_id: dict[str, str] = {}
        for name, entry in self._entries.items():
            by_id |= _texts_of(entry, f"{self.kind}.{name}")
        return by_id

    def find(self, name: str, field: str) -> EntryT:
        """Return the entry, or raise UnknownName for the input ``field``."""
        try:
            return self[name]
        except KeyError:
            raise UnknownName(field, self.kind, self._entries, name) from None


def _named_parts(entry: Any) -> dict[str, tuple[Any, ...]]:
    """Return the tuples of named parts of an entry, such as its parameters, by field."""
    parts = {field.name: getattr(entry, field.name) for field in fields(entry)}
    return {
        name: value
        for name, value in parts.items()
        if isinstance(value, tuple)
        and value
        and all(is_dataclass(each) and hasattr(each, "name") for each in value)
    }


def _texts_of(entry: Any, path: str) -> dict[str, str]:
    by_id: dict[str, str] = {}
    if is_dataclass(entry):
        names = {field.name for field in fields(entry)}
        by_id = {f"{path}.{word}": getattr(entry, word) for word in _WORDS if word in names}
        for name, parts in _named_parts(entry).items():
            for part in parts:
                by_id.update(_texts_of(part, f"{path}.{name}.{part.name}"))
    return by_id


def reworded(entry: EntryT, path: str, words: Mapping[str, str]) -> EntryT:
    """Return the entry with the texts that ``words`` has for its ids, which begin with ``path``."""
    replaced = [each for each in words if each.startswith(f"{path}.")]
    if not replaced:
        return entry
    changed: dict[str, Any] = {
        word: words[f"{path}.{word}"] for word in _WORDS if f"{path}.{word}" in words
    }
    for name, parts in _named_parts(entry).items():
        changed[name] = tuple(reworded(each, f"{path}.{name}.{each.name}", words) for each in parts)
    fresh: EntryT = replace(entry, **changed)  # type: ignore[type-var]
    return fresh
