"""Misconceptions: the mistakes that the checker can name, the more common first.

A misconception is an alternative computation of one operation. To add one, add an entry to the
tuple of its file: ``forward``, ``cost``, ``updates``, ``output_gradient``, ``slopes``,
``backward``, ``parameters``, ``finished`` or ``penalties``. The checker, the catalog and the
report of the corpus then use it. If two misconceptions give the same numbers, both are named, in
the order of the table. ``updates`` comes before the gradients: if only new parameters are
submitted, a plus in the update is more likely than a wrong sign in the cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from backprop_explorer.engine.ops import Family
from backprop_explorer.engine.registry import Registry
from backprop_explorer.tutor.misconceptions.backward import BACKWARD
from backprop_explorer.tutor.misconceptions.cost import COST
from backprop_explorer.tutor.misconceptions.finished import FINISHED
from backprop_explorer.tutor.misconceptions.forward import FORWARD
from backprop_explorer.tutor.misconceptions.misconception import Context, Misconception, Situation
from backprop_explorer.tutor.misconceptions.output_gradient import OUTPUT_GRADIENT
from backprop_explorer.tutor.misconceptions.parameters import PARAMETERS
from backprop_explorer.tutor.misconceptions.penalties import PENALTIES
from backprop_explorer.tutor.misconceptions.slopes import SLOPES
from backprop_explorer.tutor.misconceptions.updates import UPDATES

__all__ = ["BY_FAMILY", "MISCONCEPTIONS", "Context", "Misconception", "Situation"]

MISCONCEPTIONS: Registry[Misconception] = Registry(
    "misconception",
    *FORWARD,
    *COST,
    *UPDATES,
    *OUTPUT_GRADIENT,
    *SLOPES,
    *BACKWARD,
    *PARAMETERS,
    *FINISHED,
    *PENALTIES,
)

# Those of each family of operations, in the order of the table.
BY_FAMILY: Mapping[str, tuple[Misconception, ...]] = {
    family: tuple(m for m in MISCONCEPTIONS.values() if family in m.families)
    for family in get_args(Family)
}
