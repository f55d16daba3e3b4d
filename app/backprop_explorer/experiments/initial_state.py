"""Turn a recipe into arrays: data, network, first weights, order of batches.

This module checks everything beyond the types of the recipe's fields. It does so before anything
large is allocated, and names the field in the error.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.datasets import (
    DATASETS,
    Dataset,
    Rows,
    Split,
    Table,
    make_table,
    own_dataset,
    split,
)
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded, UnknownName
from backprop_explorer.engine.initializers import INITIALIZERS, initialize
from backprop_explorer.engine.network import Layer, Network, Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.experiments.data_edits import DataWrite, check_rows, edited, largest_square
from backprop_explorer.experiments.recipe import NetworkPart, Recipe
from backprop_explorer.experiments.recipe_data import OWN_DATA, DatasetPart, PointsPart
from backprop_explorer.experiments.segments import check_softmax, fields_under, segments_of
from backprop_explorer.limits import Limits
from backprop_explorer.texts import experiments as texts

Array = NDArray[np.float64]

# Samples × units of one batch. Training keeps z, a and their gradients for it (at most 128 MB) and
# temporary arrays; together at most 260 MB.
MAX_BATCH_NUMBERS = 4_000_000


def first_parameters(part: NetworkPart, network: Network) -> Parameters:
    """Return the parameters that ``part`` gives or draws. Raises InvalidInput."""
    if part.weights is None:
        rng = np.random.default_rng(part.seed)
        value = 0.5 if part.value is None else part.value
        return initialize(network, part.initializer, rng, value=value)
    layers = []
    for index, each in enumerate(part.weights):
        width = len(each.W[0])
        for k, row in enumerate(each.W):
            if len(row) != width:
                raise InvalidInput(
                    f"network.weights.{index}.W", texts.rows_differ(k, len(row), width)
                )
        layers.append((np.array(each.W, dtype=np.float64), np.array(each.b, dtype=np.float64)))
    try:
        return Parameters.from_layers(network, layers)
    except InvalidInput as error:
        field = error.field.replace("layers", "network.weights", 1)
        raise InvalidInput(field, error.message) from None


class InitialState:
    """Everything that a recipe determines before training; constant.

    Holds the network, the data, the first parameters, the segments between edits and the order of
    batches. ``uploaded`` returns the rows uploaded under an id, or None. Raises InvalidInput
    (UnknownName, LimitExceeded) naming the field of the recipe.
    """

    def __init__(
        self,
        recipe: Recipe,
        limits: Limits,
        uploaded: Callable[[str], Rows | None] = lambda _id: None,
    ) -> None:
        self.recipe = recipe
        self.dataset = self._find_data(limits, uploaded)
        self._check_parameters(limits)
        COSTS.find(recipe.cost.name, "cost.name")
        REDUCTIONS.find(recipe.cost.reduction, "cost.reduction")
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
                texts.cost_does_not_suit(
                    recipe.cost.name, self.dataset.task, ", ".join(fitting[:-1]), fitting[-1]
                ),
            )
        initializer = INITIALIZERS.find(recipe.network.initializer, "network.initializer")
        with fields_under("network"):
            for parameter in initializer.parameters:
                parameter.check(recipe.network.value or 0.0, parameter.name)
            self.network = Network(
                self.dataset.features,
                tuple(Layer(layer.units, layer.activation) for layer in recipe.network.layers),
            )
            check_network(self.network, limits)
        if len(recipe.edits) > limits.max_edits:
            raise LimitExceeded("edits", "edits", limits.max_edits, len(recipe.edits))
        self.classes = 0
        if self.dataset.task == "classification":
            self.classes = int(recipe.dataset.parameters.get("classes", self.dataset.classes))
        check_outputs(self.network, self.classes, self.dataset.targets)
        self.segments = segments_of(recipe, self.network, self.classes)
        self._data_segments = [segment for segment in self.segments if segment.data]
        self._edited: tuple[tuple[DataWrite, ...], tuple[Array, Array]] | None = None
        self._order: tuple[int, NDArray[np.intp]] | None = None
        # The last grid of boundary.py with its settings; see KEPT_BYTES there.
        self.grid_kept: tuple[Any, Any] | None = None
        self.parameters = first_parameters(recipe.network, self.network)

    def _find_data(self, limits: Limits, uploaded: Callable[[str], Rows | None]) -> Dataset:
        part = self.recipe.dataset
        if isinstance(part, DatasetPart):
            if part.name not in DATASETS:
                raise UnknownName("dataset.name", DATASETS.kind, (*DATASETS, *OWN_DATA), part.name)
            return DATASETS[part.name]
        if isinstance(part, PointsPart):
            if len(part.x) > limits.max_points:
                raise LimitExceeded("dataset.x", "points", limits.max_points, len(part.x))
            return own_dataset("points", part.rows())
        rows = uploaded(part.id)
        if rows is None:
            raise InvalidInput("dataset.id", texts.NO_DATA)
        return own_dataset("uploaded", rows)

    def _check_parameters(self, limits: Limits) -> None:
        """Check the parameters of the data set before the data are made."""
        parameters = self.recipe.dataset.parameters
        for parameter in self.dataset.parameters:
            field = f"dataset.{parameter.name}"
            parameter.check(parameters.get(parameter.name, parameter.default), field)
        samples = int(parameters.get("samples", self.dataset.size or 0))
        if samples > limits.max_samples:
            raise LimitExceeded("dataset.samples", "samples", limits.max_samples, samples)

    def share_data(self, other: InitialState) -> None:
        """Use the data of ``other`` where both recipes have the same: saves making them again."""
        if other.recipe.dataset == self.recipe.dataset:
            self.__dict__ |= {"table": other.table, "split": other.split}

    def prepare(self) -> None:
        """Make the data. Raises InvalidInput if it, or training on it, would be too large."""
        check_rows(self.data_writes(), len(self.split.train_x))
        samples, units = self.batch_size, sum(layer.units for layer in self.network.layers)
        if samples * units > MAX_BATCH_NUMBERS:
            raise LimitExceeded(
                "batch.size", texts.samples_in_batch(units), MAX_BATCH_NUMBERS // units, samples
            )
        if not np.dot(self.parameters.flat, self.parameters.flat) <= self.max_square:
            field = "initializer" if self.recipe.network.weights is None else "weights"
            raise InvalidInput(f"network.{field}", texts.ACTIVATIONS_OVERFLOW)

    @cached_property
    def max_square(self) -> float:
        """The bound on the sum of all squared parameters beyond which training has diverged.

        Let s(l) be the sum of squares in layer l. For activations with |f(z)| ≤ |z|,
        (|a(l)|² + 1) ≤ (s(l) + 1) (|a(l-1)|² + 1). For a given total, the product over all L
        layers is largest if all s(l) are equal. If the product stays below 1e120, no output, cost
        or gradient overflows. For deep networks this bound would reject harmless weights, so it is
        at least 1e10: for L ≤ 24 the product is then at most 1e206.
        """
        depth = self.network.depth
        inputs = (self.split.train_x, self.split.test_x)
        largest = max(
            *(float(np.square(x).sum(axis=1).max(initial=0.0)) for x in inputs),
            largest_square(self.split.train_x, self.data_writes()),
        )
        # The factor 4: the decision boundary reaches a little beyond the data.
        bound: float = max(1e10, depth * ((1e120 / (1.0 + 4.0 * largest)) ** (1 / depth) - 1.0))
        return bound

    @cached_property
    def table(self) -> Table:
        """The raw data."""
        part = self.recipe.dataset
        if not isinstance(part, DatasetPart):
            return self.dataset.make(seed=part.seed)
        return make_table(part.name, seed=part.seed, parameters=part.parameters)

    @cached_property
    def split(self) -> Split:
        """The data split into training and test part, standardised if the recipe says so."""
        part = self.recipe.dataset
        return split(
            self.table,
            test_fraction=part.test_fraction,
            standardize=part.standardize,
            seed=part.seed,
        )

    @cached_property
    def train(self) -> tuple[Array, Array]:
        """(x (N, inputs), target (N, outputs)) of the training part, before any edit."""
        return self.split.train_x, self._encoded(self.split.train_target)

    def train_at(self, step: int) -> tuple[Array, Array]:
        """Return ``train`` with the data edits up to ``step``; do not write to it."""
        writes = self.data_writes(step)
        if not writes:
            return self.train
        cached = self._edited
        if cached is None or cached[0] != writes:
            # Only the last copy is kept, to save memory. A race between threads is harmless.
            x, target = edited(self.split.train_x, self.split.train_target, writes)
            cached = self._edited = (writes, (x, self._encoded(target)))
        return cached[1]

    def raw_train_at(self, step: int) -> tuple[Array, NDArray[Any]]:
        """Return ``train_at`` with the target as in the table, (N,): class indices or numbers."""
        return edited(self.split.train_x, self.split.train_target, self.data_writes(step))

    def data_writes(self, step: int | None = None) -> tuple[DataWrite, ...]:
        """Return the data edits up to ``step`` (None: all), in the order they apply."""
        return tuple(
            write
            for segment in self._data_segments
            if step is None or segment.start <= step
            for write in segment.data
        )

    @cached_property
    def test(self) -> tuple[Array, Array]:
        """(x, target) of the test part, which may have no rows."""
        return self.split.test_x, self._encoded(self.split.test_target)

    def _encoded(self, target: NDArray[Any]) -> Array:
        """Encode class indices as one 0/1 column or one-hot; numbers as (N, outputs)."""
        outputs = self.network.outputs
        if self.classes == 0 or outputs == 1:
            columns = target if target.ndim == 2 else target[:, None]
            return np.ascontiguousarray(columns, dtype=np.float64)
        encoded: Array = np.eye(outputs)[target]
        return encoded

    @property
    def batch_size(self) -> int:
        """Samples in a full batch."""
        samples = len(self.train[0])
        return min(self.recipe.batch.size or samples, samples)

    @property
    def steps_per_epoch(self) -> int:
        """Updates per epoch, including a smaller last batch."""
        return -(-len(self.train[0]) // self.batch_size)

    def rows(self, step: int) -> NDArray[np.intp]:
        """Return the training rows that the update of ``step`` uses."""
        epoch, index = divmod(step, self.steps_per_epoch)
        order = self.order(epoch)
        return order[index * self.batch_size : (index + 1) * self.batch_size]

    def order(self, epoch: int) -> NDArray[np.intp]:
        """Return the order of the training rows in ``epoch``; do not write to it.

        It depends only on the batch seed and the epoch.
        """
        samples = len(self.train[0])
        if not self.recipe.batch.shuffle:
            return np.arange(samples)
        cached = self._order
        if cached is None or cached[0] != epoch:
            # Only the last order is kept. A race between threads is harmless.
            rng = np.random.default_rng([self.recipe.batch.seed, epoch])
            cached = self._order = (epoch, rng.permutation(samples))
        return cached[1]

    def segment(self, step: int) -> int:
        """Return the index of the segment that contains ``step``."""
        return bisect_right(self.segments, step, key=lambda segment: segment.start) - 1

    def warnings(self) -> list[str]:
        """Return sentences about settings that are allowed but probably a mistake."""
        sentences = []
        last = self.network.layers[-1].activation
        cost = COSTS[self.recipe.cost.name]
        if last not in cost.suits:
            sentences.append(
                texts.cost_meant_for(
                    cost.title, texts.one_or_another(list(cost.suits)), ACTIVATIONS[last].title
                )
            )
        hidden = [layer.activation for layer in self.network.layers[:-1]]
        if "softmax" in hidden:
            sentences.append(texts.SOFTMAX_HIDDEN)
        if self.classes == 0 and ACTIVATIONS[last].range[1] <= 1.0:
            sentences.append(texts.cannot_reach(ACTIVATIONS[last].title))
        return sentences


# Samples × units of one trace. Its lines are z, a and their gradients: 20 MB of JSON.
MAX_TRACE_NUMBERS = 250_000


def check_network(network: Network, limits: Limits) -> None:
    """Raise LimitExceeded if ``network`` exceeds ``limits``."""
    if network.depth > limits.max_layers:
        raise LimitExceeded("layers", "layers", limits.max_layers, network.depth)
    for index, layer in enumerate(network.layers):
        if layer.units > limits.max_units:
            raise LimitExceeded(
                f"layers.{index}.units", texts.UNITS_IN_A_LAYER, limits.max_units, layer.units
            )
    if network.inputs > limits.max_units:
        raise LimitExceeded("x", "inputs", limits.max_units, network.inputs)
    if network.parameter_count > limits.max_parameters:
        raise LimitExceeded("layers", "parameters", limits.max_parameters, network.parameter_count)


def check_trace(network: Network, samples: int, limits: Limits, field: str) -> None:
    """Raise LimitExceeded if a trace of ``samples`` samples is too large to show."""
    units = sum(layer.units for layer in network.layers)
    most = min(limits.max_trace_batch, max(1, MAX_TRACE_NUMBERS // units))
    if samples > most:
        raise LimitExceeded(field, texts.samples_in_working(units), most, samples)


def check_outputs(network: Network, classes: int, targets: int) -> None:
    """Raise InvalidInput if the last layer does not fit the data; ``classes`` 0: a regression."""
    outputs, last = network.outputs, len(network.layers) - 1
    field = f"network.layers.{last}.units"
    if classes == 0 and outputs != targets:
        has = texts.ONE_TARGET if targets == 1 else texts.each_row_targets(targets)
        units = texts.ONE_UNIT if targets == 1 else texts.units(targets)
        raise InvalidInput(field, texts.last_layer_needs(has, units))
    if classes > 2 and outputs != classes:
        raise InvalidInput(field, texts.units_for_classes(classes))
    if classes == 2 and outputs not in (1, 2):
        raise InvalidInput(field, texts.UNITS_FOR_TWO_CLASSES)
    check_softmax(network, f"network.layers.{last}.activation")
