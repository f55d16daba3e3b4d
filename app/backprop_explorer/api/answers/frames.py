"""Schemas of an experiment at a step: …/frames/{step} and …/history."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from backprop_explorer.api.answers.base import (
    Answer,
    Matrix,
    Number,
    Rows,
    Step,
    Tensor,
    Vector,
    absent,
)


class Change(Answer):
    """An edit of the recipe that would help."""

    path: str = Field(
        description="Dotted path of the recipe's field, such as network.layers.0.activation"
    )
    value: Any = Field(description="What the field becomes")


class Suggestion(Answer):
    """A smaller learning rate."""

    set: str = Field(description="The field that holds the learning rate")
    to: float


class FrameDivergence(Answer):
    """Training does not get to the step that was asked for."""

    step: Step = Field(description="The last step with finite numbers")
    text: str
    suggestion: Suggestion
    change: Change | None


class Cause(Answer):
    """What explains an alarm: a learning rate that is too large."""

    text: str
    suggestion: Suggestion


class FrameAlarm(Answer):
    """A finding about the health of the run."""

    kind: Literal["vanishing", "exploding", "dead", "saturated", "symmetric", "diverged"]
    layer: int | None = Field(description="Counted from 1; null if it is about the network")
    text: str
    suggestion: str
    change: Change | None = Field(description="The first suggestion that would change something")
    cause: Cause | None = Field(description="null if the learning rate does not explain it")


class FrameBatch(Answer):
    """The batch that the next update uses."""

    index: int = Field(ge=0, description="Its number in the epoch")
    size: int = Field(ge=1)
    rows: Rows


class TrainTest(Answer):
    """A cost of the training and of the test part."""

    train: Number
    test: Number = Field(description="null if there is no test part")


class Score(TrainTest):
    """Accuracy, or R² of a regression."""

    name: Literal["accuracy", "r2"]


class Histogram(Answer):
    """How many numbers lie in each bin."""

    edges: list[float] = Field(description="(bins + 1,) from −max|v| to max|v|")
    counts: list[int] = Field(description="(bins,)")


class LayerGradient(Answer):
    """Sizes of one layer's gradients."""

    W_norm: Number = Field(description="‖∂C/∂W‖")
    b_norm: Number = Field(description="‖∂C/∂b‖")
    z_norm: Number = Field(description="‖∂C/∂z‖ over the batch")
    update_ratio: Number = Field(
        description="‖ΔW‖ / ‖W‖ of the next update, with the optimizer as it is; null where W is"
        " 0 or the update overflows. A healthy run is around 10⁻³"
    )
    histogram: Histogram = Field(description="Of ∂C/∂W")


class LayerActivations(Answer):
    """One layer's outputs over the training set."""

    mean: Number
    std: Number
    dead_fraction: Number = Field(description="Units that are always 0; null unless ReLU")
    saturated_fraction: Number = Field(
        description="Outputs on the flat ends; null unless sigmoid or tanh"
    )


class Neurons(Answer):
    """A layer's values for the sample; of a batch means (z, a) and sums (gradients)."""

    z: list[Number] | None
    a: list[Number] | None
    dC_da: list[Number] | None = Field(  # noqa: N815
        description="null for an output that is computed together with its cost"
    )
    dC_dz: list[Number] | None  # noqa: N815


class FrameLayer(Answer):
    """One layer at the step; what depends on `include` may be absent."""

    units: int = Field(ge=1)
    activation: str
    W: Matrix = absent("(n_in, n_out); with include=parameters")
    b: Vector = absent("(n_out,); with include=parameters")
    dC_dW: Matrix = absent("(n_in, n_out); with include=gradients")  # noqa: N815
    dC_db: Vector = absent("(n_out,); with include=gradients")  # noqa: N815
    neurons: Neurons = absent("With include=neurons")
    gradient: LayerGradient = absent("With include=health")
    activation_statistics: LayerActivations = absent("With include=health")
    map: Tensor = absent(
        "With include=maps: (units, rows, columns) output of each unit over a coarse grid of the "
        "boundary's features; not with more than 16 units, nor with one feature"
    )


class Curves(Answer):
    """The recorded points of the run, one list a column."""

    step: Vector = Field(description="(points,)")
    cost_train: Vector = Field(description="(points,)")
    cost_test: Vector = Field(description="(points,)")
    score_train: Vector = Field(description="(points,)")
    score_test: Vector = Field(description="(points,)")
    W_norm: Matrix = Field(description="(points, layers) of ‖∂C/∂W‖")
    z_norm: Matrix = Field(description="(points, layers) of ‖∂C/∂z‖")


class Boundary(Answer):
    """The output over a grid of two features, the others at their training mean."""

    kind: Literal["binary", "classes", "curve", "surface"] = Field(
        description="z is an output, a class, the output of one feature, or a regression's"
    )
    axes: list[int] = Field(description="The features of x and y, counted from 0")
    x: Vector = Field(description="(columns,)")
    y: Vector = absent("(rows,); absent for a curve")
    z: Matrix | Vector = Field(description="(rows, columns); (columns,) for a curve")
    confidence: Matrix = absent("(rows, columns) output of the class; for classes only")


class FrameAnswer(Answer):
    """An experiment at a step."""

    step: Step
    epoch: int = Field(ge=0)
    batch: FrameBatch
    learning_rate: float = Field(description="η of the next update")
    cost: TrainTest
    score: Score
    layers: list[FrameLayer]
    diverged: FrameDivergence | None
    input: list[Number] = absent("(features,) of the sample or the batch's mean")
    output: list[Number] = absent("(outputs,) of the sample or the batch's mean")
    curves: Curves = absent("With include=curves")
    boundary: Boundary = absent("With include=boundary")
    alarms: list[FrameAlarm] = absent("With include=health")


class HistoryPoint(Answer):
    """One line of …/history."""

    step: Step
    epoch: int = Field(ge=0)
    learning_rate: float
    cost_train: Number
    cost_test: Number
    score_train: Number
    score_test: Number
    W_norm: list[Number] = Field(description="(layers,) of ‖∂C/∂W‖")
    z_norm: list[Number] = Field(description="(layers,) of ‖∂C/∂z‖")
