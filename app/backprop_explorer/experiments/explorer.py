"""The explorer without a web: keep experiments, give their data, frames, traces and history.

Notebooks can use it directly; the API is a thin layer over it. All methods may be called from many
threads at once.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from backprop_explorer.datasets import Rows
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded, NotFound
from backprop_explorer.engine.network import Parameters
from backprop_explorer.engine.trace import Trace, trace
from backprop_explorer.experiments.boundary import check_axes
from backprop_explorer.experiments.frame import FrameBuilder, Wanted, diverged
from backprop_explorer.experiments.history import norms
from backprop_explorer.experiments.initial_state import InitialState, check_trace
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.snapshot import Snapshot, snapshot
from backprop_explorer.experiments.store import open_store
from backprop_explorer.experiments.store.base import RECIPE
from backprop_explorer.experiments.trainer import TrainerState
from backprop_explorer.experiments.training_run import TrainingRun
from backprop_explorer.settings import Settings

# Experiments whose run is kept in memory; the store keeps all recipes.
MAX_RUNS = 512
# Of those, how many that differ in edits alone are asked for what they have trained already.
MAX_RELATIVES = 8


@dataclass(frozen=True, slots=True)
class Progress:
    """The step is too far for one request: ``reached`` is kept, ask again and it goes on."""

    reached: int
    target: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an explorer has done since it was made, and what it holds now."""

    frames: int
    steps: int
    evictions: int
    entries: int
    nbytes: int


@dataclass(slots=True)
class _Entry:
    run: TrainingRun
    lock: threading.Lock
    family: str
    # What of its memory is in the explorer's sum.
    counted: int = 0
    kept: bool = True


class Explorer:
    """Experiments by id. ``close()`` releases the store."""

    def __init__(self, settings: Settings) -> None:
        self.limits = settings.limits
        self._store = open_store(settings.store)
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._frames = self._steps = self._evictions = self._nbytes = 0
        # Small products gain nothing from more threads, and one thread always rounds alike.
        self._blas = threadpool_limits(1)

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def statistics(self) -> Statistics:
        """Counts and sizes."""
        with self._lock:
            counts = (self._frames, self._steps, self._evictions)
            return Statistics(*counts, len(self._entries), self._nbytes)

    def create(self, recipe: Recipe) -> InitialState:
        """Check ``recipe``, keep it and return what it fixes.

        Raises InvalidInput naming the field that cannot be used.
        """
        initial_state = self._initial_state(recipe)
        # Data that cannot be made is refused now and not at the first frame.
        initial_state.prepare()
        self._store.put(recipe)
        return self._remember(recipe.id, initial_state).run.initial_state

    def upload(self, rows: Rows) -> str:
        """Keep rows that somebody brought; return their id, which their content decides."""
        return self._store.put_rows(rows)

    def _initial_state(self, recipe: Recipe) -> InitialState:
        return InitialState(recipe, self.limits, self._store.get_rows)

    def initial_state(self, name: str) -> InitialState:
        """What the experiment ``name`` fixes. Raises NotFound."""
        return self._entry(name).run.initial_state

    def frame(self, name: str, step: int, wanted: Wanted) -> dict[str, Any] | Progress:
        """The frame at ``step``, or how far one request's budget got."""
        self._check_step(step, "step")
        entry = self._entry(name)
        initial_state = entry.run.initial_state
        wanted = Wanted(
            wanted.parts,
            wanted.since,
            wanted.grid,
            check_axes(wanted.axes, initial_state),
            wanted.sample,
        )
        self._check_sample(initial_state, wanted.sample)
        if not 2 <= wanted.grid <= self.limits.max_grid:
            raise LimitExceeded("grid", "points on a side, and at least 2", self.limits.max_grid)
        with entry.lock:
            state = self._reach(entry, step)
            if isinstance(state, Progress):
                return state
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
    ) -> tuple[Trace, int, list[int]] | Progress:
        """The working at ``step`` of one training sample, or of the batch that its update uses.

        Returns the trace, the step (the last good one where training diverged) and the training
        positions of its samples.
        """
        self._check_step(step, "step")
        entry = self._entry(name)
        initial_state = entry.run.initial_state
        self._check_sample(initial_state, sample)
        if sample is None:
            check_trace(initial_state.network, initial_state.batch_size, self.limits, "sample")
        with entry.lock:
            state = self._reach(entry, step)
            if isinstance(state, Progress):
                return state
            rows = initial_state.rows(state.step) if sample is None else np.array([sample])
        segment = initial_state.segments[initial_state.segment(state.step)]
        x, target = initial_state.train_at(state.step)
        objective = initial_state.objective
        objective = type(objective)(
            objective.cost, reduction or objective.reduction, objective.l1, objective.l2, fused
        )
        optimizer_state = {
            each: Parameters(segment.network, values.copy())
            for each, values in state.optimizer_state
        }
        made = trace(
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
        return made, state.step, rows.tolist()

    def snapshot(self, name: str, step: int) -> Snapshot | Progress:
        """The parameters at ``step`` and how training came there, or how far it got.

        Where training diverges before, those of the last good step.
        """
        self._check_step(step, "step")
        entry = self._entry(name)
        with entry.lock:
            state = self._reach(entry, step)
            if isinstance(state, Progress):
                return state
            return snapshot(entry.run, state)

    def history(self, name: str, every: int, until: int) -> Iterator[dict[str, Any] | Progress]:
        """A point at each ``every``-th step from 0 to ``until``, computed as it is asked for.

        A Progress comes in between where the way to the next point takes longer than one request's
        budget, so that others have their turn and whoever stops asking stops the work. The last
        point of a run that diverges is ``{"diverged": …}`` as in a frame.
        """
        self.check_history(name, every, until)
        return self._points(name, every, until)

    def check_history(self, name: str, every: int, until: int) -> None:
        """Raise LimitExceeded, InvalidInput or NotFound where there is no such history."""
        self._check_step(until, "until")
        if every < 1:
            raise InvalidInput("every", "at least 1 step lies between two points")
        self._entry(name)

    def _points(self, name: str, every: int, until: int) -> Iterator[dict[str, Any] | Progress]:
        for step in range(0, until + 1, every):
            point = self.point(name, step)
            while isinstance(point, Progress):
                yield point
                point = self.point(name, step)
            yield point
            if "diverged" in point:
                return

    def point(self, name: str, step: int) -> dict[str, Any] | Progress:
        """Cost, score and gradient norms at ``step``; ``{"diverged": …}`` beyond the last step."""
        entry = self._entry(name)
        initial_state = entry.run.initial_state
        with entry.lock:
            state = self._reach(entry, step)
            if isinstance(state, Progress):
                return state
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

    def _reach(self, entry: _Entry, step: int) -> TrainerState | Progress:
        """The state at ``step``, the last good one where training diverges, or how far it got."""
        deadline = time.perf_counter() + self.limits.frame_budget_seconds
        run = entry.run
        trained = run.trained
        state = run.state(step, deadline)
        with self._lock:
            self._steps += run.trained - trained
            # Runs grow while they train.
            self._evict(entry)
        if state.step < step and (run.diverged is None or state.step < run.diverged.step):
            return Progress(state.step, step)
        return state

    def _check_step(self, step: int, field: str) -> None:
        if not 0 <= step <= self.limits.max_steps:
            raise LimitExceeded(field, "steps, counted from 0", self.limits.max_steps)

    @staticmethod
    def _check_sample(initial_state: InitialState, sample: int | None) -> None:
        samples = len(initial_state.train[0])
        if sample is not None and not 0 <= sample < samples:
            raise InvalidInput("sample", f"training samples are numbered from 0 to {samples - 1}")

    def _entry(self, name: str) -> _Entry:
        with self._lock:
            entry = self._entries.get(name)
            if entry is not None:
                self._entries.move_to_end(name)
        if entry is not None:
            self._store.use(RECIPE, name)
            return entry
        recipe = self._store.get(name)
        if recipe is None:
            raise NotFound("there is no such experiment on this server: POST its recipe again")
        return self._remember(name, self._initial_state(recipe))

    def _inherit(self, run: TrainingRun, name: str) -> None:
        """Spare a run the training that it has in common with another of its edits.

        A number that is dragged is a new experiment for each place it passes.
        """
        recipe = run.initial_state.recipe
        family = recipe.family
        with self._lock:
            if name in self._entries:
                return
            relatives = [each for each in self._entries.values() if each.family == family]
        for each in reversed(relatives[-MAX_RELATIVES:]):
            # One that is busy is not waited for.
            if each.lock.acquire(blocking=False):
                try:
                    until = recipe.parts_from(each.run.initial_state.recipe)
                    if until is not None:
                        run.inherit(each.run, until)
                finally:
                    each.lock.release()

    def _remember(self, name: str, initial_state: InitialState) -> _Entry:
        """Return the entry ``name``; add one for ``initial_state`` if there is none."""
        # A run makes its data: that may take long, and must not hold others up.
        made = _Entry(
            TrainingRun(initial_state, self.limits.cache_bytes // 8),
            threading.Lock(),
            initial_state.recipe.family,
        )
        self._inherit(made.run, name)
        with self._lock:
            entry = self._entries.setdefault(name, made)
            self._entries.move_to_end(name)
            self._evict(entry)
            return entry

    def _evict(self, grown: _Entry) -> None:
        """Count the memory of ``grown`` anew, and drop those used least recently for it."""
        if grown.kept:
            size = grown.run.nbytes
            self._nbytes += size - grown.counted
            grown.counted = size
        while len(self._entries) > MAX_RUNS or (
            self._nbytes > self.limits.cache_bytes and len(self._entries) > 1
        ):
            # Whoever is using it finishes with it; whoever asks next trains it again.
            _, dropped = self._entries.popitem(last=False)
            dropped.kept = False
            self._nbytes -= dropped.counted
            self._evictions += 1
