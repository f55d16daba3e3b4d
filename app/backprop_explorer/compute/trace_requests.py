"""The request of a trace: a network with its weights, samples and targets.

Every field is bounded; unknown fields are refused. The web process checks requests; what only the
methods need, which run in workers, they import themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, ConfigDict, Field

from backprop_explorer.compute.numbers import Bias, Matrix, Targets, VectorOrMatrix
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.network import Parameters, network_of
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.registry import Registry
from backprop_explorer.engine.updates import Update
from backprop_explorer.experiments.recipe import Name, OptimizerPart, PenaltyPart, RecipePart
from backprop_explorer.limits import Limits
from backprop_explorer.tutor.spellings import activation_name, usual_name

if TYPE_CHECKING:
    from backprop_explorer.engine.trace import Trace
    from backprop_explorer.tutor.givens import BiasEnd, GivenNumbers

TRACE_EXAMPLE: dict[str, Any] = {
    "layers": [
        {"W": [[0.5, -0.3], [0.8, 0.2]], "b": [0.1, -0.1], "activation": "sigmoid"},
        {"W": [[0.7, -0.4]], "b": [0.05], "activation": "sigmoid"},
    ],
    "x": [0.6, -1.2],
    "target": [1.0],
    "cost": "mse",
    "convention": "column",
    "optimizer": {"name": "sgd", "learning_rate": 0.1},
}


def _sums_to_one(target: np.ndarray) -> bool:
    return bool(np.isclose(target.sum(axis=1), 1.0, rtol=0.0, atol=1e-9).all())


def _spelled(known: Registry[Any]) -> BeforeValidator:
    """Accept other spellings of a name, such as "ReLU" and "linear"."""
    return BeforeValidator(
        lambda value: usual_name(value, known) if isinstance(value, str) else value
    )


ActivationName = Annotated[Name, BeforeValidator(activation_name)]
CostName = Annotated[Name, _spelled(COSTS)]


class GivenLayer(RecipePart):
    """A layer with its weights. W is (n_out, n_in) or (n_in, n_out), as the convention says."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    W: Matrix
    b: Bias | None = Field(None, description="Left out: 0, or a row of W if W has one too many")
    activation: ActivationName = "sigmoid"


class GivenPenalty(PenaltyPart):
    """A penalty as a program defines it: λ₁ Σ|W| + λ₂/2 ΣW², λ₂ ΣW², or divided by N, also of b."""

    square: Literal["half", "whole"] = Field("half", description="λ₂/2 ΣW², or λ₂ ΣW²")
    divided_by: Literal["nothing", "samples"] = Field(
        "nothing", description="samples: both λ are divided by the number of samples"
    )
    on: Literal["weights", "weights_and_biases"] = Field(
        "weights", description="The parameters that the penalty is taken of"
    )

    def factors(self, samples: int) -> tuple[float, float]:
        """λ₁ and λ₂ of λ₁ Σ|W| + λ₂/2 ΣW²."""
        divisor = samples if self.divided_by == "samples" else 1
        whole = 2.0 if self.square == "whole" else 1.0
        return self.l1 / divisor, whole * self.l2 / divisor


class Givens(RecipePart):
    """The givens of a backpropagation: a network with its weights, a sample or a batch, targets."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    layers: Annotated[list[GivenLayer], Field(min_length=1, max_length=256)]
    x: VectorOrMatrix
    target: Annotated[
        Targets, Field(description="Numbers for each output, or the number of the class, from 0")
    ]
    cost: CostName = "mse"
    reduction: Name = "mean"
    convention: Name = "column"
    penalty: GivenPenalty = GivenPenalty()
    optimizer: OptimizerPart | None = None
    fused: bool = Field(
        True, strict=True, description="Compute softmax or sigmoid together with its cost"
    )
    jacobians: bool = Field(
        False, strict=True, description="Add ∂a/∂z, ∂z/∂W, ∂z/∂b and ∂z/∂a as lines"
    )

    def numbers(self, *, columns: bool = False, bias_end: BiasEnd = "first") -> GivenNumbers:
        """The arrays in the engine's form. Raises InvalidInput with the field's path."""
        from backprop_explorer.tutor.givens import read_givens

        notation = Notation.of(self.convention, single=False, reduction=self.reduction)
        layers = [(notation.read_weights(layer.W), layer.b) for layer in self.layers]
        return read_givens(
            layers, self.x, self.target, self.convention, columns=columns, bias_end=bias_end
        )

    def build(self, limits: Limits) -> tuple[Trace, Notation]:
        """The trace and its notation. Raises InvalidInput with the field's path."""
        return self.trace_of(self.numbers(), limits)

    def trace_of(self, given: GivenNumbers, limits: Limits) -> tuple[Trace, Notation]:
        """The trace of arrays in the engine's form. Raises InvalidInput with the field's path."""
        from backprop_explorer.engine.trace import trace
        from backprop_explorer.experiments.network_checks import check_network, check_trace

        notation = Notation.of(self.convention, single=given.single, reduction=self.reduction)
        x, target = given.x, given.target
        network = network_of(
            x.shape[1],
            tuple(
                (len(b), layer.activation)
                for (_, b), layer in zip(given.layers, self.layers, strict=True)
            ),
        )
        check_network(network, limits)
        check_trace(network, len(x), limits, "x")
        l1, l2 = self.penalty.factors(len(x))
        objective = Objective(
            self.cost,
            self.reduction,
            l1,
            l2,
            # For softmax with cross entropy, "prediction minus target" needs targets that sum to 1.
            fused=self.fused and (self.cost != "cross_entropy" or _sums_to_one(target)),
            biases=self.penalty.on == "weights_and_biases",
        )
        update: Update | None = self.optimizer.update() if self.optimizer else None
        made = trace(
            network,
            Parameters.from_layers(network, given.layers),
            objective,
            x,
            target,
            update=update,
            jacobians=self.jacobians,
        )
        return made, notation


class TraceRequest(Givens):
    """A request for a trace."""

    model_config = ConfigDict(
        arbitrary_types_allowed=True, json_schema_extra={"examples": [TRACE_EXAMPLE]}
    )

    verify: bool = Field(
        True, strict=True, description="Check every gradient with autograd and differences"
    )
