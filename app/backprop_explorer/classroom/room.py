"""The state of a room, and the part of it that all in the room may see.

``Room.public`` is what the event stream sends. It has the whole present state, so that late comers
and those who lost the connection miss nothing.
"""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from backprop_explorer.compute.lesson_requests import SeedField
from backprop_explorer.experiments.recipe_fields import ID_PATTERN, MAX_NAME, Flag, Form, RecipePart
from backprop_explorer.lessons.seed import MAX_NAME as MAX_CARD
from backprop_explorer.texts import classroom as texts

Kind = Literal["sign", "shape", "number", "array", "formula", "working", "choice", "text", "lesson"]
# The kinds that ask about the working of an experiment.
OF_LINES = ("sign", "shape", "number", "array", "formula", "working")

# Characters of a view, the part of a page's address after "#"; it has the whole recipe.
MAX_VIEW = 16_000
MAX_NOTE = 500
# Bytes of an answer as JSON.
MAX_ANSWER = 20_000
# Lists and objects in each other; the deepest is a matrix of a working, in an object.
MAX_NESTING = 16

# Printable characters only: a browser would drop or reinterpret others.
_VIEW = r"[!-~]*"
View = Annotated[str, Field(max_length=MAX_VIEW), Form(f"^{_VIEW}$", texts.FRAGMENT)]
# No sentences: a student's place is shown to the lecturer.
LineId = Annotated[
    str, Field(min_length=1, max_length=MAX_NAME), Form("^[A-Za-z0-9_]+$", texts.LINE_ID)
]
CardName = Annotated[
    str, Field(min_length=1, max_length=MAX_CARD), Form("^[a-z0-9-]+$", texts.SLUG)
]
Entry = Annotated[list[Annotated[int, Field(strict=True, ge=0, le=10**6)]], Field(max_length=4)]
Sample = Annotated[int, Field(strict=True, ge=0, le=10**9)] | Literal["batch"]
Step = Annotated[int, Field(strict=True, ge=0, le=10**9)]
ExperimentId = Annotated[str, Form(ID_PATTERN, texts.EXPERIMENT_ID)]
ProgramPage = Annotated[
    str,
    Field(max_length=100),
    Form(r"^(programs/[a-z0-9_]+|graphs/[0-9a-f]{20})$", texts.PROGRAM_PAGE),
]


def _nested(value: list[Any] | dict[str, Any]) -> list[Any]:
    """The lists and objects in ``value``."""
    items = value.values() if isinstance(value, dict) else value
    return [each for each in items if isinstance(each, list | dict)]


def _bounded(value: Any) -> Any:
    """Check size and nesting; the question reads it."""
    level = _nested([value])
    for _ in range(MAX_NESTING):
        level = [each for part in level for each in _nested(part)]
    if level:
        # Pydantic and orjson raise an exception from 250 levels on.
        raise ValueError(texts.nested(MAX_NESTING))
    if len(orjson.dumps(value)) > MAX_ANSWER:
        raise ValueError(texts.bytes_as_json(MAX_ANSWER))
    return value


GivenAnswer = Annotated[
    Any,
    PlainValidator(_bounded),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number"},
                {"type": "string", "maxLength": MAX_ANSWER},
                {"type": "array", "items": {}},
                {"type": "object", "additionalProperties": {}},
                {"type": "boolean"},
                {"type": "null"},
            ]
        }
    ),
]
QuestionState = Literal["open", "closed", "revealed"]


class LessonPlace(RecipePart):
    """A card of a lesson, with the numbers of a seed."""

    name: CardName
    card: CardName | None = None
    seed: SeedField | None = None


class SharedAnswer(RecipePart):
    """An answer that the lecturer shows to all, as the tally gave it: it names no student."""

    answer: GivenAnswer
    question: Annotated[int, Field(strict=True, ge=1)]
    line: LineId | None = None
    misconception: LineId | None = None
    seed: SeedField | None = None
    count: Annotated[int, Field(strict=True, ge=1, le=10**6)] | None = Field(
        None, description="How many gave it"
    )


class RoomScene(RecipePart):
    """What the lecturer shows. Fields that are null say nothing about it.

    ``view`` alone restores the whole page; the other fields say the same to scripts.
    """

    view: View | None = Field(None, description="The part of the page's address after #")
    program: ProgramPage | None = Field(
        None, description="The page of a program, such as programs/rnn, that `view` is of"
    )
    experiment: ExperimentId | None = None
    step: Step | None = None
    sample: Sample | None = Field(None, description="A training row, or batch")
    line: LineId | None = Field(None, description="Id of a line, such as dC_dz2")
    entry: Entry | None = Field(None, description="Index into the line's value")
    hide: LineId | None = Field(
        None, description="The first line whose numbers are hidden; all later ones are, too"
    )
    bare: Flag | None = Field(None, description="Formulas and shapes of hidden lines are, too")
    lesson: LessonPlace | None = None
    answer: SharedAnswer | None = None
    note: Annotated[str, Field(max_length=MAX_NOTE)] | None = Field(
        None, description="A sentence shown to the class; clients must escape it"
    )


class SceneRequest(RecipePart):
    """What the lecturer shows from now on; null: nothing."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"scene": {"line": "dC_dz2", "step": 0}}]}
    )

    scene: RoomScene | None
    hold: Flag = Field(False, description="All follow; students cannot leave the scene")


class LastQuestion(BaseModel):
    """The question that was asked last.

    ``shown`` is the question as students see it, null if each student has other numbers.
    ``solution`` and ``counts`` are there once it is revealed. ``again`` is the number of the first
    round of the same question.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    state: QuestionState
    kind: str
    line: str | None
    own_numbers: bool
    feedback: Literal["reveal", "at_once"]
    shown: dict[str, Any] | None
    solution: dict[str, Any] | None = None
    counts: dict[str, int] | None = None
    again: int | None = None
    # Not shown to students: when and by which request it was asked, when its time is up, when the
    # lecturer wanted it closed and when it was, how the round before it was answered, and whether
    # the screen shows how it is answered while it is open.
    at: float = 0.0
    request: str = ""
    ends: float | None = None
    pressed: float | None = None
    closed: float | None = None
    before: dict[str, Any] | None = None
    bars: bool = False

    def public(self) -> dict[str, Any]:
        """The question as all may see it."""
        hidden = {"at", "request", "ends", "pressed", "closed", "before", "bars"}
        return {**self.model_dump(exclude=hidden), "seconds_left": self.seconds_left}

    @property
    def seconds_left(self) -> float | None:
        """How long it is still open, if that was set."""
        if self.ends is None or self.state != "open":
            return None
        return round(max(0.0, self.ends - time.time()), 1)


class AskedQuestion(LastQuestion):
    """A question as the store has it: with its solution from the beginning."""

    spec: bytes
    text: list[Any]
    scene: dict[str, Any] | None
    # Markup, for those who read it later.
    prompt: str = ""
    options: list[str] = []


class Room(BaseModel):
    """A room as it is stored. Immutable; the store has the version."""

    model_config = ConfigDict(frozen=True)

    key: str  # the digest of the lecturer's key
    secret: str  # for the seeds of students
    opened: float
    opener: str = ""  # of ``codes.short_digest``: where it was opened
    students: int = 0  # that the lecturer expects; 0: not said
    scene: RoomScene | None = None
    hold: bool = False
    asked: LastQuestion | None = None
    questions: int = 0
    door_open: bool = True  # for new students

    @property
    def answerable(self) -> int | None:
        """The number of the question whose answers are kept: also of those still on their way."""
        return self.asked.number if self.asked and self.asked.state != "revealed" else None

    def content(self) -> bytes:
        """The room as the store keeps it."""
        return self.model_dump_json().encode()

    def public(self, version: int) -> dict[str, Any]:
        """What all in the room may see."""
        asked = self.asked
        scene = None if self.scene is None else self.scene.model_dump(exclude_none=True)
        if scene is not None and "answer" in scene:
            # The shown answer itself may be null.
            scene["answer"].setdefault("answer", None)
        return {
            "version": version,
            "scene": scene,
            "hold": self.hold,
            "questions": self.questions,
            "question": None if asked is None else asked.public(),
            "door_open": self.door_open,
        }


# Of a free text nobody says whether it is right.
Verdict = Literal["right", "close", "wrong", "unmarked"]


class ShownQuestion(NamedTuple):
    """A question as it is shown, the text and the scene of its card, and its answer."""

    question: dict[str, Any]
    text: list[Any]
    scene: dict[str, Any] | None
    solution: dict[str, Any] | None


class Prepared(NamedTuple):
    """A question as it is stored, and as it is shown: None if each student has another.

    ``prompt`` and ``options`` are markup; with own numbers those of one student.
    """

    spec: bytes
    shown: ShownQuestion | None
    kind: str
    line: str | None
    prompt: str
    options: list[str]


class Marked(NamedTuple):
    """The mark of an answer, and where and how it is counted.

    ``diagnosed``: the likely mistake was looked for, if there is one.
    """

    verdict: Verdict
    misconception: str | None
    line: str | None
    mark: dict[str, Any]
    diagnosed: bool
