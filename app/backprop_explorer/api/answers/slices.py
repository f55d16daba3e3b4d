"""Schemas of a closer look at a step: …/slice and …/shares."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backprop_explorer.api.answers.base import (
    Answer,
    FiniteVector,
    Matrix,
    Number,
    Rows,
    Step,
    Tensor,
    Vector,
    absent,
)

Samples = Annotated[int, Field(ge=1, description="Training rows that the cost was computed of")]


class CurrentCost(Answer):
    """The cost at the current parameters."""

    train: Number
    batch: Number


class LineUpdate(Answer):
    """Where the next update lands, seen from a line."""

    t: Number = Field(description="Nearest point of the line; null without a gradient")
    off: Number = Field(
        description="Distance from the line as a fraction of the update's length; 0 for"
        " gradient descent on the batch's line"
    )
    cost_train: Number
    cost_batch: Number


class Direction(Answer):
    """Costs at θ − t ∂C/∂θ, with t in units of the learning rate."""

    of: Literal["train", "batch"] = Field(description="Whose gradient it is")
    gradient_norm: Number
    t: FiniteVector = Field(description="(points,), a fifth of them negative, and 0 among them")
    cost_train: Vector = Field(description="(points,)")
    cost_batch: Vector = Field(description="(points,)")
    update: LineUpdate


class GradientSlice(Answer):
    """The cost along two negative gradients."""

    kind: Literal["gradient"]
    step: Step
    samples: Samples
    cost: CurrentCost
    learning_rate: float = Field(description="η of the next update, without the factors of layers")
    directions: list[Direction]


class CurrentPoint(Answer):
    """The current parameters in a plane."""

    x: Number
    y: Number
    cost: Number


class PlaneUpdate(CurrentPoint):
    """Where the next update lands, seen from a plane."""

    off: Number = Field(description="Distance from the plane")


class Path(Answer):
    """Training so far, projected into a plane.

    All of the first 64 steps, then 32 of each doubling (fewer for large networks), and this step.
    """

    step: list[int] = Field(description="(points,)")
    x: Vector = Field(description="(points,)")
    y: Vector = Field(description="(points,)")
    off: Vector = Field(description="(points,) distances from the plane")


class _PlaneAnswer(Answer):
    step: Step
    samples: Samples
    axes: list[str] = Field(
        description="What x and y are: gradient and random or start, or two parameters; random"
        " replaces a gradient of 0, and start at the start"
    )
    x: FiniteVector = Field(
        description="(columns,): the parameter's values, or distances from the current point,"
        " along the negative gradient"
    )
    y: FiniteVector = Field(description="(rows,)")
    cost: Matrix = Field(description="(rows, columns) of the training set; rows follow y")
    here: CurrentPoint
    update: PlaneUpdate
    path: Path | None = Field(description="null where the network is too large for it")


class PlaneSlice(_PlaneAnswer):
    """The cost over the plane of the negative gradient and a second direction."""

    kind: Literal["plane"]
    seed: int = Field(description="Of the random direction")


class WeightsSlice(_PlaneAnswer):
    """The cost over two parameters."""

    kind: Literal["weights"]


SliceAnswer = Annotated[
    GradientSlice | PlaneSlice | WeightsSlice, Field(discriminator="kind", title="Slice")
]


class Gradients(Answer):
    """Gradients of one layer in the row convention."""

    dC_dW: Matrix = Field(description="(n_in, n_out)")  # noqa: N815
    dC_db: Vector = Field(description="(n_out,)")  # noqa: N815


class GradientSum(Gradients):
    """The sum of all samples' parts, without the penalty."""

    W_norm: Number
    b_norm: Number


class HardestSample(Answer):
    """The sample with the longest part."""

    index: int = Field(description="Position in the batch")
    row: int = Field(description="Position in the training part")
    norm: float


class EntryParts(Answer):
    """The parts of one entry of the gradient."""

    name: str = Field(description="Such as W[0,2]")
    parts: Vector = Field(description="(samples,)")
    sum: Number


class GradientParts(Answer):
    """All parts, number by number."""

    dC_dW: Tensor = Field(description="(samples, n_in, n_out)")  # noqa: N815
    dC_db: Matrix = Field(description="(samples, n_out)")  # noqa: N815


class SharesAnswer(Answer):
    """What each sample of the batch brings to the gradient of one layer."""

    step: Step
    layer: int = Field(ge=1)
    rows: Rows = Field(description="(samples,) training positions, the order of all lists")
    W_norm: Vector = Field(description="(samples,) sizes of the parts of ∂C/∂W")
    b_norm: Vector = Field(description="(samples,) sizes of the parts of ∂C/∂b")
    share: Vector | None = Field(
        description="(samples,) component of each part along the sum, as a share of it: they add"
        " up to 1, and that of an opposite part is negative; null if the sum is 0"
    )
    sum: GradientSum
    gradient: Gradients = Field(description="Of the batch, with the penalty")
    hardest: HardestSample | None = Field(description="null where all parts are 0")
    entry: EntryParts = absent("With `entry`")
    parts: GradientParts = absent("With `full`")
