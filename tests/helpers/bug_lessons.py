"""What the tests of the "find the bug" lessons share."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from backprop_explorer.lessons.lesson import Lesson
from backprop_explorer.lessons.number_questions import LineValue
from backprop_explorer.lessons.questions import CodeLine
from backprop_explorer.tutor.checker import check
from backprop_explorer.tutor.reading.arrays import parse_array
from tests.helpers.lesson_rules import card, cards_of
from tests.helpers.lessons import LESSONS


def listing_of(name: str) -> CodeLine:
    """Return the question that asks for the wrong line: its code, and the code repaired."""
    (found,) = [
        each.question for each in cards_of(LESSONS[name], 0) if isinstance(each.question, CodeLine)
    ]
    assert all(each.fix is not None for each in found.repairs)
    return found


def executed(code: str, numpy: Any = np) -> dict[str, Any]:
    """Return the functions that ``code`` defines."""
    names: dict[str, Any] = {"np": numpy}
    exec(code, names)
    return names


def line_of(lesson: Lesson, title: str, seed: int = 0) -> LineValue:
    question = card(lesson, title, seed).question
    assert isinstance(question, LineValue)
    return question


def named(lesson: Lesson, title: str, wrong: Any, seed: int = 0) -> str | None:
    """Return the checker's first misconception for ``wrong``, printed as NumPy does.

    The card names the same one.
    """
    question = line_of(lesson, title, seed)
    printed = str(np.asarray(wrong))
    working = question.working
    result = check(working.trace, working.notation, {question.line: parse_array(printed)})
    assert result.verdict == "wrong"
    first = result.diagnoses[0].misconception if result.diagnoses else None
    marked = question.mark(printed)
    assert not marked.right
    assert marked.misconception == first
    return first


def run_batch(code: dict[str, Any], names: dict[str, Any]) -> Any:
    """Call ``backpropagation_batch`` of a program with the numbers of its lesson.

    Returns None if shapes do not fit.
    """
    activations, ders = ([code[name] for name in pair] for pair in (FORWARD, BACKWARD))
    with suppress(ValueError):
        return code["backpropagation_batch"](
            names["inputs"], names["layers"], activations, names["target"], ders
        )
    return None


FORWARD, BACKWARD = ("sigmoid", "ReLU"), ("sigmoid_der", "ReLU_der")


def batch_of(lesson: Lesson, seed: int) -> dict[str, Any]:
    """Return the program of the first card, and the numbers of the card that asks for them."""
    texts = (cards_of(lesson, seed)[0].text, card(lesson, "Weights in a batch", seed).text)
    return executed("\n".join(text.split("```")[1] for text in texts))
