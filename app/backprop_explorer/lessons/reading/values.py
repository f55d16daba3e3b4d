"""The values that a lesson's texts may name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backprop_explorer.lessons.working import LessonWorking

# The value whose lines can be named without its own name.
WORKING = "working"


class LessonValues(Mapping[str, Any]):
    """The numbers of a lesson; beside them, the lines and givens of ``numbers["working"]``.

    ``values["z1"]`` is that line as the working's convention shows it.
    """

    def __init__(self, numbers: Mapping[str, Any]) -> None:
        self.numbers = numbers
        working = numbers.get(WORKING)
        self._working = working if isinstance(working, LessonWorking) else None

    def __getitem__(self, name: str) -> Any:
        if name in self.numbers or self._working is None:
            return self.numbers[name]
        return self._working[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.numbers
        if self._working is not None:
            yield from (name for name in self._working.names if name not in self.numbers)

    def __len__(self) -> int:
        return sum(1 for _ in self)
