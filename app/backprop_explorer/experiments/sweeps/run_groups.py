"""Groups of runs of a tile that are trained together, in slices of time."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.sweeps.lockstep import Lockstep
from backprop_explorer.experiments.sweeps.measures import Measure
from backprop_explorer.experiments.sweeps.sweep import Sweep
from backprop_explorer.experiments.training_run import TrainingRun

Array = NDArray[np.float64]

# Checkpoints of a run with edits, in bytes: a sweep never goes back.
_RUN_BYTES = 1024 * 1024


class SingleRun:
    """One run whose recipe has edits during training, used like a ``Lockstep``.

    It is trained as an experiment is.
    """

    def __init__(self, initial_state: InitialState) -> None:
        self.step = 0
        self.running = np.arange(1)
        self.diverged = np.full(1, -1)
        self._run = TrainingRun(initial_state, _RUN_BYTES)
        self._state = self._run.state(0, 0.0)

    def __len__(self) -> int:
        return len(self.running)

    @property
    def nbytes(self) -> int:
        """The memory of the run."""
        return self._run.nbytes

    def advance(self, until: int, deadline: float) -> bool:
        """Make updates up to ``until`` or the deadline, and at least one; True at ``until``."""
        self._state = self._run.state(until, deadline)
        self.step = self._state.step
        if self._run.diverged is not None and self.step < until:
            self.diverged[0] = self._run.diverged
            self.keep(np.zeros(1, np.bool_))
        return self.step >= until or not len(self)

    def keep(self, chosen: NDArray[np.bool_]) -> None:
        """Go on with the run if it is ``chosen`` (1,)."""
        self.running = self.running[chosen]

    def read(self, measure: Measure, _run: int) -> float:
        """Return what ``measure`` says of the run."""
        trainer, _ = self._run.record(self._state)
        return measure.read(trainer, self.step)


class RunGroup:
    """Runs at ``places`` (position of the cell in its tile, repeat), which ``lockstep`` trains.

    ``values`` and ``diverged`` are (runs,), NaN where there is none.
    """

    def __init__(
        self, sweep: Sweep, places: list[tuple[int, int]], lockstep: Lockstep | SingleRun
    ) -> None:
        self.places = places
        self.values = np.full(len(places), np.nan)
        self.diverged = np.full(len(places), np.nan)
        self._sweep, self.lockstep = sweep, lockstep
        self._evaluated = 0

    def advance(self, deadline: float) -> bool:
        """Train until the deadline, then read the measure; towards a goal after every step.

        Returns True when all values are there.
        """
        measure, lockstep = self._sweep.measured, self.lockstep
        if measure.to_goal:
            done = self._search(deadline)
        else:
            done = lockstep.advance(self._sweep.step, deadline) and self._read(deadline)
        if done:
            diverged = lockstep.diverged
            self.diverged = np.where(diverged < 0, np.nan, diverged.astype(np.float64))
            if measure.number is None:
                self.values = self.diverged.copy()
        return done

    def _search(self, deadline: float) -> bool:
        lockstep = self.lockstep
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
        goal = self._sweep.goal
        return goal is not None and self.lockstep.read(self._sweep.measured, run) <= goal

    def _read(self, deadline: float) -> bool:
        lockstep = self.lockstep
        while self._evaluated < len(lockstep):
            value = lockstep.read(self._sweep.measured, self._evaluated)
            self.values[lockstep.running[self._evaluated]] = value
            self._evaluated += 1
            if _late(deadline):
                break
        return self._evaluated >= len(lockstep)


def _late(deadline: float) -> bool:
    return time.perf_counter() >= deadline
