"""Numbers are chosen so that mistakes can be told apart."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from backprop_explorer.lessons.authoring import new_lesson
from backprop_explorer.lessons.content.week42.shared import is_clear, network
from backprop_explorer.lessons.distinct import count_separated, mistaken, most_distinct
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.library import Library
from backprop_explorer.lessons.working import lesson_problem
from backprop_explorer.tutor.problem import Problem
from tests.helpers.cases import exhaustive

# Of the pairs that can be told apart with any of many draws.
ENOUGH = 0.95
Key = tuple[str, str, str]  # line, misconception, detail


def working(x: float, target: float) -> Problem:
    return lesson_problem([([[1.5]], [0.25], "sigmoid")], [x], [target])


def separated(made: dict[Key, bytes]) -> set[tuple[Key, Key]]:
    """Return the pairs of mistakes in one line that give other digits."""
    by_line: dict[str, list[Key]] = {}
    for key in made:
        by_line.setdefault(key[0], []).append(key)
    return {
        (one, other)
        for keys in by_line.values()
        for one, other in combinations(keys, 2)
        if made[one] != made[other]
    }


def test_a_pair_is_separated_if_four_digits_differ() -> None:
    made = mistaken(working(0.5, 0.2))
    right = made["z1", "", ""]
    assert right == mistaken(working(0.5 + 1e-6 / 1.5, 0.2))["z1", "", ""]
    assert right != mistaken(working(0.501, 0.2))["z1", "", ""]
    pairs = separated(made)
    assert len(pairs) == count_separated(made)


def test_numbers_with_which_mistakes_are_alike_are_not_taken() -> None:
    # With x = 0 every product with it is 0, whatever was done.
    draws = iter([working(0.0, 0.2), working(0.73, 0.31), working(1.0, 0.2)])
    best = most_distinct(lambda: next(draws), lambda _: True, lambda made: made, candidates=3)
    assert best.x == [0.73]


def test_of_equally_good_numbers_the_first_are_taken() -> None:
    draws = iter([working(0.73, 0.31), working(0.73, 0.31)])
    made = list(draws)
    again = iter(made)
    best = most_distinct(lambda: next(again), lambda _: True, lambda each: each, candidates=2)
    assert best is made[0]


@pytest.mark.parametrize("seeds", [12, exhaustive(167)])
@pytest.mark.parametrize(
    ("sizes", "activations"),
    [((2, 3), ("sigmoid",)), ((3, 4, 2), ("sigmoid", "sigmoid")), ((2, 3, 2), ("relu", "sigmoid"))],
    ids=str,
)
def test_nearly_all_pairs_that_can_be_told_apart_are(
    sizes: tuple[int, ...], activations: tuple[str, ...], seeds: int
) -> None:

    def make(draw: Draw) -> Problem:
        return network(draw, sizes, *activations)

    possible = set()
    for seed in range(40):
        possible |= separated(mistaken(make(Draw.of("any", 10_000 + seed))))
    assert len(possible) > 500
    shares = []
    for seed in range(seeds):
        draw = Draw.of("distinct", seed)
        best = most_distinct(partial(make, draw), is_clear, lambda made: made)
        shares.append(len(separated(mistaken(best)) & possible) / len(possible))
    assert min(shares) >= ENOUGH, np.sort(shares)[:5]


def test_declared_numbers_are_chosen_too(tmp_path: Path) -> None:
    path = new_lesson("zeros", tmp_path)
    text = path.read_text(encoding="utf-8")
    text = text.replace("x: normal(3)", "x: choice(0, 1) * normal(3)")
    path.write_text(text, encoding="utf-8")
    lesson = Library([str(tmp_path)]).lessons()["zeros"]
    for seed in range(20):
        question = lesson.cards(Draw.of("zeros", seed))[1].question
        assert np.any(question.working.x), seed  # type: ignore[union-attr]
