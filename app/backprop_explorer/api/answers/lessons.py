"""Schemas of lessons."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from backprop_explorer.api.answers.base import Answer, Formula, Numbers, absent
from backprop_explorer.api.answers.checks import Flags


class ProsePiece(Answer):
    """Plain or strong text."""

    kind: Literal["text", "strong"]
    text: str


class CodePiece(Answer):
    """Code in a line, or a block of it."""

    kind: Literal["code", "block"]
    code: str


class MathPiece(Answer):
    """A formula."""

    kind: Literal["math"]
    formula: Formula = absent("Left out with formulas=none")


Piece = Annotated[ProsePiece | CodePiece | MathPiece, Field(discriminator="kind")]
Text = Annotated[list[list[Piece]], Field(description="Paragraphs of pieces")]


class LessonSummary(Answer):
    """A lesson in the list."""

    name: str
    title: str
    group: str
    group_title: str
    exercise: str | None = Field(description="The exercise of the course, if it belongs to one")
    summary: str
    minutes: int
    questions: int = Field(ge=0, description="How many")
    was: str = Field(description="Its earlier name, under which it is found too; empty if none")
    picture: str = Field(description="Kind of its drawing in the list; empty if none is set")
    digest: str = Field(description="Of its files: another one is another version")
    builds_on: list[str] = Field(description="Names of the lessons that come before it")


class LessonsAnswer(Answer):
    """All lessons in order."""

    lessons: list[LessonSummary]


class LessonScene(Answer):
    """What an explorer shows beside a card; what is absent stays as it was."""

    recipe: dict[str, Any] = absent("An experiment as POST /experiments takes it")
    step: int = absent("Updates made so far")
    line: str = absent("Id of a line")
    sample: int | str = absent("Position in the training part, or the text batch")
    entry: list[int] = absent("Index into the line's value")
    convention: str = absent("Name in the catalog")
    reduction: str = absent("Name in the catalog")
    jacobians: bool = absent("Whether Jacobians are lines")
    fused: bool = absent("Whether cost and output activation are one line")
    figure: Literal["gradient-flow", "health", "cost", "data"] = absent("The figure to show")
    reference: dict[str, Any] = absent("The recipe of a run to compare with")
    map: dict[str, Any] = absent("A sweep as POST /sweeps takes it; its map is the figure")
    hide: str = absent("Id of the first line whose numbers are hidden until the answer")


class _Question(Answer):
    prompt: Text
    hints: int = Field(ge=0, description="How many POST …/hint gives")


class ChoiceQuestion(_Question):
    """Choose an option; the answer is its position, from 0."""

    kind: Literal["choice"]
    options: list[Text] = Field(description="In an order that depends on the seed")


class CodeLineQuestion(_Question):
    """Find a line of code; the answer is its position, from 0."""

    kind: Literal["code_line"]
    code: list[str] = Field(description="Lines")


class ShapeQuestion(_Question):
    """Say a shape; the answer is a list of whole numbers, or text such as "(3, 2)"."""

    kind: Literal["shape"]


class SignsQuestion(_Question):
    """Say signs; the answer has −1, 0 and 1 in the shape."""

    kind: Literal["signs"]
    shape: list[int]
    names: list[Text] = Field(description="Names of the entries; may be empty")


class CardFunction(Answer):
    """A function that the card asks for; `bx.lesson(…).check` prints a code for a right one."""

    cell: str = Field(description="Lines for a notebook that check it")
    call: str = Field(description="How it is called")
    results: str = Field(description="What it returns; empty if the card says it")


class FunctionQuestion(_Question):
    """Write a function; the answer is the code that the check prints, such as KQT-MXR."""

    kind: Literal["function"]
    function: CardFunction


class ValuesQuestion(_Question):
    """Compute numbers; the answer is nested lists, or text as NumPy prints it."""

    kind: Literal["values"]
    shape: list[int]
    function: CardFunction = absent("Its code is an answer, too")


class LineQuestion(_Question):
    """Compute a line of the working; the answer is as for numbers."""

    kind: Literal["line"]
    shape: list[int]
    line: str = Field(description="Its id")
    function: CardFunction = absent("Its code is an answer, too")


OneQuestion = (
    ChoiceQuestion
    | CodeLineQuestion
    | ShapeQuestion
    | SignsQuestion
    | FunctionQuestion
    | ValuesQuestion
    | LineQuestion
)
Question = Annotated[OneQuestion, Field(discriminator="kind")]


class SheetCard(Answer):
    """One card of a lesson, as it is printed."""

    name: str = Field(description="Stays when cards are added")
    title: str
    text: Text
    question: Question | None


class AskedLater(Answer):
    """A line that a later card asks, hidden with what follows until that card is answered."""

    card: str = Field(description="Name of the later card")
    line: str = Field(description="Id of the line")
    hide: str = Field(description="Id of the first line that is hidden; all later ones are, too")
    bare: bool = Field(description="Whether shape and formula are hidden, too")


class LessonCard(SheetCard):
    """One card of a lesson."""

    scene: LessonScene | None
    later: list[AskedLater] = Field(
        description="What later cards ask of the same experiment, step and sample"
    )


class CardHead(Answer):
    """What is known of every card."""

    name: str
    title: str
    asks: bool = Field(description="Whether it has a question")


class _LessonHead(LessonSummary):
    seed: int | str = Field(description="A number up to 2147483647, or any other text, normalised")
    solutions: Literal["after_try", "always", "never"] = Field(
        description="Who gets the answer to a question"
    )


class LessonAnswer(_LessonHead):
    """A lesson with the numbers of a seed."""

    outline: list[CardHead] = Field(description="All cards")
    cards: list[LessonCard] = Field(
        description="The first ones, up to and with the first question without a right answer; all"
        " if solutions is always; none with an answer to read if it is never"
    )


class LessonSheet(_LessonHead):
    """A lesson to print."""

    cards: list[SheetCard] = Field(description="All cards")


class HintAnswer(Answer):
    """A hint to a question."""

    hint: Text


_Reasons = list[Text] | None
_Following = Annotated[
    list[LessonCard], Field(description="The cards that follow, up to the next question")
]


class AnswerMark(Answer):
    """How an answer to a question is marked."""

    right: bool
    message: Text = Field(description="Why")
    entries: Flags = Field(description="Whether each number is right; null if there are none")
    misconception: str | None = Field(description="Name in the catalog")
    close: bool = Field(description="Right but for too few digits: not right, and no mistake")
    after: Text | None = Field(description="Follows a right answer")
    reasons: _Reasons = Field(description="Of all options, after the right one; null for others")
    cards: _Following | None = Field(
        description="After an answer that opens them: a right one, or any if solutions is never"
    )


class SolutionAnswer(Answer):
    """A right answer to a question, and why it is right."""

    answer: Numbers = Field(description="As POST …/answer takes it")
    message: Text
    after: Text
    reasons: _Reasons = Field(description="Of all options; null for other kinds")
    cards: _Following
