"""A lesson and its cards; a card has a text, a scene and possibly a question.

Lessons are Markdown files in ``content``; ``library.py`` reads them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.lessons.questions import Choice, Question
from backprop_explorer.lessons.seed import MAX_NAME, Seed, number_of
from backprop_explorer.texts import lessons as texts
from backprop_explorer.texts import lessons_writing

# Contains a letter, because a number is a card's position. "end" is the page after the last card.
_NAME = re.compile(rf"(?!end\Z)(?=[0-9-]*[a-z])[a-z0-9-]{{1,{MAX_NAME}}}")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the explorer shows beside a card; a field that is None keeps its value.

    Another ``recipe`` starts at step 0, in the scaling of its own cost and without a comparison,
    unless the scene sets these.

    ``recipe`` is an experiment as for ``POST /experiments``. ``line`` is the id of a line such as
    "z2", ``sample`` a training row or "batch", ``entry`` an index into the line's value.
    ``hide`` is the first line whose numbers are hidden until the card's question is answered; all
    later lines are hidden too. ``figure`` is "gradient-flow", "health", "cost" or "data",
    ``reference`` the recipe of a second run for comparison, ``map`` a sweep as for ``POST /sweeps``
    whose map is shown.
    """

    recipe: Mapping[str, Any] | None = None
    step: int | None = None
    line: str | None = None
    sample: int | Literal["batch"] | None = None
    entry: tuple[int, ...] | None = None
    convention: str | None = None
    reduction: str | None = None
    jacobians: bool | None = None
    fused: bool | None = None
    figure: str | None = None
    reference: Mapping[str, Any] | None = None
    map: Mapping[str, Any] | None = None
    hide: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A page of a lesson. ``text`` and ``after`` are markup (``text.py``).

    ``after`` explains the answer; it is shown once the question is answered. ``name`` identifies
    the card within its lesson: browsers store progress under it. By default it is made from the
    title. When a title changes, set ``name`` to the old name to keep the progress. ``transfer``
    marks the last card: its question is about a situation that the lesson does not contain.
    """

    title: str
    text: str
    scene: Scene | None = None
    question: Question | None = None
    after: str = ""
    name: str = ""
    transfer: bool = False

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", name_of(self.title))
        if not _NAME.fullmatch(self.name):
            raise ValueError(lessons_writing.card_name(self.name))


def name_of(title: str) -> str:
    """Return ``title`` in lower case, with hyphens for everything except a to z and digits."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:MAX_NAME].rstrip("-")


@dataclass(frozen=True, slots=True)
class Draw:
    """The random numbers of a lesson: the same ``seed`` gives a whole class the same numbers."""

    seed: int
    rng: np.random.Generator

    @classmethod
    def of(cls, lesson: str, seed: int) -> Draw:
        """Return the draw of one lesson; different lessons of a seed get different numbers."""
        return cls(seed, np.random.default_rng([seed, *lesson.encode()]))

    def normal(self, *shape: int, scale: float = 1.0, decimals: int = 2) -> Any:
        """Return normal numbers, rounded so that they can be typed; none is 0."""
        drawn = np.round(self.rng.normal(0.0, scale, shape), decimals)
        return np.where(drawn == 0.0, 10.0**-decimals, drawn)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson; ``cards(draw)`` makes its 5 to 15 cards, the same for the same draw.

    ``exercise`` is the number of the exercise within its week ("3 a–d"), or "". ``questions()``
    counts the questions without making the cards, which may train networks; ``check()`` checks
    what does not depend on a draw. ``was`` is an earlier name of its address, "" if it has none;
    ``builds_on`` are the names of the lessons that come before it, ``picture`` is the kind of
    drawing in the list, ``digest`` changes with its files.
    """

    name: str
    title: str
    group: str
    group_title: str
    exercise: str
    summary: str
    minutes: int
    cards: Callable[[Draw], Sequence[Card]]
    questions: Callable[[], int]
    check: Callable[[], None]
    was: str = ""
    builds_on: tuple[str, ...] = ()
    picture: str = ""
    digest: str = ""

    def draw(self, seed: int) -> Draw:
        """Return the draw of a seed; a lesson with another name keeps its numbers."""
        return Draw.of(self.was or self.name, seed)


def deal(lesson: Lesson, seed: Seed) -> tuple[Card, ...]:
    """Return the cards of ``lesson``; the seed sets the numbers and the order of options.

    So students with different seeds cannot copy a number or "the second option".
    """
    number = number_of(seed)
    name = lesson.was or lesson.name
    rng = np.random.default_rng([number, len(name), *name.encode()])
    return tuple(_shuffled(card, rng) for card in lesson.cards(lesson.draw(number)))


def question_of(cards: Sequence[Card], card: int | str) -> tuple[Card, Question]:
    """Return the card with a position (from 0) or a name, and its question.

    Raises InvalidInput naming ``card`` if there is no such card, or it has no question.
    """
    if isinstance(card, str):
        named = {each.name: each for each in cards}
        if card not in named:
            raise UnknownName("card", "card", named, card)
        card_found = named[card]
    elif card < len(cards):
        card_found = cards[card]
    else:
        raise InvalidInput("card", texts.cards_counted(len(cards) - 1))
    if card_found.question is None:
        raise InvalidInput("card", texts.NO_QUESTION)
    return card_found, card_found.question


def scene_at(cards: Sequence[Card], card: Card) -> Scene | None:
    """Return the scene of a card together with what earlier cards left; None if none has one.

    As on the page: a new recipe begins at step 0, in its own scaling and without a comparison.
    """
    found = None
    for each in cards[: 1 + next(k for k, other in enumerate(cards) if other is card)]:
        scene = each.scene
        before = replace(found or Scene(), hide=None)
        if scene is not None:
            fields = {name: getattr(scene, name) for name in Scene.__dataclass_fields__}
            if scene.recipe is not None:
                before = replace(before, step=0, reduction=None, reference=None)
            if scene.map is not None or scene.figure is not None:
                before = replace(before, map=None, figure=None)
            if scene.line is not None:
                before = replace(before, entry=None)
            set_now = {name: value for name, value in fields.items() if value is not None}
            found = replace(before, **set_now)
        elif found is not None:
            found = before
    return found


def _shuffled(card: Card, rng: np.random.Generator) -> Card:
    question = card.question
    if not isinstance(question, Choice):
        return card
    order = rng.permutation(len(question.options))
    return replace(card, question=replace(question, options=[question.options[k] for k in order]))
