"""Train many networks of one shape on the same batches, each with the bits of a single run."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.updates import parameter_factors
from backprop_explorer.experiments.sweeps.measures import Measure
from backprop_explorer.experiments.trainer import Batch, Trainer
from backprop_explorer.tape import Replays

Array = NDArray[np.float64]

# The longest time of one call, about; the clock is read after each.
CALL_SECONDS = 0.005
FIRST_PACE = 4


class Lockstep:
    """The runs of ``starts`` (K, P) with the learning rates ``rates`` (K,), all in ``trainer``.

    ``factors`` are K sequences of the factors of the layers' rates, or of nothing. The runs differ
    in these only. Runs that diverge are taken out. Several objects may use one
    trainer, one after another.
    """

    def __init__(
        self,
        trainer: Trainer,
        starts: Array,
        rates: Sequence[float],
        factors: Sequence[Sequence[float]],
    ) -> None:
        self.trainer = trainer
        self.step = 0
        # The runs that still train, by their position in ``starts``.
        self.running = np.arange(len(starts))
        # The step whose update made the parameters too large, or -1.
        self.diverged = np.full(len(starts), -1)
        self.parameters = np.array(starts)
        self._state = {name: np.zeros_like(self.parameters) for name in trainer.optimizer_state}
        self._rates = np.array(rates, dtype=np.float64)
        buffer = trainer.update.rates
        self._rate_rows = np.zeros((len(starts), *buffer.shape))
        self._rate_rows[...] = self._rates.reshape(-1, *[1] * buffer.ndim)
        self._factor_rows = np.zeros((0, 0))
        if trainer.update.factors is not None:
            self._factor_rows = np.array([parameter_factors(trainer.network, f) for f in factors])
        self._replays: dict[int, Replays] = {}
        self._pace = FIRST_PACE

    def __len__(self) -> int:
        return len(self.running)

    @property
    def nbytes(self) -> int:
        """The memory of the runs' parameters, optimizer states and learning rates."""
        rows = (self._rate_rows, self._factor_rows)
        return self.parameters.nbytes * (1 + len(self._state)) + sum(row.nbytes for row in rows)

    def advance(self, until: int, deadline: float) -> bool:
        """Make updates up to ``until`` or the deadline, and at least one; True at ``until``."""
        clock = time.perf_counter
        while self.step < until and len(self):
            begun = clock()
            updates = self._call(until)
            seconds = max(clock() - begun, 1e-9)
            self._pace = max(1, int(updates * CALL_SECONDS / seconds))
            if clock() >= deadline:
                break
        return self.step >= until or not len(self)

    def _call(self, until: int) -> int:
        """Make the next updates of all runs in one call, within a batch size and an epoch."""
        trainer, step = self.trainer, self.step
        batch, index = trainer.batch(step)
        end = min(index + min(until - step, self._pace), batch.end)
        # No edit replaces the optimizer, so the step is also the number of updates before.
        trainer.update.prepare(step, step + 1, index, end)
        self._schedule(index, end)
        with np.errstate(over="ignore", invalid="ignore"):
            reached, good = self._replay(batch).run(index, end)
        if not good.all():
            failed = self.running[~good]
            self.diverged[failed] = step + (reached[~good] - 1 - index)
            self.keep(good)
        self.step = step + end - index
        return end - index

    def _schedule(self, first: int, until: int) -> None:
        """Compute η of the next steps for every run, if it changes with the step."""
        update = self.trainer.update.update
        if update.schedule == "constant":
            return
        rate, more = update.schedule_entry.rate, update.schedule_parameters.values()
        steps = range(self.step, self.step + until - first)
        for row, base in zip(self._rate_rows, self._rates.tolist(), strict=True):
            row[first:until] = [rate(base, step, *more) for step in steps]

    def _replay(self, batch: Batch) -> Replays:
        replays = self._replays.get(id(batch))
        if replays is None:
            trainer = self.trainer
            kept = [
                (trainer.parameters.flat, self.parameters),
                *((trainer.optimizer_state[n].flat, rows) for n, rows in self._state.items()),
            ]
            loads = [*kept, (trainer.update.rates, self._rate_rows)]
            if trainer.update.factors is not None:
                loads.append((trainer.update.factors, self._factor_rows))
            replays = self._replays[id(batch)] = Replays(batch.tape, loads, kept)
        return replays

    def keep(self, chosen: NDArray[np.bool_]) -> None:
        """Go on with the ``chosen`` (K,) of the running runs only."""
        self.running, self._rates = self.running[chosen], self._rates[chosen]
        self.parameters, self._rate_rows = self.parameters[chosen], self._rate_rows[chosen]
        if len(self._factor_rows):
            self._factor_rows = self._factor_rows[chosen]
        self._state = {name: rows[chosen] for name, rows in self._state.items()}
        self._replays.clear()

    def read(self, measure: Measure, run: int) -> float:
        """Return what ``measure`` says of the running run at position ``run``."""
        self.trainer.parameters.flat[...] = self.parameters[run]
        return measure.read(self.trainer, self.step)
