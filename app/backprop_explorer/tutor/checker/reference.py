"""The correct working of an exercise, with the data that the search needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.backprop import Step
from backprop_explorer.engine.operations import OPS, Family
from backprop_explorer.engine.trace import Trace
from backprop_explorer.tutor.checker.rounding_bounds import (
    SINGLE_UNIT,
    UNIT,
    limit_noise,
    own_noise,
    propagate,
    rounded_givens,
)
from backprop_explorer.tutor.checker.submission import SubmittedLine
from backprop_explorer.tutor.checker.tolerance import Tolerance
from backprop_explorer.tutor.misconceptions import Misconception, Situation

Number = Any


def limit_update_noise(
    step: Step, noise: Number, value: Number, inputs: Sequence[Number]
) -> Number:
    """Limit the noise of a parameter update to the length of the step.

    Applies to steps that are divided by the size of the gradient (Adam, RMSProp, Adagrad). Near a
    gradient of 0 their noise is large. With the limit, an answer may lack the step, but not have
    the opposite sign.
    """
    if step.op != "scaled_descend":
        return noise
    return np.minimum(noise, np.abs(value - inputs[0]))


class ReferenceWorking:
    """The correct working, with the data that the search needs.

    ``unit`` is the relative rounding error of one operation in the precision that the student used.
    ``few_digits`` counts givens from 3 digits on as rounded, ``exact_givens`` none.
    ``order`` maps each line to its position. ``alternative_steps`` holds other correct ways to
    compute a line: if cost and output activation are fused, the two separate steps; for the cost,
    the program's own.
    ``slopes_of_outputs``: f' is computed from a where that is possible, which makes a difference
    after a mistake in a.
    """

    def __init__(
        self,
        trace: Trace,
        unit: float = UNIT,
        *,
        few_digits: bool = False,
        exact_givens: bool = False,
        slopes_of_outputs: bool = False,
    ) -> None:
        self.trace = trace
        self.exact_givens = exact_givens
        self.slopes_of_outputs = slopes_of_outputs
        self.unit = unit
        self.few_digits = few_digits
        network, objective = trace.network, trace.objective
        self.situation = Situation(network, objective, trace.samples)
        self.steps: dict[str, Step] = {line.id: line.step for line in trace.lines}
        self.order = {name: at for at, name in enumerate(self.steps)}
        self.givens = trace.givens
        self.truth: dict[str, Number] = {line.id: line.value for line in trace.lines}
        self.fused_line: str | None = None
        self.alternative_steps: dict[str, Step] = {}
        if objective.fuses(network):
            self._add_alternative_steps(network.depth, network.layers[-1].activation)
        self._operations = {
            name: tuple(self._list_operations(step)) for name, step in self.steps.items()
        }

    def set_candidates(
        self,
        factors: tuple[float, ...],
        offsets: tuple[float, ...] = (),
        limits: tuple[str, ...] = (),
        slopes: tuple[float, ...] = (),
    ) -> None:
        """Set the constants that the submitted numbers may be off by (``Situation``)."""
        self.situation = replace(
            self.situation, factors=factors, offsets=offsets, limits=limits, slopes=slopes
        )

    def _add_alternative_steps(self, last: int, activation: str) -> None:
        self.fused_line = f"dC_dz{last}"
        cost = self.situation.objective.cost
        dC_da = f"dC_da{last}"
        inputs = (f"a{last}", "target", "cost_factor")
        self.alternative_steps[dC_da] = Step(
            dC_da, "backward", f"{cost}_gradient", last, inputs, "nj"
        )
        read = f"a{last}" if ACTIVATIONS[activation].mixing is not None else f"z{last}"
        back = Step(
            self.fused_line, "backward", f"{activation}_backward", last, (dC_da, read), "nj"
        )
        self.alternative_steps[self.fused_line] = back
        # The program computes C from z; a student computes it from a.
        own = next(step for step in self.steps.values() if step.phase == "cost")
        self.alternative_steps[own.id] = own
        self.steps[own.id] = replace(own, op=cost, inputs=inputs)

    def _list_operations(self, step: Step) -> Iterator[tuple[Family, Step]]:
        yield OPS[step.op].family, step
        if step.id == self.fused_line:
            yield "activation_backward", self.alternative_steps[step.id]

    def steps_for(self, name: str) -> list[Step]:
        """Return the correct steps for a line: two if cost and output activation can be fused."""
        return [steps[name] for steps in (self.steps, self.alternative_steps) if name in steps]

    def operations_of(self, name: str) -> tuple[tuple[Family, Step], ...]:
        """Return the operations, by family, that a line consists of: two for a fused output."""
        return self._operations[name]

    @cached_property
    def rounded_givens(self) -> dict[str, Number]:
        """The spread of each given that counts as rounded."""
        return {} if self.exact_givens else rounded_givens(self.givens, few_digits=self.few_digits)

    @cached_property
    def noise(self) -> dict[str, Number]:
        """For each line how far a correct answer may be off, entry by entry."""
        noise: dict[str, Number] = dict(self.rounded_givens)
        for name, step in self.steps.items():
            operation = OPS[step.op]
            if operation.family == "jacobian":
                continue
            inputs = [self.value(i) for i in step.inputs]
            value = self.truth[name]
            total = own_noise(operation, inputs, value, self.unit)
            from_inputs = propagate(operation, inputs, [noise.get(i) for i in step.inputs])
            if from_inputs is not None:
                total = total + limit_noise(
                    operation, from_inputs, value, self.unit, few_digits=self.few_digits
                )
            noise[name] = limit_update_noise(step, total, value, inputs)
        return noise

    def in_single_precision(self) -> ReferenceWorking:
        """Return the same working with the noise of float32."""
        single = ReferenceWorking(self.trace, SINGLE_UNIT, exact_givens=self.exact_givens)
        single.situation = self.situation
        return single

    def with_rounded_givens(self) -> ReferenceWorking | None:
        """Return the working with givens of few digits as rounded; None if there are none."""
        if self.exact_givens:
            return None
        rounded = ReferenceWorking(self.trace, self.unit, few_digits=True)
        return rounded if rounded.rounded_givens.keys() - self.rounded_givens.keys() else None

    def with_other_fusion(self) -> ReferenceWorking | None:
        """Return the working with the fusion of cost and output switched, None if it is equal.

        Near saturation the unfused ∂C/∂z loses all its digits. Both results count as correct.
        """
        network, objective = self.situation.network, self.situation.objective
        last, activation = network.depth, network.layers[-1].activation
        if activation not in objective.entry.fused:
            return None
        line = f"dC_dz{last}"
        other = self._fused_gradient(last, activation)
        if self.fused_line is not None:
            dC_da = self._compute_step(self.alternative_steps[f"dC_da{last}"], {})
            other = self._compute_step(self.alternative_steps[line], {f"dC_da{last}": dC_da})
        if np.allclose(other, self.truth[line], rtol=1e-10, atol=0.0):
            return None
        values = {**self.truth, line: other}
        for name, step in self.steps.items():
            if self.order[name] > self.order[line]:
                values[name] = self._compute_step(step, values)
        changed = {name: values[name] for name in self.trace.line_values}
        other_trace = replace(self.trace, line_values=changed)
        return ReferenceWorking(other_trace, exact_givens=self.exact_givens)

    def _fused_gradient(self, last: int, activation: str) -> Number:
        inputs = (self.truth[f"a{last}"], self.givens["target"], self.givens["cost_factor"])
        return OPS[f"{activation}_{self.situation.objective.cost}_gradient"].compute(*inputs)

    def _compute_step(self, step: Step, values: Mapping[str, Number]) -> Number:
        inputs = [values[i] if i in values else self.value(i) for i in step.inputs]
        return OPS[step.op].compute(*inputs)

    def is_right(self, given: SubmittedLine, tolerance: Tolerance) -> bool:
        """Whether a submitted line is correct, independent of the lines before it."""
        expected, noise = self.truth[given.id], self.noise.get(given.id)
        return given.matches(expected, noise, tolerance) is not None

    def value(self, name: str) -> Number:
        """Return a given or a correct line."""
        return self.givens[name] if name in self.givens else self.truth[name]

    def possible_lines(self, misconception: Misconception) -> list[str]:
        """Return the lines to which a misconception applies, in order."""
        return [
            name
            for name, operations in self._operations.items()
            if any(family in misconception.families for family, _ in operations)
        ]
