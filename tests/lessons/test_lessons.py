"""Every lesson, with several seeds: it can be shown, asked and answered.

``make test`` looks at each lesson with one seed, at a fifth of the lessons with each.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from typing import Any

import numpy as np
import pytest

from backprop_explorer.compute.encoding import dumps
from backprop_explorer.compute.lesson_answers import card_shown, rich
from backprop_explorer.engine.errors import NotReached
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import Line, Trace
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.lessons.lesson import Card, Lesson, Scene, deal
from backprop_explorer.lessons.number_questions import LineValue, Values
from backprop_explorer.lessons.questions import Choice, CodeLine, Question
from backprop_explorer.lessons.seed import DEFAULT_SEED, MAX_SEED, Seed
from backprop_explorer.settings import Settings
from tests.helpers import cases
from tests.helpers.cases import exhaustive
from tests.helpers.environment import ROOT
from tests.helpers.lessons import LESSONS, cards, views, wrong_answer

Seeds = tuple[Seed, ...]
SEEDS: Seeds = (0, 1, 7, MAX_SEED, "any text")


def lessons_with_seeds() -> Iterator[Any]:
    """Each lesson with one of the seeds, and as a case of its own with the others."""
    for name, seed in zip(LESSONS, cycle(SEEDS), strict=False):
        yield pytest.param(name, (seed,), id=name)
        yield exhaustive(name, tuple(each for each in SEEDS if each != seed))


# All tests of one lesson come one after the other, in one test process: it makes the cards once.
each_lesson = pytest.mark.parametrize(("name", "seeds"), [*lessons_with_seeds()], scope="module")


def all_cards(name: str, seeds: Seeds) -> Iterator[tuple[Seed, int, Card]]:
    for seed in seeds:
        for number, card in enumerate(cards(name, seed)):
            yield seed, number, card


def questions(name: str, seeds: Seeds) -> Iterator[tuple[Seed, int, Question]]:
    for seed, number, card in all_cards(name, seeds):
        if card.question is not None:
            yield seed, number, card.question


def all_views(name: str, seeds: Seeds) -> Iterator[tuple[Seed, int, Card, dict[str, Any]]]:
    for seed in seeds:
        for number, card, view in views(name, seed):
            yield seed, number, card, view


KEPT_NAMES = json.loads((ROOT / "tests/helpers/card_names.json").read_text(encoding="utf-8"))


@each_lesson
def test_card_names_are_stable(name: str, seeds: Seeds) -> None:
    """Browsers store progress under card names, so a renamed card keeps its name.

    New lessons and cards are added to the file; names in use are never removed.
    """
    for seed in seeds:
        assert [card.name for card in cards(name, seed)] == KEPT_NAMES[name]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("What `np.diag` does", "what-np-diag-does"),
        ("From ∂C/∂p to ∂C/∂z", "from-c-p-to-c-z"),
        ("Åpne – og lukk!", "apne-og-lukk"),
        ("x" * 100, "x" * 60),
    ],
)
def test_a_name_comes_from_the_title(title: str, name: str) -> None:
    assert Card(title, "").name == name
    assert Card(title, "", name="own").name == "own"


@pytest.mark.parametrize("name", ["17", "end", "Upper", "a b", "a" * 61, "1-2", "∂"])
def test_a_card_needs_a_name_that_is_no_number(name: str) -> None:
    with pytest.raises(ValueError, match="name must be"):
        Card("A title", "", name=name)


def markup(card: Card) -> Iterator[str]:
    """Return all texts of a card before it is answered, and the answers' texts."""
    yield from (card.title, card.text, card.after)
    question = card.question
    if question is not None:
        yield from (question.prompt, question.hint, question.mark(question.solution()).message)
    if isinstance(question, Choice):
        yield from (text for each in question.options for text in (each.text, each.why))
    if isinstance(question, CodeLine):
        yield from question.others.values()
    if isinstance(question, Values):
        yield from (slip.why for slip in question.slips)


@pytest.fixture(scope="module")
def explorer() -> Iterator[Explorer]:
    made = Explorer(Settings(store=":memory:"))
    yield made
    made.close()


def trace_of(explorer: Explorer, view: dict[str, Any]) -> Trace:
    recipe = Recipe.model_validate(json.loads(dumps(view["recipe"])))
    explorer.create(recipe)
    sample = None if view["sample"] == "batch" else view["sample"]
    while True:
        with suppress(NotReached):
            return explorer.trace(
                recipe.id,
                view["step"],
                sample,
                jacobians=view["jacobians"],
                fused=view["fused"],
                reduction=view["reduction"],
            )[0]


@pytest.mark.parametrize("name", LESSONS)
def test_lesson_metadata(name: str) -> None:
    lesson: Lesson = LESSONS[name]
    assert lesson.name == name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert lesson.title
    assert lesson.summary.endswith(".")
    assert 1 <= lesson.minutes <= 60


@each_lesson
def test_the_same_seed_gives_the_same_cards(name: str, seeds: Seeds) -> None:
    for seed in seeds:
        again = deal(LESSONS[name], seed)
        assert dumps([card_shown(card) for card in again]) == dumps(
            [card_shown(card) for card in cards(name, seed)]
        )


@each_lesson
def test_every_seed_has_the_same_questions(name: str, seeds: Seeds) -> None:
    first = [card.question is not None for card in cards(name, DEFAULT_SEED)]
    assert LESSONS[name].questions() == sum(first) > 0
    for seed in seeds:
        assert [card.question is not None for card in cards(name, seed)] == first


@each_lesson
def test_another_seed_has_other_numbers(name: str, seeds: Seeds) -> None:
    """Seeds change a lesson's numbers. Some, such as the 0 of a dead gradient, stay the same."""
    solutions: dict[Seed, list[str]] = {}
    other = 0 if DEFAULT_SEED in seeds else DEFAULT_SEED
    for seed, _, question in questions(name, tuple({*seeds, other})):
        if isinstance(question, Values | LineValue):
            solutions.setdefault(seed, []).append(str(question.solution()))
    columns = list(zip(*solutions.values(), strict=True))
    assert any(len(set(column)) > 1 for column in columns)


@each_lesson
def test_markup_can_be_read_and_its_formulas_set(name: str, seeds: Seeds) -> None:
    for seed, number, card in all_cards(name, seeds):
        for text in markup(card):
            for paragraph in rich(text):
                for piece in paragraph:
                    place = f"{name}, seed {seed}, card {number}: {piece}"
                    if piece["kind"] == "math":
                        mathml = piece["formula"]["mathml"]
                        assert mathml.startswith("<math"), place
                        # what the converter does not know stays as it was written
                        assert "\\" not in mathml, place
                    elif piece["kind"] in ("text", "strong"):
                        assert not set(piece["text"]) & set("$`"), place
                        assert "**" not in piece["text"], place


@each_lesson
def test_what_a_card_shows_before_it_is_answered(name: str, seeds: Seeds) -> None:
    for _, _, card in all_cards(name, seeds):
        assert card.title
        shown = card_shown(card)
        assert set(shown) == {"name", "title", "text", "scene", "question"}
        if shown["question"]:
            allowed = {"kind", "prompt", "hints", "options", "code"}
            allowed |= {"shape", "names", "line", "function"}
            assert set(shown["question"]) <= allowed


@each_lesson
def test_every_question_has_a_prompt_and_a_hint(name: str, seeds: Seeds) -> None:
    for seed, number, question in questions(name, seeds):
        assert question.prompt.strip(), (name, seed, number)
        assert question.hint.strip(), (name, seed, number)


@each_lesson
def test_the_solution_is_right_and_can_be_sent(name: str, seeds: Seeds) -> None:
    for seed, number, question in questions(name, seeds):
        place = (name, seed, number)
        solution = json.loads(dumps(question.solution()))
        mark = question.mark(solution)
        assert mark.right, place
        assert mark.message, place


def asks_digits(question: Question) -> bool:
    """Whether it asks for numbers with decimals, which are not right within a bound of its own."""
    if not isinstance(question, Values | LineValue) or getattr(question, "within", None):
        return False
    right = np.asarray(question.solution())
    return not np.array_equal(right, np.round(right))


@each_lesson
def test_three_right_digits_are_enough_and_many_wrong_ones_are_not(name: str, seeds: Seeds) -> None:
    searched: set[type[Question]] = set()
    for seed, number, question in questions(name, seeds):
        if not asks_digits(question):
            continue
        right = np.asarray(question.solution())
        place = (name, seed, number)
        rounded = np.vectorize(lambda v: float(f"{v:.3g}"))(right)
        for given in (rounded.tolist(), str(rounded.tolist())):
            assert question.mark(given).right, (place, given)
        # To search the cause of wrong numbers takes long: once for each kind of question.
        if type(question) in searched and not cases.everything:
            continue
        searched.add(type(question))
        mark = question.mark(np.array2string(1.0059 * right, threshold=10**6, precision=9))
        assert not mark.right, place
        assert mark.message, place
        assert "digits" not in mark.message, place


@each_lesson
def test_one_option_is_right_and_every_one_says_why(name: str, seeds: Seeds) -> None:
    for seed, number, question in questions(name, seeds):
        place = (name, seed, number)
        if isinstance(question, Choice):
            assert sum(option.right for option in question.options) == 1, place
            assert len({option.text for option in question.options}) >= 2, place
            assert all(option.why for option in question.options), place
        if isinstance(question, CodeLine):
            lines = question.code.split("\n")
            assert question.wrong <= set(range(len(lines))), place
            assert set(question.others) <= set(range(len(lines))) - question.wrong, place


@each_lesson
def test_a_wrong_answer_gets_feedback(name: str, seeds: Seeds) -> None:
    """Wrong numbers are marked in the test of digits, since searching their cause takes long."""
    for seed, number, question in questions(name, seeds):
        if asks_digits(question):
            continue
        mark = question.mark(json.loads(dumps(wrong_answer(question))))
        assert not mark.right, (name, seed, number)
        assert mark.message, (name, seed, number)


@each_lesson
def test_known_slips_are_not_right(name: str, seeds: Seeds) -> None:
    """A slip must not give the right numbers, nor those of another slip."""
    for seed, number, question in questions(name, seeds):
        if isinstance(question, Values):
            for slip in question.slips:
                mark = question.mark(np.asarray(slip.value, dtype=np.float64).tolist())
                assert not mark.right, (name, seed, number)
                assert mark.message == slip.why, (name, seed, number, slip.why)


@each_lesson
def test_the_explorer_can_show_every_scene(name: str, seeds: Seeds, explorer: Explorer) -> None:
    """If a card asks for the line that is shown, its answer equals the line's value."""
    for seed, number, card, view in all_views(name, seeds):
        place = f"{name}, seed {seed}, card {number}"
        if view["recipe"] is None:
            assert card.scene is None, place
            continue
        made = trace_of(explorer, view)
        ids = [line.node.id for line in made.lines]
        assert view["line"] in ids, place
        scene = card.scene or Scene()
        assert scene.hide is None or scene.hide in ids, place
        assert scene.figure in (None, "gradient-flow", "health", "cost", "data"), place
        if scene.reference is not None:
            explorer.create(Recipe.model_validate(json.loads(dumps(scene.reference))))
        single = view["sample"] != "batch"
        reduction = made.objective.reduction
        notation = Notation.of(view["convention"], single=single, reduction=reduction)
        if scene.entry is not None:
            shape = np.shape(shown(made[view["line"]], by_id(made, view["line"]), notation))
            assert len(scene.entry) == len(shape), place
            assert all(k < size for k, size in zip(scene.entry, shape, strict=True)), place
        question = card.question
        if isinstance(question, LineValue) and view["line"] == question.line:
            assert view["convention"] == question.working.notation.convention.name, place
            line = by_id(made, question.line)
            np.testing.assert_allclose(
                shown(line.value, line, question.working.notation),
                question.solution(),
                rtol=1e-9,
                err_msg=place,
            )


def by_id(made: Trace, name: str) -> Line:
    return next(line for line in made.lines if line.node.id == name)


def shown(value: Any, line: Line, notation: Notation) -> Any:
    return notation.show(value, line.node.axes)
