"""Print how many programs are judged rightly: python -m tests.corpus.programs [--only NAME]."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from backprop_explorer.notebook.code import check_code
from tests.corpus.programs.entries import Version, same_name, versions


@dataclass(frozen=True)
class Judged:
    """A version and what was found; ``seconds`` is how long the check took."""

    version: Version
    found: Any
    seconds: float

    @property
    def wrong(self) -> bool:
        """Whether the mistake was seen at all."""
        if self.version.latent:
            return bool(self.found.latent)
        return bool(self.found.verdict == "wrong")

    @property
    def line_right(self) -> bool:
        """Whether the line is right."""
        lines = {self.found.first_wrong, *(each.line for each in self.found.other_lines)}
        if self.version.latent:
            return self.wrong
        return self.wrong and any(
            line is not None and abs(line - self.version.line) <= 1 for line in lines
        )

    @property
    def name_right(self) -> bool:
        """Whether line and name are right; a name counts if a sentence says it."""
        said = self.found.latent if self.version.latent else self.found.diagnoses
        names = [each.misconception for each in said if each.message]
        return self.line_right and any(same_name(each, self.version.made) for each in names)

    def __str__(self) -> str:
        version, found = self.version, self.found
        names = [each.misconception for each in found.diagnoses]
        return (
            f"{version.name}, line {version.line}, {'|'.join(version.made) or 'right'}: "
            f"{found.verdict}, line {found.first_wrong}, {', '.join(names) or found.summary}"
        )


def judge(only: str = "") -> Iterator[Judged]:
    """Check every version whose name contains ``only``."""
    for version in versions():
        if only in version.name:
            arguments, options = version.arguments()
            begin = time.perf_counter()
            found = check_code(*arguments, **options)
            yield Judged(version, found, time.perf_counter() - begin)


def report(judged: list[Judged]) -> list[str]:
    """Return the figures as lines of text."""
    right = [each for each in judged if not each.version.made]
    wrong = [each for each in judged if each.version.made]
    seconds = [each.seconds for each in judged] or [0.0]
    correct = sum(each.found.verdict == "correct" for each in right)
    flagged = sum(each.found.verdict == "wrong" for each in right)
    return [
        f"{len(right)} right: {correct} correct, {flagged} flagged",
        (
            f"{len(wrong)} wrong: {sum(e.wrong for e in wrong)} seen,"
            f" {sum(e.line_right for e in wrong)} with line,"
            f" {sum(e.name_right for e in wrong)} with line and name,"
            f" {sum(e.found.verdict == 'correct' for e in wrong if not e.version.latent)} correct"
        ),
        f"median {statistics.median(seconds):.3f} s, longest {max(seconds):.2f} s",
    ]


def main() -> int:
    """Print the report. Returns 1 if a right program is flagged, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="part of the name of a program")
    parser.add_argument("--all", action="store_true", help="list also what is judged rightly")
    options = parser.parse_args()
    judged = list(judge(options.only))
    for each in judged:
        good = each.name_right if each.version.made else each.found.verdict == "correct"
        if options.all or not good:
            sys.stdout.write(f"{each}\n")
    sys.stdout.write("\n".join(report(judged)) + "\n")
    return int(any(e.found.verdict == "wrong" for e in judged if not e.version.made))


if __name__ == "__main__":
    sys.exit(main())
