"""Defects planted on purpose, each with the tests of ``make test`` that must find it.

``make test`` leaves out most combinations of sizes, themes and lessons (the mark ``exhaustive``).
This list shows that the rest finds what all of them would find: ``python -m tests.mutations``
plants one defect at a time in a copy of the checkout and runs its tests there. One more defect is
one more ``Mutation`` in the list of its part.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """A change of one place in one file.

    ``file``: path from the checkout. ``before``: text that is there exactly once. ``after``: what
    takes its place. ``tests``: files or ids for pytest; at least one of them must fail.
    """

    file: str
    before: str
    after: str
    tests: tuple[str, ...]
