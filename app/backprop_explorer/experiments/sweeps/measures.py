"""What a sweep can tell of each run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from backprop_explorer.engine.registry import Registry

if TYPE_CHECKING:
    from backprop_explorer.experiments.history import SplitName

Kind = Literal["cost", "score", "steps_to_cost", "gradient_ratio", "diverged_at"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a run. ``better`` is the direction of the best cell; None if there is none."""

    name: str
    title: str
    description: str
    kind: Kind
    part: SplitName | None = None
    better: Literal["lower", "higher"] | None = None


MEASURES: Registry[Measure] = Registry(
    "measure",
    Measure(
        "cost.train",
        "training cost",
        "The cost of the training part at the step, penalty included.",
        "cost",
        "train",
        "lower",
    ),
    Measure(
        "cost.test",
        "test cost",
        "The cost of the test part at the step, penalty included.",
        "cost",
        "test",
        "lower",
    ),
    Measure(
        "score.train",
        "training score",
        "Accuracy, or R² of a regression, of the training part at the step.",
        "score",
        "train",
        "higher",
    ),
    Measure(
        "score.test",
        "test score",
        "Accuracy, or R² of a regression, of the test part at the step.",
        "score",
        "test",
        "higher",
    ),
    Measure(
        "steps_to_cost.train",
        "steps to a training cost",
        "The first step at which the cost of the training part is at most the goal.",
        "steps_to_cost",
        "train",
        "lower",
    ),
    Measure(
        "steps_to_cost.test",
        "steps to a test cost",
        "The first step at which the cost of the test part is at most the goal.",
        "steps_to_cost",
        "test",
        "lower",
    ),
    Measure(
        "gradient_ratio",
        "gradient ratio",
        "‖∂C/∂z‖ of the first layer divided by that of the last, of the batch at the step.",
        "gradient_ratio",
    ),
    Measure(
        "diverged_at",
        "diverged at",
        "The step whose update makes the parameters too large; null if the run does not diverge.",
        "diverged_at",
    ),
)
