"""Few plausible mistakes in any lesson get only "not this number".

Three parts of a mark say more: the reason of a slip that the author knew, the checker's diagnosis,
and a remark on what is right. The first two have tests of their own in each lesson: the remarks
explain so many answers that the share of all would hardly change without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backprop_explorer.lessons.distinct import mistakes_of
from backprop_explorer.lessons.given import read
from backprop_explorer.lessons.number_questions import LineValue, Values
from backprop_explorer.texts import lessons as texts
from tests.helpers.cases import exhaustive, few_that_cover
from tests.helpers.lesson_features import asked_features
from tests.helpers.lessons import LESSONS, cards

SEED = 1
LINE = re.compile(r"(dC_da|dC_dz|dC_dW|dC_db|z|a)(\d+)")
NOTHING_NAMED = (
    texts.NOT_THIS_NUMBER,
    texts.SIGN_ONLY,
    texts.MARKED_ENTRIES,
    texts.SHAPE_AND_SIGNS_RIGHT,
)
MOST = 0.1
NumberQuestion = Values | LineValue
# The checker is slow, and finds the same where the same is asked.
few_lessons = pytest.mark.parametrize("name", few_that_cover(asked_features()))


def plausible(right: Any) -> Iterator[Any]:
    """Wrong sign, factor 2, divided by a size, transposed; of a count, one more and one less."""
    right = np.asarray(right, dtype=np.float64)
    if right.ndim == 0 and right == np.round(right):
        yield from (right - 1, right + 1)
        return
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
        column = working.notation.convention.transposed
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


def wrong_answers(question: NumberQuestion) -> Iterator[Any]:
    """Plausible wrong answers, of the shape of the right one."""
    right = np.asarray(question.solution(), dtype=np.float64)
    yield from plausible(right)
    # With a penalty these would be two mistakes in one.
    if isinstance(question, LineValue) and not question.working.problem.objective.penalized:
        yield from (each for each in of_another_line(question) if each.shape == right.shape)


def of_misconceptions(question: LineValue) -> Iterator[Any]:
    """What the misconceptions of the catalog give at this line, one example of each."""
    working, known = question.working, set()
    axes = next(line.node.axes for line in working.trace.lines if line.id == question.line)
    for line, misconception, _, value in mistakes_of(working):
        if line == question.line and misconception and misconception not in known:
            known.add(misconception)
            yield np.asarray(working.notation.show(value, axes))


def number_questions(name: str) -> Iterator[NumberQuestion]:
    for card in cards(name, SEED):
        if isinstance(card.question, NumberQuestion):
            yield card.question


def said_of(question: NumberQuestion, given: Any) -> str | None:
    """What the mark of a wrong answer says; None if the answer is right."""
    mark = question.mark(np.asarray(given).tolist())
    return None if mark.right else mark.message


def remark(question: LineValue, given: Any) -> str:
    """What is said without the checker and the author."""
    expected = np.asarray(question.solution())
    return question.remark(read(np.asarray(given).tolist(), expected.shape), expected)


@few_lessons
def test_plausible_mistakes_get_more_than_not_this_number(name: str) -> None:
    """At most 10 % of them in any lesson, or one of a few."""
    said = [
        message
        for question in number_questions(name)
        for answer in wrong_answers(question)
        if (message := said_of(question, answer)) is not None
    ]
    silent = sum(message in NOTHING_NAMED for message in said)
    assert len(said) > 3
    assert silent <= max(1, MOST * len(said))


@few_lessons
def test_the_checker_names_what_no_remark_does(name: str) -> None:
    """Of the answers that only a diagnosis explains, at most 10 % have none."""
    asked = [
        replace(question, slips=())
        for question in number_questions(name)
        if isinstance(question, LineValue)
    ]
    only = [
        message
        for question in asked
        for answer in (*wrong_answers(question), *of_misconceptions(question))
        if answer.shape == np.shape(question.solution())
        and remark(question, answer) in NOTHING_NAMED
        and (message := said_of(question, answer)) is not None
    ]
    # Mistakes of the way back are the checker's; a lesson may ask only the way forward.
    assert only or not any(question.line.startswith("dC_") for question in asked)
    silent = sum(message in NOTHING_NAMED for message in only)
    assert silent <= MOST * len(only)


def drawn_wrong(right: Any, rng: np.random.Generator) -> Any:
    """Numbers with 8 digits: each entry 3 to 12 % off, or one entry 5 to 30 %."""
    right = np.asarray(right, dtype=np.float64)
    off = rng.uniform(0.03, 0.12, right.shape) * rng.choice([-1, 1], right.shape)
    if rng.random() < 0.5:
        one = np.arange(right.size) == rng.choice(np.flatnonzero(right))
        off = one.reshape(right.shape) * rng.uniform(0.05, 0.3) * rng.choice([-1, 1])
    return np.vectorize(lambda value: float(f"{value:.8g}"))(right * (1 + off))


@pytest.mark.parametrize(("seed", "count"), [(0, 60), *(exhaustive(k, 200) for k in range(1, 6))])
def test_no_mistake_is_named_for_drawn_numbers(seed: int, count: int) -> None:
    by_size: dict[int, list[LineValue]] = {1: [], 2: [], 3: [], 4: []}
    some = ["learning-rate", "optimizers", "any-depth", *(n for n in LESSONS if n[:4] == "bug-")]
    for question in (each for name in some for each in number_questions(name)):
        size = np.size(question.solution())
        if isinstance(question, LineValue) and size in by_size and np.any(question.solution()):
            by_size[size].append(question)
    rng = np.random.default_rng(seed)
    named = []
    for k in range(count):
        asked = by_size[k % 4 + 1]
        question = asked[rng.integers(len(asked))]
        mark = question.mark(drawn_wrong(question.solution(), rng).tolist())
        assert not mark.right
        named += [mark.message] if mark.misconception else []
    assert named == []


@pytest.mark.parametrize(
    ("name", "seed", "card"),
    [*(("any-depth", seed, 5) for seed in (7, 31, 33, 43)), ("bug-right-in-the-last-layer", 7, 3)],
)
def test_the_numbers_of_another_line_are_no_mistake(name: str, seed: int, card: int) -> None:
    question = cards(name, seed)[card].question
    assert isinstance(question, LineValue)
    mark = replace(question, slips=()).mark(np.asarray(question.working["dC_dz1"]).tolist())
    assert mark.message.startswith(r"These are the numbers of $\frac{\partial C}{\partial z^{(1)}}")
    assert mark.misconception is None


def test_a_mistake_in_inexact_numbers_is_named() -> None:
    """A step of Adam without ε, and numbers that are typed with other digits each."""
    adam = cards("optimizers", 7)[6].question
    assert isinstance(adam, LineValue)
    W, after = (np.asarray(adam.working[name]) for name in ("W1", "W1_next"))
    ascent = np.round(2 * W - after, 6)
    assert not np.array_equal(ascent, 2 * W - after)
    assert adam.mark(ascent.tolist()).misconception == "gradient_ascent"
    scaled = cards("two-layers", 7)[4].question
    assert isinstance(scaled, LineValue)
    typed = [float(f"{3 * value:.5g}") for value in scaled.solution()]
    assert scaled.mark(typed).misconception == "cost_gradient_scale"
