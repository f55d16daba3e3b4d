"""The givens of a backpropagation as a notebook has them, checked and converted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.network import Network, Parameters, network_of
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace, trace
from backprop_explorer.engine.updates import Update
from backprop_explorer.notebook.activation_names import activation_names
from backprop_explorer.notebook.arrays import Array, as_array, plain


@dataclass(frozen=True)
class GivenProblem:
    """A network with its weights, samples and targets, in the engine's row convention.

    ``x`` is (N, inputs), ``target`` (N, outputs), each ``W`` (n_in, n_out).
    """

    network: Network
    layers: tuple[tuple[Array, Array], ...]
    x: Array
    target: Array
    objective: Objective
    notation: Notation
    update: Update | None = None

    def trace(self, *, fused: bool = True, jacobians: bool = False) -> Trace:
        """Compute the working. ``fused`` computes softmax or sigmoid together with its cost."""
        objective = Objective(
            self.objective.cost,
            self.objective.reduction,
            self.objective.l1,
            self.objective.l2,
            fused=fused and self.objective.fused,
        )
        return trace(
            self.network,
            Parameters.from_layers(self.network, self.layers),
            objective,
            self.x,
            self.target,
            update=self.update,
            jacobians=jacobians,
        )


def read_givens(
    layers: Sequence[Any],
    x: Any,
    target: Any,
    *,
    activations: Any = "sigmoid",
    cost: str = "mse",
    reduction: str = "mean",
    convention: str = "column",
    l1: float = 0.0,
    l2: float = 0.0,
    learning_rate: float | None = None,
) -> GivenProblem:
    """Check and convert the arguments of ``trace``. Raises InvalidInput naming the argument."""
    inputs, wanted = as_array(x, "x"), as_array(target, "target")
    if inputs.ndim == 0:
        inputs = inputs[None]
    if inputs.ndim > 2:
        raise InvalidInput("x", "must be a vector, or an array with one row for each sample")
    single = inputs.ndim == 1
    notation = Notation.of(convention, single=single, reduction=reduction)
    parameters = _read_layers(layers, notation)
    names = activation_names(activations, len(parameters))
    _check_chain(inputs, parameters, convention)
    wanted = _read_target(wanted, inputs, len(parameters[-1][1]))
    network = network_of(
        inputs.shape[-1],
        tuple((len(b), name) for (_, b), name in zip(parameters, names, strict=True)),
    )
    rows, target_rows = np.atleast_2d(inputs), np.atleast_2d(wanted)
    sums_to_one = bool(np.allclose(target_rows.sum(axis=1), 1.0, rtol=0.0, atol=1e-9))
    objective = Objective(
        cost,
        reduction,
        l1,
        l2,
        # For softmax with cross entropy, "prediction minus target" needs targets that sum to 1.
        fused=cost != "cross_entropy" or sums_to_one,
    )
    update = None if learning_rate is None else Update("sgd", learning_rate)
    return GivenProblem(network, tuple(parameters), rows, target_rows, objective, notation, update)


def _read_layers(layers: Sequence[Any], notation: Notation) -> list[tuple[Array, Array]]:
    """Read (W, b) pairs; a mapping with W and b and a flat list W1, b1, W2, b2, … are accepted."""
    given = list(layers.items()) if hasattr(layers, "items") else list(layers)
    if hasattr(layers, "items"):
        given = [value for _, value in given]
    if given and not any(_is_pair(each) for each in given) and len(given) % 2 == 0:
        given = list(zip(given[::2], given[1::2], strict=True))
    if not given:
        raise InvalidInput("layers", "at least one layer (W, b) is needed")
    parameters = []
    for index, layer in enumerate(given):
        if not _is_pair(layer):
            raise InvalidInput(f"layers.{index}", "must be a pair (W, b)")
        W, b = layer.values() if hasattr(layer, "values") else layer
        W, b = as_array(W, f"layers.{index}.W"), as_array(b, f"layers.{index}.b")
        if W.ndim != 2:
            raise InvalidInput(f"layers.{index}.W", f"must be a matrix, shape {W.shape} given")
        parameters.append((np.ascontiguousarray(notation.read_weights(W)), b.ravel()))
    return parameters


def _is_pair(value: Any) -> bool:
    if hasattr(value, "values") and not callable(getattr(value, "to_numpy", None)):
        return len(value) == 2
    # (W, b), but not an array of two rows: W is a matrix and b is not longer than a side of it.
    return isinstance(value, list | tuple) and len(value) == 2 and np.ndim(plain(value[0])) == 2


def _check_chain(x: Array, parameters: Sequence[tuple[Array, Array]], convention: str) -> None:
    """Check that every W fits x or the layer before it, and every b its W."""
    shape = "(n_out, n_in)" if convention == "column" else "(n_in, n_out)"
    below, source = x.shape[-1], "x has"
    for index, (W, b) in enumerate(parameters):
        n_in, n_out = W.shape
        if n_in != below:
            if index == 0 and x.ndim == 2 and len(x) == n_in:
                raise InvalidInput("x", "the rows of x are samples: give x transposed, x.T")
            raise InvalidInput(
                f"layers.{index}.W",
                f"W takes {n_in} inputs and {source} {below}; "
                f"in the {convention} convention W is {shape}",
            )
        if len(b) != n_out:
            raise InvalidInput(
                f"layers.{index}.b", f"b has {len(b)} entries and W has {n_out} outputs"
            )
        below, source = n_out, f"layer {index + 1} has"


def _read_target(target: Array, x: Array, outputs: int) -> Array:
    """Return the target with one row for each sample; one row is that of every sample."""
    if x.ndim == 1:
        if target.size != outputs:
            raise InvalidInput("target", f"{outputs} numbers needed, {target.size} given")
        return target.reshape(outputs)
    needed = (len(x), outputs)
    if target.shape == (len(x),) and outputs == 1:
        return target[:, None]
    if target.shape in ((outputs,), (1, outputs)):
        return np.broadcast_to(target, needed).copy()
    if target.shape != needed:
        raise InvalidInput(
            "target", f"shape {target.shape} given, {needed} needed: one row for each sample"
        )
    return target
