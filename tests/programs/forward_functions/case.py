"""Case: a forward function and its arguments, drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.random import Generator


@dataclass(frozen=True)
class Case:
    """``draw(rng)`` returns the arguments of ``function``; ``wrt`` as for ``bx.explain``."""

    function: Callable[..., Any]
    draw: Callable[[Generator], tuple[Any, ...]]
    wrt: Sequence[str | int] | None = None
    tolerance: float = 1e-6

    @property
    def name(self) -> str:
        """Module and function, for the name of the test."""
        return f"{self.function.__module__.rpartition('.')[2]}-{self.function.__qualname__}"
