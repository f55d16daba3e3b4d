"""A lesson and its cards; a card has a text, a scene and possibly a question.

Lessons are Markdown files in ``content``; ``library.py`` reads them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from backprop_explorer.lessons.questions import Question
from backprop_explorer.lessons.seed import MAX_NAME
from backprop_explorer.texts import lessons_writing as texts

# Contains a letter, because a number is a card's position. "end" is the page after the last card.
_NAME = re.compile(rf"(?!end\Z)(?=[0-9-]*[a-z])[a-z0-9-]{{1,{MAX_NAME}}}")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the explorer shows beside a card; a field that is None keeps its value.

    Another ``recipe`` starts at step 0, in the scaling of its own cost and without a comparison,
    unless the scene sets these.

    ``recipe`` is an experiment as for ``POST /experiments``. ``line`` is the id of a line such as
    "dC_dz2", ``sample`` a training row or "batch", ``entry`` an index into the line's value.
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
            raise ValueError(texts.card_name(self.name))


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
    """One lesson; ``cards(draw)`` makes its 5 to 11 cards, the same for the same draw.

    ``exercise`` is the number of the exercise within its week ("3 a–d"), or "". ``questions()``
    counts the questions without making the cards, which may train networks; ``check()`` checks
    what does not depend on a draw.
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
