"""Schemas of the checker: POST /check and /check/parse."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from backprop_explorer.api.answers.base import Answer, Numbers, absent

Flags = (
    bool
    | list[bool]
    | list[list[bool]]
    | list[list[list[bool]]]
    | list[list[list[list[bool]]]]
    | None
)


class LayerActivation(Answer):
    """The activation of a layer."""

    layer: int = Field(ge=1)
    activation: str = Field(description='Its name, such as "tanh" or "leaky_relu(0.2)"')


class CheckDiagnosis(Answer):
    """A mistake that explains the submitted numbers."""

    misconception: str = Field(description="Name in the catalog")
    lines: list[str] = Field(description="Ids of the lines in which it is made")
    message: str = Field(description="What was done, why it is wrong and what to look at")
    certainty: Literal["all_lines", "one_of_several", "some_lines"] = Field(
        description="all_lines: only these mistakes give all numbers; one_of_several: others give"
        " them too; some_lines: some lines stay unexplained"
    )
    alternative: bool = Field(description="Made instead of the first mistakes, not beside them")
    activations: list[LayerActivation] = Field(
        description="What the layers were computed with, if the mistake is another activation than"
        " the given one; else empty"
    )


class MarkedLine(Answer):
    """How one line is marked."""

    verdict: Literal["correct", "follows", "wrong", "missing"] = Field(
        description="follows: wrong, but computed correctly from the submitted earlier lines;"
        " zeros, constants and copies do not count as computed"
    )
    max_relative_error: float | None = Field(
        description="‖p − q‖ / (‖p‖ + ‖q‖); null for a missing line or another shape"
    )
    misconception: str | None = Field(description="The mistake made in this line, if one is known")
    entries: Flags = Field(
        description="Whether each entry is right, in the line's shape and convention, such as"
        " [[true, false], [true, true]]; null for a line that is missing, has another shape or is"
        " right in another convention or scaling"
    )


class CheckNote(Answer):
    """Something to know that is not a mistake of the computation."""

    kind: Literal[
        "other_convention",
        "other_scaling",
        "single_precision",
        "rounded_givens",
        "rounded_lines",
        "few_digits",
        "per_sample",
        "log_epsilon",
        "numbering",
        "read_as",
        "samples_as_columns",
        "bias_in_weights",
        "class_targets",
        "unfilled",
        "shape",
        "not_finite",
        "entries",
    ]
    message: str
    line: str = absent("Id of the line that it is about; absent if it is about all")
    factor: float = absent("For other_scaling: theirs divided by ours")


class InferredSettings(Answer):
    """The settings under which most submitted lines agree."""

    activations: list[str]
    cost: str
    reduction: str
    convention: str
    step: Literal["subtract", "add"] = Field(
        description="add: the gradients come from target − prediction, and the step is added"
    )
    counted_from: int = Field(description="The number of the first layer in the names")
    rate: float | None = Field(description="The learning rate that updated weights show")
    penalty: InferredPenalty
    agree: int = Field(description="Lines that agree under these settings")
    of: int = Field(description="Lines that were read")
    workings: int = Field(description="Workings that were computed to find them")
    reason: str


class ReadArray(Answer):
    """How one submitted array was read."""

    model_config = ConfigDict(populate_by_name=True)

    index: int = Field(description="Place among the arrays, from 0: the key of `read_as`")
    name: str | None
    at_line: int | None = Field(description="Line of the text where it begins")
    line_id: str | None = Field(alias="as", description="A line or a given; null for a helper")
    how: Literal["numbers", "name", "shape", "given", "helper"] = Field(
        description="numbers: it has those of the line; helper: a step between two lines"
    )
    agrees: bool = Field(description="Whether it has the numbers of the line")
    shape: list[int]


class NotRead(Answer):
    """An array or a place of the text that was not read."""

    index: int | None = Field(description="Place of an array among the arrays; null for text")
    name: str | None
    at_line: int | None
    message: str


class InferredGivens(Answer):
    """The givens that were found, as `POST /trace` takes them."""

    layers: list[InferredGivenLayer]
    x: Numbers
    target: Numbers
    cost: str
    reduction: str
    convention: str
    penalty: InferredPenalty
    optimizer: InferredOptimizer = absent("With updated weights")


class InferredGivenLayer(Answer):
    """A layer that was found."""

    W: Numbers
    b: Numbers
    activation: str


class InferredPenalty(Answer):
    """The penalty that the gradients of W show: λ₁ Σ|W| + λ₂/2 ΣW²."""

    l1: float
    l2: float


class InferredOptimizer(Answer):
    """Plain descent with the learning rate that was found."""

    name: str
    learning_rate: float


class CheckAnswer(Answer):
    """Submitted lines, marked."""

    verdict: Literal["correct", "other_convention", "wrong", "incomplete"] = Field(
        description="other_convention: right, but not in the given or usual convention; only of"
        " inferred settings"
    )
    first_wrong: str | None = Field(description="Id of the first wrong line")
    summary: str
    diagnoses: list[CheckDiagnosis] = Field(description="The most likely first")
    lines: dict[str, MarkedLine] = Field(description="Every line of the working, by id")
    notes: list[CheckNote]
    settings: InferredSettings | None = absent("Of inferred settings; null if none fit")
    read_as: list[ReadArray] = absent("Of inferred settings")
    not_read: list[NotRead] = absent("Of inferred settings")
    givens: InferredGivens | None = absent("Of inferred settings; null if they were not found")
    submitted: dict[str, Numbers | str] = absent(
        "Of inferred settings: the lines by id, in the layout and scale in which they were marked"
    )


class ParsedArray(Answer):
    """An array found in printed text."""

    model_config = ConfigDict(populate_by_name=True)

    name: str | None = Field(description="The name that stands before it")
    line_id: str | None = Field(alias="as", description="Id of the line that the name means")
    guessed: bool = Field(description="Always false: an array without a name has no line")
    shape: list[int]
    value: Numbers | str = Field(description="Nested lists; text if a number is not finite")
    at_line: int = Field(ge=1, description="Line of the text where it begins, counted from 1")
    decimal: Numbers | str = absent("The value if its commas are decimal commas")


class UnreadText(Answer):
    """A place of the text that could not be read."""

    line: int = Field(ge=1)
    column: int = Field(ge=1)
    message: str


class ParseAnswer(Answer):
    """The arrays in a printed text."""

    arrays: list[ParsedArray]
    words: dict[str, list[str]] = Field(description="Words found under a name")
    unread: list[UnreadText]
