"""Problem: a network with its numbers, what is minimised, and how it is shown.

Requests, checks, lessons, questions of a class and notebooks all state one. ``Problem.read`` takes
the givens as programs write them: biases of shape (1, n) or (n, 1) or none at all, class numbers as
targets, samples as columns, a bias that is a row or a column of W.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.network import Network, Parameters, network_of
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace, trace
from backprop_explorer.engine.updates import Update
from backprop_explorer.texts import tutor as texts
from backprop_explorer.tutor.checker.check_result import Note
from backprop_explorer.tutor.spellings import is_jacobian, known_id, line_ids, spellings

Array = NDArray[np.float64]
BiasEnd = Literal["first", "last"]


def can_fuse(cost: str, target: Array) -> bool:
    """Whether a cost may be computed with the output activation for targets (N, outputs).

    For softmax with cross-entropy, "prediction minus target" needs targets that sum to 1.
    """
    sums = target.sum(axis=1) if cost == "cross_entropy" else 1.0
    return bool(np.allclose(sums, 1.0, rtol=0.0, atol=1e-9))


class TraceRequirements(NamedTuple):
    """Lines that a trace must have in addition to the usual ones.

    ``unfused_output``: ∂C/∂a of the output, so cost and output activation must not be fused.
    ``jacobians``: the Jacobians of the layers.
    """

    unfused_output: bool
    jacobians: bool


def trace_requirements(submitted: Collection[str], depth: int) -> TraceRequirements:
    """Return what a trace of ``depth`` layers must have so that ``submitted`` can be checked."""
    known, dC_da = line_ids(depth), names.gradient(names.activation(depth))
    ids = {known_id(name, known, depth) or name for name in submitted}
    meant = [found for name in submitted if (found := spellings(name))]
    first = [found[0].line_id(depth) for found in meant]
    unfused = dC_da in ids or any(
        # A program that counts layers from the input calls the output's gradient dA3 for 2 layers.
        (meaning.quantity == names.OF_A and (meaning.number(depth) or 0) > depth)
        # Beside a delta of the output, its error is ∂C/∂a.
        or (
            meaning.quantity == names.OF_Z
            and first.count(meaning.line_id(depth)) > 1
            and dC_da in (other.line_id(depth) for other in others)
        )
        for meaning, *others in meant
    )
    # Unknown names too, so that the error message can suggest the nearest Jacobian.
    return TraceRequirements(unfused, any(map(is_jacobian, ids)))


@dataclass(frozen=True)
class Problem:
    """A network with its weights, samples and targets, in the engine's row convention.

    ``layers`` has W (n_in, n_out) and b (n_out,) of each layer, ``x`` is (N, inputs), ``target``
    (N, outputs). ``jacobians`` are among the lines if it says so. ``folded`` tells for each layer
    from 0 where W had the bias among its rows. ``notes`` say how the givens were read where their
    shapes are not the usual ones, ``others`` are the problem in further readings of the shapes.
    """

    network: Network
    layers: Sequence[tuple[Array, Array]]
    x: Array
    target: Array
    objective: Objective
    notation: Notation
    update: Update | None = None
    jacobians: bool = False
    folded: Mapping[int, BiasEnd] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    others: tuple[Problem, ...] = ()

    @classmethod
    def read(
        cls,
        layers: Sequence[tuple[Array, Array | None]],
        x: Array,
        target: Array,
        activations: Sequence[str],
        objective: Objective,
        notation: Notation,
        update: Update | None = None,
        *,
        columns: bool = False,
        jacobians: bool = False,
        penalty_per_sample: bool = False,
    ) -> Problem:
        """Return the problem of W (n_in, n_out) of each layer, and b or None.

        Samples are rows unless only columns fit W; with ``columns``, also if both fit. With
        ``penalty_per_sample``, λ₁ and λ₂ are divided by the number of samples. Raises InvalidInput
        naming the field.
        """

        def reading(columns: bool, bias_end: BiasEnd = "first") -> Problem:
            notes: list[Note] = []
            rows, targets, single = _samples(layers, x, target, columns, notes)
            pairs, folded = _layers(layers, rows, notation.convention.name, bias_end, notes)
            units = [len(b) for _, b in pairs]
            targets = _targets(targets, len(rows), units[-1], single, notes)
            share = len(rows) if penalty_per_sample else 1
            return cls(
                network_of(rows.shape[1], tuple(zip(units, activations, strict=True))),
                pairs,
                rows,
                targets,
                replace(objective, l1=objective.l1 / share, l2=objective.l2 / share),
                replace(notation, single=single),
                update,
                jacobians,
                folded,
                tuple(notes),
            )

        usual = reading(columns)
        others = [reading(columns, "last")] if usual.folded else []
        if not usual.notation.single and usual.x.shape[0] == usual.x.shape[1]:
            turned = reading(columns=True)
            if not np.array_equal(turned.x, usual.x):
                others.insert(0, turned)
        return replace(usual, others=tuple(others))

    @classmethod
    def of_trace(cls, trace: Trace, notation: Notation, update: Update | None) -> Problem:
        """Return the problem of a working; ``update`` is that of its last lines."""
        layers = [
            (trace.givens[names.weights(k)], trace.givens[names.biases(k)])
            for k in range(1, trace.network.depth + 1)
        ]
        x, target = trace.givens[names.X], trace.givens[names.TARGET]
        objective = replace(trace.objective, fused=True)
        return cls(trace.network, layers, x, target, objective, notation, update)

    @cached_property
    def trace(self) -> Trace:
        """The working, in the engine's row convention."""
        fused = self.objective.fused and can_fuse(self.objective.cost, self.target)
        return trace(
            self.network,
            Parameters.from_layers(self.network, self.layers),
            replace(self.objective, fused=fused),
            self.x,
            self.target,
            update=self.update,
            jacobians=self.jacobians,
        )

    @cached_property
    def traces(self) -> tuple[Trace, ...]:
        """The working, with cost and output activation together if possible, then apart."""
        if not self.trace.objective.fuses(self.network):
            return (self.trace,)
        apart = replace(self, objective=replace(self.objective, fused=False))
        return (self.trace, apart.trace)

    def __getitem__(self, name: str) -> Any:
        """Return the value of a line or given as the notation shows it, as a view.

        Raises KeyError.
        """
        return self.notation.show(self.trace[name], self.trace.graph.axes[name])

    @property
    def activations(self) -> tuple[str, ...]:
        """The name of the activation of each layer."""
        return tuple(layer.activation for layer in self.network.layers)

    def with_layers(self, layers: Sequence[tuple[ArrayLike, ArrayLike, str]]) -> Problem:
        """Return the problem with other W (n_in, n_out), b (n_out,) and activations."""
        pairs = [(np.asarray(W, dtype=float), np.asarray(b, dtype=float)) for W, b, _ in layers]
        units = tuple((np.size(b), activation) for _, b, activation in layers)
        return replace(self, layers=pairs, network=network_of(self.network.inputs, units))

    def with_optimizer(self, name: str) -> Problem:
        """Return the problem with the update of another optimizer."""
        assert self.update is not None, "a problem without an update"
        return replace(self, update=replace(self.update, name=name))

    def with_lines(self, lines: Collection[str]) -> Problem:
        """Return the problem with the options under which all ``lines`` are in its working."""
        needed = trace_requirements(lines, self.network.depth)
        fused = self.objective.fused and not needed.unfused_output
        objective = replace(self.objective, fused=fused)
        jacobians = self.jacobians or needed.jacobians
        return replace(self, objective=objective, jacobians=jacobians)

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as JSON has it; of an update only the learning rate is kept."""
        objective, notation = self.objective, self.notation
        return {
            "layers": [
                (W.tolist(), b.tolist(), layer.activation)
                for (W, b), layer in zip(self.layers, self.network.layers, strict=True)
            ],
            "x": self.x.tolist(),
            "target": self.target.tolist(),
            "single": notation.single,
            "cost": objective.cost,
            "reduction": objective.reduction,
            "l1": objective.l1,
            "l2": objective.l2,
            "biases": objective.biases,
            "convention": notation.convention.name,
            "learning_rate": None if self.update is None else self.update.learning_rate,
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Problem:
        """Return the problem that ``as_dict`` describes, with gradient descent as its update."""
        layers = [(np.array(W), np.array(b)) for W, b, _ in given["layers"]]
        x, rate = np.array(given["x"]), given["learning_rate"]
        units = tuple((len(b), activation) for _, b, activation in given["layers"])
        return cls(
            network_of(x.shape[1], units),
            layers,
            x,
            np.array(given["target"]),
            Objective(
                given["cost"],
                given["reduction"],
                given["l1"],
                given["l2"],
                biases=given.get("biases", False),
            ),
            Notation.of(given["convention"], single=given["single"], reduction=given["reduction"]),
            None if rate is None else Update("sgd", rate),
        )


def _samples(
    layers: Sequence[tuple[Array, Array | None]],
    x: Array,
    target: Array,
    columns: bool,
    notes: list[Note],
) -> tuple[Array, Array, bool]:
    """Return x with one row per sample, the target turned in the same way, and whether single."""
    if x.ndim == 1:
        return x[None], target, True
    W, b = layers[0]
    inputs = len(W) if b is not None or len(W) == len(x) else len(W) - 1
    fits = x.shape[0] == inputs and (b is None or len(b) == W.shape[1])
    outputs = layers[-1][0].shape[1]
    # The targets of a square x show that samples are columns if they fit as columns only.
    columns = columns or target.shape == (outputs, x.shape[1]) != (x.shape[1], outputs)
    if not fits or (x.shape[1] == inputs and not columns):
        return x, target, False
    if target.ndim == 2 and target.shape == (outputs, x.shape[1]):
        target = target.T
    elif target.ndim == 2 and x.shape[1] == inputs:
        return x, target, False
    if x.shape[1] == 1:
        # One column is one sample.
        return x.T, target.ravel(), True
    message = texts.SAMPLES_ARE_COLUMNS
    notes.append(Note("samples_as_columns", message))
    return np.ascontiguousarray(x.T), target, False


def _layers(
    layers: Sequence[tuple[Array, Array | None]],
    x: Array,
    convention: str,
    bias_end: BiasEnd,
    notes: list[Note],
) -> tuple[list[tuple[Array, Array]], dict[int, BiasEnd]]:
    """Return W and b of each layer. Raises InvalidInput if they do not fit each other."""
    read: list[tuple[Array, Array]] = []
    folded: dict[int, BiasEnd] = {}
    below, source = x.shape[1], texts.X_HAS
    for index, (W, b) in enumerate(layers):
        if b is None and len(W) == below + 1:
            folded[index] = bias_end
            W, b = (W[1:], W[0]) if bias_end == "first" else (W[:-1], W[-1])
        n_in, n_out = W.shape
        if n_in != below:
            shape = "(n_out, n_in)" if convention == "column" else "(n_in, n_out)"
            raise InvalidInput(
                f"layers.{index}.W", texts.weights_inputs(n_in, source, below, convention, shape)
            )
        b = np.zeros(n_out) if b is None else b
        if len(b) != n_out:
            raise InvalidInput(f"layers.{index}.b", texts.bias_entries(len(b), n_out))
        read.append((np.ascontiguousarray(W), np.ascontiguousarray(b)))
        below, source = n_out, texts.layer_has(index + 1)
    if folded:
        part = texts.COLUMN if convention == "column" else texts.ROW
        end = texts.FIRST if bias_end == "first" else texts.LAST
        message = texts.bias_in_weights(end, part)
        notes.append(Note("bias_in_weights", message))
    return read, folded


def _targets(target: Array, samples: int, outputs: int, single: bool, notes: list[Note]) -> Array:
    """Return targets (N, outputs), with class numbers as 0 and 1. Raises InvalidInput."""
    numbers = target.ravel()
    classes = (
        outputs > 1
        and len(numbers) == samples
        and (target.ndim < 2 or target.shape[1] == 1)
        and bool(np.all((numbers == np.floor(numbers)) & (numbers >= 0)))
    )
    if classes:
        if numbers.max() >= outputs:
            raise InvalidInput("target", texts.classes_counted(outputs - 1))
        message = texts.CLASS_NUMBERS
        notes.append(Note("class_targets", message))
        hot: Array = np.eye(outputs)[numbers.astype(int)]
        return hot
    if single and (target.ndim < 2 or target.shape == (outputs, 1)):
        return target.reshape(1, -1)
    listed = not single and target.ndim < 2 and 1 in (outputs, samples)
    if listed and len(numbers) == samples * outputs:
        return target.reshape(samples, outputs)
    if target.ndim != (1 if single else 2):
        needed = texts.ONE_LIST if single else texts.LIST_OF_ROWS
        raise InvalidInput("target", texts.target_like_x(needed))
    return target
