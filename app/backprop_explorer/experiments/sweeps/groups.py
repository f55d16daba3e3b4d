"""Group the cells of a tile: those that differ in numbers only are trained together.

A sweep is checked with the same means, before it is stored.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.datasets import Rows
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.experiments.history import flat_place
from backprop_explorer.experiments.initial_state import InitialState, first_parameters
from backprop_explorer.experiments.sweeps.fields import LAYER_RATE, is_parameter, with_value
from backprop_explorer.experiments.sweeps.lockstep import Lockstep
from backprop_explorer.experiments.sweeps.run_groups import RunGroup, SingleRun
from backprop_explorer.experiments.sweeps.sweep import Sweep
from backprop_explorer.experiments.trainer import Trainer
from backprop_explorer.limits import Limits
from backprop_explorer.texts import experiments_sweeps as texts

Array = NDArray[np.float64]
Uploaded = Callable[[str], Rows | None]

RATE = "optimizer.learning_rate"
# Fields that change the first parameters only.
STARTS = ("network.seed", "network.initializer", "network.value")
# Memory of the networks of one group, and of the trainers that are kept for later tiles.
GROUP_BYTES = 16 * 1024**2
KEPT_BYTES = 64 * 1024**2
# Of this many numbers of an axis the data and the network are made; all are validated.
MOST_MADE = 16


def is_number_only(sweep: Sweep, axis: int) -> bool:
    """Tell whether cells that differ on this axis have the same network, data and optimizer."""
    field = sweep.axes[axis].field
    return field == RATE or field in STARTS or is_parameter(field) or is_layer_rate(field)


def is_layer_rate(field: str) -> bool:
    """Tell whether ``field`` is the learning rate of one layer."""
    return LAYER_RATE.fullmatch(field) is not None


def by_column(sweep: Sweep) -> bool:
    """Tell whether cells that are trained together lie in a column, not in a row."""
    return len(sweep.axes) > 1 and is_number_only(sweep, 0) and not is_number_only(sweep, 1)


class Groups:
    """Makes the groups of tiles, and keeps the trainers that later tiles use again."""

    def __init__(self, sweep: Sweep, limits: Limits, uploaded: Uploaded) -> None:
        self.sweep = sweep
        self._limits, self._uploaded = limits, uploaded
        self._numbers = [is_number_only(sweep, a) for a in range(len(sweep.axes))]
        self._single = any(0 < edit.step <= sweep.step for edit in sweep.recipe.edits)
        self._layered = any(is_layer_rate(axis.field) for axis in sweep.axes)
        self._trainers: OrderedDict[tuple[int, ...], Trainer | InvalidInput] = OrderedDict()
        # Its data serve all cells with the same data set.
        self._first: InitialState | None = None

    @property
    def nbytes(self) -> int:
        """The memory of the trainers: their buffers are added while they train."""
        return sum(each.nbytes for each in self._trainers.values() if isinstance(each, Trainer))

    def initial_state(self, indices: tuple[int, ...], repeat: int = 0) -> InitialState:
        """Return the checked initial state of a cell. Raises InvalidInput naming the axis."""
        recipe = self.sweep.recipe_of(indices, repeat)
        try:
            state = InitialState(recipe, self._limits, self._uploaded)
            if self._first is not None:
                state.share_data(self._first)
            state.prepare()
        except InvalidInput as error:
            error.field = self.sweep.field_of(error.field, indices)
            raise
        self._first = self._first or state
        return state

    def check(self) -> None:
        """Raise InvalidInput naming the field that cannot be used.

        The values of each axis are checked with the first value of the other one.
        """
        sweep, limits = self.sweep, self._limits
        if sweep.cells > limits.max_sweep_cells:
            raise LimitExceeded("axes", texts.CELLS, limits.max_sweep_cells, sweep.cells)
        if sweep.step > limits.max_steps:
            raise LimitExceeded("step", texts.STEPS, limits.max_steps, sweep.step)
        updates = sweep.cells * sweep.repeats * sweep.step
        if updates > limits.max_sweep_updates:
            raise LimitExceeded("step", texts.UPDATES, limits.max_sweep_updates, updates)
        measure = sweep.measured
        if (sweep.goal is not None) != measure.to_goal:
            raise InvalidInput("goal", texts.COST_ONLY_FOR_STEPS)
        fields = [axis.field for axis in sweep.axes]
        if len(set(fields)) < len(fields):
            raise InvalidInput("axes.1.field", texts.SAME_AXIS)
        first = self.initial_state((0,) * len(fields))
        if measure.part == "test" and not len(first.test[0]):
            raise InvalidInput("measure", texts.NO_TEST_PART)
        for a in range(len(fields)):
            self._check_values(a)

    def _check_values(self, a: int) -> None:
        axis = self.sweep.axes[a]
        numbers_only = axis.field in (RATE, "network.seed") or is_parameter(axis.field)
        numbers = [k for k, value in enumerate(axis.values) if not isinstance(value, str)]
        sampled = set(numbers[:: max(1, len(numbers) // MOST_MADE)])
        names: set[str] = set()
        for k, value in enumerate(axis.values):
            indices = tuple(k if other == a else 0 for other in range(len(self.sweep.axes)))
            new = isinstance(value, str) and value not in names
            if new:
                names.add(str(value))
            if new or (k in sampled and not numbers_only):
                self.initial_state(indices)
            elif not isinstance(value, str):
                self.sweep.recipe_of(indices)

    def run_groups(self, cells: tuple[int, ...]) -> Iterator[RunGroup]:
        """Yield the groups of a tile, one at a time. Cells that cannot be made have none."""
        places = [self.sweep.indices(cell) for cell in cells]
        together: dict[tuple[int, ...], list[int]] = {}
        for k, indices in enumerate(places):
            together.setdefault(indices if self._single else self._shared(indices), []).append(k)
        for repeat in range(self.sweep.repeats):
            for key, members in together.items():
                if not self._single:
                    yield from self._lockstep((*key, repeat), members, places)
                    continue
                try:
                    state = self.initial_state(key, repeat)
                except InvalidInput:
                    continue
                yield RunGroup(self.sweep, [(members[0], repeat)], SingleRun(state))

    def _shared(self, indices: tuple[int, ...]) -> tuple[int, ...]:
        """Return ``indices`` with the first value on the axes of numbers."""
        return tuple(0 if n else k for n, k in zip(self._numbers, indices, strict=True))

    def _lockstep(
        self, key: tuple[int, ...], members: list[int], places: list[tuple[int, ...]]
    ) -> Iterator[RunGroup]:
        """Yield the groups of the cells ``members``, whose indices on the axes are ``places``."""
        trainer = self._trainer(key)
        if isinstance(trainer, InvalidInput):
            return
        repeat = key[-1]
        vectors = 2 + len(trainer.optimizer_state)
        row_bytes = 8 * (vectors * trainer.network.parameter_count + 1)
        if trainer.update.rates.ndim:
            row_bytes += trainer.update.rates.nbytes
        if trainer.update.factors is not None:
            row_bytes += trainer.update.factors.nbytes
        size = max(1, GROUP_BYTES // row_bytes)
        for at in range(0, len(members), size):
            part = members[at : at + size]
            starts, good = self._starts(trainer, [places[k] for k in part], repeat)
            part = [k for k, usable in zip(part, good, strict=True) if usable]
            if part:
                where = [places[k] for k in part]
                rates, factors = self._rates(trainer, where), self._factors(trainer, where)
                lockstep = Lockstep(trainer, starts[good], rates, factors)
                yield RunGroup(self.sweep, [(k, repeat) for k in part], lockstep)

    def _trainer(self, key: tuple[int, ...]) -> Trainer | InvalidInput:
        """Return the trainer of the cells of ``key``, or why they cannot be made."""
        trainer = self._trainers.get(key)
        if trainer is not None:
            self._trainers.move_to_end(key)
            return trainer
        try:
            state = self.initial_state(key[:-1], key[-1])
            trainer = Trainer(state, state.segments[0])
        except InvalidInput as error:
            trainer = error
        self._trainers[key] = trainer
        while self.nbytes > KEPT_BYTES and len(self._trainers) > 1:
            self._trainers.popitem(last=False)
        return trainer

    def _rates(self, trainer: Trainer, places: list[tuple[int, ...]]) -> list[float]:
        """Return the learning rates of cells."""
        # An edit at step 0 may set another learning rate than the recipe's.
        if trainer.segment.rate_field == "learning_rate" and not self._layered:
            for a, axis in enumerate(self.sweep.axes):
                if axis.field == RATE:
                    return [float(axis.values[indices[a]]) for indices in places]
        return [trainer.segment.update.learning_rate] * len(places)

    def _factors(self, trainer: Trainer, places: list[tuple[int, ...]]) -> list[Sequence[float]]:
        """Return the factors of the layers' learning rates of cells; none without any."""
        # An edit at step 0 may replace the optimizer.
        if not self._layered or trainer.segment.fresh:
            return [trainer.segment.update.layer_factors] * len(places)
        network = {"layers": (None,) * trainer.network.depth}
        first = {"optimizer": self.sweep.optimizer, "network": network}
        factors: list[Sequence[float]] = []
        for indices in places:
            data: dict[str, Any] = first
            for a in self.sweep.order:
                axis = self.sweep.axes[a]
                if axis.field == RATE or is_layer_rate(axis.field):
                    data = with_value(data, axis.field, axis.values[indices[a]])
            factors.append(data["optimizer"]["layer_factors"])
        return factors

    def _starts(
        self, trainer: Trainer, places: list[tuple[int, ...]], repeat: int
    ) -> tuple[Array, NDArray[np.bool_]]:
        """Return the first parameters (K, P) of cells, and whether each can be trained with."""
        state, axes = trainer.initial_state, self.sweep.axes
        starts = np.tile(state.parameters.flat, (len(places), 1))
        good = np.ones(len(places), np.bool_)
        if any(axis.field in STARTS for axis in axes):
            for k, indices in enumerate(places):
                try:
                    part = self.sweep.recipe_of(indices, repeat).network
                    starts[k] = first_parameters(part, trainer.network).flat
                except InvalidInput:
                    good[k] = False
        good &= [bool(np.dot(row, row) <= state.max_square) for row in starts]
        writes = trainer.segment.writes
        of_parameters = [a for a, axis in enumerate(axes) if is_parameter(axis.field)]
        for j, (name, at, value) in enumerate(writes, start=len(of_parameters) - len(writes)):
            column = flat_place(trainer.network, name, at)
            # The edits of the axes are the last ones.
            if j < 0:
                starts[:, column] = value
            else:
                values = axes[of_parameters[j]].values
                starts[:, column] = [float(values[indices[of_parameters[j]]]) for indices in places]
        return starts, good
