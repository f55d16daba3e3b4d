"""The cost of many perturbed copies of the values of a trace, in one stacked forward pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.graph import run
from backprop_explorer.engine.trace import Trace
from backprop_explorer.proof.comparison import EPS, Array

# Largest number of rows (perturbations × samples) of one stacked forward pass.
MAX_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class CopyCosts:
    """C of P perturbed copies, (P,), and its error from the rounding of the prediction, (P,)."""

    cost: Array
    rounding: Array


class CostEvaluator:
    """Computes C for many perturbed copies at once, with the engine's forward operations."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.samples = trace.samples
        self.values = trace.values()
        self.nodes = trace.graph.of_role("forward")
        self.order = {node.id: k for k, node in enumerate(self.nodes)}
        objective = trace.objective
        self.factor = objective.factor(*trace[names.TARGET].shape)
        first, *others = trace.graph.of_role("cost")
        self.reads = first.inputs[0]
        self.fused = objective.fuses(trace.network)
        if self.fused:
            self.nodes = self.nodes[:-1]
            activation = trace.network.layers[-1].activation
            self.loss = objective.entry.fused[activation].loss
        else:
            self.loss = objective.entry.loss
        # The loss amplifies the rounding error of a by its slope. A fused loss does not read a.
        self.slope = None if self.fused else objective.entry.derivative
        self.logarithmic = objective.entry.pole_distance is not None
        self.penalty = sum(float(trace[node.id]) for node in others[:-1])

    def of(self, sites: Mapping[str, Array]) -> CopyCosts:
        """Return C of each copy. ``sites`` maps the id of a value to its copies (P, N, n).

        One forward pass computes all copies: it starts at the first site, and the copies of each
        later site are appended when the pass reaches it. Results are in the order of the sites.
        """
        (count, samples, _), *others = (copies.shape for copies in sites.values())
        chunk = max(1, MAX_ROWS // samples)
        if others or count <= chunk:
            return self._pass(sites)
        ((name, copies),) = sites.items()
        parts = [self._pass({name: copies[k : k + chunk]}) for k in range(0, count, chunk)]
        return CopyCosts(
            np.concatenate([part.cost for part in parts]),
            np.concatenate([part.rounding for part in parts]),
        )

    def _pass(self, sites: Mapping[str, Array]) -> CopyCosts:
        values: dict[str, Any] = dict(self.values)
        started = False
        for node in self.nodes:
            if started:
                run((node,), values)
            copies = sites.get(node.id)
            if copies is not None:
                rows = copies.reshape(-1, copies.shape[2])
                values[node.id] = np.concatenate((values[node.id], rows)) if started else rows
                started = True
        return self._cost_of(values[self.reads])

    def _cost_of(self, prediction: Array) -> CopyCosts:
        """Return C of each group of N rows of ``prediction``."""
        copies = len(prediction) // self.samples
        shape = (copies, self.samples, prediction.shape[1])
        target = np.broadcast_to(self.values[names.TARGET], shape).reshape(prediction.shape)

        def summed(losses: Array) -> Array:
            total: Array = losses.reshape(copies, -1).sum(axis=1)
            return self.factor * total

        cost = summed(self.loss(prediction, target)) + self.penalty
        # The argument of the logarithm has a rounding error of ε, however small the logarithm is.
        rounding = np.zeros(copies)
        if self.logarithmic:
            rounding += self.factor * self.samples * prediction.shape[1]
        if self.slope is not None:
            rounding += summed(np.abs(self.slope(prediction, target) * prediction))
        return CopyCosts(cost, EPS * rounding)
