"""The request of a trace: a network with its weights, samples and targets.

Every field is bounded; unknown fields are refused.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import ConfigDict, Field

from backprop_explorer.compute.numbers import Matrix, Vector, VectorOrMatrix
from backprop_explorer.engine.backprop import Objective
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.network import Network, Parameters, network_of
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import Trace, trace
from backprop_explorer.engine.updates import Update
from backprop_explorer.experiments.initial_state import check_network, check_trace
from backprop_explorer.experiments.recipe import Name, OptimizerPart, PenaltyPart, RecipePart
from backprop_explorer.settings import Limits

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


class GivenLayer(RecipePart):
    """A layer with its weights. W is (n_out, n_in) or (n_in, n_out), as the convention says."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    W: Matrix
    b: Vector
    activation: Name = "sigmoid"


class Givens(RecipePart):
    """The givens of a backpropagation: a network with its weights, a sample or a batch, targets."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    layers: Annotated[list[GivenLayer], Field(min_length=1, max_length=256)]
    x: VectorOrMatrix
    target: VectorOrMatrix
    cost: Name = "mse"
    reduction: Name = "mean"
    convention: Name = "column"
    penalty: PenaltyPart = PenaltyPart()
    optimizer: OptimizerPart | None = None
    fused: bool = Field(
        True, strict=True, description="Compute softmax or sigmoid together with its cost"
    )
    jacobians: bool = Field(
        False, strict=True, description="Add ∂a/∂z, ∂z/∂W, ∂z/∂b and ∂z/∂a as lines"
    )

    def build(self, limits: Limits) -> tuple[Trace, Notation]:
        """The trace and its notation. Raises InvalidInput with the field's path."""
        single = self.x.ndim == 1
        notation = Notation.of(self.convention, single=single, reduction=self.reduction)
        if self.target.ndim != self.x.ndim:
            needed = "one list" if single else "a list of rows"
            raise InvalidInput("target", f"must be {needed}, like x")
        x, target = np.atleast_2d(self.x), np.atleast_2d(self.target)
        layers = [
            (np.ascontiguousarray(notation.read_weights(layer.W)), layer.b) for layer in self.layers
        ]
        network = self._network(x.shape[1], layers)
        check_network(network, limits)
        check_trace(network, len(x), limits, "x")
        objective = Objective(
            self.cost,
            self.reduction,
            self.penalty.l1,
            self.penalty.l2,
            # For softmax with cross entropy, "prediction minus target" needs targets that sum to 1.
            fused=self.fused and (self.cost != "cross_entropy" or _sums_to_one(target)),
        )
        update: Update | None = self.optimizer.update() if self.optimizer else None
        made = trace(
            network,
            Parameters.from_layers(network, layers),
            objective,
            x,
            target,
            update=update,
            jacobians=self.jacobians,
        )
        return made, notation

    def _network(self, inputs: int, layers: list[tuple[np.ndarray, np.ndarray]]) -> Network:
        """Check that every W and b fits the layers beside it, and return the network."""
        below, source = inputs, "x has"
        for index, (W, b) in enumerate(layers):
            n_in, n_out = W.shape
            shape = "(n_out, n_in)" if self.convention == "column" else "(n_in, n_out)"
            if n_in != below:
                if index == 0 and self.x.shape == (n_in, below) and len(b) == n_out:
                    # b shows that W is right, so x is transposed: its samples are columns.
                    raise InvalidInput(
                        "x",
                        f"the rows of x are samples, and W takes {n_in} inputs: "
                        f"give x transposed, {below} {'row' if below == 1 else 'rows'} of {n_in}",
                    )
                raise InvalidInput(
                    f"layers.{index}.W",
                    f"W takes {n_in} inputs and {source} {below}; "
                    f"in the {self.convention} convention W is {shape}",
                )
            if len(b) != n_out:
                raise InvalidInput(
                    f"layers.{index}.b", f"b has {len(b)} entries and W has {n_out} outputs"
                )
            below, source = n_out, f"layer {index + 1} has"
        return network_of(
            inputs,
            tuple(
                (len(b), layer.activation)
                for (_, b), layer in zip(layers, self.layers, strict=True)
            ),
        )


class TraceRequest(Givens):
    """A request for a trace."""

    model_config = ConfigDict(
        arbitrary_types_allowed=True, json_schema_extra={"examples": [TRACE_EXAMPLE]}
    )

    verify: bool = Field(
        True, strict=True, description="Check every gradient with autograd and differences"
    )
