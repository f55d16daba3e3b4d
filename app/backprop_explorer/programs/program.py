"""Program: a NumPy function, its data drawn from a seed, and what is to be seen in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from backprop_explorer.engine.errors import UnknownName
from backprop_explorer.engine.registry import Parameter

Topic = Literal["layers", "sequences", "costs"]
Show = Literal["numbers", "picture", "image", "bars"]


def size(name: str, title: str, default: int, minimum: int, maximum: int) -> Parameter:
    """Return a size that a reader may change, with its bounds (both inclusive)."""
    return Parameter(name, title, default, minimum, maximum, integer=True)


@dataclass(frozen=True, slots=True)
class ReadyProgram:
    """A ready program.

    ``function`` is a plain NumPy function that returns the cost. ``data(rng, **sizes)`` returns its
    arguments by name; ``wrt`` names those whose gradient is shown, ``axes`` the axes of some
    arrays. ``description`` is the sentence of the gallery, ``text`` has the two that follow it.
    ``tag`` is the idea in one word, ``shapes`` the sizes in words with a field for each size
    ("{N}×{D}"), and ``place`` orders the gallery.
    ``picture`` has the arrays of its picture in the gallery, in columns from left to right.
    ``show`` says how variables are drawn where that does not follow from their size.
    """

    name: str
    title: str
    topic: Topic
    tag: str
    place: int
    description: str
    text: str
    shapes: str
    picture: tuple[tuple[str, ...], ...]
    function: Callable[..., Any]
    data: Callable[..., Mapping[str, Any]]
    wrt: tuple[str, ...]
    axes: Mapping[str, tuple[str, ...]]
    sizes: tuple[Parameter, ...] = ()
    show: Mapping[str, Show] = field(default_factory=dict)

    def arguments(self, seed: int, sizes: Mapping[str, int] | None = None) -> Mapping[str, Any]:
        """Return the arguments of ``function`` for ``seed`` (not negative) and ``sizes``.

        A size that is not given has its default. Raises InvalidInput for the field "sizes.NAME".
        """
        return self.data(np.random.default_rng(seed), **self.all_sizes(sizes))

    def all_sizes(self, sizes: Mapping[str, int] | None = None) -> dict[str, int]:
        """Return every size by name, those of ``sizes`` checked against their bounds."""
        given = dict(sizes or {})
        known = {each.name: each for each in self.sizes}
        for name, value in given.items():
            if name not in known:
                raise UnknownName(f"sizes.{name}"[:80], "size", known, name)
            known[name].check(value, f"sizes.{name}")
        return {name: int(given.get(name, each.default)) for name, each in known.items()}
