"""What a sweep can tell of each run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from backprop_explorer.engine.registry import Registry

if TYPE_CHECKING:
    from backprop_explorer.experiments.history import SplitName
    from backprop_explorer.experiments.trainer import Trainer


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a run. ``better`` is the direction of the best cell; None if there is none.

    ``number`` computes it from a trainer that holds the parameters of a step; without it the
    measure is the step of divergence. With ``to_goal`` the measure is the first step whose number
    is at most the sweep's goal.
    """

    name: str
    title: str
    description: str
    number: Callable[[Trainer, int], float] | None = None
    part: SplitName | None = None
    better: Literal["lower", "higher"] | None = None
    to_goal: bool = False

    def read(self, trainer: Trainer, step: int) -> float:
        """Return the number of what ``trainer`` holds at ``step``; NaN if there is none."""
        with np.errstate(over="ignore", invalid="ignore"):
            number = math.nan if self.number is None else self.number(trainer, step)
        return number if math.isfinite(number) else math.nan


def _of_parts(name: str, title: str, text: str, **more: Any) -> Iterator[Measure]:
    """Yield the measure of the training part and that of the test part."""
    parts: tuple[tuple[SplitName, str], ...] = (("train", "training"), ("test", "test"))
    for part, word in parts:

        def number(trainer: Trainer, _step: int, part: SplitName = part) -> float:
            return trainer.score(part) if name == "score" else trainer.cost(part)

        words = title.format(word), text.format(word)
        yield Measure(f"{name}.{part}", *words, number, part, **more)


MEASURES: Registry[Measure] = Registry(
    "measure",
    *_of_parts(
        "cost", "{} cost", "The cost of the {} part at the step, penalty included.", better="lower"
    ),
    *_of_parts(
        "score",
        "{} score",
        "Accuracy, or R² of a regression, of the {} part at the step.",
        better="higher",
    ),
    *_of_parts(
        "steps_to_cost",
        "steps to a {} cost",
        "The first step at which the cost of the {} part is at most the goal.",
        better="lower",
        to_goal=True,
    ),
    Measure(
        "gradient_ratio",
        "gradient ratio",
        "‖∂C/∂z‖ of the first layer divided by that of the last, of the batch at the step.",
        lambda trainer, step: trainer.gradient_ratio(step),
    ),
    Measure(
        "diverged_at",
        "diverged at",
        "The step whose update makes the parameters too large; null if the run does not diverge.",
    ),
)
