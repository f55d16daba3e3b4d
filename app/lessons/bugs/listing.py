"""Code with a fault in it, as a student would write it: it runs, and its numbers are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.lessons.questions import CodeLine


@dataclass(frozen=True, slots=True)
class Listing:
    """``code`` runs after ``import numpy as np``. ``fault`` occurs in its wrong line alone.

    ``fix`` is what belongs into that line in the place of ``fault``.
    """

    code: str
    fault: str
    fix: str

    @property
    def wrong(self) -> int:
        """The wrong line, counted from 0."""
        return self.line(self.fault)

    @property
    def fixed(self) -> str:
        """The code with its fault mended."""
        lines = self.code.split("\n")
        lines[self.wrong] = lines[self.wrong].replace(self.fault, self.fix)
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
            frozenset({self.wrong}),
            why,
            {self.line(fragment): said for fragment, said in others.items()},
            hint,
        )
