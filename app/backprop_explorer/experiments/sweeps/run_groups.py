"""Groups of runs of a tile that are trained together, in slices of time."""

from __future__ import annotations

import time
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.sweeps.lockstep import Lockstep
from backprop_explorer.experiments.sweeps.sweep import Sweep
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

    @property
    def nbytes(self) -> int:
        """Approximate memory held, in bytes."""

    def advance(self, deadline: float) -> bool:
        """Go on until the deadline; True when all values are there."""


class LockstepRuns:
    """Runs of one shape, trained in lockstep."""

    def __init__(self, sweep: Sweep, places: list[tuple[int, int]], lockstep: Lockstep) -> None:
        self.places = places
        self.values = np.full(len(places), np.nan)
        self.diverged = np.full(len(places), np.nan)
        self._sweep, self._lockstep = sweep, lockstep
        self._evaluated = 0

    @property
    def nbytes(self) -> int:
        """The memory of the parameters and optimizer states."""
        return self._lockstep.nbytes

    def advance(self, deadline: float) -> bool:
        """Train, then read the measure; towards a goal after every step."""
        measure, lockstep = self._sweep.measured, self._lockstep
        if measure.to_goal:
            done = self._search(deadline)
        else:
            done = lockstep.advance(self._sweep.step, deadline) and self._read(deadline)
        if done:
            found = lockstep.diverged
            self.diverged = np.where(found < 0, np.nan, found.astype(np.float64))
            if measure.number is None:
                self.values = self.diverged.copy()
        return done

    def _search(self, deadline: float) -> bool:
        lockstep = self._lockstep
        while len(lockstep):
            there = np.array([self._is_there(run) for run in range(len(lockstep))])
            self.values[lockstep.running[there]] = lockstep.step
            lockstep.keep(~there)
            if lockstep.step >= self._sweep.step:
                break
            lockstep.advance(lockstep.step + 1, 0.0)
            if _late(deadline):
                return False
        return True

    def _is_there(self, run: int) -> bool:
        return _reached(self._sweep, self._lockstep.read(self._sweep.measured, run))

    def _read(self, deadline: float) -> bool:
        lockstep = self._lockstep
        while self._evaluated < len(lockstep):
            found = lockstep.read(self._sweep.measured, self._evaluated)
            self.values[lockstep.running[self._evaluated]] = found
            self._evaluated += 1
            if _late(deadline):
                break
        return self._evaluated >= len(lockstep)


class SingleRun:
    """One run whose recipe has edits during training: trained as an experiment is."""

    def __init__(self, sweep: Sweep, place: tuple[int, int], initial_state: InitialState) -> None:
        self.places = [place]
        self.values, self.diverged = np.full(1, np.nan), np.full(1, np.nan)
        self._sweep = sweep
        self._run = TrainingRun(initial_state, _RUN_BYTES)
        self._step = 0 if sweep.measured.to_goal else sweep.step

    @property
    def nbytes(self) -> int:
        """The memory of the run."""
        return self._run.nbytes

    def advance(self, deadline: float) -> bool:
        """Train until the measure can be read; towards a goal after every step."""
        measure = self._sweep.measured
        while True:
            state = self._run.state(self._step, deadline)
            if self._run.diverged is not None and state.step < self._step:
                self.diverged[0] = self._run.diverged.step
                if measure.number is None:
                    self.values[0] = self.diverged[0]
                return True
            if state.step < self._step:
                return False
            trainer, _ = self._run.record(state)
            found = measure.read(trainer, state.step)
            if not measure.to_goal:
                self.values[0] = found
                return True
            if _reached(self._sweep, found):
                self.values[0] = self._step
                return True
            if self._step >= self._sweep.step:
                return True
            self._step += 1
            if _late(deadline):
                return False


def _reached(sweep: Sweep, cost: float) -> bool:
    return sweep.goal is not None and cost <= sweep.goal


def _late(deadline: float) -> bool:
    return time.perf_counter() >= deadline
