"""What training minimises: the cost, its reduction to one number, and the penalty."""

from __future__ import annotations

import math
from dataclasses import dataclass

from backprop_explorer.engine.costs import COSTS, REDUCTIONS, Cost
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.network import Network
from backprop_explorer.texts import engine as texts


@dataclass(frozen=True, slots=True)
class Objective:
    """What training minimises: a cost, its reduction to one number, and a penalty on the weights.

    The penalty is λ₁ Σ|W| + λ₂/2 ΣW², with ``biases`` the same of b as well. ``fused`` computes the
    cost and the output activation together if they have a common form. Raises UnknownName or
    InvalidInput.
    """

    cost: str = "mse"
    reduction: str = "mean"
    l1: float = 0.0
    l2: float = 0.0
    fused: bool = True
    biases: bool = False

    def __post_init__(self) -> None:
        COSTS.find(self.cost, "cost")
        REDUCTIONS.find(self.reduction, "reduction")
        for name, value in (("l1", self.l1), ("l2", self.l2)):
            if not 0 <= value < math.inf:
                raise InvalidInput(f"penalty.{name}", texts.not_negative(name))

    @property
    def penalized(self) -> bool:
        """Whether λ₁ or λ₂ is not 0."""
        return bool(self.l1 or self.l2)

    @property
    def entry(self) -> Cost:
        """The entry of the cost registry."""
        return COSTS[self.cost]

    def fuses(self, network: Network) -> bool:
        """Whether the cost is computed together with the last activation of ``network``."""
        return self.fused and network.layers[-1].activation in self.entry.fused

    def factor(self, samples: int, outputs: int) -> float:
        """The number in front of the sum of losses."""
        return REDUCTIONS[self.reduction].factor(samples, outputs)
