"""The tasks of questions by name, as in ``compute.remote_tasks``, and what they return."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from backprop_explorer.engine.late import Late

_QUESTIONS = "backprop_explorer.classroom.questions"

prepare = Late(_QUESTIONS, "prepare")
show = Late(_QUESTIONS, "show")
mark_answer = Late(_QUESTIONS, "mark_answer")

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
