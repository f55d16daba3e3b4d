"""Check numbers from a script or a notebook, without a server.

from backprop_explorer.tutor.check_numbers import check_numbers

print(check_numbers(layers, x, target, {"dC_dW1": dC_dW1}).summary)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.network import Layer, Network, Parameters
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace, trace
from backprop_explorer.engine.updates import Update
from backprop_explorer.texts import tutor as texts
from backprop_explorer.tutor.checker import CheckResult
from backprop_explorer.tutor.checker.line_names import trace_requirements
from backprop_explorer.tutor.checker.readings import check_readings
from backprop_explorer.tutor.givens import BiasEnd, GivenNumbers, read_givens
from backprop_explorer.tutor.reading.arrays import parse_array
from backprop_explorer.tutor.reading.printed_array import from_array
from backprop_explorer.tutor.spellings import activation_name, usual_name


def check_numbers(
    layers: Sequence[tuple[ArrayLike, ArrayLike | None]],
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
    penalty_on_biases: bool = False,
    update: Update | None = None,
) -> CheckResult:
    """Compare ``submitted`` with the working of the network ``layers``, a list of ``(W, b)``.

    ``x`` and ``target`` are vectors for one sample, or arrays with one row per sample. Targets may
    be class numbers from 0. W has the shape that ``convention`` gives it; b may be None. The
    penalty is λ₁ Σ|W| + λ₂/2 ΣW², with ``penalty_on_biases`` the same of b as well.
    ``submitted`` maps line ids, or names as programs write them, to arrays or printed text.
    Raises InvalidInput naming the argument that is wrong.
    """
    if len(activations) != len(layers):
        raise InvalidInput("activations", texts.ONE_FOR_EACH_LAYER)
    notation = Notation.of(convention, single=False, reduction=reduction)
    parameters = [(notation.read_weights(np.asarray(W, dtype=float)), _bias(b)) for W, b in layers]
    requirements = trace_requirements(submitted, len(layers))
    objective = Objective(
        usual_name(cost, COSTS),
        reduction,
        l1,
        l2,
        fused=not requirements.unfused_output,
        biases=penalty_on_biases,
    )

    def read(*, columns: bool = False, bias_end: BiasEnd = "first") -> GivenNumbers:
        inputs, targets = np.asarray(x, dtype=float), np.asarray(target, dtype=float)
        return read_givens(
            parameters, inputs, targets, convention, columns=columns, bias_end=bias_end
        )

    def trace_of(given: GivenNumbers) -> tuple[Trace, Notation]:
        names = (str(activation_name(activation)) for activation in activations)
        units = (len(b) for _, b in given.layers)
        network = Network(given.x.shape[1], tuple(map(Layer, units, names)))
        made = trace(
            network,
            Parameters.from_layers(network, given.layers),
            objective,
            given.x,
            given.target,
            update=update,
            jacobians=requirements.jacobians,
        )
        return made, replace(notation, single=given.single)

    printed = {
        name: parse_array(value)
        if isinstance(value, str)
        else from_array(np.asarray(value, dtype=float))
        for name, value in submitted.items()
    }
    return check_readings(read, trace_of, printed)


def _bias(b: ArrayLike | None) -> NDArray[np.float64] | None:
    return None if b is None else np.asarray(b, dtype=float).ravel()
