"""The rules that every lesson keeps; ``backprop-explorer lesson check`` applies them.

Reading a lesson already checks that answers have reasons, questions have hints and values exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from latex2mathml.converter import convert

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.trace import trace
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.sweeps import Sweep
from backprop_explorer.experiments.sweeps.groups import Groups
from backprop_explorer.lessons.lesson import Card, Lesson, Scene
from backprop_explorer.lessons.number_questions import LineValue, Values
from backprop_explorer.lessons.questions import Choice, CodeLine, Question, Shape, Signs
from backprop_explorer.lessons.reading.error import LessonError, one_of
from backprop_explorer.lessons.text import TextPiece, paragraphs
from backprop_explorer.lessons.working import recipe_of
from backprop_explorer.limits import Limits
from backprop_explorer.texts import lessons_rules as texts

FEWEST_CARDS, MOST_CARDS, FEWEST_QUESTIONS = 5, 15, 4
# Links, pictures, emphasis, tables and HTML.
_OTHER_MARKDOWN = re.compile(
    r"!?\[[^]]*\]\([^)]*\)|</?[a-z]\w*(?: [^<>]*)?/?>|\|(?: ?:?-+:? ?\|)+"
    r"|(?<![\w*])\*(?=[^\s*])[^*]*(?<=[^\s*])\*(?![\w*])"
)
# Scenes and formulas take longer to check than questions; these seeds are enough for them.
SLOW_SEEDS = 3


class RuleError(Exception):
    """A rule that a card breaks; ``card`` counts from 0, None is the whole lesson.

    ``part`` is the text of the card that breaks it, "" if that is not one.
    """

    def __init__(self, card: int | None, message: str, part: str = "") -> None:
        super().__init__(message)
        self.card, self.message, self.part = card, message, part


def broken_rules(lesson: Lesson, seeds: Iterable[int]) -> Iterator[RuleError | LessonError]:
    """Yield what is wrong with ``lesson``, for the first seed with which something is."""
    for number, seed in enumerate(seeds):
        try:
            cards = lesson.cards(lesson.draw(seed))
        except LessonError as error:
            yield error
            return
        problems = [*check_cards(cards), *check_transfer(cards), *check_questions(cards)]
        if number < SLOW_SEEDS:
            problems += [*check_texts(lesson, cards), *check_scenes(cards)]
            if not same(cards, lesson.cards(lesson.draw(seed))):
                problems.append(RuleError(None, texts.SAME_SEED))
        if problems:
            yield from problems
            return


def check_cards(cards: Sequence[Card]) -> Iterator[RuleError]:
    """Check the number of cards and questions, the names, and that the first card opens one."""
    if not FEWEST_CARDS <= len(cards) <= MOST_CARDS:
        message = texts.card_count(FEWEST_CARDS, MOST_CARDS, len(cards))
        yield RuleError(None, message)
    asked = sum(card.question is not None for card in cards)
    if asked < FEWEST_QUESTIONS:
        yield RuleError(None, texts.question_count(FEWEST_QUESTIONS, asked))
    names: set[str] = set()
    for k, card in enumerate(cards):
        if card.name in names:
            yield RuleError(k, texts.name_twice(card.name))
        names.add(card.name)
    if cards and (cards[0].scene is None or cards[0].scene.recipe is None):
        yield RuleError(0, texts.FIRST_CARD_OPENS)


def check_transfer(cards: Sequence[Card]) -> Iterator[RuleError]:
    """Check that the last card, and no other, asks a transfer question.

    It is about a new situation, so it cannot be a line of a working that an earlier card shows.
    """
    *before, last = cards
    for k, card in enumerate(before):
        if card.transfer:
            yield RuleError(k, texts.ONLY_LAST_TRANSFERS)
    if not last.transfer or last.question is None:
        message = texts.TRANSFER_LAST
        yield RuleError(len(before), message)
    elif isinstance(last.question, LineValue) and any(
        same(recipe_of(last.question.working), card.scene.recipe) for card in cards if card.scene
    ):
        message = texts.NEW_SITUATION
        yield RuleError(len(before), message)


def texts_of(card: Card) -> Iterator[str]:
    """Yield everything that a reader of the card may see."""
    yield from (card.title, card.text, card.after)
    question = card.question
    if question is None:
        return
    yield from (question.prompt, question.hint, question.second_hint)
    match question:
        case Choice():
            for option in question.options:
                yield from (option.text, option.why)
        case CodeLine():
            yield from (question.why, *question.others.values())
            yield from (repair.why for repair in question.repairs)
        case Shape():
            yield from (question.why, *question.slips.values())
        case Signs():
            yield from (question.why, question.wrong, *question.names)
        case Values() | LineValue():
            yield from (question.why, *(slip.why for slip in question.slips))
            yield question.scale if isinstance(question, Values) else ""


def check_texts(lesson: Lesson, cards: Sequence[Card]) -> Iterator[RuleError]:
    """Check that formulas become MathML, and that no other Markdown is shown as it is written."""
    for k, card in enumerate(cards):
        own = [lesson.title, lesson.summary] if k == 0 else []
        for pieces in (each for text in (*own, *texts_of(card)) for each in paragraphs(text)):
            for piece in pieces:
                if problem := _text_problem(piece):
                    yield RuleError(k, problem, piece.content)


def _text_problem(piece: TextPiece) -> str | None:
    content = piece.content
    if piece.kind == "math":
        return _formula_problem(content)
    if piece.kind not in ("text", "strong"):
        return None
    if "$" in content or "**" in content:
        return texts.unpaired_mark(content)
    found = _OTHER_MARKDOWN.search(content)
    return texts.other_markdown(found[0]) if found else None


def _formula_problem(formula: str) -> str | None:
    braces = re.findall(r"\\.|[{}]", formula)
    if braces.count("{") != braces.count("}"):
        return texts.formula_braces(formula)
    try:
        written = convert(formula)
    except Exception as error:  # noqa: BLE001 - latex2mathml raises many kinds
        return texts.formula_error(formula, type(error).__name__, error)
    # What the converter does not know stays as it was written.
    unknown = re.search(r"\\\w+", written)
    return texts.formula_command(formula, unknown[0]) if unknown else None


def check_questions(cards: Sequence[Card]) -> Iterator[RuleError]:
    """Check that right answers are right, and that known wrong answers get their reasons."""
    for k, card in enumerate(cards):
        if card.question is not None:
            yield from (RuleError(k, message) for message in _problems(card.question))


def _problems(question: Question) -> Iterator[str]:
    try:
        answer = question.solution()
        right = question.mark(answer)
    except InvalidInput as error:
        yield texts.right_unreadable(error.message)
        return
    if not right.right:
        yield texts.right_marked_wrong(right.message)
    if not right.message:
        yield texts.REASON_OF_RIGHT
    if not question.hint:
        yield texts.QUESTION_HINT
    if question.hint and question.hint == question.second_hint:
        yield texts.SAME_HINT
    match question:
        case Choice():
            words = [option.text for option in question.options]
            if len(set(words)) < len(words):
                yield texts.SAME_OPTIONS
        case Shape() if question.right in question.slips:
            yield texts.shape_right_and_wrong(question.right)
        case Values():
            yield from _number_problems(question)
        case _:
            pass


def _number_problems(question: Values) -> Iterator[str]:
    expected = np.asarray(question.right, dtype=np.float64)
    rounded = np.vectorize(lambda v: float(f"{v:.4g}"))(expected)
    if not question.mark(rounded.tolist()).right:
        yield texts.FOUR_DIGITS
    for slip in question.slips:
        given = np.asarray(slip.value, dtype=np.float64).tolist()
        if question.mark(given).message != slip.why:
            yield texts.reason_not_shown(slip.why)


def check_scenes(cards: Sequence[Card]) -> Iterator[RuleError]:
    """Check that recipes can be used, and that the lines, samples and entries exist."""
    state: InitialState | None = None
    shown = Scene(fused=True, jacobians=False)
    for k, card in enumerate(cards):
        scene = card.scene
        if scene is None:
            continue
        try:
            if scene.reference is not None:
                _prepared(scene.reference)
            if scene.recipe is not None:
                state = _prepared(scene.recipe)
            if scene.map is not None:
                Groups(Sweep.model_validate(scene.map), Limits(), lambda _: None).check()
        except (InvalidInput, ValueError) as error:
            yield RuleError(k, texts.experiment_unusable(error))
            return
        if state is None:
            return
        shown = _merged(shown, scene)
        yield from (RuleError(k, message) for message in _scene_problems(state, scene, shown))


def _scene_problems(state: InitialState, scene: Scene, shown: Scene) -> Iterator[str]:
    samples, last = len(state.train[0]), Limits().max_steps
    if scene.step is not None and scene.step > last:
        yield texts.no_step(scene.step, last)
    if isinstance(scene.sample, int) and scene.sample >= samples:
        yield texts.no_sample(scene.sample, samples - 1)
    made = trace(
        state.network,
        state.parameters,
        replace(state.objective, fused=bool(shown.fused)),
        state.train[0][:1],
        state.train[1][:1],
        update=state.segments[0].update,
        jacobians=bool(shown.jacobians),
    )
    ids = [line.node.id for line in made.lines]
    for name in (scene.line, scene.hide):
        if name is not None and name not in ids:
            yield texts.no_line(name, one_of(ids, name))
            return
    if scene.entry is not None and shown.line is not None:
        sizes = np.shape(made[shown.line])
        if len(scene.entry) > len(sizes):
            yield texts.entry_axes(shown.line, len(sizes), len(scene.entry))
        elif max(scene.entry) >= max(sizes, default=0):
            yield texts.no_entry(shown.line, max(scene.entry))


def _prepared(recipe: Any) -> InitialState:
    state = InitialState(Recipe.model_validate(recipe), Limits())
    state.prepare()
    return state


def _merged(shown: Scene, scene: Scene) -> Scene:
    given = {f.name: getattr(scene, f.name) for f in fields(Scene)}
    before = {f.name: getattr(shown, f.name) for f in fields(Scene)}
    return Scene(**{k: before[k] if v is None else v for k, v in given.items()})


def same(one: Any, other: Any) -> bool:
    """Tell whether two cards, questions or workings have the same content, arrays included."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(np.asarray(one), np.asarray(other))
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "__dataclass_fields__"):
        return type(one) is type(other) and all(
            same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one)
        )
    return bool(one == other)
