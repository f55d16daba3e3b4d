"""``sweep``: a map of training over one or two settings.

It is computed in the notebook's own process or on a Dask cluster.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.store import open_store
from backprop_explorer.experiments.sweeps import Sweep
from backprop_explorer.experiments.sweeps.cluster import open_cluster
from backprop_explorer.experiments.sweeps.sweeps import SweepMap, Sweeps
from backprop_explorer.limits import Limits
from backprop_explorer.notebook.arrays import Array
from backprop_explorer.notebook.experiment import Experiment, validated
from backprop_explorer.tape import native
from backprop_explorer.texts import notebook as texts

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# The length of a slice, after which the bar moves and an interrupt acts.
SLICE_SECONDS = 0.2
BAR = 30


class RunMap:
    """The map of a sweep. ``values`` is (rows, columns), NaN where a run diverged.

    ``diverged`` is the step at which it did, else NaN; ``spread`` the sample standard deviation
    over the repeats, or None. ``axes`` are (field, values) of the rows and of the columns.
    """

    def __init__(self, sweep_map: SweepMap) -> None:
        self.sweep = sweep_map.sweep
        self.values: Array = sweep_map.values.copy()
        self.diverged: Array = sweep_map.diverged.copy()
        self.spread: Array | None = None if sweep_map.spread is None else sweep_map.spread.copy()
        self.axes = [(axis.field, list(axis.values)) for axis in sweep_map.sweep.axes]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """Return ``values``."""
        return np.array(self.values, dtype=dtype, copy=copy is not False)

    @property
    def best(self) -> tuple[int, int] | None:
        """Row and column of the best value; None if no value can be called that."""
        better = self.sweep.measured.better
        if better is None or not np.isfinite(self.values).any():
            return None
        find = np.nanargmin if better == "lower" else np.nanargmax
        row, column = np.unravel_index(int(find(self.values)), self.values.shape)
        return int(row), int(column)

    def experiment(self, row: int, column: int = 0) -> Experiment:
        """Return the experiment of a cell; its numbers are those of the map, bit for bit."""
        return Experiment(self.sweep.recipe_of((row, column)[: len(self.axes)]))

    def figure(self) -> Figure:
        """Return the map as a plotly figure; runs that diverged are dark."""
        from backprop_explorer.notebook.figures import map_figure

        return map_figure(
            self.values, self.diverged, self.axes, self.sweep.measured.title, self.best
        )

    def __repr__(self) -> str:
        """Return size, axes and the range of the values."""
        fields = " × ".join(field for field, _ in self.axes)
        there = self.values[np.isfinite(self.values)]
        span = texts.value_range(there.min(), there.max()) if there.size else texts.NO_VALUE
        died = int(np.isfinite(self.diverged).sum())
        return texts.map_title(
            self.sweep.measure, fields, self.sweep.step, span, died, self.values.size
        )


def sweep(
    recipe: Recipe | Mapping[str, Any] | None,
    axes: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    step: int,
    measure: str = "cost.test",
    *,
    goal: float | None = None,
    repeats: int = 1,
    progress: bool = True,
    dask: str = "",
) -> RunMap:
    """Train a run for each pair of values and return the map of ``measure`` at ``step``.

    ``axes`` is ``{field: values}``, or a list of axes as ``POST /api/v1/sweeps`` takes them. The
    first is the rows. ``dask`` is the address of a Dask scheduler (tcp://host:8786) whose workers
    train. Raises InvalidInput naming the field.
    """
    if isinstance(axes, Mapping):
        axes = [
            {"field": field, "values": np.asarray(values).tolist()}
            for field, values in axes.items()
        ]
    given = recipe.model_dump(mode="json") if isinstance(recipe, Recipe) else dict(recipe or {})
    body = {"recipe": given, "axes": list(axes), "step": step, "measure": measure}
    wanted = validated(Sweep, {**body, "goal": goal, "repeats": repeats}, "axes")
    native.load()
    store = open_store(":memory:")
    sweeps = Sweeps(store, Limits(frame_budget_seconds=SLICE_SECONDS), open_cluster(dask))
    try:
        name = sweeps.create(wanted)
        show = _bar() if progress else lambda _found: None
        while not sweeps.advance(name):
            show(sweeps.map(name))
        found = sweeps.map(name)
        show(found)
        return RunMap(found)
    finally:
        sweeps.close()
        store.close()


def _bar() -> Callable[[SweepMap], None]:
    """Return a function that draws how far a map is, with the time left, on one line of stderr."""
    begun = time.perf_counter()

    def show(found: SweepMap) -> None:
        fraction = found.reached / found.target
        seconds = time.perf_counter() - begun
        left = texts.seconds_left(seconds * (1 - fraction) / fraction) if 0 < fraction < 1 else ""
        filled = round(BAR * fraction)
        line = f"\r[{'#' * filled}{'.' * (BAR - filled)}] {100 * fraction:.0f} % {left:<14}"
        sys.stderr.write(line + ("\n" if fraction == 1 else ""))
        sys.stderr.flush()

    return show
