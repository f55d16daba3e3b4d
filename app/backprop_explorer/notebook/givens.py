"""The givens of a backpropagation as a notebook has them, checked and converted."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypedDict, TypeVar, Unpack

import numpy as np

from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.updates import Update
from backprop_explorer.notebook.activation_names import activation_names
from backprop_explorer.notebook.arrays import Array, as_array
from backprop_explorer.notebook.layers import read_layers
from backprop_explorer.texts import notebook as texts
from backprop_explorer.tutor import spellings
from backprop_explorer.tutor.problem import GivenArrays, GivenProblem


class Options(TypedDict, total=False):
    """The options of a problem, which ``trace``, ``check`` and ``check_code`` have in common."""

    activations: Any
    cost: str
    reduction: str
    convention: str
    l1: float
    l2: float
    penalty_on_biases: bool
    learning_rate: float | None


FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def with_options(function: FunctionT) -> FunctionT:
    """Show the options, with their defaults, in the signature of ``function(…, **options)``."""
    own = inspect.signature(function)
    known = inspect.signature(read_arguments).parameters.values()
    options = [each for each in known if each.kind is inspect.Parameter.KEYWORD_ONLY]
    *first, _ = own.parameters.values()
    signature = own.replace(parameters=[*first, *options])

    @wraps(function)
    def checked(*args: Any, **keywords: Any) -> Any:
        signature.bind(*args, **keywords)
        return function(*args, **keywords)

    checked.__signature__ = signature  # type: ignore[attr-defined]
    return checked  # type: ignore[return-value]


def read_givens(
    layers: Sequence[Any], x: Any, target: Any, **options: Unpack[Options]
) -> GivenProblem:
    """Check and convert the arguments of ``trace``. Raises InvalidInput naming the argument."""
    return read_arguments(layers, x, target, **options).problem()


def read_arguments(
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
    penalty_on_biases: bool = False,
    learning_rate: float | None = None,
) -> GivenArrays:
    """Convert the arguments of ``trace`` to arrays. Raises InvalidInput naming the argument.

    Shapes are those of programs: b may be (n,), (1, n), (n, 1) or None, W may have b among its
    rows, targets may be class numbers, and the samples of x may be its columns where only these
    fit.
    """
    inputs, wanted = as_array(x, "x"), as_array(target, "target")
    if inputs.ndim == 0:
        inputs = inputs[None]
    if inputs.ndim > 2:
        raise InvalidInput("x", texts.VECTOR_OR_ROWS)
    notation = Notation.of(convention, single=inputs.ndim == 1, reduction=reduction)
    read = [(notation.read_weights(W), b) for W, b in read_layers(layers, notation)]
    names = activation_names(activations, len(read))
    objective = Objective(
        spellings.usual_name(cost, COSTS), reduction, l1, l2, biases=penalty_on_biases
    )
    update = None if learning_rate is None else Update("sgd", learning_rate)
    wanted = _for_every_sample(wanted, inputs, read[-1][0].shape[1])
    return GivenArrays(read, inputs, wanted, names, objective, notation, update)


def _for_every_sample(target: Array, x: Array, outputs: int) -> Array:
    """Return one row of targets repeated for every sample of a batch; other targets unchanged."""
    samples = len(x)
    if x.ndim == 1 or samples == 1 or target.shape not in ((outputs,), (1, outputs)):
        return target
    if samples == outputs and target.ndim == 1 and np.all(target == np.floor(target)):
        return target  # one class number for each sample
    return np.broadcast_to(target, (samples, outputs)).copy()
