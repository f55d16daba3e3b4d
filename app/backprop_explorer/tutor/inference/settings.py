"""The cost and the scale of the gradients under which most pasted lines agree.

Each combination of activations and cost is one working, computed with the sum of the losses. The
pasted gradients may be that working times a constant: another reduction, the opposite sign of a
program that adds its step, ∂C/∂z of each sample's own cost. So a scale is found before another
cost is tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import graph, names
from backprop_explorer.engine.costs import COSTS, HUBER_DELTA
from backprop_explorer.engine.dense import dense_graph, given_values
from backprop_explorer.engine.names import activation, gradient, named, of_gradient, single
from backprop_explorer.engine.network import network_of
from backprop_explorer.engine.objective import Objective
from backprop_explorer.tutor.inference.forward import Activated
from backprop_explorer.tutor.inference.matching import Match, Numbers, says_little
from backprop_explorer.tutor.problem import Problem

Array = NDArray[np.float64]
# The most workings that are computed for one paste.
MOST_WORKINGS = 300
# Factors count as equal if they differ by less, relative to the tolerance of the numbers too.
SAME_FACTOR = 1e-5
# A factor that is no reduction counts from this many lines on.
FEWEST_OF_ODD_FACTOR = 3
# A line that goes on from the student's own numbers costs as much as these agreeing lines bring.
PRICE_OF_PINNED = 3
OF_UNITS, OF_PARAMETERS = (
    tuple(gradient(single(each)).kind for each in pair) for pair in ("az", "Wb")
)
# The costs that suit an output, the usual first.
_COSTS = {
    "softmax": ("cross_entropy", "mse"),
    "sigmoid": ("mse", "binary_cross_entropy", "mae", "huber"),
}
_OTHER_COSTS = ("mse", "mae", "huber")


@dataclass(frozen=True)
class Trial:
    """One combination of settings with the lines of its working, and the arrays that are lines.

    ``units`` is the factor of the pasted ∂C/∂z and ∂C/∂a, relative to the sum of the losses, and
    ``parameters`` that of ∂C/∂W and ∂C/∂b; None if no line shows it. ``printed_cost`` is that of
    the pasted C, which contains ``printed_penalty``. ``penalty`` has λ₁ and λ₂ of the pasted
    ∂C/∂W. ``pinned`` lines have the student's own numbers. ``matches`` has the arrays by line id.
    """

    problem: Problem
    values: Mapping[str, Any]
    matches: Mapping[str, list[Match]] = field(default_factory=dict)
    units: float | None = None
    parameters: float | None = None
    printed_cost: float | None = None
    agree: int = 0
    backward: int = 0
    pinned: frozenset[str] = frozenset()
    penalty: Mapping[str, float] = field(default_factory=dict)
    printed_penalty: float = 0.0

    @property
    def score(self) -> tuple[int, int]:
        """How well it fits: lines that agree, less those that are the student's own."""
        return self.agree - PRICE_OF_PINNED * len(self.pinned), self.backward


def natural_factors(problem: Problem) -> list[float]:
    """Return the constants of usual costs: of sums and means, and halves of squared errors."""
    samples, outputs = problem.target.shape
    tops = (1.0, 0.5) if problem.objective.cost == "mse" else (1.0,)
    bottoms = (samples * outputs, samples, 1, outputs)
    return list(dict.fromkeys(top / bottom for top in tops for bottom in bottoms))


def workings(
    problem: Problem, states: Sequence[Activated], numbers: Numbers, costs: Sequence[str], left: int
) -> list[Trial]:
    """Return the workings with the agreement of their lines, at most ``left`` of them."""
    found: list[Trial] = []
    x, target = problem.x, problem.target
    givens = given_values(Objective("mse", "sum", fused=False), x, target)
    for k, (W, b) in enumerate(problem.layers, start=1):
        givens |= {names.weights(k): W, names.biases(k): b}
    units = [len(b) for _, b in problem.layers]
    for state in states:
        layers = tuple(zip(units, state.activations, strict=True))
        network = network_of(x.shape[1], layers)
        for cost in costs or costs_for(state, problem):
            if len(found) == left:
                return found
            objective = Objective(cost, "sum", fused=False)
            of_state = replace(problem, network=network, objective=objective, update=None)
            values = {**givens, **state.values}
            for node in _after_forward(state.activations, cost):
                values[node.id] = graph.compute(node, values)
            lines = {line: value for line, value in values.items() if line not in givens}
            made = Trial(of_state, lines, pinned=state.pinned)
            found.append(_matched(made, numbers, state.matches))
    return found


@lru_cache(maxsize=512)
def _after_forward(activations: tuple[str, ...], cost: str) -> tuple[graph.Node, ...]:
    """Return the cost and the gradients of a network with any numbers of units."""
    network = network_of(2, tuple((2, activation) for activation in activations))
    working = dense_graph(network, Objective(cost, "sum", fused=False))
    return tuple(node for node in working.nodes if node.role != "forward")


def costs_for(state: Activated, problem: Problem) -> tuple[str, ...]:
    """Return the costs that suit the last activation; Huber only where an error is beyond δ."""
    possible = _COSTS.get(state.activations[-1], _OTHER_COSTS)
    target = problem.target
    beyond = state.a.shape == target.shape and np.any(np.abs(state.a - target) > HUBER_DELTA)
    inside = np.all((target >= 0.0) & (target <= 1.0))
    return tuple(
        cost
        for cost in possible
        if (cost != "huber" or beyond) and (inside or COSTS[cost].pole_distance is None)
    )


def _matched(working: Trial, numbers: Numbers, forward: Mapping[str, list[Match]]) -> Trial:
    """Return the working with the factors of its gradients and the arrays that are its lines."""
    natural = natural_factors(working.problem)
    found = {
        line: numbers.proportional(value)
        for line, value in working.values.items()
        if of_gradient(line)
    }
    # A printed difference of prediction and target is ∂C/∂a only where nothing else shows a factor.
    parameters = _factor(found, OF_PARAMETERS, natural, numbers)
    last = gradient(activation(len(working.problem.layers)))
    inner = {line: some for line, some in found.items() if line != last}
    units = _factor(inner, OF_UNITS, natural, numbers)
    if units is None and parameters is None:
        units = _factor(found, OF_UNITS, natural, numbers)
    if units is None and parameters is None:
        units = _of_single_numbers(working.values, natural, numbers)
    units, parameters = (
        (units if units is not None else parameters),
        (parameters if parameters is not None else units),
    )
    samples = len(working.problem.x)
    if (
        units is not None
        and parameters is not None
        and not _consistent(units, parameters, samples, natural)
    ):
        # The lines nearest to the output decide: ∂C/∂z comes before ∂C/∂W.
        parameters = units
    matches = dict(forward)
    for line, value in working.values.items():
        if of_gradient(line):
            of = parameters if named(line).kind in OF_PARAMETERS else units
            if of is not None:
                matches[line] = numbers.equal(value, of)
    cost = printed_cost(working.values["C"], natural, numbers)
    if cost is not None:
        matches["C"] = cost[1]
    backward = _arrays(m for line, some in matches.items() if of_gradient(line) for m in some)
    agree = _arrays(m for some in matches.values() for m in some)
    return replace(
        working,
        matches={line: some for line, some in matches.items() if some},
        units=units,
        parameters=parameters,
        printed_cost=None if cost is None else cost[0],
        agree=agree,
        backward=backward,
    )


def _arrays(matches: Iterable[Match]) -> int:
    return len({id(m.array) for m in matches if not says_little(m.array)})


def _factor(
    found: Mapping[str, Sequence[Match]],
    kinds: tuple[str, ...],
    natural: Sequence[float],
    numbers: Numbers,
) -> float | None:
    """Return the factor that most lines of these kinds have; of equally many the first line's."""
    factors = [
        (line, m.factor) for line, some in found.items() if named(line).kind in kinds for m in some
    ]
    best: tuple[int, float] | None = None
    for _, factor in factors:
        same = {
            line for line, other in factors if abs(other - factor) <= slack(numbers) * abs(factor)
        }
        known = nearest(abs(factor), natural, numbers)
        if known is None and len(same) < FEWEST_OF_ODD_FACTOR:
            continue
        # One of the usual factors counts before an odd one of as many lines.
        count = 2 * len(same) + (known is not None)
        if best is None or count > best[0]:
            best = count, float(np.copysign(known or abs(factor), factor))
    return None if best is None else best[1]


def rounded(value: float, spread: float) -> float:
    """Return the number of fewest digits within ``spread`` of a value."""
    digits = (float(f"{value:.{count}g}") for count in range(1, 18))
    return next((each for each in digits if abs(each - value) <= spread), value)


def slack(numbers: Numbers) -> float:
    """Return how far two factors that are equal may differ, relative to them."""
    return max(SAME_FACTOR, 10.0 * numbers.tolerance)


def nearest(factor: float, natural: Sequence[float], numbers: Numbers) -> float | None:
    """Return the usual factor that a factor is, or None."""
    near = [n for n in natural if abs(n - factor) <= slack(numbers) * n]
    return min(near, key=lambda n: abs(n - factor), default=None)


def _of_single_numbers(
    values: Mapping[str, Any], natural: Sequence[float], numbers: Numbers
) -> float | None:
    """Return the usual factor under which most gradients agree that are single numbers."""
    gradients = [v for line, v in values.items() if of_gradient(line) and np.size(v) == 1]

    def agreeing(factor: float) -> int:
        return sum(bool(_arrays(numbers.equal(value, factor))) for value in gradients)

    signed = [sign * factor for sign in (1.0, -1.0) for factor in natural]
    best = max(signed, key=agreeing, default=None) if gradients else None
    return best if best is not None and agreeing(best) else None


def _consistent(units: float, parameters: float, samples: int, natural: Sequence[float]) -> bool:
    """Whether ∂C/∂W may have its factor: that of ∂C/∂z, or that divided by N at last."""
    ratio = parameters / units
    if abs(ratio - 1.0) < SAME_FACTOR:
        return True
    usual = any(abs(abs(parameters) - n) <= SAME_FACTOR * n for n in natural)
    return usual and abs(ratio * samples - 1.0) < SAME_FACTOR


def printed_cost(
    value: Any, natural: Sequence[float], numbers: Numbers, added: float = 0.0
) -> tuple[float, list[Match]] | None:
    """Return the factor of the pasted cost without what is ``added``, and its arrays, or None."""
    for factor in natural:
        some = [m for m in numbers.equal(factor * value + added) if _may_be_cost(m)]
        if some:
            return factor, some
    return None


def _may_be_cost(match: Match) -> bool:
    meanings = match.array.meanings
    return (
        match.array.values.ndim == 0
        and (not meanings or any(m.quantity == "C" for m in meanings))
        and not says_little(match.array)
    )


def best_working(found: Sequence[Trial]) -> Trial | None:
    """Return the working under which most arrays agree; of equal ones the first.

    A pasted cost decides which cost is meant, except the mean absolute error, which programs print
    beside another cost.
    """
    seen = [w for w in found if w.printed_cost is not None]
    others = [w for w in found if w.problem.objective.cost != "mae"]
    if seen and not (
        all(w.problem.objective.cost == "mae" for w in seen) and any(w.backward > 1 for w in others)
    ):
        found = seen
    return max(found, key=lambda working: working.score, default=None)
