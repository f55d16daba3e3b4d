"""Groups of runs of a tile that are trained together, in slices of time."""

from __future__ import annotations

import math
import time
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.experiments.history import z_norms
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.sweeps.lockstep import Lockstep
from backprop_explorer.experiments.sweeps.sweep import Sweep
from backprop_explorer.experiments.trainer import TrainerState
from backprop_explorer.experiments.training_run import TrainingRun

Array = NDArray[np.float64]

# Checkpoints of a run with edits, in bytes: a sweep never goes back.
_RUN_BYTES = 1024 * 1024


class RunGroup(Protocol):
    """Runs at ``places`` (position of the cell in its tile, repeat).

    ``values`` and ``diverged`` are (runs,), NaN where there is none.
    """

    places: list[tuple[int, int]]
    values: Array
    diverged: Array

    def advance(self, deadline: float) -> bool:
        """Go on until the deadline; True when all values are there."""


class LockstepRuns:
    """Runs of one shape, trained in lockstep."""

    def __init__(self, sweep: Sweep, places: list[tuple[int, int]], lockstep: Lockstep) -> None:
        self.places = places
        self.values = np.full(len(places), np.nan)
        self.diverged = np.full(len(places), np.nan)
        self._sweep, self._measure, self._lockstep = sweep, sweep.measured, lockstep
        self._evaluated = 0

    def advance(self, deadline: float) -> bool:
        """Train, then evaluate; for steps_to_cost one step after the other."""
        if self._measure.kind == "steps_to_cost":
            done = self._search(deadline)
        else:
            done = self._lockstep.advance(self._sweep.step, deadline) and self._evaluate(deadline)
        if done:
            found = self._lockstep.diverged
            self.diverged = np.where(found < 0, np.nan, found.astype(np.float64))
            if self._measure.kind == "diverged_at":
                self.values = self.diverged.copy()
        return done

    def _search(self, deadline: float) -> bool:
        lockstep, part = self._lockstep, self._measure.part or "train"
        goal = np.nan if self._sweep.goal is None else self._sweep.goal
        while len(lockstep):
            there = lockstep.costs(part) <= goal
            self.values[lockstep.running[there]] = lockstep.step
            lockstep.keep(~there)
            if lockstep.step >= self._sweep.step:
                break
            lockstep.advance(lockstep.step + 1, 0.0)
            if _late(deadline):
                return False
        return True

    def _evaluate(self, deadline: float) -> bool:
        lockstep, kind, part = self._lockstep, self._measure.kind, self._measure.part or "train"
        if kind == "diverged_at":
            return True
        size = lockstep.rows_per_call(part)
        while self._evaluated < len(lockstep):
            rows = slice(self._evaluated, self._evaluated + size)
            if kind == "gradient_ratio":
                found = lockstep.gradient_ratios(rows)
            else:
                found = (lockstep.costs if kind == "cost" else lockstep.scores)(part, rows)
            self.values[lockstep.running[rows]] = np.where(np.isfinite(found), found, np.nan)
            self._evaluated = rows.stop
            if _late(deadline):
                break
        return self._evaluated >= len(lockstep)


class SingleRun:
    """One run whose recipe has edits during training: trained as an experiment is."""

    def __init__(self, sweep: Sweep, place: tuple[int, int], initial_state: InitialState) -> None:
        self.places = [place]
        self.values, self.diverged = np.full(1, np.nan), np.full(1, np.nan)
        self._sweep, self._measure = sweep, sweep.measured
        self._run = TrainingRun(initial_state, _RUN_BYTES)
        self._step = 0 if self._measure.kind == "steps_to_cost" else sweep.step

    def advance(self, deadline: float) -> bool:
        """Train until the measure can be read; for steps_to_cost step by step."""
        while True:
            state = self._run.state(self._step, deadline)
            if self._run.diverged is not None and state.step < self._step:
                self.diverged[0] = self._run.diverged.step
                if self._measure.kind == "diverged_at":
                    self.values[0] = self.diverged[0]
                return True
            if state.step < self._step:
                return False
            found = self._read(state)
            if self._measure.kind != "steps_to_cost":
                self.values[0] = found
                return True
            if self._sweep.goal is not None and found <= self._sweep.goal:
                self.values[0] = self._step
                return True
            if self._step >= self._sweep.step:
                return True
            self._step += 1
            if _late(deadline):
                return False

    def _read(self, state: TrainerState) -> float:
        """Return what is measured at ``state``, or the cost for steps_to_cost; NaN for nothing."""
        kind = self._measure.kind
        if kind == "diverged_at":
            return math.nan
        trainer, backprop = self._run.record(state)
        if kind == "gradient_ratio":
            norms = z_norms(backprop, trainer.network.depth)
            return norms[0] / norms[-1] if norms[-1] else math.nan
        measures = trainer.measures(state.step)
        name = f"{'score' if kind == 'score' else 'cost'}_{self._measure.part}"
        found: float | None = getattr(measures, name)
        return math.nan if found is None else found


def _late(deadline: float) -> bool:
    return time.perf_counter() >= deadline
