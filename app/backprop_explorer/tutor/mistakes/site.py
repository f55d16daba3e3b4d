"""Where a mistake may be made: a line of a graph, with the values that it is computed from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.activations import ACTIVATIONS, Activation
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import EACH
from backprop_explorer.tutor.mistakes.rule import (
    FINISHED,
    Operand,
    Place,
    Read,
    Related,
    WrongRule,
    places_of,
)

_PENALIZED = "penalized_"
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an exercise requires, and constants that the submitted numbers show.

    ``factors`` are the constants that a gradient of the cost may be off by, ``offsets`` constants
    that may be added to a gradient of the weights, ``limits`` the ways in which gradients may be
    clipped, such as "entries 0.5", and ``slopes`` the slopes for negative z, or α, that the
    submitted activations show.
    """

    objective: Objective
    samples: int
    factors: tuple[float, ...] = ()
    offsets: tuple[float, ...] = ()
    limits: tuple[str, ...] = ()
    slopes: tuple[float, ...] = ()


class Relations:
    """The nodes of a working, and how they are related."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._producers: dict[str, Node] = {}
        self._readers: dict[str, list[tuple[Node, int]]] = {}
        self._names: dict[tuple[str, str, Operand], Name | None] = {}
        self._forward: dict[tuple[str, str], tuple[Node, int | None]] = {}
        gradients: list[Name] = []
        for node in nodes:
            if node.role in ("forward", "cost"):
                self._producers.setdefault(node.id, node)
                for position, name in enumerate(node.inputs):
                    self._readers.setdefault(name, []).append((node, position))
            elif node.role == "backward" and node.id.quantity == "gradient":
                gradients.append(node.id)
        self.parameters = tuple(
            dict.fromkeys(each.of[0] for each in gradients if each.of[0] not in self._producers)
        )

    def forward_of(self, node: Node) -> tuple[Node, int | None]:
        """Return the forward node and its input that a backward node differentiates by.

        Another node is its own, without an input.
        """
        key = (node.id, node.op)
        if key not in self._forward:
            self._forward[key] = self._forward_of(node)
        return self._forward[key]

    def _forward_of(self, node: Node) -> tuple[Node, int | None]:
        op = node.op.removeprefix(_PENALIZED)
        if node.role == "backward" and node.id.of:
            *through, of = node.id.of  # a share is that through one reader
            for reader, position in self._readers.get(of, ()):
                for rule in reader.operation.backward:
                    fits = rule.op == op and rule.input in (position, EACH)
                    if fits and (not through or reader.id in through):
                        return reader, position
        return node, None

    def places_of(self, node: Node) -> tuple[Place, ...]:
        """Return the places that a node is, for the table of misconceptions."""
        forward, position = self.forward_of(node)
        return places_of(forward.op, position)

    def is_fused(self, node: Node) -> bool:
        """Whether an activation is computed together with the cost."""
        readers = self._readers.get(node.inputs[0], ())
        return any(each.role == "cost" and each.op not in COSTS for each, _ in readers)

    def producer(self, name: Name) -> Node | None:
        """Return the node that computes a value of the forward pass."""
        return self._producers.get(name)

    def repeated(self, node: Node, steps: int) -> Node | None:
        """Return the repetition of a forward node that is ``steps`` later, earlier if negative."""
        found: Node | None = node
        for _ in range(abs(steps)):
            if found is not None:
                found = self._before.get(found.id) if steps < 0 else self._after.get(found.id)
        return found

    @cached_property
    def _before(self) -> Mapping[str, Node]:
        """The nearest node of the same family that each forward node depends on."""
        found: dict[str, Node] = {}
        for node in self._producers.values():
            family = node.operation.family
            before = (each for each in self._upstream(node) if each.operation.family == family)
            if (nearest := next(before, None)) is not None:
                found[node.id] = nearest
        return found

    @cached_property
    def _after(self) -> Mapping[str, Node]:
        after: dict[str, Node] = {}
        for name, before in self._before.items():
            after.setdefault(before.id, self._producers[name])
        return after

    def _upstream(self, node: Node) -> Iterator[Node]:
        """Yield the nodes that a node depends on, the nearest first."""
        waiting, seen = list(node.inputs), set(node.inputs)
        for name in waiting:
            if name in self._producers:
                producer = self._producers[name]
                yield producer
                waiting += [each for each in producer.inputs if each not in seen]
                seen.update(producer.inputs)

    def name_of(self, node: Node, operand: Operand) -> Name | None:
        """Return the name of an operand of the line ``node``; None if the graph has none."""
        key = (node.id, node.op, operand)
        if key not in self._names:
            self._names[key] = self._name_of(node, operand)
        return self._names[key]

    def _name_of(self, node: Node, operand: Operand) -> Name | None:
        forward, _ = self.forward_of(node)
        if isinstance(operand, Name):
            return operand
        if isinstance(operand, Read):
            return node.inputs[operand.position]
        if isinstance(operand, int):
            return forward.inputs[operand]
        if operand == "g":
            return names.gradient(forward.id)
        if operand == "result":
            return forward.id
        assert isinstance(operand, Related), operand
        if operand.how == "again":
            repeated, of = self.repeated(forward, operand.steps), operand.operand
            if repeated is None:
                return None
            return repeated.inputs[of] if isinstance(of, int) else repeated.id
        inner = self.name_of(node, operand.operand)
        if inner is None:
            return None
        if operand.how == "gradient":
            return names.gradient(inner)
        if operand.how == "updated":
            return names.updated(inner)
        if operand.how == "under":
            producer = self.producer(inner)
            return None if producer is None else producer.inputs[0]
        readers = (each for each, _ in self._readers.get(inner, ()))
        return next((each.id for each in readers if each.role == "forward"), None)


class Site:
    """A line in which mistakes may be made.

    ``read`` returns a value of the working by its id, with the effect of mistakes before this line,
    None for an unknown id. ``right`` returns the correct value of a line with these values;
    ``result`` what the line has before a mistake that changes its result.
    """

    __slots__ = ("_result", "_right", "evidence", "forward", "input", "node", "read", "relations")

    def __init__(
        self,
        relations: Relations,
        node: Node,
        evidence: Evidence,
        read: Callable[[str], Any],
        right: Callable[[str], Any],
        result: Callable[[], Any] | None = None,
    ) -> None:
        self.relations = relations
        self.node = node
        self.forward, self.input = relations.forward_of(node)
        self.evidence = evidence
        self.read, self._right, self._result = read, right, result

    @property
    def places(self) -> tuple[Place, ...]:
        """The places that the line is, for the table of misconceptions."""
        return places_of(self.forward.op, self.input)

    @property
    def function(self) -> Activation:
        """The activation of the line; for a cost, that which its prediction comes from."""
        node: Node | None = self.forward
        if self.forward.role == "cost":
            node = self.relations.producer(self.node.inputs[0])
        return ACTIVATIONS[node.op if node is not None and node.op in ACTIVATIONS else "identity"]

    @property
    def fused(self) -> bool:
        """Whether cost and output activation are one step, of which the line is a part."""
        if self.forward.role == "cost":
            return self.forward.op not in COSTS
        return self.relations.is_fused(self.forward)

    @property
    def penalized(self) -> bool:
        """Whether the line has the gradient of a penalty in it."""
        return self.node.op.startswith(_PENALIZED)

    def value(self, operand: Operand) -> Any:
        """Return the value of an operand, None if there is none."""
        if isinstance(operand, str) and (of_site := _OF_SITE.get(operand)) is not None:
            return of_site(self)
        name = self.relations.name_of(self.node, operand)
        return None if name is None else self.read(name)

    def _own(self) -> Any:
        return self._right(self.node.id) if self._result is None else self._result()

    def _penalty(self) -> Any:
        read = map(self.read, self.node.inputs[-3:])
        return penalty_gradient(*read) if self.penalized else 0.0

    def _plain(self) -> Any:
        if not self.penalized:
            return None
        inputs = [self.read(name) for name in self.node.inputs[:-3]]
        return OPS[self.node.op.removeprefix(_PENALIZED)].compute(*inputs)

    def _all(self) -> list[Any]:
        return [self._right(names.gradient(each)) for each in self.relations.parameters]

    def apply(self, rule: WrongRule, detail: str) -> Any:
        """Return the line's value with a wrong rule, None if it is not possible."""
        if rule.batch and self.evidence.samples == 1:
            return None
        values: list[Any] = [] if rule.details is None else [detail]
        for operand in rule.operands:
            if (value := self.value(operand)) is None:
                return None
            values.append(value)
        compute = OPS[rule.compute].compute if isinstance(rule.compute, str) else rule.compute
        try:
            found = compute(*values)
            if found is None or not self.penalized or any(o in FINISHED for o in rule.operands):
                return found
            return self._with_penalty(found)
        except ValueError:  # The shapes do not fit.
            return None

    def _with_penalty(self, plain: Any) -> Any:
        """Return a gradient plus that of the penalty, unless it is no matrix of W's shape."""
        penalty = self.value("penalty")
        fits = np.ndim(penalty) < 2 or np.shape(penalty) == np.shape(plain)
        return plain + penalty if fits else plain


# The operands that are no value of the graph.
_OF_SITE: Mapping[str, Callable[[Site], Any]] = {
    "right": Site._own,
    "penalty": Site._penalty,
    "plain": Site._plain,
    "f": lambda site: site.function,
    "samples": lambda site: site.evidence.samples,
    "all": Site._all,
    "site": lambda site: site,
}


def penalty_gradient(parameter: Any, l1: float, l2: float) -> Any:
    """Return λ₁ sign(p) + λ₂ p."""
    return l1 * np.sign(parameter) + l2 * parameter
