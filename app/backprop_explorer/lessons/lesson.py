"""What a lesson is: cards, each with something to say, to look at, and perhaps to ask.

Adding a lesson is one file with one ``Lesson`` in the folder of its group, and its name in that
folder's list.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from backprop_explorer.lessons.questions import Question

Group = Literal["week41", "week42", "further", "bugs"]
GROUPS: Mapping[Group, str] = {
    "week41": "Week 41: the forward pass",
    "week42": "Week 42: backpropagation",
    "further": "Why it learns, or does not",
    "bugs": "Find the bug",
}

MAX_NAME = 60
# With a letter in it, because a number is a card's position; "end" is the page after the last card.
_NAME = re.compile(rf"(?!end\Z)(?=[0-9-]*[a-z])[a-z0-9-]{{1,{MAX_NAME}}}")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the explorer shows beside a card; what is None stays as it was.

    Another ``recipe`` begins at step 0, in the scaling of its own cost, compared with nothing,
    unless the scene says otherwise.

    ``recipe`` is an experiment as ``POST /experiments`` takes it. ``line`` is the id of a line such
    as "dC_dz2", ``sample`` a position in the training part or "batch", ``entry`` an index into the
    line's value. ``hide`` is the first line whose numbers are not shown until the card's question
    is answered: it and all later ones. ``figure`` is "flow", "health" or "data", ``reference`` the
    recipe of a second run to compare with.
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
    hide: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A page of a lesson. ``text`` and ``after`` are markup (``text.py``).

    ``after`` is what is said once the question is answered: why it is so.

    ``name`` identifies the card within its lesson: browsers keep progress by it. It is made from
    the title unless it is given; a new title needs the old name, or progress is lost.
    """

    title: str
    text: str
    scene: Scene | None = None
    question: Question | None = None
    after: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", name_of(self.title))
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a card's name must be like what-comes-out, not {self.name!r}")


def name_of(title: str) -> str:
    """``title`` in lower case, with what is not a letter from a to z or a digit as hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:MAX_NAME].rstrip("-")


@dataclass(frozen=True, slots=True)
class Draw:
    """Where a lesson's numbers come from: the same ``seed`` gives a whole class the same ones."""

    seed: int
    rng: np.random.Generator

    @classmethod
    def of(cls, lesson: str, seed: int) -> Draw:
        """The draw of one lesson, so that two lessons of a seed do not share numbers."""
        return cls(seed, np.random.default_rng([seed, *lesson.encode()]))

    def normal(self, *shape: int, scale: float = 1.0, decimals: int = 2) -> Any:
        """Normal numbers, rounded to what can be typed; none of them is 0."""
        drawn = np.round(self.rng.normal(0.0, scale, shape), decimals)
        return np.where(drawn == 0.0, 10.0**-decimals, drawn)


@dataclass(frozen=True, slots=True)
class Lesson:
    """``cards(draw)`` makes 5 to 10 cards with the numbers of a seed; the same draw gives the same.

    ``exercise`` is the number of the exercise within its week ("3 a–d"), or "". ``questions`` says
    how many there are where dealing the cards takes long, because runs are trained for them: the
    list of lessons must not wait for that. None counts them.
    """

    name: str
    title: str
    group: Group
    exercise: str
    summary: str
    minutes: int
    cards: Callable[[Draw], Sequence[Card]]
    questions: int | None = None
