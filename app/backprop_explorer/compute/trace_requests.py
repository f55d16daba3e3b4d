"""The request of a trace: a network with its weights, samples and targets.

Every field is bounded; unknown fields are refused. The web process checks requests; what only the
methods need, which run in workers, they import themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from backprop_explorer.compute.numbers import Bias, Matrix, Targets, VectorOrMatrix
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.registry import Registry
from backprop_explorer.experiments.recipe import OptimizerPart, PenaltyPart
from backprop_explorer.experiments.recipe_fields import Name, RecipePart
from backprop_explorer.limits import Limits
from backprop_explorer.tutor.spellings import activation_name, usual_name

if TYPE_CHECKING:
    from backprop_explorer.tutor.problem import Problem

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


class ProblemRequest(RecipePart):
    """A problem: a network with its weights, a sample or a batch, targets."""

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

    def problem(self, limits: Limits) -> Problem:
        """The problem in the usual reading. Raises InvalidInput with the field's path."""
        from backprop_explorer.experiments.initial_state import check_network, check_trace
        from backprop_explorer.tutor.problem import Problem

        notation = Notation.of(self.convention, single=False, reduction=self.reduction)
        problem = Problem.read(
            [(notation.reorient(layer.W, "ij"), layer.b) for layer in self.layers],
            self.x,
            self.target,
            [layer.activation for layer in self.layers],
            Objective(
                self.cost,
                self.reduction,
                self.penalty.l1,
                self.penalty.l2 * (2.0 if self.penalty.square == "whole" else 1.0),
                fused=self.fused,
                biases=self.penalty.on == "weights_and_biases",
            ),
            notation,
            self.optimizer.update() if self.optimizer else None,
            jacobians=self.jacobians,
            penalty_per_sample=self.penalty.divided_by == "samples",
        )
        check_network(problem.network, limits)
        check_trace(problem.network, len(problem.x), limits, "x")
        return problem


class TraceRequest(ProblemRequest):
    """A request for a trace."""

    model_config = ConfigDict(
        arbitrary_types_allowed=True, json_schema_extra={"examples": [TRACE_EXAMPLE]}
    )

    verify: bool = Field(
        True, strict=True, description="Check every gradient with autograd and differences"
    )
