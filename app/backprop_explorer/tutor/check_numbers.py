"""Check numbers from a script or a notebook, without a server.

from backprop_explorer.tutor.check_numbers import check_numbers

print(check_numbers(layers, x, target, {"dC_dW1": dC_dW1}).summary)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from backprop_explorer.engine.backprop import Objective
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.network import Layer, Network, Parameters
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import trace
from backprop_explorer.engine.updates import Update
from backprop_explorer.tutor.checker import CheckResult, check
from backprop_explorer.tutor.checker.line_names import resolve_ambiguous, trace_requirements
from backprop_explorer.tutor.reading.arrays import parse_array
from backprop_explorer.tutor.reading.printed_array import from_array


def check_numbers(
    layers: Sequence[tuple[ArrayLike, ArrayLike]],
    x: ArrayLike,
    target: ArrayLike,
    submitted: Mapping[str, Any],
    *,
    activations: Sequence[str],
    cost: str = "mse",
    reduction: str = "mean",
    convention: str = "column",
    l1: float = 0.0,
    l2: float = 0.0,
    update: Update | None = None,
) -> CheckResult:
    """Compare ``submitted`` with the working of the network ``layers``, a list of ``(W, b)``.

    ``x`` and ``target`` are vectors for one sample, or arrays with one row per sample. W has the
    shape that ``convention`` gives it. ``submitted`` maps line ids to arrays or printed text.
    Raises InvalidInput naming the argument that is wrong.
    """
    inputs, wanted = np.asarray(x, dtype=float), np.asarray(target, dtype=float)
    if len(activations) != len(layers):
        raise InvalidInput("activations", "expected one for each layer")
    notation = Notation.of(convention, single=inputs.ndim == 1, reduction=reduction)
    parameters = [
        (
            np.ascontiguousarray(notation.read_weights(np.asarray(W, dtype=float))),
            np.asarray(b, dtype=float),
        )
        for W, b in layers
    ]
    network = Network(
        inputs.shape[-1],
        tuple(
            Layer(len(b), activation)
            for (_, b), activation in zip(parameters, activations, strict=True)
        ),
    )
    requirements = trace_requirements(submitted, len(layers))
    made = trace(
        network,
        Parameters.from_layers(network, parameters),
        Objective(cost, reduction, l1, l2, fused=not requirements.unfused_output),
        np.atleast_2d(inputs),
        np.atleast_2d(wanted),
        update=update,
        jacobians=requirements.jacobians,
    )
    printed = {
        name: parse_array(value)
        if isinstance(value, str)
        else from_array(np.asarray(value, dtype=float))
        for name, value in submitted.items()
    }
    return check(made, notation, resolve_ambiguous(printed, made))
