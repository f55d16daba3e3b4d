"""Updates: the steps of an optimizer for a trace, and the in-place form for training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.graph import Given, Graph, Node
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.optimizers import OPTIMIZERS, Optimizer
from backprop_explorer.engine.schedules import SCHEDULES, Schedule
from backprop_explorer.tape import Entry, Feed, Scratch, Tape, record
from backprop_explorer.texts import engine as texts

Array = NDArray[np.float64]


def _checked(
    values: Mapping[str, float], entry: Optimizer | Schedule, field_name: str
) -> dict[str, float]:
    known = entry.parameters
    names = [parameter.name for parameter in known]
    for name in values:
        if name not in names:
            every = [*(("learning_rate",) if isinstance(entry, Optimizer) else ()), *names]
            listed = ", ".join(every) or "none"
            problem = texts.no_such_parameter(entry.name, listed)
            raise InvalidInput(f"{field_name}.{name}", problem)
    return {p.name: p.check(values.get(p.name, p.default), f"{field_name}.{p.name}") for p in known}


@dataclass(frozen=True)
class Update:
    """An optimizer with its settings: learning rate, parameters and schedule.

    Layer l learns with ``layer_factors[l − 1]`` times the learning rate; an empty tuple is 1 for
    all layers. Missing parameters take their defaults. Raises UnknownName or InvalidInput for the
    field.
    """

    name: str = "sgd"
    learning_rate: float = 0.1
    parameters: Mapping[str, float] = field(default_factory=dict)
    schedule: str = "constant"
    schedule_parameters: Mapping[str, float] = field(default_factory=dict)
    layer_factors: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        optimizer = OPTIMIZERS.find(self.name, "optimizer.name")
        schedule = SCHEDULES.find(self.schedule, "optimizer.schedule.name")
        object.__setattr__(self, "parameters", _checked(self.parameters, optimizer, "optimizer"))
        object.__setattr__(
            self,
            "schedule_parameters",
            _checked(self.schedule_parameters, schedule, "optimizer.schedule"),
        )

    def check(self, network: Network) -> None:
        """Raise InvalidInput unless there are as many factors as layers, or none."""
        factors = len(self.layer_factors)
        if factors not in (0, network.depth):
            needed = texts.factors_counted(network.depth, factors)
            raise InvalidInput("optimizer.layer_factors", needed)

    @property
    def optimizer(self) -> Optimizer:
        """The entry of the optimizer registry."""
        return OPTIMIZERS[self.name]

    @property
    def schedule_entry(self) -> Schedule:
        """The entry of the schedule registry."""
        return SCHEDULES[self.schedule]

    def rate(self, step: int) -> float:
        """Return η at ``step``, counted from 0."""
        return self.schedule_entry.rate(
            self.learning_rate, step, *self.schedule_parameters.values()
        )


def update_givens(update: Update, step: int, count: int) -> dict[str, float]:
    """Return the numbers that an update reads, without parameters, gradients and state.

    ``count`` is the number of updates of this optimizer, including this one (Adam's t).
    """
    values: dict[str, float] = {names.single(k): v for k, v in update.parameters.items()}
    if update.optimizer.counts:
        values[names.UPDATE_COUNT] = count
    if update.schedule == "constant":
        values[names.LEARNING_RATE] = update.learning_rate
    else:
        values[names.BASE_LEARNING_RATE] = update.learning_rate
        values[names.STEP] = step
        values |= {names.single(k): v for k, v in update.schedule_parameters.items()}
    factors = enumerate(update.layer_factors, start=1)
    return values | {names.indexed("layer_factor", k): each for k, each in factors}


def with_update(graph: Graph, update: Update) -> Graph:
    """Return ``graph`` with the lines of the update: the learning rates, then each parameter's."""
    nodes: list[Node] = []
    if update.schedule != "constant":
        numbers = map(names.single, update.schedule_parameters)
        inputs = (names.BASE_LEARNING_RATE, names.STEP, *numbers)
        op = f"{update.schedule}_schedule"
        nodes.append(Node(names.LEARNING_RATE, "update", op, inputs, ""))
    rates: dict[int | None, Name] = {}
    for parameter in graph.parameters:
        layer = parameter.number
        if layer is not None and update.layer_factors and layer not in rates:
            inputs = (names.LEARNING_RATE, names.indexed("layer_factor", layer))
            rates[layer] = names.indexed("learning_rate", layer)
            nodes.append(Node(rates[layer], "update", "layer_rate", inputs, ""))
        rate = rates.get(layer, names.LEARNING_RATE)
        for each in update.optimizer.steps:
            inputs = tuple(
                rate if name == names.LEARNING_RATE else name for name in each.inputs_of(parameter)
            )
            axes = graph.axes[parameter]
            nodes.append(Node(each.name(parameter), "update", each.op, inputs, axes))
    known = {*graph.axes, *(node.id for node in nodes)}
    read = dict.fromkeys(name for node in nodes for name in node.inputs if name not in known)
    givens = (Given(name, graph.axes[name.variable] if name.of else "") for name in read)
    return graph.replaced((*graph.nodes, *nodes), givens)


def zero_state(network: Network, update: Update) -> dict[str, Parameters]:
    """Return the optimizer's initial state, all 0, by name ("velocity", "m", "v", …)."""
    return {name: Parameters(network) for name in update.optimizer.state}


def state_values(state: Mapping[str, Parameters]) -> dict[str, Array]:
    """Return all state arrays by id: {"velocity_W1": …, "velocity_b1": …}."""
    return {
        names.state(name, names.named(parameter)): array
        for name, arrays in state.items()
        for parameter, array in arrays.named().items()
    }


def parameter_factors(network: Network, layer_factors: Sequence[float]) -> Array | None:
    """Return the factor of the learning rate of each parameter (P,); None without factors."""
    if not layer_factors:
        return None
    sizes = [(n_in + 1) * n_out for n_in, n_out in network.shapes]
    return np.repeat(np.array(layer_factors, dtype=np.float64), sizes)


class InPlaceUpdate:
    """Updates all parameters in place with the steps of ``Update.optimizer``.

    The flat vector of all parameters takes the place of one parameter, ``theta``. The operations
    are elementwise, so the bits are those of a trace. ``tape`` records the calls. A longer tape
    that includes its entries and makes up to ``steps`` updates per run also needs ``feeds``.
    """

    def __init__(
        self,
        update: Update,
        parameters: Parameters,
        gradient: Parameters,
        state: Mapping[str, Parameters],
        steps: int = 1,
    ) -> None:
        self.update = update
        theta, rate = names.single("theta"), names.LEARNING_RATE
        buffers: dict[str, Any] = {theta: parameters.flat, names.gradient(theta): gradient.flat}
        buffers |= {names.state(name, theta): arrays.flat for name, arrays in state.items()}
        buffers |= update.parameters
        # The tape reads the numbers that may change between steps from these arrays.
        self._rate, self._count = np.array(update.learning_rate), np.zeros(())
        buffers |= {rate: self._rate, names.UPDATE_COUNT: self._count}
        # The factor of each parameter (P,), or None. Others may be written into it.
        self.factors = parameter_factors(parameters.network, update.layer_factors)
        self._rates, self._counts = np.zeros(steps), np.zeros(steps)
        self._scheduled = update.schedule != "constant"
        self.feeds = [
            Feed(buffer, source)
            for buffer, source, changes in (
                (self._rate, self._rates, self._scheduled),
                (self._count, self._counts, update.optimizer.counts),
            )
            if changes
        ]
        entries: list[Entry] = []
        scratch = Scratch()
        if self.factors is not None:
            rates = buffers[rate] = np.empty_like(self.factors)
            of_layer = OPS["layer_rate"].compute
            entries += record(of_layer, self._rate, self.factors, out=rates, scratch=scratch)
        for each in update.optimizer.steps:
            name = each.name(theta)
            if each.carries is not None:
                out = buffers[names.state(each.carries, theta)]
            elif name == names.updated(theta):
                out = parameters.flat
            else:
                out = np.empty_like(parameters.flat)
            buffers[name] = out
            inputs = [buffers[read] for read in each.inputs_of(theta)]
            entries += record(OPS[each.op].compute, *inputs, out=out, scratch=scratch)
        self.tape = Tape(entries)

    @property
    def rates(self) -> Array:
        """What the tape reads η from: (), or with a schedule (steps,), filled by ``prepare``.

        Another η may be written into it after ``prepare``.
        """
        return self._rates if self._scheduled else self._rate

    def prepare(self, step: int, count: int, first: int, until: int) -> None:
        """Fill the sources of ``feeds`` for the tape steps from ``first`` to ``until`` − 1.

        The first of them is the update of training step ``step``, the ``count``-th update.
        """
        if self._scheduled:
            steps = range(step, step + until - first)
            self._rates[first:until] = [self.update.rate(each) for each in steps]
        self._counts[first:until] = np.arange(count, count + until - first)

    def __call__(self, step: int, count: int) -> None:
        """Apply the update of ``step`` (from 0); ``count`` as in ``update_givens``."""
        self._rate[...] = self.update.rate(step)
        self._count[...] = count
        self.tape.run()
