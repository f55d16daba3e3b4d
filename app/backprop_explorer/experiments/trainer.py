"""What trains: the buffers of one segment of an experiment, and a tape for each size of batch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.backprop import Backprop, Forward
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.updates import BoundUpdate, zero_state
from backprop_explorer.experiments.history import Measures, SplitName, evaluate
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.segments import Segment
from backprop_explorer.tape import Feed, Tape, Within

Array = NDArray[np.float64]

# Outputs of all units for a part of the data, up to which its forward pass keeps its buffers.
KEPT_NUMBERS = 500_000
# The clock is looked at that often, so that a deadline is missed by little.
SLICE_SECONDS = 0.002
FIRST_PACE = 16


@dataclass(frozen=True, slots=True, eq=False)
class TrainerState:
    """All that changes in training, at the arrival at a step (its edits applied).

    ``parameters`` (P,) and ``optimizer_state`` are flat vectors; ``count`` is how many
    updates the present optimizer has made.
    """

    step: int
    parameters: Array
    optimizer_state: tuple[tuple[str, Array], ...]
    count: int

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return self.parameters.nbytes * (1 + len(self.optimizer_state))


class Trainer:
    """The buffers that train one segment: parameters, gradients, optimizer state.

    The rows of an epoch lie in its order, so that a tape finds the batch of each step where it is.
    """

    def __init__(self, initial_state: InitialState, segment: Segment) -> None:
        self.initial_state = initial_state
        self.segment = segment
        self.network: Network = segment.network
        self.parameters = Parameters(self.network)
        self.gradient = Parameters(self.network)
        self.optimizer_state = zero_state(self.network, segment.update)
        self.update = BoundUpdate(
            segment.update,
            self.parameters,
            self.gradient,
            self.optimizer_state,
            initial_state.steps_per_epoch,
        )
        self.count = 0
        self.train = initial_state.train_at(segment.start)
        # In the order of C, so that the batches of a tape are views of them.
        self._x, self._target = (np.empty(part.shape) for part in self.train)
        self._epoch = -1
        self.within = Within(self.parameters.flat, initial_state.max_square)
        self._batches: dict[int, Batch] = {}
        self._forwards: dict[SplitName, Forward] = {}
        self._one: Backprop | None = None
        # How many updates fit into SLICE_SECONDS.
        self._pace = FIRST_PACE
        # Memory held, roughly. It is asked for at every step that somebody looks at.
        vectors = 8 * (6 + len(self.optimizer_state)) * self.network.parameter_count
        self.nbytes: int = vectors + self._x.nbytes + self._target.nbytes

    def load(self, state: TrainerState) -> None:
        """Take over ``state``."""
        self.parameters.flat[...] = state.parameters
        for name, values in state.optimizer_state:
            self.optimizer_state[name].flat[...] = values
        self.count = state.count

    def save(self, step: int) -> TrainerState:
        """A copy of what there is now."""
        return TrainerState(
            step,
            self.parameters.flat.copy(),
            tuple((name, arrays.flat.copy()) for name, arrays in self.optimizer_state.items()),
            self.count,
        )

    def _batch(self, step: int) -> tuple[Batch, int]:
        """The batch of ``step``, of the rows of its epoch, and the number of ``step`` in that."""
        epoch, index = divmod(step, self.initial_state.steps_per_epoch)
        if epoch != self._epoch:
            order = self.initial_state.order(epoch)
            for part, ordered in zip(self.train, (self._x, self._target), strict=True):
                # Any other mode than "raise" writes straight into ``out``.
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
        """∂C/∂W and ∂C/∂b on the batch of ``step``, into ``gradient``."""
        batch, index = self._batch(step)
        for feed in batch.rows:
            feed.fill(index)
        batch.backprop.gradients()
        return batch.backprop

    def of_sample(self, sample: int) -> Mapping[str, Any]:
        """z, a and their gradients of one training sample, by id, (1, n) each.

        Good until this is called again.
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
        """Cost and score on both parts at ``step``, whose parameters are there.

        The ``outputs`` are good until this is called again.
        """
        return Measures(self.initial_state, self.network, self.parameters, step, self._evaluated)

    def _evaluated(self, part: SplitName) -> Mapping[str, Any]:
        x, target = self.train if part == "train" else self.initial_state.test
        arguments = (self.network, self.initial_state.objective, self.parameters, x, target)
        if len(x) * sum(layer.units for layer in self.network.layers) > KEPT_NUMBERS:
            return evaluate(*arguments)
        if part not in self._forwards:
            self._forwards[part] = Forward(*arguments)
            self.nbytes += self._forwards[part].tape.nbytes
        forward = self._forwards[part]
        forward.run()
        return {**forward.values, "C": forward.cost()}

    def step(self, step: int) -> None:
        """The update of ``step``, from the gradients that are there."""
        self.count += 1
        self.update(step, self.count)

    def advance(self, step: int, until: int, deadline: float) -> tuple[int, bool]:
        """Updates from ``step`` on: to ``until``, the deadline or one that goes wrong.

        At least one is made, so that asking again always gets there. Returns the step that comes
        next, and whether all went well.
        """
        clock = time.perf_counter
        now = clock()
        while True:
            batch, index = self._batch(step)
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
    def good(self) -> bool:
        """Whether the parameters are so small that nothing computed from them overflows."""
        return self.within()


class Batch:
    """What trains batches of ``size`` rows of an epoch's ``x`` and ``target``.

    Those of one epoch lie behind each other. What is left over at the end of an epoch is one of
    its own. ``end`` is the index of the first that is of another size.
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
