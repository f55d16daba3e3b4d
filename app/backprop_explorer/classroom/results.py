"""What the tasks of questions return."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

Verdict = Literal["right", "close", "wrong"]


class ShownQuestion(NamedTuple):
    """A question as it is shown, the text and the scene of its card, and its answer."""

    question: dict[str, Any]
    text: list[Any]
    scene: dict[str, Any] | None
    solution: dict[str, Any] | None


class Prepared(NamedTuple):
    """A question as it is stored, and as it is shown: None if each student has another."""

    spec: bytes
    shown: ShownQuestion | None
    kind: str
    line: str | None


class Marked(NamedTuple):
    """The mark of an answer, and where and how it is counted.

    ``diagnosed``: the likely mistake was looked for, if there is one.
    """

    verdict: Verdict
    misconception: str | None
    line: str | None
    mark: dict[str, Any]
    diagnosed: bool
