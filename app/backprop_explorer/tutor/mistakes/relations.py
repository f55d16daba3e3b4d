"""Places of mistakes in a graph, and the operands that wrong rules find by relations in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Literal, NamedTuple

from backprop_explorer.engine import names
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import EACH
from backprop_explorer.engine.ops.penalty import WITHOUT_PENALTY

# Operations that belong to a family, but have other mistakes than the rest of it.
_APART = frozenset({"total_cost"})


@dataclass(frozen=True, slots=True)
class MistakePlace:
    """Where a mistake is made: an operation, or its backward rule of one input.

    ``of`` is the name of an operation or of a family, ``input`` the position of the input by which
    the rule differentiates; None for the operation itself.
    """

    of: str
    input: int | None = None

    @property
    def family(self) -> str:
        """The family of the operations that compute the lines of this place."""
        if self.input is None:
            return OPS[self.of].family if self.of in OPS else self.of
        return next(
            OPS[rule.op].family
            for op in OPS.values()
            if self.of in (op.name, op.family)
            for rule in op.backward
            if rule.input == self.input
        )


@lru_cache(maxsize=512)
def places_of(op: str, at: int | None) -> tuple[MistakePlace, ...]:
    """Return the places that an operation, or its backward rule of input ``at``, is."""
    family = OPS[op].family
    if op in _APART or op == family:
        return (MistakePlace(op, at),)
    return (MistakePlace(op, at), MistakePlace(family, at))


class Related(NamedTuple):
    """An operand in relation to another one."""

    how: Literal["under", "over", "gradient", "again", "updated"]
    operand: Operand
    steps: int = 0


class ReadOperand(NamedTuple):
    """What the right rule of the line reads, by position."""

    position: int


# What a wrong rule reads: see the package. Besides, "penalty" is the gradient of a penalty that is
# added in the line, 0 without one, and "plain" the gradient without it, which a line without a
# penalty does not have. "f" is the entry in ACTIVATIONS that the operation is, or that the cost's
# prediction comes from. "samples" is the number of samples, "all" has the right gradients of all
# parameters, "site" is the MistakeSite. A Name is that value.
Operand = (
    int
    | Name
    | Related
    | ReadOperand
    | Literal["g", "result", "right", "plain", "penalty", "f", "samples", "all", "site"]
)


# See the table of operands in the package's docstring.
under, over, gradient_of, updated = (
    partial(Related, how) for how in ("under", "over", "gradient", "updated")
)
again = partial(Related, "again")


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
        op = WITHOUT_PENALTY.get(node.op, node.op)
        if node.role == "backward" and node.id.of:
            *through, of = node.id.of  # a share is that through one reader
            for reader, position in self._readers.get(of, ()):
                for rule in reader.operation.backward:
                    fits = rule.op == op and rule.input in (position, EACH)
                    if fits and (not through or reader.id in through):
                        return reader, position
        return node, None

    def places_of(self, node: Node) -> tuple[MistakePlace, ...]:
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
        if isinstance(operand, ReadOperand):
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
