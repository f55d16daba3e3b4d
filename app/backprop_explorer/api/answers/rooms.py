"""Schemas of rooms: their state, questions, answers, and what the lecturer sees."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from backprop_explorer.api.answers.base import Answer, Numbers, absent
from backprop_explorer.api.answers.checks import Flags
from backprop_explorer.api.answers.lessons import LessonScene as CardScene
from backprop_explorer.api.answers.lessons import OneQuestion, Text

State = Literal["open", "closed", "revealed"]
Verdict = Literal["right", "close", "wrong", "unmarked"]
Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[int, Field(ge=0, description="Whole seconds")]
Given = Annotated[Any, Field(description="As the student sent it")]


class RoomOpened(Answer):
    """A new room. The key is told once."""

    code: str = Field(description="To be typed, such as K74Q-9XMD")
    key: str = Field(description="For the header X-Room-Key; the server keeps its digest")
    screen: str = Field(
        description="For the header X-Screen-Token: it only reads what the hall sees"
    )
    link: str = Field(description="Path of the page that joins, relative to the program's root")
    hours: float = Field(description="Time without a request of the lecturer that ends the room")


class RoomEnded(Answer):
    """The room is deleted, with all that was kept of it."""

    ended: Literal[True]


class ShownLesson(Answer):
    """A card of a lesson."""

    name: str
    card: str = absent("Name of the card")
    seed: int | str = absent("Of its numbers")


class ShownAnswer(Answer):
    """An answer of a student that the lecturer shows to all."""

    answer: Given
    question: int
    line: str = absent("Id of a line")
    misconception: str = absent("Name in the catalog")
    seed: int | str = absent("Of the numbers it is about")
    count: int = absent("How many gave it")


class SceneInRoom(Answer):
    """What the lecturer shows."""

    view: str = absent("The part of the page's address after #")
    program: str = absent("The page of a program that `view` is of, such as programs/rnn")
    experiment: str = absent("Id of an experiment")
    step: int = absent("Updates made so far")
    sample: int | Literal["batch"] = absent("Position in the training part, or the batch")
    line: str = absent("Id of a line")
    entry: list[int] = absent("Index into the line's value")
    hide: str = absent("Id of the first line whose numbers are hidden")
    bare: bool = absent("Formulas and shapes of hidden lines are, too")
    lesson: ShownLesson = absent("A card of a lesson")
    answer: ShownAnswer = absent("An answer that all see")
    note: str = absent("A sentence to the class")


class WorkingQuestion(Answer):
    """Compute lines of a working; the answer has them by id."""

    kind: Literal["working"]
    prompt: Text
    hints: int = Field(ge=0)
    lines: list[str] = Field(description="Ids of all lines in order")


class TextQuestion(Answer):
    """Answer in words."""

    kind: Literal["text"]
    prompt: Text
    hints: int = Field(ge=0)
    most: int = Field(description="Characters of an answer")


RoomQuestionText = Annotated[
    OneQuestion | WorkingQuestion | TextQuestion, Field(discriminator="kind")
]


class RoomSolution(Answer):
    """A right answer to a question, and why it is right."""

    answer: Numbers | dict[str, Numbers]
    message: Text
    after: Text
    reasons: list[Text] | None = Field(description="Why each option is right or wrong")


class AnswerCounts(Answer):
    """How many answers there are of each verdict."""

    right: Count
    close: Count = Field(description="Too few digits, or at least half of the entries right")
    wrong: Count


class _QuestionHead(Answer):
    number: int
    state: State
    kind: str = Field(description="As it was asked")
    line: str | None = Field(description="Id of the line that it is about")
    own_numbers: bool = Field(description="Each student has other numbers")
    again: int | None = Field(description="Number of the first round of the same question")


class QuestionInRoom(_QuestionHead):
    """The question that was asked last."""

    feedback: Literal["reveal", "at_once"]
    shown: RoomQuestionText | None = Field(description="null if each student has another")
    solution: RoomSolution | None = Field(
        description="null until it is revealed, and of own numbers"
    )
    counts: AnswerCounts | None = Field(description="null until it is revealed")
    seconds_left: float | None = Field(description="Until it closes by itself")


class RoomState(Answer):
    """What all in the room may see."""

    version: int = Field(description="Grows with each change")
    scene: SceneInRoom | None
    hold: bool = Field(description="Students cannot leave the scene")
    questions: Count = Field(description="How many were asked")
    question: QuestionInRoom | None
    door_open: bool = Field(description="New students may join")


class StudentJoined(Answer):
    """A student without a name."""

    token: str = Field(
        description="For the header X-Student-Token; the one from before, if the room knows it"
    )


class StudentsRemoved(Answer):
    """Silent students are no longer counted."""

    removed: Count


class PlaceNoted(Answer):
    """Where the student is."""

    line: str | None
    card: str | None


class OfferNoted(Answer):
    """The view that the student offers."""

    view: str | None


class QuestionAsked(_QuestionHead):
    """A question, for the lecturer."""

    feedback: Literal["reveal", "at_once"]
    shown: RoomQuestionText | None
    solution: RoomSolution | None


class RoomMark(Answer):
    """How a student's answer is marked."""

    verdict: Verdict
    right: bool
    message: Text
    entries: Flags
    misconception: str | None = Field(description="Name in the catalog")


class StudentQuestion(_QuestionHead):
    """A question, for one student."""

    feedback: Literal["reveal", "at_once"]
    shown: RoomQuestionText | None = Field(description="With the student's own numbers")
    card: str | None = Field(description="Name of the lesson's card")
    text: Text = Field(description="Of the lesson's card")
    scene: CardScene | None = Field(description="Of the card, or one with the own numbers")
    attempt: int | None = Field(description="Of the student's last answer")
    answer: Given
    mark: RoomMark | None = Field(description="null until it is told")
    solution: RoomSolution | None = Field(description="null until it is revealed")


class AnswerReceipt(Answer):
    """The answer is kept, and counted once."""

    question: int
    attempt: int = Field(description="Of the answer that is kept")
    mark: RoomMark | None = Field(description="null until it is told")


class TallyPlace(Answer):
    """How many students are at a line or card, and how long the first of them."""

    line: str | None
    card: str | None
    count: Count
    longest_seconds: Seconds


class TallyOffer(Answer):
    """A view that a student offers."""

    view: str
    seconds: Seconds = Field(description="Since it was offered")


class TallyExample(Answer):
    """A typical answer with a mistake."""

    answer: Given
    seed: str | None = Field(description="Of the student's own numbers")
    count: Count = Field(description="How many gave it")


class TallyMistake(Answer):
    """How often a mistake was made at a line."""

    misconception: str | None = Field(description="Name in the catalog; null if not recognised")
    title: str | None
    line: str | None
    count: Count
    example: TallyExample | None = Field(description="What most gave; null if too long")


class TallyAnswerCount(Answer):
    """An answer that was given, and how often."""

    answer: Given
    verdict: Verdict
    count: Count


class TallyGroup(Answer):
    """Answers in words that are alike."""

    text: str | None = Field(description="The most frequent one; null: those like no other")
    count: Count
    others: list[str] = Field(description="Other spellings, three at most")


class RoundBefore(Answer):
    """How the round before was answered when this one began."""

    number: int
    answered: Count
    right: Count
    close: Count
    wrong: Count
    options: list[Count] | None


OptionCounts = Annotated[
    list[Count] | None, Field(description="Of a choice, unless each student has other options")
]


class _CountedQuestion(_QuestionHead):
    options: OptionCounts
    groups: list[TallyGroup] = Field(description="Of answers in words, the largest first")
    answered: Count
    right: Count
    close: Count
    wrong: Count
    undiagnosed: Count = Field(description="Wrong ones whose mistake is still looked for")
    mistakes: list[TallyMistake] = Field(description="Named ones first, the frequent first")
    answers: list[TallyAnswerCount] = Field(description="The ten most frequent")


class TallyQuestion(_CountedQuestion):
    """The answers to a question."""

    last_seconds: Seconds | None = Field(description="Since the last answer")
    seconds_left: float | None = Field(description="Until it closes by itself")
    before: RoundBefore | None = Field(description="Of a second round")
    bars: bool = Field(description="The screen shows how it is answered while it is open")


class RecordedQuestion(_CountedQuestion):
    """A question in a record."""

    text: str = Field(description="Markup; with own numbers that of one student")
    texts: list[str] = Field(description="Of the options, markup")
    right_option: int | None
    shown: RoomQuestionText | None = Field(description="null if each student had another")
    asked: float = Field(description="Seconds since 1970")


class RoomRecord(Answer):
    """What is kept of a room that has ended."""

    format: str
    version: Literal[1]
    code: str
    opened: float = Field(description="Seconds since 1970")
    saved: float
    students: Count
    questions: list[RecordedQuestion]


class ScreenQuestion(QuestionInRoom):
    """The question on the screen."""

    answered: Count
    options: OptionCounts
    before: RoundBefore | None


class ScreenState(Answer):
    """What the hall sees: nothing that the lecturer has not chosen to show."""

    students: Count
    here: Count
    question: ScreenQuestion | None
    answer: ShownAnswer | None
    view: str | None = Field(description="Where the answer's working is")


class TallyAnswer(Answer):
    """What the lecturer sees. No student is named."""

    students: Count = Field(description="How many joined")
    here: Count = Field(description="How many told where they are in the last 75 seconds")
    stuck_seconds: Seconds | None = Field(
        description="Longest time at one place without an answer to the open question"
    )
    places: list[TallyPlace]
    offers: list[TallyOffer]
    question: TallyQuestion | None


class FollowedState(Answer):
    """An event of a stream of several rooms."""

    room: str = Field(description="The code, as it was sent")
    state: RoomState | TallyAnswer | ScreenState | None = Field(
        description="As the event's name says; null where it is ended"
    )
