"""The requests of a room: a question, an answer, a place, an offer. All of them bounded."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from backprop_explorer.classroom.room import (
    OF_LINES,
    CardName,
    Entry,
    ExperimentId,
    GivenAnswer,
    Kind,
    LineId,
    QuestionState,
    Sample,
    Step,
    View,
)
from backprop_explorer.compute.lesson_requests import SeedField
from backprop_explorer.experiments.recipe_fields import Flag, Name, RecipePart
from backprop_explorer.texts import classroom as texts

MAX_ATTEMPTS = 1000
# Characters of a code, a key or a token.
MAX_KEY = 100

QUESTION_EXAMPLE: dict[str, Any] = {
    "kind": "choice",
    "prompt": "Which of them has the shape of $W^{(1)}$?",
    "options": [r"$\frac{\partial C}{\partial W^{(1)}}$", r"$\frac{\partial C}{\partial z^{(1)}}$"],
    "right": 0,
}
ANSWER_EXAMPLE: dict[str, Any] = {"question": 1, "attempt": 1, "answer": 0}
PLACE_EXAMPLE: dict[str, Any] = {"line": "dC_dz2"}
OFFER_EXAMPLE: dict[str, Any] = {"view": "step=20&line=dC_dW2"}

Text = Annotated[str, Field(min_length=1, max_length=1000)]
OptionText = Annotated[str, Field(min_length=1, max_length=300)]

# What each kind needs, and what it may have besides.
_NEEDED: dict[str, tuple[str, ...]] = {
    "choice": ("prompt", "options", "right"),
    "text": ("prompt",),
    "lesson": ("lesson", "card"),
    "working": ("experiment",),
    "number": ("experiment", "line"),
}
_OF_CHOICE = {"prompt", "options", "right", "reasons"}
_OF_LESSON = {"lesson", "card", "seed"}
_OF_EXPERIMENT = {"experiment", "step", "sample", "line", "entry", "convention", "reduction"}


class QuestionRequest(RecipePart):
    """A question to the class: about a line of an experiment, a choice, or a card of a lesson."""

    model_config = ConfigDict(json_schema_extra={"examples": [QUESTION_EXAMPLE]})

    kind: Kind
    own_numbers: Flag = Field(False, description="Each student has other numbers")
    feedback: Literal["reveal", "at_once"] = Field(
        "reveal", description="When a student is told whether the answer is right"
    )
    experiment: ExperimentId | None = None
    step: Step = 0
    sample: Sample = Field(0, description="A training row, or batch")
    line: LineId | None = Field(None, description="Id of a line, such as dC_dz2")
    entry: Entry | None = Field(None, description="One entry of the line; counted from 0")
    convention: Name = Field("column", description="column, row or lecture")
    reduction: Name | None = None
    prompt: Text | None = Field(
        None, description="Of a choice or a text: $…$ is LaTeX, `…` is code"
    )
    options: Annotated[list[OptionText], Field(min_length=2, max_length=8)] | None = None
    right: Annotated[int, Field(strict=True, ge=0, le=7)] | None = Field(
        None, description="The position of the right option"
    )
    reasons: Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=8)] | None = (
        Field(None, description="Why each option is right or wrong, told once it is revealed")
    )
    lesson: CardName | None = None
    card: CardName | None = None
    seed: SeedField | None = None

    @model_validator(mode="after")
    def _fields_of_the_kind(self) -> Self:
        needed = _NEEDED.get(self.kind, ("experiment", "line"))
        missing = [name for name in needed if getattr(self, name) is None]
        if missing:
            _refuse(texts.kind_needs(self.kind, texts.this_and_that(missing)))
        fields = {"choice": _OF_CHOICE, "text": {"prompt"}, "lesson": _OF_LESSON}
        own = fields.get(self.kind, _OF_EXPERIMENT)
        others = (_OF_CHOICE | _OF_LESSON | _OF_EXPERIMENT) - own
        wrong = sorted(others & self.model_fields_set)
        if wrong:
            _refuse(texts.kind_has_no(self.kind, texts.this_and_that(wrong)))
        if self.kind == "working" and (self.line is not None or self.entry is not None):
            _refuse(texts.WORKING_ASKS_ALL)
        if self.kind in ("choice", "text") and self.own_numbers:
            _refuse(texts.without_numbers(self.kind))
        if self.reasons is not None and len(self.reasons) != len(self.options or ()):
            _refuse(texts.REASONS_OF_OPTIONS)
        if self.options is not None and (self.right or 0) >= len(self.options):
            _refuse(texts.right_option(len(self.options) - 1))
        if self.entry is not None and self.kind not in ("sign", "number"):
            _refuse(texts.whole_line(self.kind))
        assert self.kind in (*OF_LINES, "choice", "text", "lesson")
        return self


def _refuse(why: str) -> None:
    raise PydanticCustomError("question", "{why}", {"why": why})


class RoomAnswerRequest(RecipePart):
    """An answer to the open question."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWER_EXAMPLE]})

    question: Annotated[int, Field(strict=True, ge=1, le=10**6)]
    attempt: Annotated[int, Field(strict=True, ge=1, le=MAX_ATTEMPTS)] = Field(
        1, description="Counts the student's answers: a later one replaces an earlier one"
    )
    answer: GivenAnswer
    age: Annotated[float, Field(ge=0.0, le=3600.0, allow_inf_nan=False)] = Field(
        0.0, description="Seconds since the student sent it, if it could not be sent at once"
    )


class PlaceRequest(RecipePart):
    """Where a student is. Sent at each change, and every half minute."""

    model_config = ConfigDict(json_schema_extra={"examples": [PLACE_EXAMPLE]})

    line: LineId | None = None
    card: CardName | None = None


class OfferRequest(RecipePart):
    """A view that a student offers to the room; null takes it back."""

    model_config = ConfigDict(json_schema_extra={"examples": [OFFER_EXAMPLE]})

    view: View | None


class StateRequest(RecipePart):
    """What becomes of a question."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "closed"}]})

    state: QuestionState
    seconds: Annotated[int, Field(strict=True, ge=0, le=7200)] | None = Field(
        None, description="With open: how long from now on; 0: until it is closed"
    )
    age: Annotated[float, Field(ge=0.0, le=3600.0, allow_inf_nan=False)] = Field(
        0.0, description="Seconds since the lecturer wanted it: earlier answers are still taken"
    )


class RoundRequest(RecipePart):
    """A question to be asked a second time."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": 1}]})

    question: Annotated[int, Field(strict=True, ge=1, le=10**6)]


class ScreenRequest(RecipePart):
    """What the hall sees of the open question."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"bars": True}]})

    bars: Flag = Field(description="How many chose each option, before it is closed")


class FollowedRequest(RecipePart):
    """A room to follow: with the lecturer's key its tally, too, with the screen's token that."""

    room: Annotated[str, Field(max_length=MAX_KEY)]
    key: Annotated[str, Field(max_length=MAX_KEY)] | None = None
    token: Annotated[str, Field(max_length=MAX_KEY)] | None = None
    screen: Annotated[str, Field(max_length=MAX_KEY)] | None = None


class DoorRequest(RecipePart):
    """Whether new students may join."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"open": False}]})

    open: Flag
