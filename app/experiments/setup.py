"""From a recipe to arrays: the data as the network sees it, the network, its first weights.

Everything that can be wrong with a recipe beyond the types of its fields is found here, before
anything large is allocated, and named by its field.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.activations import ACTIVATIONS
from app.core.backprop import Objective
from app.core.costs import COSTS
from app.core.errors import InvalidInput, LimitExceeded
from app.core.initializers import INITIALIZERS, initialize
from app.core.network import Layer, Network, Parameters
from app.core.updates import Update
from app.datasets import DATASETS, Split, Table, make_table, split
from app.experiments.recipe import EDIT_TARGET, Edit, OptimizerPart, Recipe
from app.settings import Limits

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Segment:
    """A stretch of training with one network and one optimizer, beginning at ``start``.

    ``fresh`` tells that the optimizer was exchanged, so that its state begins at zero. ``writes``
    are single parameters that are set on arrival: (name, flat index, value).
    """

    start: int
    network: Network
    update: Update
    fresh: bool = False
    writes: tuple[tuple[str, int, float], ...] = ()


def check_network(network: Network, limits: Limits) -> None:
    """Raise LimitExceeded where ``network`` is larger than ``limits``."""
    if network.depth > limits.max_layers:
        raise LimitExceeded("network.layers", "layers", limits.max_layers, network.depth)
    for index, layer in enumerate(network.layers):
        if layer.units > limits.max_units:
            raise LimitExceeded(
                f"network.layers.{index}.units", "units in a layer", limits.max_units, layer.units
            )
    if network.inputs > limits.max_units:
        raise LimitExceeded("x", "inputs", limits.max_units, network.inputs)
    if network.parameter_count > limits.max_parameters:
        raise LimitExceeded(
            "network.layers", "parameters", limits.max_parameters, network.parameter_count
        )


class Setup:
    """All that a recipe fixes, computed once and never changed.

    Raises InvalidInput (UnknownName, LimitExceeded) naming the field of the recipe.
    """

    def __init__(self, recipe: Recipe, limits: Limits) -> None:
        self.recipe = recipe
        self.dataset = DATASETS.find(recipe.dataset.name, "dataset.name")
        self.objective = Objective(
            cost=recipe.cost.name,
            reduction=recipe.cost.reduction,
            l1=recipe.penalty.l1,
            l2=recipe.penalty.l2,
        )
        if self.dataset.task not in COSTS[recipe.cost.name].tasks:
            fitting = [cost.name for cost in COSTS.values() if self.dataset.task in cost.tasks]
            raise InvalidInput(
                "cost.name",
                f"{recipe.cost.name} does not suit a {self.dataset.task}; "
                f"use {', '.join(fitting[:-1])} or {fitting[-1]}",
            )
        INITIALIZERS.find(recipe.network.initializer, "network.initializer")
        self.network = _named(
            "network.",
            lambda: Network(
                self.dataset.features,
                tuple(Layer(layer.units, layer.activation) for layer in recipe.network.layers),
            ),
        )
        check_network(self.network, limits)
        samples = recipe.dataset.parameters.get("samples", self.dataset.size or 0)
        if samples > limits.max_samples:
            raise LimitExceeded("dataset.samples", "samples", limits.max_samples, int(samples))
        if len(recipe.edits) > limits.max_edits:
            raise LimitExceeded("edits", "edits", limits.max_edits, len(recipe.edits))
        self.segments = _segments(recipe, self.network)
        self.classes = self._class_count()
        _check_outputs(self.network, self.classes)
        self.initial = self._initial()

    def _class_count(self) -> int:
        if self.dataset.task == "regression":
            return 0
        return int(self.recipe.dataset.parameters.get("classes", self.dataset.classes))

    def _initial(self) -> Parameters:
        part = self.recipe.network
        if part.weights is None:
            rng = np.random.default_rng(part.seed)
            value = 0.5 if part.value is None else part.value
            return initialize(self.network, part.initializer, rng, value=value)
        layers = []
        for index, each in enumerate(part.weights):
            width = len(each.W[0])
            if any(len(row) != width for row in each.W):
                raise InvalidInput(f"network.weights.{index}.W", "rows of different lengths")
            layers.append((np.array(each.W, dtype=np.float64), np.array(each.b, dtype=np.float64)))
        try:
            return Parameters.from_layers(self.network, layers)
        except InvalidInput as error:
            field = error.field.replace("layers", "network.weights", 1)
            raise InvalidInput(field, error.message) from None

    @cached_property
    def table(self) -> Table:
        """The raw data."""
        part = self.recipe.dataset
        return make_table(part.name, seed=part.seed, parameters=part.parameters)

    @cached_property
    def split(self) -> Split:
        """The data in training and test part, standardised."""
        part = self.recipe.dataset
        return split(
            self.table,
            test_fraction=part.test_fraction,
            standardize=part.standardize,
            seed=part.seed,
        )

    @cached_property
    def train(self) -> tuple[Array, Array]:
        """(x (N, inputs), target (N, outputs)) of the training part."""
        return self.split.train_x, self._encoded(self.split.train_target)

    @cached_property
    def test(self) -> tuple[Array, Array]:
        """(x, target) of the test part, which may have no rows."""
        return self.split.test_x, self._encoded(self.split.test_target)

    def _encoded(self, target: NDArray[Any]) -> Array:
        """Class indices as one column of 0 and 1, or one-hot; numbers as one column."""
        outputs = self.network.outputs
        if self.classes == 0 or outputs == 1:
            return np.ascontiguousarray(target.reshape(-1, 1), dtype=np.float64)
        return np.eye(outputs)[target]

    @property
    def batch_size(self) -> int:
        """Samples in a full batch."""
        samples = len(self.train[0])
        return min(self.recipe.batch.size or samples, samples)

    @property
    def steps_per_epoch(self) -> int:
        """Updates in an epoch; the last batch may be smaller and counts too."""
        return -(-len(self.train[0]) // self.batch_size)

    def rows(self, step: int) -> NDArray[np.intp]:
        """The training rows that the update of ``step`` uses."""
        epoch, index = divmod(step, self.steps_per_epoch)
        order = self.order(epoch)
        return order[index * self.batch_size : (index + 1) * self.batch_size]

    def order(self, epoch: int) -> NDArray[np.intp]:
        """The order of the training rows in ``epoch``, which only the seed decides."""
        samples = len(self.train[0])
        if not self.recipe.batch.shuffle:
            return np.arange(samples)
        return np.random.default_rng([self.recipe.batch.seed, epoch]).permutation(samples)

    def segment(self, step: int) -> int:
        """The index of the segment that ``step`` lies in."""
        starts = [segment.start for segment in self.segments]
        return int(np.searchsorted(starts, step, side="right")) - 1

    def warnings(self) -> list[str]:
        """What is allowed and probably not meant, in sentences."""
        found = []
        last = self.network.layers[-1].activation
        cost = COSTS[self.recipe.cost.name]
        if last not in cost.suits:
            found.append(
                f"{cost.title} is meant for an output layer of {' or '.join(cost.suits)}; "
                f"{ACTIVATIONS[last].title} may leave the range in which it makes sense."
            )
        hidden = [layer.activation for layer in self.network.layers[:-1]]
        if "softmax" in hidden:
            found.append("Softmax in a hidden layer makes its units compete; it is rarely meant.")
        if self.classes == 0 and ACTIVATIONS[last].range[1] <= 1.0:
            found.append(
                f"A {ACTIVATIONS[last].title} output cannot reach every target of a regression; "
                "identity can."
            )
        return found


def _named(prefix: str, build: Any) -> Any:
    """Run ``build``, with the fields of its errors put under ``prefix``."""
    try:
        return build()
    except InvalidInput as error:
        error.field = prefix + error.field
        raise


def _check_outputs(network: Network, classes: int) -> None:
    outputs, last = network.outputs, len(network.layers) - 1
    field = f"network.layers.{last}.units"
    if classes == 0 and outputs != 1:
        raise InvalidInput(field, "a regression has one target: the last layer needs 1 unit")
    if classes > 2 and outputs != classes:
        raise InvalidInput(
            field, f"the data has {classes} classes: the last layer needs {classes} units"
        )
    if classes == 2 and outputs not in (1, 2):
        raise InvalidInput(field, "the data has 2 classes: the last layer needs 1 or 2 units")
    if network.layers[-1].activation == "softmax" and outputs == 1:
        raise InvalidInput(
            f"network.layers.{last}.activation",
            "softmax of one unit is always 1: use sigmoid, or one unit per class",
        )


def _segments(recipe: Recipe, network: Network) -> tuple[Segment, ...]:
    """The stretches between edits. Several edits at one step act in the order given."""
    segments = [Segment(0, network, recipe.optimizer.update())]
    order = sorted(range(len(recipe.edits)), key=lambda k: recipe.edits[k].step)
    for k in order:
        edit = recipe.edits[k]
        current = segments[-1]
        if edit.step > current.start:
            current = Segment(edit.step, current.network, current.update)
            segments.append(current)
        segments[-1] = _named(f"edits.{k}.", lambda e=edit, c=current: _edited(c, e))
    return tuple(segments)


def _edited(segment: Segment, edit: Edit) -> Segment:
    if isinstance(edit.to, OptimizerPart):
        return replace(segment, update=edit.to.update(), fresh=True)
    if edit.set == "learning_rate":
        rate = float(edit.to)
        if rate < 0:
            raise InvalidInput("to", "the learning rate must not be negative")
        return replace(segment, update=replace(segment.update, learning_rate=rate))
    match = EDIT_TARGET.match(edit.set)
    if match is None:
        raise InvalidInput("set", "cannot be set")
    activation, W, row, column, b, unit = match.groups()
    layer = int(activation or W or b)
    if not 1 <= layer <= segment.network.depth:
        raise InvalidInput("set", f"layers are numbered from 1 to {segment.network.depth}")
    if activation:
        layers = list(segment.network.layers)
        layers[layer - 1] = replace(layers[layer - 1], activation=str(edit.to))
        changed = Network(segment.network.inputs, tuple(layers))
        return replace(segment, network=changed)
    n_in, n_out = segment.network.shapes[layer - 1]
    j = int(column or unit)
    i = int(row or 0)
    if j >= n_out or (W and i >= n_in):
        size = f"W{layer} is ({n_in}, {n_out})" if W else f"b{layer} is ({n_out},)"
        raise InvalidInput("set", f"{size}, entries are counted from 0")
    name = f"W{layer}" if W else f"b{layer}"
    write = (name, i * n_out + j if W else j, float(edit.to))
    return replace(segment, writes=(*segment.writes, write))
