"""Few plausible wrong answers in lessons get only "not this number", or "a factor is wrong".

Three parts of a mark say more: the reason of a slip that the author knew, the checker's diagnosis,
and a remark on what is right. The first two have tests of their own in each lesson: the remarks
explain so many answers that the share of all would hardly change without them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import permutations
from math import prod
from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.names import named, of_layer
from backprop_explorer.lessons.distinct import mistakes_of
from backprop_explorer.lessons.given import KINDS, read
from backprop_explorer.lessons.number_questions import LineValue, Values
from backprop_explorer.lessons.questions import Shape
from backprop_explorer.texts import lessons as texts
from tests.helpers.cases import exhaustive, few_that_cover
from tests.helpers.lesson_features import asked_features
from tests.helpers.lessons import LESSONS, cards

SEED = 1
SILENT = (texts.NOT_THIS_NUMBER, texts.SIGN_ONLY, texts.MARKED_ENTRIES, texts.SHAPE_AND_SIGNS_RIGHT)
# What is said of numbers that mean nothing.
SAID_OF_ANY = (*SILENT, texts.CLOSE, texts.ONE_FACTOR)
# Only in which way all numbers differ: sign, factor, order, transposed.
ONLY_THE_KIND = (*KINDS, f"{texts.SIMPLE_FACTOR} {texts.LOOK_FOR_A_FACTOR}")
TRANSPOSED = re.compile(texts.shape_transposed(".*", ".*"))
# Of all 12 kinds together; the numbers of each of the four groups of lessons.
MOST_SILENT, MOST_ONLY_THE_KIND = 0.08, 124 // 4
FEWEST = {"week41": 120, "week42": 300, "further": 280, "bugs": 200}
MOST = 0.1
NumberQuestion = Values | LineValue
Array = Any
# The checker is slow, and finds the same where the same is asked.
few_lessons = pytest.mark.parametrize("name", few_that_cover(asked_features()))


def sign(right: Array, question: NumberQuestion) -> Iterator[Array]:
    if not counts(right):
        yield -right


def factor_2(right: Array, question: NumberQuestion) -> Iterator[Array]:
    if not counts(right):
        yield from (2 * right, right / 2)


def mean_or_sum(right: Array, question: NumberQuestion) -> Iterator[Array]:
    sizes = set(right.shape)
    if isinstance(question, LineValue):
        sizes |= {*question.working.target.shape}
    for size in sizes - {1, 2}:
        if not counts(right):
            yield from (right / size, right * size)


def transposed(right: Array, question: NumberQuestion) -> Iterator[Array]:
    if right.ndim == 2 and right.size > 1:
        yield right.T


def slope(right: Array, question: NumberQuestion) -> Iterator[Array]:
    """Left out, twice, that of another activation, or a in its place."""
    if not isinstance(question, LineValue):
        return
    name, line = named(question.line), question.working.__getitem__
    layer = name.layer
    if name.kind in ("dC_dz", "dC_db", "dC_dW") and layer and f"dC_da{layer}" in known(question):
        dC_da, dC_dz = (np.atleast_2d(line(f"{kind}{layer}")) for kind in ("dC_da", "dC_dz"))
        with np.errstate(divide="ignore", invalid="ignore"):
            twice = np.nan_to_num(dC_dz * dC_dz / dC_da, posinf=0.0, neginf=0.0)
        for delta in (dC_da, twice, dC_da * line(f"a{layer}")):
            below = np.atleast_2d(line(f"a{layer - 1}" if layer > 1 else "x"))
            product = below.T @ delta
            turned = question.working.notation.convention.transposed
            weights = product.T if turned else product
            yield {"dC_dz": delta, "dC_db": delta.sum(axis=0), "dC_dW": weights}[name.kind]
    if name.kind == "dC_da" and f"dC_da{(layer or 0) + 1}" in known(question):
        turned = question.working.notation.convention.transposed
        W = line(f"W{(layer or 0) + 1}")
        yield line(f"dC_da{(layer or 0) + 1}") @ (W if turned else W.T)


def one_off(right: Array, question: NumberQuestion) -> Iterator[Array]:
    """The next entry, the number beside, the same line of the layer before or after."""
    if right.ndim == 0 and counts(right):
        yield from (right - 1, right + 1)
    if right.ndim == 1 and right.size > 2:
        yield from (np.roll(right, 1), np.roll(right, -1))
    if isinstance(question, LineValue):
        name = named(question.line)
        near = (of_layer(name.kind, (name.layer or 1) + step) for step in (-1, 1))
        others = [*near, *{"a": ["z"], "z": ["a"], "dC_da": ["dC_dz"]}.get(name.kind, [])]
        for other in others:
            other = (
                of_layer(other, name.layer or 1) if len(other) < 6 and other.isalpha() else other
            )
            if other in known(question):
                yield question.working[other]


def bias_forgotten(right: Array, question: NumberQuestion) -> Iterator[Array]:
    yield from recomputed(question, lambda W, b, f: (W, 0 * b, f))


def activation(right: Array, question: NumberQuestion) -> Iterator[Array]:
    """Forgotten, or that of another layer."""
    for other in ("identity", "sigmoid", "tanh", "relu"):
        yield from recomputed(question, lambda W, b, f, other=other: (W, b, other))


def one_digit(right: Array, question: NumberQuestion) -> Iterator[Array]:
    if not counts(right):
        yield np.vectorize(lambda value: float(f"{value:.1g}"))(right)


def units(right: Array, question: NumberQuestion) -> Iterator[Array]:
    """A percentage, and the quotient the other way round."""
    if right.size == 1 and right.all() and not counts(right):
        yield from (100 * right, 1 / right)


def order(right: Array, question: NumberQuestion) -> Iterator[Array]:
    if right.ndim == 1 and right.size > 1:
        yield from (right[::-1], np.sort(right))
    if right.ndim == 2 and min(right.shape) > 1:
        yield from (right[::-1], right.T.reshape(right.shape))


def other_cost(right: Array, question: NumberQuestion) -> Iterator[Array]:
    """Another base of the logarithm, or the gradient of another cost."""
    if isinstance(question, Values) and "log" in question.why:
        yield from (right / np.log(10), right / np.log(2))
    if isinstance(question, LineValue):
        problem = question.working
        for cost in ("mse", "mae", "huber", "cross_entropy", "binary_cross_entropy"):
            changed = replace(problem, objective=replace(problem.objective, cost=cost))
            with np.errstate(all="ignore"), suppress(InvalidInput, KeyError):
                yield changed[question.line]


# The kinds of wrong answers that students give.
WRONG = (
    *(sign, factor_2, mean_or_sum, transposed, slope, one_off),
    *(bias_forgotten, activation, one_digit, units, order, other_cost),
)


def counts(right: Array) -> bool:
    return bool((right == np.round(right)).all())


def known(question: LineValue) -> Sequence[str]:
    return [*question.working.trace.values()]


def recomputed(question: NumberQuestion, change: Callable[..., Any]) -> Iterator[Array]:
    """The line with its layer changed; cost and softmax may need the activation they have."""
    if isinstance(question, LineValue):
        working, at = question.working, (named(question.line).layer or 1) - 1
        pairs = zip(working.layers, working.activations, strict=True)
        layers = [(*pair, activation) for pair, activation in pairs]
        layers[at] = change(*layers[at])
        with np.errstate(all="ignore"), suppress(InvalidInput, KeyError):
            yield working.with_layers(layers)[question.line]


def wrong_answers(question: NumberQuestion) -> Iterator[tuple[str, Array]]:
    """Each once, with its kind; none is right to three digits."""
    right, seen = np.asarray(question.solution(), dtype=np.float64), set()
    for kind in WRONG:
        found = []
        for answer in kind(right, question):
            array = np.asarray(answer, dtype=np.float64)
            fits = array.shape == right.shape or kind is transposed
            key = (array.shape, np.array2string(array, precision=9))
            if fits and array.any() and np.isfinite(array).all() and key not in seen:
                seen.add(key)
                found.append(array)
        if found:  # marking is slow: one of each kind, another one for another question
            yield kind.__name__, found[len(question.prompt) % len(found)]


def of_misconceptions(question: LineValue) -> Iterator[Any]:
    """What the misconceptions of the catalog give at this line, one example of each."""
    working, known = question.working, set()
    axes = next(line.node.axes for line in working.trace.lines if line.node.id == question.line)
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


@pytest.mark.parametrize("group", FEWEST)
def test_plausible_wrong_answers_get_more_than_a_general_remark(group: str) -> None:
    """Of 12 kinds of wrong answers in all lessons: few remain unexplained, few by kind alone."""
    tried: Counter[str] = Counter()
    silent, only_the_kind = [], []
    for name in (each.name for each in LESSONS.values() if each.group == group):
        for question in number_questions(name):
            for kind, answer in wrong_answers(question):
                if (message := said_of(question, answer)) is not None:
                    tried[kind] += 1
                    where = (name, question.prompt, kind)
                    silent += [where] if message in SILENT else []
                    alone = message in ONLY_THE_KIND or TRANSPOSED.fullmatch(message)
                    only_the_kind += [where] if alone else []
    no_slopes = {"slope"} if group == "week41" else set()  # the forward pass has none
    assert {kind.__name__ for kind in WRONG} - set(tried) == no_slopes
    assert tried.total() >= FEWEST[group]
    assert len(silent) <= MOST_SILENT * tried.total(), silent
    assert len(only_the_kind) <= MOST_ONLY_THE_KIND, only_the_kind


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
        for answer in (*(each for _, each in wrong_answers(question)), *of_misconceptions(question))
        if answer.shape == np.shape(question.solution())
        and remark(question, answer) in SILENT
        and (message := said_of(question, answer)) is not None
    ]
    # Mistakes of the way back are the checker's; a lesson may ask only the way forward.
    assert only or not any(question.line.startswith("dC_") for question in asked)
    silent = sum(message in SILENT for message in only)
    assert silent <= MOST * len(only)


def wrong_shapes(right: Sequence[int]) -> set[tuple[int, ...]]:
    """Another order, an axis too much or too few, flattened, square, counted from 1."""
    found = {*permutations(right), (1, *right), (*right, 1), right[1:], right[:-1], (prod(right),)}
    square = {(size,) * len(right) for size in right}
    ones = {(*right[:k], 1, *right[k + 1 :]) for k in range(len(right))}
    return {*found, *square, *ones, tuple(n + 1 for n in right)} - {tuple(right), ()}


def test_plausible_wrong_shapes_get_more_than_a_general_remark() -> None:
    """What is right of a shape is said; of a seventh no number is right in its place."""
    asked = [card.question for name in LESSONS for card in cards(name, SEED)]
    said = [
        question.mark(list(shape)).message
        for question in asked
        if isinstance(question, Shape)
        for shape in wrong_shapes(question.right)
    ]
    assert len(said) >= 184
    assert 7 * said.count(texts.COUNT_AXES) <= len(said)


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
        told = mark.misconception or not mark.message.startswith(SAID_OF_ANY)
        named += [mark.message] if told else []
    assert named == []


@pytest.mark.parametrize(
    ("name", "seed", "card"),
    [*(("any-depth", seed, 6) for seed in (7, 31, 33, 43)), ("bug-right-in-the-last-layer", 7, 3)],
)
def test_the_numbers_of_another_line_are_no_mistake(name: str, seed: int, card: int) -> None:
    question = cards(name, seed)[card].question
    assert isinstance(question, LineValue)
    mark = replace(question, slips=()).mark(np.asarray(question.working["dC_dz1"]).tolist())
    assert mark.message.startswith(r"These are the numbers of $\frac{\partial C}{\partial z^{(1)}}")
    assert mark.misconception is None


@pytest.mark.parametrize(
    ("name", "card"),
    [("backprop-in-batches", 5), ("backprop-in-batches", 8), ("dead-relu", 2), ("dead-relu", 6)],
)
def test_a_mean_over_the_samples_is_no_mistake_of_the_cost(name: str, card: int) -> None:
    question = cards(name, 7)[card].question
    assert isinstance(question, LineValue)
    mark = question.mark((np.asarray(question.solution()) / 4).tolist())
    assert "samples" in mark.message


def test_a_target_without_decimals_is_not_taken_for_a_rounded_answer() -> None:
    question = cards("iris-before-training", 7)[2].question
    assert isinstance(question, LineValue)
    mark = question.mark(np.asarray(question.working["target"]).tolist())
    assert mark.message.startswith("This is the target")


def test_a_mistake_in_inexact_numbers_is_named() -> None:
    """A step of Adam without ε, and numbers that are typed with other digits each."""
    adam = cards("optimizers", 7)[6].question
    assert isinstance(adam, LineValue)
    W, after = (np.asarray(adam.working[name]) for name in ("W1", "W1_next"))
    ascent = np.round(2 * W - after, 6)
    assert not np.array_equal(ascent, 2 * W - after)
    assert adam.mark(ascent.tolist()).misconception == "gradient_ascent"
    scaled = cards("two-layers", 7)[5].question
    assert isinstance(scaled, LineValue)
    typed = [float(f"{3 * value:.5g}") for value in scaled.solution()]
    assert scaled.mark(typed).misconception == "cost_gradient_scale"
