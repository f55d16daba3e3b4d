"""Schemas of a working: POST /trace and …/frames/{step}/trace."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from backprop_explorer.api.answers.base import (
    Answer,
    Formula,
    Matrix,
    Name,
    Number,
    Numbers,
    Rows,
    Step,
    TypedArray,
    Vector,
    absent,
)
from backprop_explorer.api.answers.frames import FrameAnswer

Value = Annotated[
    Numbers | TypedArray,
    Field(description="A number or nested lists of the shape; null if it was left out"),
]
Shape = Annotated[list[int], Field(description="Lengths of the axes; empty for a number")]
LeftOut = Literal[True]


class TraceGiven(Answer):
    """A given of the working: x, target, W1, b1, …"""

    id: str = Field(description="Such as W1, or dC_dW1 for a line")
    symbol: Formula = absent("Left out with formulas=none")
    label: str = absent("Its name in Unicode, such as ∂C/∂W⁽¹⁾; not with formulas=none")
    spoken: str = absent("Its name as a screen reader says it; not with formulas=none")
    about: str = absent("What it is, in a sentence; not with formulas=none")
    axes: list[str] = absent(
        "The names of its axes, such as sample and unit; not with formulas=none"
    )
    quantity: str = absent("What it is in every layer, such as dC_dW; not with formulas=none")
    of: str | None = absent(
        "The value that a gradient, Jacobian, update or state belongs to, by id; not with"
        " formulas=none"
    )
    layer: int | None = Field(description="Counted from 1; null for a value of no layer")
    value: Value
    shape: Shape
    left_out: LeftOut = absent("true if the value has more numbers than `entries` allows")
    finite: Literal[False] = absent("false if the value holds inf or NaN, which are null here")


class TraceLine(TraceGiven):
    """One line of the working: an operation, its formula and its value."""

    phase: Literal["forward", "cost", "backward", "update"]
    op: Name = Field(description="Name of the operation in the catalog")
    inputs: list[str] = Field(description="Ids of the lines and givens that the operation reads")
    formula: Formula = absent("Left out with formulas=none")
    text: str = Field(description="The operation in a sentence")
    signature: str = Field(description="Axes of inputs and value, such as ni,ij,j->nj")
    entry: str = Field(description="How one entry is computed; {0} is the entry of input 0")


class ParameterGradients(Answer):
    """The gradients of one layer's parameters."""

    dC_dW: Matrix | None = Field(description="∂C/∂W, shaped as W in the convention")  # noqa: N815
    dC_db: Vector | None = Field(description="∂C/∂b, (n_out,)")  # noqa: N815


class GradientCheck(Answer):
    """What one oracle says of all gradient lines."""

    max_relative_error: Number = Field(description="The largest of a line")
    tolerance: float = Field(description="The largest relative error that passes")
    passed: bool
    # A constant inside a union makes openapi-python-client refuse the other types of the union.
    by_line: dict[str, Number | str] = Field(
        description="‖p − q‖ / (‖p‖ + ‖q‖) of each line, by id; below_resolution where the"
        " difference is within the estimated rounding error of float64: neither confirmed nor"
        " refuted"
    )
    entries_tried: dict[str, int] = Field(
        description="How many moves were tried, for lines where it is not one of each entry: 1 is"
        " one of all entries together"
    )


class Verification(Answer):
    """The gradients compared with two independent oracles."""

    autograd: GradientCheck
    finite_differences: GradientCheck


class TraceAnswer(Answer):
    """Every line of one backpropagation."""

    convention: Name = Field(description="How W and the vectors stand: column, row or lecture")
    batch: int | None = Field(description="Number of samples; null for one sample as vectors")
    cost: Number = Field(description="C, the penalty included")
    fused: bool = Field(description="Whether cost and output activation are one line backward")
    reduction: Name = Field(description="How the cost is scaled")
    activations: list[str] = Field(description="The activation of each layer")
    givens: list[TraceGiven]
    lines: list[TraceLine] = Field(description="In the order of the working")
    gradients: list[ParameterGradients] = Field(
        description="One for each layer; empty if only some lines were asked for"
    )
    verification: Verification | None = Field(description="null if it was not asked for")


class FrameTraceAnswer(TraceAnswer):
    """Every line of the backpropagation at one step of an experiment, the update included."""

    step: Step
    rows: Rows = Field(description="Training positions of the samples")


class StepOfRun(Answer):
    """One step of a run."""

    frame: FrameAnswer = Field(description="W is always (n_in, n_out)")
    trace: FrameTraceAnswer = Field(description="Not verified; arrays are always lists")


class StepsAnswer(Answer):
    """Several steps of a run: fewer than asked for where time ran out or training diverged."""

    steps: list[StepOfRun] = Field(min_length=1)


class TraceFile(FrameTraceAnswer):
    """The working as a file to take away."""

    source: str = Field(description="Where the numbers come from, in one line")


class NotebookCell(Answer):
    """A cell of a notebook."""

    cell_type: Literal["markdown", "code"]
    id: str
    metadata: dict[str, Any]
    source: list[str] = Field(description="Its lines")
    execution_count: int | None = absent("Of a code cell")
    outputs: list[dict[str, Any]] = absent("Of a code cell")


class NotebookFile(Answer):
    """A Jupyter notebook, format 4.5."""

    cells: list[NotebookCell]
    metadata: dict[str, Any]
    nbformat: Literal[4]
    nbformat_minor: int
