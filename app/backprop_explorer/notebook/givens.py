"""The givens of a backpropagation as a notebook has them, checked and converted.

Activation functions are recognised by their values.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypedDict, TypeVar

import numpy as np

from backprop_explorer.engine.activation import Activation
from backprop_explorer.engine.activation_parameters import name_with
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.updates import Update
from backprop_explorer.notebook.arrays import Array, as_array, plain
from backprop_explorer.notebook.layers import read_layers
from backprop_explorer.texts import notebook as texts
from backprop_explorer.tutor.problem import Problem
from backprop_explorer.tutor.spellings import activation_name, usual_name

# Values of z with both signs, and large enough that every pair of activations differs clearly.
POINTS = np.array([-2.3, -1.1, -0.4, 0.3, 0.9, 1.7, 2.6])
TOLERANCE = 1e-6


def activation_names(activations: Sequence[Any] | Any, layers: int) -> tuple[str, ...]:
    """Return the name of each layer's activation.

    ``activations`` has one entry for each of the ``layers``: a name or a function of z. One name or
    function alone is that of all layers. Raises UnknownName or InvalidInput.
    """
    if isinstance(activations, str) or callable(activations):
        activations = [activations] * layers
    if len(activations) != layers:
        raise InvalidInput("activations", texts.one_for_each_layer(layers))
    names = []
    for index, activation in enumerate(activations):
        field = f"activations.{index}"
        if isinstance(activation, str):
            names.append(ACTIVATIONS.find(str(activation_name(activation)), field).name)
        elif callable(activation):
            names.append(recognise_activation(activation, field))
        else:
            raise InvalidInput(field, texts.ACTIVATION_OR_FUNCTION)
    return tuple(names)


def recognise_activation(function: Callable[..., Any], field: str = "activation") -> str:
    """Return the name of the activation that ``function`` computes.

    It is called with a vector of 7 numbers, and with rows and columns of a matrix for softmax.
    Raises InvalidInput if no activation has these values.
    """
    batch = np.stack([POINTS, POINTS[::-1] / 2.0])
    for z in (POINTS, batch, batch.T):
        outputs = _values(function, z)
        if outputs is None:
            continue
        for activation in (*ACTIVATIONS.values(), *_with_parameter(function)):
            rows = z.T if z.shape == batch.T.shape else np.atleast_2d(z)
            expected = activation.compute(rows.copy())
            expected = expected.T if z.shape == batch.T.shape else expected.reshape(z.shape)
            if outputs.shape == expected.shape and np.allclose(
                outputs, expected, rtol=TOLERANCE, atol=TOLERANCE
            ):
                return activation.name
    name = getattr(function, "__name__", repr(function))
    raise InvalidInput(field, texts.unknown_function(name, ", ".join(ACTIVATIONS)))


def _with_parameter(function: Callable[..., Any]) -> list[Activation]:
    """Return leaky ReLU with the slope, and ELU with the α, that ``function`` has at z = −1."""
    outputs = _values(function, np.array([-1.0, -2.0, 1.0]))
    if outputs is None or outputs.shape != (3,) or not np.isfinite(outputs).all():
        return []
    value = float(outputs[0])
    candidates = {"leaky_relu": -value, "elu": value / np.expm1(-1.0)}
    found = []
    for base, parameter in candidates.items():
        name = name_with(base, float(f"{parameter:.6g}"))
        if name in ACTIVATIONS:
            found.append(ACTIVATIONS[name])
    return found


def _values(function: Callable[..., Any], z: np.ndarray) -> np.ndarray | None:
    """Return f(z), of each number alone if need be; None if the function does not take such a z."""
    found = _called(function, _for(function, z))
    # A function of one number, such as one that calls math.exp, takes no array.
    return _called(np.vectorize(function, otypes=[np.float64]), z) if found is None else found


def _called(function: Callable[..., Any], z: Any) -> np.ndarray | None:
    """Return f(z), None if the function raises."""
    try:
        with np.errstate(all="ignore"):
            return np.asarray(plain(function(z)), dtype=np.float64)
    except Exception:  # noqa: BLE001 - a student's function may raise anything
        return None


def _for(function: Callable[..., Any], z: np.ndarray) -> Any:
    """Return ``z`` as the function's library takes it: a tensor for torch, else a copy."""
    module = str(getattr(function, "__module__", "") or type(function).__module__)
    if module.split(".")[0] == "torch" or hasattr(function, "forward"):
        import importlib

        return importlib.import_module("torch").tensor(z)
    return z.copy()


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
    known = inspect.signature(read_problem).parameters.values()
    options = [each for each in known if each.kind is inspect.Parameter.KEYWORD_ONLY]
    *first, _ = own.parameters.values()
    signature = own.replace(parameters=[*first, *options])

    @wraps(function)
    def checked(*args: Any, **keywords: Any) -> Any:
        signature.bind(*args, **keywords)
        return function(*args, **keywords)

    checked.__signature__ = signature  # type: ignore[attr-defined]
    return checked  # type: ignore[return-value]


def read_problem(
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
) -> Problem:
    """Check and convert the arguments of ``trace``. Raises InvalidInput naming the argument.

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
    read = [(notation.reorient(W, "ij"), b) for W, b in read_layers(layers, notation)]
    names = activation_names(activations, len(read))
    objective = Objective(usual_name(cost, COSTS), reduction, l1, l2, biases=penalty_on_biases)
    update = None if learning_rate is None else Update("sgd", learning_rate)
    wanted = _for_every_sample(wanted, inputs, read[-1][0].shape[1])
    return Problem.read(read, inputs, wanted, names, objective, notation, update)


def _for_every_sample(target: Array, x: Array, outputs: int) -> Array:
    """Return one row of targets repeated for every sample of a batch; other targets unchanged."""
    samples = len(x)
    if x.ndim == 1 or samples == 1 or target.shape not in ((outputs,), (1, outputs)):
        return target
    if samples == outputs and target.ndim == 1 and np.all(target == np.floor(target)):
        return target  # one class number for each sample
    return np.broadcast_to(target, (samples, outputs)).copy()
