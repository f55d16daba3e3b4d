"""The correct working of an exercise, with the data that the search needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.dense import GRAPHS, dense_graph
from backprop_explorer.engine.graph import Graph, Node
from backprop_explorer.engine.names import Name, named
from backprop_explorer.engine.ops import Operation
from backprop_explorer.engine.trace import Trace
from backprop_explorer.tutor.checker.submission import SubmittedLine
from backprop_explorer.tutor.checker.tolerance import Tolerance
from backprop_explorer.tutor.mistakes import Evidence, Misconception, Relations
from backprop_explorer.tutor.reading.printed_array import from_array

# A few units in the last place: the difference between NumPy and a loop, or orders of summation.
UNIT = 8.0 * float(np.finfo(np.float64).eps)
SINGLE_UNIT = 2.0 * float(np.finfo(np.float32).eps)

# Digits of a printed number; the first ENTRIES_SAMPLED entries show whether there are more.
PRINTED_DIGITS = range(6, 11)
PRINTED_DECIMALS = range(7, 11)
ENTRIES_SAMPLED = 32
_STATES = ("velocity", "sum", "square")
# Givens with fewer digits are exact: 0.5, -1.2.
FEWEST_GIVEN_DIGITS = 3
# Noise is limited to this part of the largest entry, but not below this many units.
MAX_NOISE, MIN_NOISE_UNITS = 0.01, 50.0
FEW_GIVEN_DECIMALS = range(3, 6)
MAX_NOISE_OF_FEW_DIGITS = 0.05
# The logarithm of 1 − a can lose more digits.
MAX_COST_NOISE = 0.05


def rounded_givens(givens: Mapping[str, Any], *, few_digits: bool = False) -> dict[str, Any]:
    """Return the spread of each given that looks printed: the student may have had more digits.

    Numbers with 6 to 10 digits look printed. Fewer digits were probably typed; with ``few_digits``,
    numbers from 3 digits on count as printed too, and if no given has more than 5 decimals, all
    that are no whole numbers are rounded to as many. More digits are the full number.
    """
    digits, decimals = PRINTED_DIGITS, PRINTED_DECIMALS
    if few_digits:
        digits = decimals = range(FEWEST_GIVEN_DIGITS, PRINTED_DIGITS.stop)
    spreads: dict[str, Any] = {}
    arrays = {name: value for name, value in givens.items() if isinstance(value, np.ndarray)}
    # An array of few small numbers, such as [-0.058], does not show alone that it is rounded.
    most = max((from_array(v).decimals for v in arrays.values()), default=0) if few_digits else 0
    for name, value in arrays.items():
        if named(name).quantity in _STATES:
            continue
        if most in FEW_GIVEN_DECIMALS:
            if np.any(value % 1.0):
                spreads[name] = np.full(value.shape, 0.5 * 10.0**-most)
            continue
        # The first entries show whether there are more digits.
        few = () if value.size <= ENTRIES_SAMPLED else (value.ravel()[:ENTRIES_SAMPLED],)
        for part in (*few, value):
            printed = from_array(part)
            if printed.digits not in digits and printed.decimals not in decimals:
                break
        else:
            spreads[name] = printed.quantum
    return spreads


def limit_noise(
    operation: Operation, noise: Any, value: Any, unit: float, *, few_digits: bool = False
) -> Any:
    """Limit noise to a part of the largest entry, because near a pole the bounds are useless."""
    largest = float(np.max(np.abs(value), initial=0.0, where=np.isfinite(value)))
    part = MAX_COST_NOISE if operation.family == "cost" else MAX_NOISE
    if few_digits:
        part = MAX_NOISE_OF_FEW_DIGITS
    bound = max(part * largest, MIN_NOISE_UNITS * unit)
    return np.where(np.isfinite(noise), np.minimum(noise, bound), 0.0)


Number = Any


def limit_update_noise(
    node: Node, noise: Number, value: Number, inputs: Sequence[Number]
) -> Number:
    """Limit the noise of a parameter update to the length of the step.

    Applies to steps that are divided by the size of the gradient (Adam, RMSProp, Adagrad). Near a
    gradient of 0 their noise is large. With the limit, an answer may lack the step, but not have
    the opposite sign.
    """
    if node.op != "scaled_descend":
        return noise
    return np.minimum(noise, np.abs(value - inputs[0]))


@lru_cache(maxsize=GRAPHS)
def _relations(graph: Graph, apart: Graph) -> Relations:
    return Relations((*graph.nodes, *apart.nodes))


@dataclass(eq=False, repr=False)
class ReferenceWorking:
    """The correct working, with the data that the search needs.

    ``unit`` is the relative rounding error of one operation in the precision that the student used.
    ``few_digits`` counts givens from 3 digits on as rounded, ``exact_givens`` none.
    ``order`` maps each line to its position. ``other_nodes`` holds other correct ways to
    compute a line: if cost and output activation are fused, the two separate ones; for the cost,
    the program's own.
    ``slopes_of_outputs``: f' is computed from a where that is possible, which makes a difference
    after a mistake in a.
    """

    trace: Trace
    unit: float = UNIT
    _: KW_ONLY
    few_digits: bool = False
    exact_givens: bool = False
    slopes_of_outputs: bool = False

    def __post_init__(self) -> None:
        trace = self.trace
        network, objective = trace.network, trace.objective
        self.evidence = Evidence(objective, trace.samples)
        self.nodes: dict[str, Node] = dict(trace.graph.by_id)
        self.order = {name: at for at, name in enumerate(self.nodes)}
        self.givens = trace.givens
        self.truth: dict[str, Number] = {line.node.id: line.value for line in trace.lines}
        self.fused_line: Name | None = None
        self.other_nodes: dict[str, Node] = {}
        apart = trace.graph
        if objective.fuses(network):
            self.fused_line = names.gradient(names.weighted_sum(network.depth))
            apart = dense_graph(network, replace(objective, fused=False))
            for node in apart.nodes:
                own = self.nodes.get(node.id)
                if own == node:
                    continue
                self.other_nodes[node.id] = node
                if own is not None and node.role == "cost":
                    # The program computes C from z; a student computes it from a.
                    self.nodes[node.id], self.other_nodes[node.id] = node, own
        self.relations = _relations(trace.graph, apart)

    def nodes_for(self, name: str) -> list[Node]:
        """Return the correct nodes for a line: two if cost and output activation can be fused."""
        return [nodes[name] for nodes in (self.nodes, self.other_nodes) if name in nodes]

    def steps_of(self, name: str) -> tuple[Node, ...]:
        """Return the nodes of the mistakes that are possible in a line: two for a fused output."""
        node = self.nodes[name]
        return (node, self.other_nodes[name]) if name == self.fused_line else (node,)

    @cached_property
    def rounded_givens(self) -> dict[str, Number]:
        """The spread of each given that counts as rounded."""
        return {} if self.exact_givens else rounded_givens(self.givens, few_digits=self.few_digits)

    @cached_property
    def noise(self) -> dict[str, Number]:
        """For each line how far a correct answer may be off, entry by entry."""
        noise: dict[str, Number] = dict(self.rounded_givens)
        for name, node in self.nodes.items():
            operation = node.operation
            if operation.family == "jacobian":
                continue
            inputs = [self.value(i) for i in node.inputs]
            value = self.truth[name]
            total = operation.rounding(inputs, value, self.unit)
            from_inputs = operation.propagated(inputs, [noise.get(i) for i in node.inputs])
            if from_inputs is not None:
                total = total + limit_noise(
                    operation, from_inputs, value, self.unit, few_digits=self.few_digits
                )
            noise[name] = limit_update_noise(node, total, value, inputs)
        return noise

    def in_single_precision(self) -> ReferenceWorking:
        """Return the same working with the noise of float32."""
        single = ReferenceWorking(self.trace, SINGLE_UNIT, exact_givens=self.exact_givens)
        single.evidence = self.evidence
        return single

    def with_rounded_givens(self) -> ReferenceWorking | None:
        """Return the working with givens of few digits as rounded; None if there are none."""
        if self.exact_givens:
            return None
        rounded = ReferenceWorking(self.trace, self.unit, few_digits=True)
        return rounded if rounded.rounded_givens.keys() - self.rounded_givens.keys() else None

    def is_right(self, given: SubmittedLine, tolerance: Tolerance) -> bool:
        """Whether a submitted line is correct, independent of the lines before it."""
        expected, noise = self.truth[given.id], self.noise.get(given.id)
        return given.matches(expected, noise, tolerance) is not None

    def value(self, name: str) -> Number:
        """Return a given or a correct line."""
        return self.givens[name] if name in self.givens else self.truth[name]

    def possible_lines(self, misconception: Misconception) -> list[str]:
        """Return the lines to which a misconception applies, in order."""
        places = {place for rule in misconception.rules for place in rule.places}
        return [
            name
            for name in self.nodes
            if any(
                not places.isdisjoint(self.relations.places_of(node))
                for node in self.steps_of(name)
            )
        ]


def reading_order(reference: ReferenceWorking) -> list[str]:
    """Return the lines in order, but ∂C/∂b before ∂C/∂W: fewer mistakes are possible in it."""

    def key(node: Node) -> tuple[int, int]:
        if node.id.gradient_of == "b":
            return reference.order[names.gradient(names.weights(node.id.layer or 0))], 0
        return reference.order[node.id], 1

    return [node.id for node in sorted(reference.nodes.values(), key=key)]


def segment(reference: ReferenceWorking, name: str, known: Mapping[str, object]) -> list[str]:
    """Return the line and the lines it depends on whose values are not in ``known``, in order."""
    lines: set[str] = set()
    waiting = [name]
    while waiting:
        line = waiting.pop()
        if line in lines or (line in known and line != name):
            continue
        lines.add(line)
        steps = reference.nodes_for(line)
        waiting += [i for node in steps for i in node.inputs if i in reference.nodes]
    return sorted(lines, key=reference.order.__getitem__)
