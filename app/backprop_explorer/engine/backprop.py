"""Backpropagation: the ordered list of steps, and two ways to run it.

``working`` lists the steps: what is computed, in which order, from which inputs. ``run`` computes
them and returns every value by id, for traces. ``Backprop`` records the same steps on a tape with
reused buffers, for training. There is no other implementation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.operations import OPS, add_penalty
from backprop_explorer.engine.row_blocks import split_rows
from backprop_explorer.tape import Call, Entry, Scratch, Tape, parallel_branches, record

Array = NDArray[np.float64]
Phase = Literal["forward", "cost", "backward", "update"]

# Size of the caches of step lists, which depend only on the network and the objective.
PLANS = 256
# Cost of the activation of one unit, in multiplications of a matrix product.
ACTIVATION_WORK = 25
# Gradients with a penalty: the operation without it, and how many inputs that has.
PENALIZED: Mapping[str, tuple[str, int]] = {
    "penalized_weight_gradient": ("weight_gradient", 2),
    "penalized_bias_gradient": ("bias_gradient", 1),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the working, without its value.

    ``axes`` are the letters of its value's axes (see ``notation``). ``hint`` names a value that the
    operation would otherwise compute again (a = f(z) for f'(z)). It does not change the result.
    """

    id: str
    phase: Phase
    op: str
    layer: int | None
    inputs: tuple[str, ...]
    axes: str
    hint: str | None = None


def activation_of(layer: int) -> str:
    """The id of the output of layer ``layer``; layer 0 is the input."""
    return f"a{layer}" if layer else "x"


@lru_cache(maxsize=PLANS)
def forward_steps(network: Network) -> tuple[Step, ...]:
    """The steps z1, a1, z2, a2, … in order."""
    steps: list[Step] = []
    for index, layer in enumerate(network.layers, start=1):
        z, a, below = f"z{index}", f"a{index}", activation_of(index - 1)
        steps.append(Step(z, "forward", "affine", index, (below, f"W{index}", f"b{index}"), "nj"))
        steps.append(Step(a, "forward", layer.activation, index, (z,), "nj"))
    return tuple(steps)


@lru_cache(maxsize=PLANS)
def cost_steps(network: Network, objective: Objective) -> tuple[Step, ...]:
    """The step C, or with a penalty: C_data, the penalty of each layer and their sum C."""
    last = network.depth
    name = "C_data" if objective.penalized else "C"
    if objective.fuses(network):
        activation = network.layers[-1].activation
        op, read = f"{activation}_{objective.cost}", f"z{last}"
    else:
        op, read = objective.cost, f"a{last}"
    steps = [Step(name, "cost", op, None, (read, "target", "cost_factor"), "")]
    if objective.penalized:
        layers = range(1, last + 1)
        op = "penalty_with_biases" if objective.biases else "penalty"
        for k in layers:
            of = (f"W{k}", f"b{k}") if objective.biases else (f"W{k}",)
            steps.append(Step(f"penalty{k}", "cost", op, k, (*of, "l1", "l2"), ""))
        parts = ("C_data", *(f"penalty{k}" for k in layers))
        steps.append(Step("C", "cost", "total_cost", None, parts, ""))
    return tuple(steps)


@lru_cache(maxsize=PLANS)
def backward_steps(network: Network, objective: Objective) -> tuple[Step, ...]:
    """The gradient steps, from ∂C/∂a of the last layer down to ∂C/∂W1 and ∂C/∂b1."""
    steps: list[Step] = []
    last = network.depth
    for index in range(last, 0, -1):
        activation = network.layers[index - 1].activation
        z, a, below = f"z{index}", f"a{index}", activation_of(index - 1)
        dz, da = f"dC_dz{index}", f"dC_da{index}"

        if index == last and objective.fuses(network):
            op = f"{activation}_{objective.cost}_gradient"
            steps.append(Step(dz, "backward", op, index, (a, "target", "cost_factor"), "nj"))
        else:
            if index == last:
                op = f"{objective.cost}_gradient"
                steps.append(Step(da, "backward", op, index, (a, "target", "cost_factor"), "nj"))
            else:
                above = (f"dC_dz{index + 1}", f"W{index + 1}")
                steps.append(Step(da, "backward", "input_gradient", index, above, "nj"))
            # The backward pass of softmax reads its output a, not z.
            elementwise = ACTIVATIONS[activation].derivative is not None
            steps.append(
                Step(
                    dz,
                    "backward",
                    f"{activation}_backward",
                    index,
                    (da, z if elementwise else a),
                    "nj",
                    hint=a if elementwise else None,
                )
            )

        op = "weight_gradient"
        inputs: tuple[str, ...] = (below, dz)
        if objective.penalized:
            op, inputs = f"penalized_{op}", (*inputs, f"W{index}", "l1", "l2")
        steps.append(Step(f"dC_dW{index}", "backward", op, index, inputs, "ij"))
        op, inputs = "bias_gradient", (dz,)
        if objective.penalized and objective.biases:
            op, inputs = f"penalized_{op}", (dz, f"b{index}", "l1", "l2")
        steps.append(Step(f"dC_db{index}", "backward", op, index, inputs, "j"))
    return tuple(steps)


def working(network: Network, objective: Objective) -> tuple[Step, ...]:
    """All steps from the input to the gradients, in the order in which they are computed."""
    forward, cost = forward_steps(network), cost_steps(network, objective)
    return forward + cost + backward_steps(network, objective)


def givens(objective: Objective, x: Array, target: Array) -> dict[str, Any]:
    """The values that a working starts from, without the parameters, by id."""
    values: dict[str, Any] = {
        "x": x,
        "target": target,
        "cost_factor": objective.factor(*target.shape),
    }
    if objective.penalized:
        values |= {"l1": objective.l1, "l2": objective.l2}
    return values


def compute(step: Step, values: Mapping[str, Any]) -> Any:
    """Compute the value of one step from the values of its inputs."""
    arguments = [values[name] for name in step.inputs]
    if step.hint is not None and step.hint in values:
        return OPS[step.op].compute(*arguments, a=values[step.hint])
    return OPS[step.op].compute(*arguments)


def run(steps: Sequence[Step], values: dict[str, Any]) -> dict[str, Any]:
    """Compute ``steps`` in order, add each value to ``values`` by its id, and return ``values``."""
    for step in steps:
        values[step.id] = compute(step, values)
    return values


def _without_penalty(step: Step) -> Step:
    """The same step without the term of the penalty."""
    if step.op not in PENALIZED:
        return step
    op, own = PENALIZED[step.op]
    return replace(step, op=op, inputs=step.inputs[:own])


def _by_id(gradient: Parameters) -> dict[str, Array]:
    """The arrays of a gradient by the ids of their steps: dC_dW1, dC_db1, …"""
    return {f"dC_d{name}": array for name, array in gradient.named().items()}


class Forward:
    """The forward pass over ``x`` (N, inputs), in reused buffers.

    After ``run()``, ``values`` holds z and a of every layer by id, and ``cost()`` returns C against
    ``target`` (N, outputs). The contents of ``x``, ``target`` and ``parameters`` may change between
    runs. If ``gradient`` is given, the backward pass follows and fills it.
    """

    def __init__(
        self,
        network: Network,
        objective: Objective,
        parameters: Parameters,
        x: Array,
        target: Array,
        gradient: Parameters | None = None,
    ) -> None:
        self.x, self.target = x, target
        self.parameters = parameters
        self.values: dict[str, Any] = givens(objective, x, target)
        self.values.update(parameters.named())
        steps = forward_steps(network)
        if gradient is not None:
            self.values.update(_by_id(gradient))
            steps += backward_steps(network, objective)
        blocks = split_rows(len(x))
        if len(blocks) == 1:
            self.tape = Tape(self._recorded(steps, self.values))
        else:
            self.tape = Tape(self._in_blocks(steps, blocks, gradient))
        # The cost has a tape of its own: most passes do not need it.
        costs = dict(self.values)
        self._cost_tape = Tape(self._recorded(cost_steps(network, objective), costs))
        self._costs = {name: costs[name] for name in costs.keys() - self.values.keys()}
        self._with_cost: Tape | None = None

    def _recorded(self, steps: Iterable[Step], values: dict[str, Any]) -> list[Entry]:
        """Record ``steps`` as tape entries, with a new buffer for each that has none yet."""
        entries: list[Entry] = []
        scratch = Scratch()
        for step in steps:
            self._add_buffer(step, values)
            keywords: dict[str, Any] = {"out": values[step.id], "scratch": scratch}
            if step.hint is not None:
                keywords["a"] = values[step.hint]
            inputs = [values[name] for name in step.inputs]
            entries += record(OPS[step.op].compute, *inputs, **keywords)
        return entries

    def _add_buffer(self, step: Step, values: dict[str, Any]) -> None:
        if step.id not in values:
            units = self.parameters.network.layers[(step.layer or 1) - 1].units
            values[step.id] = np.zeros((len(self.x), units) if step.axes else ())

    def _in_blocks(
        self, steps: Sequence[Step], blocks: Sequence[slice], gradient: Parameters | None
    ) -> list[Entry]:
        """Record ``steps`` for each block of rows, then the sum of their gradients in block order.

        The first block writes into ``gradient``, each other block into its own memory.
        """
        for step in steps:
            self._add_buffer(step, self.values)
        of_rows = {"x", "target", *(step.id for step in steps if step.axes.startswith("n"))}
        # The penalty is added once, to the sum, and not to the gradient of each block.
        plain = [_without_penalty(step) for step in steps]
        lists: list[list[Entry]] = []
        sums: list[Entry] = []
        for rows in blocks:
            values = {
                name: value[rows] if name in of_rows else value
                for name, value in self.values.items()
            }
            if gradient is not None and lists:
                part = Parameters(gradient.network)
                values |= _by_id(part)
                sums.append(Call(np.add, (gradient.flat, part.flat), gradient.flat))
            lists.append(self._recorded(plain, values))
        for step in steps:
            if step.op in PENALIZED:
                _, own = PENALIZED[step.op]
                inputs = [self.values[name] for name in step.inputs[own:]]
                out = self.values[step.id]
                sums += record(add_penalty, out, *inputs, out=out)
        return [*parallel_branches(lists, self._work(backward=gradient is not None)), *sums]

    def _work(self, backward: bool) -> float:
        """Estimate the work of a run, in multiplications."""
        network = self.parameters.network
        units = sum(layer.units for layer in network.layers)
        forward = len(self.x) * (network.parameter_count + ACTIVATION_WORK * units)
        return (3 if backward else 1) * forward

    def run(self) -> None:
        """Run the pass over the current contents of ``x``."""
        self.tape.run()

    def with_cost(self) -> tuple[Tape, Array]:
        """Return a tape of the pass and the cost, and the array () in which it leaves C."""
        if self._with_cost is None:
            self._with_cost = Tape((*self.tape.entries, *self._cost_tape.entries))
        return self._with_cost, self._costs["C"]

    def cost(self) -> float:
        """Return C of the last pass."""
        return self.costs()["C"]

    def costs(self) -> dict[str, float]:
        """Return C of the last pass and, with a penalty, its parts, by id."""
        self._cost_tape.run()
        return {name: value.item() for name, value in self._costs.items()}


class Backprop(Forward):
    """Gradients for batches of one size, in reused buffers.

    Fill ``x`` (N, inputs) and ``target`` (N, outputs) and call ``gradients()``. ``gradient`` then
    holds ∂C/∂W and ∂C/∂b of every layer, ``values`` every intermediate array by id, and ``cost()``
    returns C of the same pass.
    """

    def __init__(
        self,
        network: Network,
        objective: Objective,
        parameters: Parameters,
        gradient: Parameters,
        samples: int,
    ) -> None:
        x, target = np.zeros((samples, network.inputs)), np.zeros((samples, network.outputs))
        super().__init__(network, objective, parameters, x, target, gradient)
        self.gradient = gradient

    def gradients(self) -> None:
        """Run the forward and backward pass over ``x`` and ``target``."""
        self.run()


def predict(network: Network, parameters: Parameters, x: Array) -> Array:
    """Return the output of the last layer, (N, n_out), for samples ``x`` (N, inputs)."""
    return activations(network, parameters, x)[-1]


def activations(network: Network, parameters: Parameters, x: Array) -> list[Array]:
    """Return the output (N, units) of each layer for samples ``x`` (N, inputs)."""
    values: dict[str, Any] = {"x": x, **parameters.named()}
    run(forward_steps(network), values)
    return [values[f"a{layer}"] for layer in range(1, network.depth + 1)]
