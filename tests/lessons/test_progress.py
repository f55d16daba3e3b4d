"""What is right about a wrong answer is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.lessons.number_questions import LineValue, Slip, Values
from backprop_explorer.texts import lessons as texts
from tests.helpers.lessons import cards

FACTOR = f"{texts.SIMPLE_FACTOR} {texts.LOOK_FOR_A_FACTOR}"
RIGHT = [[0.0294, -1.307], [2.611, 0.4418]]
SEED = 1
CARD_OF_Z2 = "the-second-pre-activation"


def said(right: Any, given: Any) -> str:
    mark = Values("?", right).mark(given)
    assert not mark.right
    return mark.message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.transpose(RIGHT), texts.NUMBERS_TRANSPOSED),
        (np.negative(RIGHT), texts.SIGNS_WRONG),
        (np.multiply(RIGHT, 2), FACTOR),
        (np.divide(RIGHT, 4), FACTOR),
        (np.multiply(RIGHT, -0.5), FACTOR),
        (np.multiply(RIGHT, 1.37), texts.ONE_FACTOR),
        (RIGHT[::-1], texts.ANOTHER_ORDER),
        (np.add(RIGHT, 0.01), texts.SHAPE_AND_SIGNS_RIGHT),
        (np.abs(RIGHT), texts.MARKED_ENTRIES),
        (np.zeros((2, 2)), texts.MARKED_ENTRIES),
    ],
    ids=str,
)
def test_a_matrix(given: Any, message: str) -> None:
    assert said(RIGHT, np.asarray(given).tolist()) == message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (-0.0294, texts.SIGN_WRONG),
        (0.0147, FACTOR),
        (2.94, texts.IS_IT_A_PERCENTAGE),
        (0.7, texts.SIGN_ONLY),
        (-0.7, texts.NOT_THIS_NUMBER),
    ],
)
def test_a_number(given: float, message: str) -> None:
    assert said(0.0294, given) == message


@pytest.mark.parametrize(
    ("given", "message"), [(41, texts.OFF_BY_ONE), (39, texts.OFF_BY_ONE), (43, texts.SIGN_ONLY)]
)
def test_a_count(given: int, message: str) -> None:
    assert said(40, given) == message


def test_the_numbers_of_another_line_are_named() -> None:
    (question,) = (c.question for c in cards("second-layer", SEED) if c.name == CARD_OF_Z2)
    assert isinstance(question, LineValue)
    mark = question.mark(question.working["a2"].tolist())
    assert not mark.right
    assert mark.message == "These are the numbers of $a^{(2)}$. Asked for is $z^{(2)}$."


def test_a_rounded_number_is_close_and_gets_no_cross() -> None:
    mark = Values("?", 0.0294).mark("0.03")
    assert (mark.right, mark.message, mark.entries) == (False, texts.CLOSE, None)
    assert mark.close
    assert not Values("?", 0.0294).mark("0.0312").close


def test_a_rounded_right_answer_is_no_slip_but_an_exact_slip_is() -> None:
    question = Values("?", 0.0294, slips=[Slip(0.0302, "A."), Slip(0.03, "B.")])
    assert question.mark("0.0302").message == "A."
    assert question.mark("0.03").message == "B."
    question = Values("?", 0.0294, slips=[Slip(0.0302, "A.")])
    assert question.mark("0.03").message == texts.CLOSE
