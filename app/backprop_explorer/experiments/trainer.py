"""Train one segment of an experiment, with one tape for each batch size."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.train import Backprop, Forward
from backprop_explorer.engine.updates import InPlaceUpdate, zero_state
from backprop_explorer.experiments.history import Measures, SplitName, evaluate, score, z_norms
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.segments import Segment
from backprop_explorer.tape import Feed, NormLimit, Tape

Array = NDArray[np.float64]

# Up to this many unit outputs (samples × units), a forward pass keeps its buffers.
KEPT_NUMBERS = 500_000
# The clock is read this often, so a deadline is exceeded by little.
SLICE_SECONDS = 0.002
FIRST_PACE = 16


@dataclass(frozen=True, slots=True, eq=False)
class TrainerState:
    """Everything that training changes, on arrival at a step (its edits applied).

    ``parameters`` (P,) and the arrays of ``optimizer_state`` are flat vectors. ``count`` is the
    number of updates of the current optimizer.
    """

    step: int
    parameters: Array
    optimizer_state: tuple[tuple[str, Array], ...]
    count: int

    @property
    def nbytes(self) -> int:
        """Memory held in bytes."""
        return self.parameters.nbytes * (1 + len(self.optimizer_state))


class Trainer:
    """Trains one segment: holds parameters, gradients and optimizer state.

    The training rows are copied in the order of the epoch, so each batch is a contiguous block.
    """

    def __init__(self, initial_state: InitialState, segment: Segment) -> None:
        self.initial_state = initial_state
        self.segment = segment
        self.network: Network = segment.network
        self.parameters = Parameters(self.network)
        self.gradient = Parameters(self.network)
        self.optimizer_state = zero_state(self.network, segment.update)
        self.update = InPlaceUpdate(
            segment.update,
            self.parameters,
            self.gradient,
            self.optimizer_state,
            initial_state.steps_per_epoch,
        )
        self.count = 0
        self.train = initial_state.train_at(segment.start)
        # C order, so that the batches of a tape are views of these arrays.
        self._x, self._target = (np.empty(part.shape) for part in self.train)
        self._epoch = -1
        self.within = NormLimit(self.parameters.flat, initial_state.max_square)
        self._batches: dict[int, Batch] = {}
        self._forwards: dict[SplitName, Forward] = {}
        self._one: Backprop | None = None
        # Updates that fit into SLICE_SECONDS.
        self._pace = FIRST_PACE
        # Approximate memory held, updated as buffers are added; it is read at every visited step.
        vectors = 8 * (6 + len(self.optimizer_state)) * self.network.parameter_count
        self.nbytes: int = vectors + self._x.nbytes + self._target.nbytes

    def load(self, state: TrainerState) -> None:
        """Copy ``state`` into the buffers."""
        self.parameters.flat[...] = state.parameters
        for name, values in state.optimizer_state:
            self.optimizer_state[name].flat[...] = values
        self.count = state.count

    def save(self, step: int) -> TrainerState:
        """Return a copy of the current state, labelled ``step``."""
        return TrainerState(
            step,
            self.parameters.flat.copy(),
            tuple((name, arrays.flat.copy()) for name, arrays in self.optimizer_state.items()),
            self.count,
        )

    def batch(self, step: int) -> tuple[Batch, int]:
        """Return the batch of ``step`` and its index in the epoch."""
        epoch, index = divmod(step, self.initial_state.steps_per_epoch)
        if epoch != self._epoch:
            order = self.initial_state.order(epoch)
            for part, ordered in zip(self.train, (self._x, self._target), strict=True):
                # Any mode except "raise" writes into ``out`` without a temporary copy.
                np.take(part, order, axis=0, out=ordered, mode="clip")
            self._epoch = epoch
        size = min(
            self.initial_state.batch_size, len(self._x) - index * self.initial_state.batch_size
        )
        if size not in self._batches:
            self._batches[size] = Batch(self, self._x, self._target, size)
            self.nbytes += self._batches[size].tape.nbytes
        return self._batches[size], index

    def gradients(self, step: int) -> Backprop:
        """Compute ∂C/∂W and ∂C/∂b on the batch of ``step`` into ``gradient``."""
        batch, index = self.batch(step)
        for feed in batch.rows:
            feed.fill(index)
        batch.backprop.gradients()
        return batch.backprop

    def of_sample(self, sample: int) -> Mapping[str, Any]:
        """Return z, a and their gradients of one training sample by id, each (1, n).

        The arrays are overwritten by the next call.
        """
        if self._one is None:
            gradient = Parameters(self.network)
            self._one = Backprop(
                self.network, self.initial_state.objective, self.parameters, gradient, samples=1
            )
            self.nbytes += self._one.tape.nbytes + gradient.flat.nbytes
        x, target = self.train
        self._one.x[...], self._one.target[...] = x[sample], target[sample]
        self._one.gradients()
        return self._one.values

    def measures(self, step: int) -> Measures:
        """Return cost and score on both parts for the current parameters, at ``step``.

        Its ``outputs`` are overwritten by the next call.
        """
        return Measures(self.initial_state, self.network, self.parameters, step, self.evaluated)

    def evaluated(self, part: SplitName) -> Mapping[str, Any]:
        """Return C, and z and a of every layer, of a part. The next call overwrites them."""
        x, target = self.train if part == "train" else self.initial_state.test
        forward = self.forward(part)
        if forward is None:
            objective = self.initial_state.objective
            return evaluate(self.network, objective, self.parameters, x, target)
        forward.run()
        return {**forward.values, "C": forward.cost()}

    def cost(self, part: SplitName) -> float:
        """Return C of a part for the current parameters."""
        forward = self.forward(part)
        if forward is None:
            return float(self.evaluated(part)[names.COST])
        tape, cost = forward.with_cost()
        tape.run()
        return float(cost)

    def score(self, part: SplitName) -> float:
        """Return accuracy or R² of a part for the current parameters."""
        target = (self.train if part == "train" else self.initial_state.test)[1]
        prediction = self.evaluated(part)[names.activation(self.network.depth)]
        return score(prediction, target, self.initial_state.classes)

    def gradient_ratio(self, step: int) -> float:
        """Return ‖∂C/∂z‖ of the first layer over that of the last, of the batch of ``step``.

        It is NaN where that of the last is 0.
        """
        norms = z_norms(self.gradients(step), self.network.depth)
        return norms[0] / norms[-1] if norms[-1] else math.nan

    def forward(self, part: SplitName) -> Forward | None:
        """Return the forward pass over a part with its buffers; None if they would be large."""
        x, target = self.train if part == "train" else self.initial_state.test
        if len(x) * sum(layer.units for layer in self.network.layers) > KEPT_NUMBERS:
            return None
        if part not in self._forwards:
            objective = self.initial_state.objective
            fresh = Forward(self.network, objective, self.parameters, x, target)
            self._forwards[part] = fresh
            self.nbytes += fresh.tape.nbytes
        return self._forwards[part]

    def step(self, step: int) -> None:
        """Apply the update of ``step`` with the current gradients."""
        self.count += 1
        self.update(step, self.count)

    def advance(self, step: int, until: int, deadline: float) -> tuple[int, bool]:
        """Apply updates from ``step`` up to ``until``, the deadline or a failed update.

        At least one update is made, so repeated calls always finish. Returns the next step, and
        False if the last update made the parameters too large.
        """
        clock = time.perf_counter
        now = clock()
        while True:
            batch, index = self.batch(step)
            end = min(index + min(until - step, self._pace), batch.end)
            self.update.prepare(step, self.count + 1, index, end)
            reached, good = batch.tape.run(index, end)
            made, begin, now = reached - index, now, clock()
            self._pace = max(1, int(made * SLICE_SECONDS / max(now - begin, 1e-9)))
            self.count += made
            step += made
            if step >= until or now >= deadline or not good:
                return step, good

    @property
    def within_bounds(self) -> bool:
        """Whether the parameters are small enough that nothing computed from them overflows."""
        return self.within()


class Batch:
    """Trains the batches of ``size`` rows of an epoch's ``x`` and ``target``.

    Batches of an epoch lie one after another. A smaller last batch has its own ``Batch``. ``end``
    is the index of the first batch of another size.
    """

    def __init__(self, trainer: Trainer, x: Array, target: Array, size: int) -> None:
        self.backprop = Backprop(
            trainer.network,
            trainer.initial_state.objective,
            trainer.parameters,
            trainer.gradient,
            size,
        )
        steps = trainer.initial_state.steps_per_epoch
        rest = size < trainer.initial_state.batch_size
        self.end = steps if rest else len(x) // size
        buffers = (self.backprop.x, self.backprop.target)
        self.rows = [
            Feed(
                buffer,
                np.broadcast_to(part[-size:], (steps, *buffer.shape))
                if rest
                else part[: self.end * size].reshape(self.end, *buffer.shape),
            )
            for buffer, part in zip(buffers, (x, target), strict=True)
        ]
        self.tape = Tape(
            (*self.backprop.tape.entries, *trainer.update.tape.entries, trainer.within),
            (*self.rows, *trainer.update.feeds),
        )
