"""Code with a fault in it, as a student would write it: it runs, and its numbers are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backprop_explorer.lessons.questions import CodeLine


@dataclass(frozen=True, slots=True)
class Listing:
    """``code`` runs after ``import numpy as np``. ``fault`` occurs in its wrong line alone.

    ``fix`` is what belongs into that line in the place of ``fault``. ``also`` has such pairs for
    other lines, where one alone does not mend it.
    """

    code: str
    fault: str
    fix: str
    also: tuple[tuple[str, str], ...] = ()

    @property
    def wrong(self) -> frozenset[int]:
        """The wrong lines, counted from 0."""
        return frozenset(self.line(fault) for fault, _ in self._repairs)

    @property
    def _repairs(self) -> tuple[tuple[str, str], ...]:
        return ((self.fault, self.fix), *self.also)

    @property
    def fixed(self) -> str:
        """The code with its fault mended."""
        lines = self.code.split("\n")
        for fault, fix in self._repairs:
            at = self.line(fault)
            lines[at] = lines[at].replace(fault, fix)
        return "\n".join(lines)

    def line(self, fragment: str) -> int:
        """The only line that holds ``fragment``. Raises ValueError if that is not one."""
        (found,) = [k for k, line in enumerate(self.code.split("\n")) if fragment in line]
        return found

    def question(self, prompt: str, why: str, hint: str, others: Mapping[str, str]) -> CodeLine:
        """Which line is wrong? ``others`` has fragments of right lines, and why these are right."""
        return CodeLine(
            prompt,
            self.code,
            self.wrong,
            why,
            {self.line(fragment): said for fragment, said in others.items()},
            hint,
        )
