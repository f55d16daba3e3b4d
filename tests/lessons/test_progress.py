"""What is right about a wrong answer is said; few plausible mistakes get only "not this number"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from backprop_explorer.lessons import LESSONS, progress
from backprop_explorer.lessons.given import TOO_FEW_DIGITS
from backprop_explorer.lessons.questions import LineValue, Slip, Values
from tests.helpers.lessons import cards

RIGHT = [[0.0294, -1.307], [2.611, 0.4418]]
SEED = 1


def said(right: Any, given: Any) -> str:
    mark = Values("?", right).mark(given)
    assert not mark.right
    return mark.message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.transpose(RIGHT), progress.TRANSPOSED),
        (np.negative(RIGHT), progress.OTHER_SIGNS),
        (np.multiply(RIGHT, 2), progress.FACTOR),
        (np.divide(RIGHT, 4), progress.FACTOR),
        (np.multiply(RIGHT, -0.5), progress.FACTOR),
        (np.multiply(RIGHT, 1.37), progress.SAME_FACTOR),
        (RIGHT[::-1], progress.ORDER),
        (np.add(RIGHT, 0.01), progress.SIGNS),
        (np.abs(RIGHT), progress.MARKED),
        (np.zeros((2, 2)), progress.MARKED),
    ],
    ids=str,
)
def test_a_matrix(given: Any, message: str) -> None:
    assert said(RIGHT, np.asarray(given).tolist()) == message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (-0.0294, progress.OTHER_SIGN),
        (0.0147, progress.FACTOR),
        (2.94, progress.FACTOR),
        (0.7, progress.NUMBER),
    ],
)
def test_a_number(given: float, message: str) -> None:
    assert said(0.0294, given) == message


def test_a_rounded_number_is_close_and_gets_no_cross() -> None:
    mark = Values("?", 0.0294).mark("0.03")
    assert (mark.right, mark.message, mark.entries) == (False, TOO_FEW_DIGITS, None)


def test_a_rounded_right_answer_is_no_slip_but_an_exact_slip_is() -> None:
    question = Values("?", 0.0294, slips=[Slip(0.0302, "A."), Slip(0.03, "B.")])
    assert question.mark("0.0302").message == "A."
    assert question.mark("0.03").message == "B."
    question = Values("?", 0.0294, slips=[Slip(0.0302, "A.")])
    assert question.mark("0.03").message == TOO_FEW_DIGITS


def plausible(right: Any) -> Iterator[Any]:
    """Wrong sign, factor 2, divided by a size, transposed."""
    right = np.asarray(right, dtype=np.float64)
    yield from (-right, 2 * right, right / 2)
    yield from (right / size for size in right.shape if size > 1)
    yield from (right * size for size in right.shape if size > 1)
    if right.ndim == 2 and right.shape[0] == right.shape[1]:
        yield right.T


@pytest.mark.parametrize("name", LESSONS)
def test_plausible_mistakes_get_more_than_not_this_number(name: str) -> None:
    """At most 10 % of them in any lesson."""
    messages = []
    for card in cards(name, SEED):
        if isinstance(card.question, Values | LineValue):
            for given in plausible(card.question.solution()):
                mark = card.question.mark(given.tolist())
                if not mark.right:
                    messages.append(mark.message)
    bare = [each for each in messages if each in (progress.NUMBER, progress.MARKED)]
    assert len(messages) > 5
    assert len(bare) <= 0.1 * len(messages)
