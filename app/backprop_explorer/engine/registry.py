"""Registry: the class of the tables ACTIVATIONS, COSTS, OPTIMIZERS, DATASETS, …"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeVar

from backprop_explorer.engine.errors import InvalidInput, UnknownName


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
            raise InvalidInput(field, f"{self.name} must be a finite number")
        if self.integer and value != int(value):
            raise InvalidInput(field, f"{self.name} must be a whole number")
        if not self.minimum <= value <= self.maximum:
            raise InvalidInput(field, f"{self.name} must be {self.bounds}")
        return value

    @property
    def bounds(self) -> str:
        """The bounds in words: "between 1 and 1,000,000"."""
        return f"between {self.minimum:,.15g} and {self.maximum:,.15g}"


class Registry(Mapping[str, EntryT]):
    """An ordered, read-only table of entries by name.

    ``registry["name"]`` raises KeyError, like any mapping. Use ``registry.find("name", field)`` for
    user input: it raises UnknownName, which lists the known names. ``derive`` makes entries of
    names that are not listed, such as "leaky_relu(0.1)". Raises ValueError if two entries have the
    same name.
    """

    def __init__(
        self,
        kind: str,
        *entries: EntryT,
        derive: Callable[[str], EntryT | None] | None = None,
    ) -> None:
        self.kind = kind
        self._derive = None if derive is None else lru_cache(maxsize=256)(derive)
        self._entries = {entry.name: entry for entry in entries}
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

    def find(self, name: str, field: str) -> EntryT:
        """Return the entry, or raise UnknownName for the input ``field``."""
        try:
            return self[name]
        except KeyError:
            raise UnknownName(field, self.kind, self._entries, name) from None
