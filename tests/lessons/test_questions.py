"""Reading and marking numbers and shapes given as answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.lessons.number_questions import LineValue, Values
from backprop_explorer.lessons.questions import Mark, Question, Shape
from tests.helpers.lessons import cards

CLOSE = "Close."


def asked(name: str, seed: int, card: int) -> Question:
    """Return the question of a card, counted from 1 as on the page."""
    question = cards(name, seed)[card - 1].question
    assert question is not None
    return question


def mark(right: Any, given: Any, **more: Any) -> Mark:
    return Values("?", right, **more).mark(given)


@pytest.mark.parametrize(
    ("name", "seed", "card", "given"),
    [
        ("iris-with-autograd", 1, 5, "165"),
        ("iris-with-autograd", 1, 5, "165.0"),
        ("iris-with-autograd", 1, 5, 165),
        ("softmax-with-cross-entropy", 0, 2, "1.16"),
        ("a-network-as-a-class", 23, 8, "7.50"),
        ("second-layer", 31, 8, "-1.00"),
        ("bug-a-cost-that-grows", 2147483647, 7, "-0.250"),
    ],
)
def test_three_right_digits_are_enough(name: str, seed: int, card: int, given: Any) -> None:
    marked = asked(name, seed, card).mark(given)
    assert marked.right, marked


@pytest.mark.parametrize("given", ["164", "166", "165.4", "165.9", "164.0", "160"])
def test_three_wrong_digits_are_not(given: str) -> None:
    assert not asked("iris-with-autograd", 1, 5).mark(given).right


def test_a_scalar_is_a_matrix_of_one_entry() -> None:
    (question,) = [
        card.question
        for card in cards("learning-rate", 1)
        if isinstance(card.question, LineValue) and card.question.public()["shape"] == [1, 1]
    ][:1]
    ((number,),) = question.solution()
    for given in (f"np.float64({number})", str(number), f"[{number}]", number, [number]):
        marked = question.mark(given)
        assert marked.right, given
        assert marked.entries == [[True]]
    assert not question.mark([number, number]).right


def test_a_matrix_is_not_taken_for_its_transpose() -> None:
    row = Values("?", [[1.25, 2.5, 3.75]])
    assert "transposed" in row.mark([[1.25], [2.5], [3.75]]).message
    assert not row.mark([1.25, 2.5, 3.75]).right


def test_wrong_answers_with_many_digits_are_not_asked_for_more() -> None:
    question = asked("second-layer", 1, 5)
    off = np.array2string(1.01 * np.asarray(question.solution()), precision=9)
    for marked in (
        question.mark(off),
        asked("one-layer-autograd", 1, 3).mark("0.10212345"),
        mark(2.2478, "2.23"),
        mark([12.3456, 0.0987], "[12.3456, 0.0977]"),
    ):
        assert not marked.right
        assert CLOSE not in marked.message


@pytest.mark.parametrize(
    ("right", "given"),
    [(382, "383"), ([179, 359, 462], "[180 358 462]"), (40, "41"), (1000, "9.9e2"), (1024, "1020")],
)
def test_counts_need_no_minimum_of_digits(right: Any, given: str) -> None:
    marked = mark(right, given)
    assert not marked.right
    assert CLOSE not in marked.message


@pytest.mark.parametrize(
    ("right", "given"),
    [
        (0.10111, "0.1"),
        (2.2478, 2.2),
        ([0.1234, 0.4567], "[0.12 0.46]"),
        ([12.3456, 0.0912], "[12.35 0.09]"),
        (-3.279, "-3"),
        (0.015625, 0.02),
        ([0.003, -0.0387], "[0.00 -0.04]"),
    ],
)
def test_rounded_answers_are_asked_for_more_digits(right: Any, given: Any) -> None:
    marked = mark(right, given)
    assert not marked.right
    assert marked.message.startswith(CLOSE)


@pytest.mark.parametrize("given", ["[0.02 -0.04 0.06 0.01]", [0.017, -0.039, 0.06, 0.011]])
def test_a_line_with_one_or_two_digits_is_close(given: Any) -> None:
    """The checker takes them for rounded numbers of a notebook; a lesson asks for three digits."""
    question = asked("two-layers", 7, 2)
    np.testing.assert_allclose(question.solution(), [0.01689, -0.03875, 0.05996, 0.01149], 1e-3)
    marked = question.mark(given)
    assert (marked.right, marked.close) == (False, True)


@pytest.mark.parametrize(
    ("right", "given"), [(0.00515, 0.01), (2.2478, 3), ([0.0169, -0.0387], [0.02, -0.05]), (0.2, 0)]
)
def test_what_is_not_rounded_is_not_close(right: Any, given: Any) -> None:
    assert not mark(right, given).close


@pytest.mark.parametrize("given", ["[5.96e-08 0 -2.98e-08]", "[1.2e-08 0. -3e-8]", [0, 0, 0]])
def test_a_zero_may_have_been_computed_in_single_precision(given: Any) -> None:
    assert asked("iris-with-own-gradients", 1, 3).mark(given).right


def test_a_summed_zero_may_have_a_larger_error() -> None:
    question = asked("bug-the-same-probabilities", 1, 6)
    assert question.mark("[-3.6e-15 1.19e-07 2.38e-07]").right
    assert not question.mark("[0.001 0 0]").right
    assert not mark([0.0, 2e-6], "[0 1e-6]").right
    assert not mark([0.0, 0.5], "[7 0.5]").right
    assert not mark([0.0, 0.51], "[1e300 0.5]").right


@pytest.mark.parametrize("given", ["8 4", "(8 4)", "8x4", "8,4", "8 × 4", " 8 , 4 ", "[8\t4]"])
def test_a_shape_may_be_written_with_blanks(given: str) -> None:
    assert Shape("?", (8, 4)).mark(given).right


def test_a_shape_of_three_axes_or_of_large_ones_too() -> None:
    assert Shape("?", (3, 3, 2)).mark("3 3 2").right
    assert Shape("?", (1000, 12)).mark("1000 12").right
    assert not Shape("?", (8, 4)).mark("84").right


@pytest.mark.parametrize(
    ("answer", "right"),
    [("0,5", 0.5), ("[0,5]", [0.5]), ("1,2", [1.0, 2.0]), ("1,5\n2,5", [1.5, 2.5]), ("3", 3.0)],
)
def test_a_comma_is_read_by_the_expected_number_count(answer: str, right: Any) -> None:
    assert Values("?", right).mark(answer).right
