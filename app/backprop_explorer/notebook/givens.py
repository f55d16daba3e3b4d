"""The givens of a backpropagation as a notebook has them, checked and converted."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, TypedDict, TypeVar, Unpack

import numpy as np

from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.network import Network, Parameters, network_of
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace, trace
from backprop_explorer.engine.updates import Update
from backprop_explorer.notebook.activation_names import activation_names
from backprop_explorer.notebook.arrays import Array, as_array
from backprop_explorer.notebook.layers import read_layers
from backprop_explorer.texts import notebook as texts
from backprop_explorer.tutor import givens as as_programs
from backprop_explorer.tutor import spellings
from backprop_explorer.tutor.checker.result import Note


@dataclass(frozen=True)
class GivenProblem:
    """A network with its weights, samples and targets, in the engine's row convention.

    ``x`` is (N, inputs), ``target`` (N, outputs), each ``W`` (n_in, n_out). ``notes`` say how the
    givens were read where their shapes are not the usual ones.
    """

    network: Network
    layers: tuple[tuple[Array, Array], ...]
    x: Array
    target: Array
    objective: Objective
    notation: Notation
    update: Update | None = None
    notes: tuple[Note, ...] = ()

    def trace(self, *, fused: bool = True, jacobians: bool = False) -> Trace:
        """Compute the working. ``fused`` computes softmax or sigmoid together with its cost."""
        return trace(
            self.network,
            Parameters.from_layers(self.network, self.layers),
            replace(self.objective, fused=fused and self.objective.fused),
            self.x,
            self.target,
            update=self.update,
            jacobians=jacobians,
        )


@dataclass(frozen=True)
class Arguments:
    """The arguments of ``trace`` as arrays. ``W`` of each layer is (n_in, n_out)."""

    layers: Sequence[tuple[Array, Array | None]]
    x: Array
    target: Array
    activations: tuple[str, ...]
    objective: Objective
    notation: Notation
    update: Update | None

    def numbers(
        self, *, columns: bool = False, bias_end: as_programs.BiasEnd = "first"
    ) -> as_programs.GivenNumbers:
        """Return the arrays in the engine's form, in one of the ways to read their shapes."""
        return as_programs.read_givens(
            self.layers,
            self.x,
            self.target,
            self.notation.convention.name,
            columns=columns,
            bias_end=bias_end,
        )

    def problem(self, given: as_programs.GivenNumbers) -> GivenProblem:
        """Return the problem of arrays in the engine's form. Raises InvalidInput."""
        units = [len(b) for _, b in given.layers]
        needed = (len(given.x), units[-1])
        if given.target.shape != needed:
            raise InvalidInput("target", texts.target_shape(self.target.shape, needed))
        # For softmax with cross entropy, "prediction minus target" needs targets that sum to 1.
        fused = self.objective.cost != "cross_entropy" or bool(
            np.allclose(given.target.sum(axis=1), 1.0, rtol=0.0, atol=1e-9)
        )
        return GivenProblem(
            network_of(given.x.shape[1], tuple(zip(units, self.activations, strict=True))),
            tuple(given.layers),
            given.x,
            given.target,
            replace(self.objective, fused=fused),
            replace(self.notation, single=given.single),
            self.update,
            given.notes,
        )


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
    arguments = read_arguments(layers, x, target, **options)
    return arguments.problem(arguments.numbers())


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
) -> Arguments:
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
    return Arguments(read, inputs, wanted, names, objective, notation, update)


def _for_every_sample(target: Array, x: Array, outputs: int) -> Array:
    """Return one row of targets repeated for every sample of a batch; other targets unchanged."""
    samples = len(x)
    if x.ndim == 1 or samples == 1 or target.shape not in ((outputs,), (1, outputs)):
        return target
    if samples == outputs and target.ndim == 1 and np.all(target == np.floor(target)):
        return target  # one class number for each sample
    return np.broadcast_to(target, (samples, outputs)).copy()
