"""Trace: the working of one backpropagation as a list of lines with values.

The page, the checker, the exports and the proof all read this structure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.backprop import (
    PLANS,
    Step,
    activation_of,
    givens,
    run,
    working,
)
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.engine.notation import Notation, symbol
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.operations import OPS, Operation
from backprop_explorer.engine.updates import (
    Update,
    state_values,
    update_givens,
    update_steps,
    zero_state,
)
from backprop_explorer.texts import engine as texts

Array = NDArray[np.float64]

# Limit for ∂z/∂W, which has N n_out² n_in entries, nearly all of them zero.
MAX_JACOBIAN_ENTRIES = 100_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the working: a step and its value in the engine's row convention."""

    step: Step
    value: Any

    @property
    def id(self) -> str:
        """The id of the line, such as "dC_dz2"."""
        return self.step.id

    @property
    def operation(self) -> Operation:
        """The entry of the operation registry."""
        return OPS[self.step.op]

    def signature(self) -> str:
        """The axes of each input and of the value, in the engine's convention."""
        inputs, output = self.operation.signature.split("->")
        parts = inputs.split(",")
        if parts[-1] == "…":
            # The remaining inputs are numbers or, in an update, arrays like the parameter.
            parts = parts[:-1] + [""] * (len(self.step.inputs) - len(parts) + 1)
        axes = [
            axes_of(name) if "*" in self.operation.signature else part
            for name, part in zip(self.step.inputs, parts, strict=True)
        ]
        return f"{','.join(axes)}->{self.step.axes if output == '*' else output}"

    def entry(self) -> str:
        """The expression of one entry of the value (see ``operations``)."""
        if self.operation.entry.endswith("…"):
            return " + ".join(f"{{{k}}}" for k in range(len(self.step.inputs)))
        return self.operation.entry

    def text(self) -> str:
        """A sentence that explains the line."""
        return self.operation.text.format(layer=self.step.layer)


@lru_cache(maxsize=4096)
def axes_of(name: str) -> str:
    """Return the axes of a value by its id, in the engine's row convention; "" for a number."""
    if name == "x":
        return "ni"
    if name[0] in "za" and name[1:].isdigit():
        return "nj"
    if name == "target" or name.startswith(("dC_dz", "dC_da")):
        return "nj"
    stem = name.removesuffix("_next").rsplit("_", 1)[-1].removeprefix("dC_d").removeprefix("d")
    if stem[:1] in ("W", "b") and stem[1:].isdigit():
        return "ij" if stem[0] == "W" else "j"
    return ""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The steps of a trace. They do not depend on the values.

    There is one object per list of steps, so caches can use its identity as key.
    """

    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Trace:
    """All lines of one backpropagation and the values they start from.

    ``givens`` holds x (N, inputs), target (N, outputs), W1, b1, …, the factor of the cost and, with
    an update, the optimizer's parameters and state. ``line_values`` holds the values of the steps
    of ``plan`` by id, in the order of computation.
    """

    network: Network
    objective: Objective
    plan: Plan
    givens: Mapping[str, Any]
    line_values: Mapping[str, Any]

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The steps of ``plan`` with their values."""
        return tuple(map(Line, self.plan.steps, self.line_values.values()))

    @property
    def samples(self) -> int:
        """The number of samples N."""
        return len(self.givens["x"])

    @property
    def cost(self) -> float:
        """The cost C."""
        return float(self.line_values["C"])

    def __getitem__(self, name: str) -> Any:
        """Return the value of a line or given by its id."""
        return self._values[name]

    @cached_property
    def _values(self) -> dict[str, Any]:
        return {**self.givens, **self.line_values}

    def values(self) -> dict[str, Any]:
        """Return a new dict of all values, givens and lines, by id."""
        return dict(self._values)

    def gradient_lines(self) -> list[str]:
        """Return the ids of all ∂C/∂… lines, including intermediate ones."""
        return [name for name in self.line_values if name.startswith("dC_d")]


def jacobian_steps(network: Network, samples: int) -> list[Step]:
    """The steps ∂a/∂z, ∂z/∂W, ∂z/∂b and ∂z/∂a of every layer, from the last to the first.

    Raises LimitExceeded if a ∂z/∂W would have more than MAX_JACOBIAN_ENTRIES entries.
    """
    steps: list[Step] = []
    for index in range(network.depth, 0, -1):
        n_in, n_out = network.shapes[index - 1]
        entries = samples * n_out * n_out * n_in
        if entries > MAX_JACOBIAN_ENTRIES:
            raise LimitExceeded("jacobians", texts.JACOBIAN_ENTRIES, MAX_JACOBIAN_ENTRIES, entries)
        activation = network.layers[index - 1].activation
        z, a, below = f"z{index}", f"a{index}", activation_of(index - 1)
        read = z if ACTIVATIONS[activation].derivative is not None else a
        steps += [
            Step(f"d{a}_d{z}", "backward", f"{activation}_jacobian", index, (read,), "njk"),
            Step(
                f"d{z}_dW{index}",
                "backward",
                "weight_jacobian",
                index,
                (below, f"b{index}"),
                "njik",
            ),
            Step(f"d{z}_db{index}", "backward", "bias_jacobian", index, (f"b{index}",), "jk"),
        ]
        if index > 1:
            steps.append(
                Step(f"d{z}_d{below}", "backward", "input_jacobian", index, (f"W{index}",), "ji")
            )
    return steps


def _with_jacobians(steps: Sequence[Step], network: Network, samples: int) -> list[Step]:
    """Insert each Jacobian before the step that multiplies by it."""
    before: dict[str, list[Step]] = {}
    for jacobian in jacobian_steps(network, samples):
        above, below = jacobian.id.split("_d")
        layer = jacobian.layer or 0
        target = {
            "a": f"dC_dz{layer}",
            "z": f"dC_d{below}" if below[0] in "Wb" else f"dC_da{layer - 1}",
        }[above[1]]
        before.setdefault(target, []).append(jacobian)
    return [each for step in steps for each in (*before.get(step.id, ()), step)]


@lru_cache(maxsize=PLANS)
def _plan(
    network: Network,
    objective: Objective,
    jacobians_of: int | None,
    update: tuple[str, str, int] | None,
) -> Plan:
    """The cached plan. ``jacobians_of`` is a number of samples, ``update`` optimizer, schedule and
    the number of factors of layers.

    With ``jacobians_of`` None there are no Jacobians, with ``update`` None no update lines.
    """
    steps: Sequence[Step] = working(network, objective)
    if jacobians_of is not None:
        steps = _with_jacobians(steps, network, jacobians_of)
    if update is not None:
        name, schedule, factors = update
        made = Update(name, schedule=schedule, layer_factors=(1.0,) * factors)
        steps = (*steps, *update_steps(network, made))
    return Plan(tuple(steps))


def trace(
    network: Network,
    parameters: Parameters,
    objective: Objective,
    x: Array,
    target: Array,
    *,
    update: Update | None = None,
    state: Mapping[str, Parameters] | None = None,
    step: int = 0,
    count: int = 1,
    jacobians: bool = False,
) -> Trace:
    """Compute every line of the backpropagation of ``x`` (N, inputs) to ``target`` (N, outputs).

    With ``update``, the optimizer's lines follow: training step ``step`` (from 0), the ``count``-th
    update, from ``state`` (zeros if None). Raises InvalidInput if shapes do not match,
    LimitExceeded if Jacobians are too large.
    """
    if x.ndim != 2 or x.shape[1] != network.inputs or len(x) == 0:
        raise InvalidInput("x", texts.numbers_per_sample(network.inputs))
    if target.shape != (len(x), network.outputs):
        raise InvalidInput(
            "target",
            texts.target_shape(target.shape, (len(x), network.outputs)),
        )
    if update is not None:
        update.check(network)
    start: dict[str, Any] = {**givens(objective, x, target), **parameters.named()}
    plan = _plan(
        network,
        objective,
        len(x) if jacobians else None,
        None if update is None else (update.name, update.schedule, len(update.layer_factors)),
    )
    if update is not None:
        start |= update_givens(update, step, count)
        start |= state_values(zero_state(network, update) if state is None else state)
    with np.errstate(over="ignore", invalid="ignore"):
        values = run(plan.steps, dict(start))
    return Trace(
        network=network,
        objective=objective,
        plan=plan,
        givens=start,
        line_values={step.id: values[step.id] for step in plan.steps},
    )


def present(trace: Trace, notation: Notation) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the givens and the lines of ``trace`` as dicts in ``notation``, with NumPy arrays.

    Formulas and symbols are LaTeX strings. The web layer converts them to MathML and JSON.
    """
    shown_givens = [
        {
            "id": name,
            "symbol": symbol(name),
            "value": notation.show(value, axes_of(name)),
        }
        for name, value in trace.givens.items()
    ]
    return shown_givens, [present_line(line, notation) for line in trace.lines]


def present_line(line: Line, notation: Notation) -> dict[str, Any]:
    """Return one line as a dict in ``notation``."""
    value = notation.show(line.value, line.step.axes)
    return {**written(line.step, notation), "value": value}


def written(step: Step, notation: Notation) -> dict[str, Any]:
    """Return the description of a line, without its value, as a dict in ``notation``."""
    line = Line(step, None)
    return {
        "id": step.id,
        "phase": step.phase,
        "op": step.op,
        "layer": step.layer,
        "inputs": list(step.inputs),
        "symbol": symbol(step.id),
        "formula": f"{symbol(step.id)} = {line.operation.formula(step.inputs, notation)}",
        "text": line.text(),
        "signature": notation.signature(line.signature()),
        "entry": notation.entry(line.entry()),
    }
