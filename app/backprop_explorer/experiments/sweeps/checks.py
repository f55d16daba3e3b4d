"""Check a sweep before it is stored."""

from __future__ import annotations

from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.experiments.sweeps.fields import is_parameter
from backprop_explorer.experiments.sweeps.groups import RATE, Groups
from backprop_explorer.experiments.sweeps.sweep import Sweep
from backprop_explorer.limits import Limits
from backprop_explorer.texts import experiments_sweeps as texts

# Of this many numbers of an axis the data and the network are made; all are validated.
MOST_MADE = 16


def check(sweep: Sweep, limits: Limits, groups: Groups) -> None:
    """Raise InvalidInput naming the field that cannot be used.

    The values of each axis are checked with the first value of the other one.
    """
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
    first = groups.initial_state((0,) * len(fields))
    if measure.part == "test" and not len(first.test[0]):
        raise InvalidInput("measure", texts.NO_TEST_PART)
    for a in range(len(fields)):
        _check_values(sweep, a, groups)


def _check_values(sweep: Sweep, a: int, groups: Groups) -> None:
    axis = sweep.axes[a]
    numbers_only = axis.field in (RATE, "network.seed") or is_parameter(axis.field)
    numbers = [k for k, value in enumerate(axis.values) if not isinstance(value, str)]
    made = set(numbers[:: max(1, len(numbers) // MOST_MADE)])
    names: set[str] = set()
    for k, value in enumerate(axis.values):
        indices = tuple(k if other == a else 0 for other in range(len(sweep.axes)))
        new = isinstance(value, str) and value not in names
        if new:
            names.add(str(value))
        if new or (k in made and not numbers_only):
            groups.initial_state(indices)
        elif not isinstance(value, str):
            sweep.recipe_of(indices)
