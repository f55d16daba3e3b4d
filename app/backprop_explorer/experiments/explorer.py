"""Keep experiments and compute their data, frames, traces and histories, without HTTP.

Notebooks can use it directly; the API is a thin layer over it. All methods are thread-safe, those
of ``sweeps`` are not.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from backprop_explorer.engine.errors import InvalidInput, LimitExceeded, NotFound, NotReached
from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.trace import Trace, trace
from backprop_explorer.experiments.boundary import check_axes
from backprop_explorer.experiments.frame import FrameBuilder, diverged
from backprop_explorer.experiments.frame_parts import Wanted
from backprop_explorer.experiments.history import norms
from backprop_explorer.experiments.initial_state import InitialState, check_trace
from backprop_explorer.experiments.provided_data import provided_tables
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.recipe_data import UploadedPart
from backprop_explorer.experiments.snapshot import Snapshot, snapshot
from backprop_explorer.experiments.store import open_store
from backprop_explorer.experiments.store.base import RECIPE
from backprop_explorer.experiments.sweeps.cluster import open_cluster
from backprop_explorer.experiments.sweeps.sweeps import Sweeps
from backprop_explorer.experiments.trainer import TrainerState
from backprop_explorer.experiments.training_run import TrainingRun
from backprop_explorer.settings import Settings
from backprop_explorer.texts import experiments as texts

# Runs cached in the memory of one process, whatever their size; the store keeps all recipes.
MAX_CACHED_RUNS = 512
# How many runs that differ in edits only are searched for reusable training.
MAX_RELATIVES = 8


@dataclass(slots=True)
class _Entry:
    run: TrainingRun
    lock: threading.Lock
    family: str
    # This entry's share of the explorer's ``_nbytes``.
    counted: int = 0
    kept: bool = True


class Explorer:
    """Experiments by id in ``store``; ``sweeps`` has the sweeps. ``close()`` releases both."""

    def __init__(self, settings: Settings) -> None:
        self.limits = settings.limits
        self.store = open_store(settings.store)
        tables = provided_tables(settings)
        self.store.provided = {name: table.rows for name, table in tables.items()}
        self.sweeps = Sweeps(self.store, settings.limits, open_cluster(settings.dask))
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._frames = self._steps = self._evictions = self._nbytes = 0
        # Small matrix products gain nothing from more threads, and one thread rounds the same
        # always.
        self._blas = threadpool_limits(1)

    def close(self) -> None:
        """Close the store and disconnect from the cluster."""
        self.sweeps.close()
        self.store.close()

    def statistics(self) -> Counter[str]:
        """Return the frames, steps and evictions so far, and the entries and nbytes in memory."""
        with self._lock:
            return Counter(
                frames=self._frames,
                steps=self._steps,
                evictions=self._evictions,
                entries=len(self._entries),
                nbytes=self._nbytes,
            )

    def create(self, recipe: Recipe) -> InitialState:
        """Check and store ``recipe``; return its initial state.

        Raises InvalidInput naming the field that cannot be used.
        """
        initial_state = self._initial_state(recipe)
        # Report data that cannot be made here, not at the first frame.
        initial_state.prepare()
        if isinstance(recipe.dataset, UploadedPart):
            rows = self.store.provided.get(recipe.dataset.id)
            if rows is not None:
                # Links to a provided table hold when its file changes.
                self.store.put_rows(rows)
        self.store.put(recipe)
        return self._remember(recipe.id, initial_state).run.initial_state

    def content(self, kind: str, name: str) -> bytes:
        """Return a stored graph or check of a program. Raises NotFound."""
        content = self.store.get_content(kind, name)
        if content is None:
            raise NotFound(texts.unknown_content(kind))
        return content

    def _initial_state(self, recipe: Recipe) -> InitialState:
        return InitialState(recipe, self.limits, self.store.get_rows)

    def initial_state(self, name: str) -> InitialState:
        """Return the initial state of the experiment ``name``. Raises NotFound."""
        return self._entry(name).run.initial_state

    def frame(self, name: str, step: int, wanted: Wanted) -> dict[str, Any]:
        """Return the frame at ``step``.

        Raises NotReached, InvalidInput, LimitExceeded or NotFound.
        """
        self.check_step(step, "step")
        entry = self._entry(name)
        initial_state = entry.run.initial_state
        wanted = replace(wanted, axes=check_axes(wanted.axes, initial_state))
        self._check_sample(initial_state, wanted.sample)
        if not 2 <= wanted.grid <= self.limits.max_grid:
            raise LimitExceeded("grid", texts.POINTS_OF_BOUNDARY, self.limits.max_grid)
        with entry.lock:
            state = self._reach(entry, step)
            frame = FrameBuilder(entry.run, state, wanted, asked=step).build()
        with self._lock:
            self._frames += 1
        return frame

    def trace(
        self,
        name: str,
        step: int,
        sample: int | None,
        *,
        jacobians: bool = False,
        fused: bool = True,
        reduction: str | None = None,
    ) -> tuple[Trace, int, list[int]]:
        """Trace one training sample at ``step``, or the batch of the step's update.

        Returns the trace, its step (the last good one if training diverged) and the training rows
        of its samples. Raises NotReached, InvalidInput, LimitExceeded or NotFound.
        """
        self.check_step(step, "step")
        entry = self._entry(name)
        initial_state = entry.run.initial_state
        self._check_sample(initial_state, sample)
        if sample is None:
            check_trace(initial_state.network, initial_state.batch_size, self.limits, "sample")
        with entry.lock:
            state = self._reach(entry, step)
            rows = initial_state.rows(state.step) if sample is None else np.array([sample])
        segment = initial_state.segments[initial_state.segment(state.step)]
        x, target = initial_state.train_at(state.step)
        objective = initial_state.objective
        objective = replace(objective, reduction=reduction or objective.reduction, fused=fused)
        optimizer_state = {
            each: Parameters(segment.network, values.copy())
            for each, values in state.optimizer_state
        }
        working = trace(
            segment.network,
            Parameters(segment.network, state.parameters.copy()),
            objective,
            x[rows],
            target[rows],
            update=segment.update,
            state=optimizer_state,
            step=state.step,
            count=state.count + 1,
            jacobians=jacobians,
        )
        return working, state.step, rows.tolist()

    def snapshot(self, name: str, step: int) -> Snapshot:
        """Return the parameters and curves at ``step``. Raises NotReached.

        If training diverges earlier, they are those of the last good step.
        """
        self.check_step(step, "step")
        entry = self._entry(name)
        with entry.lock:
            return snapshot(entry.run, self._reach(entry, step))

    def point(self, name: str, step: int) -> dict[str, Any]:
        """Return cost, score and gradient norms at ``step``. Raises NotReached.

        After the last step of a run that diverges, return ``{"diverged": …}``.
        """
        entry = self._entry(name)
        initial_state = entry.run.initial_state
        with entry.lock:
            state = self._reach(entry, step)
            if state.step < step:
                return {"diverged": diverged(entry.run, step)}
            trainer, backprop = entry.run.record(state)
            m = trainer.measures(step)
            w_norm, z_norm = norms(backprop, trainer.network.depth)
        return {
            "step": step,
            "epoch": step // initial_state.steps_per_epoch,
            "learning_rate": trainer.segment.update.rate(step),
            "cost_train": m.cost_train,
            "cost_test": m.cost_test,
            "score_train": m.score_train,
            "score_test": m.score_test,
            "W_norm": w_norm,
            "z_norm": z_norm,
        }

    def _reach(self, entry: _Entry, step: int) -> TrainerState:
        """Return the state at ``step`` or the last good state. Raises NotReached."""
        deadline = time.perf_counter() + self.limits.frame_budget_seconds
        run = entry.run
        trained = run.trained
        state = run.state(step, deadline)
        with self._lock:
            self._steps += run.trained - trained
            # Runs grow while they train, so the cache may exceed its limit.
            self._evict(entry)
        if state.step < step and (run.diverged is None or state.step < run.diverged):
            raise NotReached(state.step, step)
        return state

    def check_step(self, step: int, field: str) -> None:
        """Raise LimitExceeded(``field``) for a step beyond the limit."""
        if not 0 <= step <= self.limits.max_steps:
            raise LimitExceeded(field, texts.STEPS, self.limits.max_steps)

    @staticmethod
    def _check_sample(initial_state: InitialState, sample: int | None) -> None:
        samples = len(initial_state.train[0])
        if sample is not None and not 0 <= sample < samples:
            raise InvalidInput("sample", texts.training_samples(samples - 1))

    def _entry(self, name: str) -> _Entry:
        with self._lock:
            entry = self._entries.get(name)
            if entry is not None:
                self._entries.move_to_end(name)
        if entry is not None:
            self.store.use(RECIPE, name)
            return entry
        recipe = self.store.get(name)
        if recipe is None:
            raise NotFound(texts.UNKNOWN_EXPERIMENT)
        return self._remember(name, self._initial_state(recipe))

    def _inherit(self, run: TrainingRun, name: str) -> None:
        """Copy the training that ``run`` shares with cached runs of the same family.

        Dragging a number in the page creates one experiment for each value passed.
        """
        recipe = run.initial_state.recipe
        family = recipe.family
        with self._lock:
            if name in self._entries:
                return
            relatives = [each for each in self._entries.values() if each.family == family]
        for each in reversed(relatives[-MAX_RELATIVES:]):
            # Skip runs that are in use instead of waiting for them.
            if each.lock.acquire(blocking=False):
                try:
                    until = recipe.first_difference(each.run.initial_state.recipe)
                    if until is not None:
                        run.inherit(each.run, until)
                finally:
                    each.lock.release()

    def _remember(self, name: str, initial_state: InitialState) -> _Entry:
        """Return the entry ``name``; add one for ``initial_state`` if there is none."""
        # Building a run makes its data, which may take long: do it outside the lock.
        fresh = _Entry(
            TrainingRun(initial_state, self.limits.cache_bytes // 8),
            threading.Lock(),
            initial_state.recipe.family,
        )
        self._inherit(fresh.run, name)
        with self._lock:
            entry = self._entries.setdefault(name, fresh)
            self._entries.move_to_end(name)
            self._evict(entry)
            return entry

    def _evict(self, grown: _Entry) -> None:
        """Update the memory count of ``grown``, then drop least recently used entries."""
        if grown.kept:
            size = grown.run.nbytes
            self._nbytes += size - grown.counted
            grown.counted = size
        while len(self._entries) > MAX_CACHED_RUNS or (
            self._nbytes > self.limits.cache_bytes and len(self._entries) > 1
        ):
            # A request that uses the entry finishes with it; the next request trains it again.
            _, dropped = self._entries.popitem(last=False)
            dropped.kept = False
            self._nbytes -= dropped.counted
            self._evictions += 1
