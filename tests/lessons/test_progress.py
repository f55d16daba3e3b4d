"""What is right about a wrong answer is said; few plausible mistakes get only "not this number"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from backprop_explorer.lessons import progress
from backprop_explorer.lessons.given import TOO_FEW_DIGITS
from backprop_explorer.lessons.number_questions import LineValue, Slip, Values
from backprop_explorer.lessons.own import LESSONS
from tests.helpers.lessons import cards

RIGHT = [[0.0294, -1.307], [2.611, 0.4418]]
SEED = 1
CARD_OF_Z2 = "the-second-pre-activation"
LINE = re.compile(r"(dC_da|dC_dz|dC_dW|dC_db|z|a)(\d+)")


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
        (0.7, progress.SIGN_ONLY),
        (-0.7, progress.NUMBER),
    ],
)
def test_a_number(given: float, message: str) -> None:
    assert said(0.0294, given) == message


@pytest.mark.parametrize(
    ("given", "message"),
    [(41, progress.OFF_BY_ONE), (39, progress.OFF_BY_ONE), (43, progress.SIGN_ONLY)],
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
    assert (mark.right, mark.message, mark.entries) == (False, TOO_FEW_DIGITS, None)
    assert mark.close
    assert not Values("?", 0.0294).mark("0.0312").close


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


def of_another_line(question: LineValue) -> Iterator[Any]:
    """A missing slope or activation, the input of another layer, and the same line of one."""
    working, found = question.working, LINE.fullmatch(question.line)
    if found is None:
        return
    kind, layer = found[1], int(found[2])

    def line(name: str) -> Any:
        name = "x" if name == "a0" else name
        return np.asarray(working[name]) if name in working.names else np.empty(0)

    def product(below: Any, delta: Any) -> Any:
        column = working.convention == "column"
        below, delta = np.atleast_2d(below), np.atleast_2d(delta)
        if below.size == 0 or delta.size == 0:
            return below
        return delta.T @ below if column else below.T @ delta

    dC_da, dC_dz = line(f"dC_da{layer}"), line(f"dC_dz{layer}")
    if kind == "dC_dW":
        yield product(line(f"a{layer - 1}"), dC_da)
        yield from (product(line(f"a{other}"), dC_dz) for other in (layer, layer - 2))
        yield product(line(f"z{layer - 1}"), dC_dz)
    if kind == "dC_db":
        yield dC_da if dC_da.ndim < 2 else dC_da.sum(axis=0)
    yield {"dC_dz": dC_da, "a": line(f"z{layer}")}.get(kind, np.empty(0))
    yield from (line(f"{kind}{other}") for other in (layer - 1, layer + 1))


def wrong_answers(question: Values | LineValue) -> Iterator[Any]:
    """Plausible wrong answers, of the shape of the right one."""
    right = np.asarray(question.solution(), dtype=np.float64)
    yield from plausible(right)
    # With a penalty these would be two mistakes in one.
    if isinstance(question, LineValue) and not (question.working.l1 or question.working.l2):
        yield from (each for each in of_another_line(question) if each.shape == right.shape)


@pytest.mark.parametrize("name", LESSONS)
def test_plausible_mistakes_get_more_than_not_this_number(name: str) -> None:
    """At most 10 % of them in any lesson."""
    messages = []
    for card in cards(name, SEED):
        if isinstance(card.question, Values | LineValue):
            for given in wrong_answers(card.question):
                mark = card.question.mark(given.tolist())
                if not mark.right:
                    messages.append(mark.message)
    nothing_named = (progress.NUMBER, progress.SIGN_ONLY, progress.MARKED, progress.SIGNS)
    bare = [each for each in messages if each in nothing_named]
    assert len(messages) > 5
    assert len(bare) <= 0.1 * len(messages)
