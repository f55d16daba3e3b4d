"""A working that is asked for again and again: from a tape after a while, with the same bits.

The page asks for one at every step that is looked at, a notebook for one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from threading import Lock
from typing import Any

from app.core.backprop import Backprop, Objective, Step, run, working
from app.core.network import Network, Parameters

# To record takes as long as to compute some twenty times. With more numbers than so many in an
# array, or parameters, what Python takes is small beside the numbers; and all that are kept have
# 20 MB at most.
WORTH_RECORDING, KEPT_REPEATED = 8, 32
REPEATED_NUMBERS, REPEATED_PARAMETERS = 500, 20_000


def _plainly(steps: Sequence[Step], start: Mapping[str, Any]) -> dict[str, Any]:
    values = run(steps, dict(start))
    return {step.id: values[step.id] for step in steps}


class Repeated:
    """The values of ``working`` for a network that is asked for them again and again.

    From the WORTH_RECORDING-th time on they come from a tape, with the same bits and in a third of
    the time. May be asked by many threads.
    """

    def __init__(self, network: Network, objective: Objective, samples: int) -> None:
        self._steps = working(network, objective)
        self._make = partial(Backprop, network, objective, samples=samples)
        self._asked = 0
        self._backprop: Backprop | None = None
        self._lock = Lock()

    @property
    def is_recorded(self) -> bool:
        """Whether they come from a tape by now."""
        return self._backprop is not None

    def values(self, parameters: Parameters, start: Mapping[str, Any]) -> dict[str, Any]:
        """The value of each step by id, from ``start``: ``givens`` and the parameters."""
        # Who comes while another is at it does not wait.
        if self._asked >= WORTH_RECORDING and self._lock.acquire(blocking=False):
            try:
                return self._repeated(parameters, start)
            finally:
                self._lock.release()
        self._asked += 1
        return _plainly(self._steps, start)

    def _repeated(self, parameters: Parameters, start: Mapping[str, Any]) -> dict[str, Any]:
        backprop = self._backprop
        if backprop is None:
            network = parameters.network
            backprop = self._make(Parameters(network), Parameters(network))
            self._backprop = backprop
        backprop.parameters.flat[...] = parameters.flat
        backprop.x[...], backprop.target[...] = start["x"], start["target"]
        backprop.gradients()
        costs, values = backprop.costs(), backprop.values
        return {
            step.id: costs[step.id] if step.phase == "cost" else values[step.id].copy()
            for step in self._steps
        }


@lru_cache(maxsize=KEPT_REPEATED)
def repeated(network: Network, objective: Objective, samples: int) -> Repeated:
    """The one for these, with what it has recorded."""
    return Repeated(network, objective, samples)


def worked(
    parameters: Parameters, objective: Objective, start: Mapping[str, Any]
) -> dict[str, Any]:
    """The value of each step of ``working``, by id, from ``givens`` and the parameters."""
    network, samples = parameters.network, len(start["x"])
    if (
        samples * network.widest <= REPEATED_NUMBERS
        and network.parameter_count <= REPEATED_PARAMETERS
    ):
        return repeated(network, objective, samples).values(parameters, start)
    return _plainly(working(network, objective), start)
