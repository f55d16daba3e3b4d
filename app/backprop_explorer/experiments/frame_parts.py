"""The parts of a frame that a request asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.texts import experiments as texts

PARTS = ("parameters", "gradients", "neurons", "boundary", "curves", "health", "maps")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The parts of a frame to compute. ``sample`` is a training row, None for the batch."""

    parts: frozenset[str] = frozenset(PARTS)
    since: int = -1
    grid: int = 48
    axes: tuple[int, ...] = (0, 1)
    sample: int | None = None


def parts_of(names: Iterable[str], field: str = "include") -> frozenset[str]:
    """Return the set of ``names``; for an unknown part of a frame raise InvalidInput(``field``)."""
    chosen = frozenset(name for name in names if name)
    unknown = chosen - set(PARTS)
    if unknown:
        raise InvalidInput(field, texts.unknown_part(", ".join(PARTS)))
    return chosen
