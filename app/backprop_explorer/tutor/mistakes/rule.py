"""Wrong rules, the misconceptions that have them, and the lines that they are applied to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.activations import ACTIVATIONS, Activation
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.penalty import WITHOUT_PENALTY
from backprop_explorer.texts import tutor_mistakes as texts
from backprop_explorer.tutor.mistakes.relations import MistakePlace, Operand, Relations

Array = NDArray[np.float64]
# In place of a detail: what was computed is none of the known variants.
UNKNOWN = texts.ANOTHER_FUNCTION
# A rule that reads one of these computes the finished gradient, its penalty included.
FINISHED = ("right", "plain", "penalty")


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


@lru_cache(maxsize=256)
def _activation(op: str) -> Activation:
    return ACTIVATIONS[op if op in ACTIVATIONS else "identity"]


@dataclass(slots=True, eq=False, repr=False)
class MistakeSite:
    """A line in which mistakes may be made.

    ``read`` returns a value of the working by its id, with the effect of mistakes before this line,
    None for an unknown id. ``right`` returns the correct value of a line with these values;
    ``result`` what the line has before a mistake that changes its result.
    """

    relations: Relations
    node: Node
    evidence: Evidence
    read: Callable[[str], Any]
    _right: Callable[[str], Any]
    _result: Callable[[], Any] | None = None
    forward: Node = field(init=False)
    input: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.forward, self.input = self.relations.forward_of(self.node)

    @property
    def penalized(self) -> bool:
        """Whether the line has the gradient of a penalty in it."""
        return self.node.op in WITHOUT_PENALTY

    @property
    def function(self) -> Activation:
        """The activation of the line; for a cost, that which its prediction comes from."""
        node: Node | None = self.forward
        if self.forward.role == "cost":
            node = self.relations.producer(self.node.inputs[0])
        return _activation("identity" if node is None else node.op)

    @property
    def fused(self) -> bool:
        """Whether cost and output activation are one step, of which the line is a part."""
        if self.forward.role == "cost":
            return self.forward.op not in COSTS
        return self.relations.is_fused(self.forward)

    def value(self, operand: Operand) -> Any:
        """Return the value of an operand, None if there is none."""
        match operand:
            case int():
                return self.read(self.forward.inputs[operand])
            case "right":
                return self._right(self.node.id) if self._result is None else self._result()
            case "penalty":
                added = map(self.read, self.node.inputs[-3:])
                return penalty_gradient(*added) if self.penalized else 0.0
            case "plain":
                if not self.penalized:
                    return None
                plain = OPS[WITHOUT_PENALTY[self.node.op]]
                return plain.compute(*map(self.read, self.node.inputs[:-3]))
            case "f":
                return self.function
            case "samples":
                return self.evidence.samples
            case "all":
                return [self._right(names.gradient(each)) for each in self.relations.parameters]
            case "site":
                return self
        name = self.relations.name_of(self.node, operand)
        return None if name is None else self.read(name)

    def operands(self, rule: WrongRule) -> list[Any] | None:
        """Return the values of the operands of a rule, None if it is not possible."""
        if rule.batch and self.evidence.samples == 1:
            return None
        values: list[Any] = []
        for operand in rule.operands:
            if (value := self.value(operand)) is None:
                return None
            values.append(value)
        return values

    def apply(self, rule: WrongRule, detail: str, values: Sequence[Any]) -> Any:
        """Return the line's value with a wrong rule of ``operands``, None if shapes do not fit."""
        compute = OPS[rule.compute].compute if isinstance(rule.compute, str) else rule.compute
        try:
            found = compute(*values) if rule.details is None else compute(detail, *values)
            if found is None or not self.penalized or any(o in FINISHED for o in rule.operands):
                return found
            # A gradient has the penalty's in it, unless it is no matrix of W's shape.
            penalty = self.value("penalty")
            fits = np.ndim(penalty) < 2 or np.shape(penalty) == np.shape(found)
            return found + penalty if fits else found
        except (ValueError, IndexError):
            return None


def penalty_gradient(parameter: Any, l1: float, l2: float) -> Any:
    """Return λ₁ sign(p) + λ₂ p."""
    return l1 * np.sign(parameter) + l2 * parameter


@dataclass(frozen=True, slots=True)
class WrongRule:
    """Another rule for the places ``at``: ``compute`` of the values of ``operands``.

    ``compute`` is the name of an operation or a function; it returns None, or raises ValueError, if
    the mistake is not possible with these values. A rule with an operand that the graph does not
    have is not possible, nor, with ``batch``, one for a single sample. ``detail`` names a variant
    of the mistake, ``words`` says it.

    With ``details``, a function of the site, the rule stands for a variant per detail, which
    ``compute`` gets first. ``doubt``, a number or a function of detail and site, is added to the
    price of a variant that is less likely than usual, from 0 to 1. ``only`` names the forward
    operations to which the rule applies, all if empty. ``confused`` are the operand that is taken
    and the one that is needed, where the mistake is to take another operand.
    """

    at: MistakePlace | tuple[MistakePlace, ...]
    compute: str | Callable[..., Any]
    operands: tuple[Operand, ...] = ()
    detail: str = ""
    words: str = ""
    details: Callable[[MistakeSite], Iterable[str]] | None = None
    doubt: float | Callable[[str, MistakeSite], float] = 0.0
    only: tuple[str, ...] = ()
    batch: bool = False
    confused: tuple[Operand, Operand] | None = None

    @property
    def places(self) -> tuple[MistakePlace, ...]:
        """The places in which it can be."""
        return (self.at,) if isinstance(self.at, MistakePlace) else self.at

    def doubt_of(self, detail: str, site: MistakeSite) -> float:
        """Return how much less likely than usual a variant is."""
        return self.doubt(detail, site) if callable(self.doubt) else self.doubt


@dataclass(frozen=True, slots=True)
class Misconception:
    """One mistake: the wrong rules that it puts in the place of right ones.

    ``did`` and ``why`` are the two sentences of a diagnosis; ``did`` may contain ``{detail}``, for
    which ``words`` of a detail are put in. ``activation(given, detail)`` names the activation that
    a layer was computed with, None if that is not what is wrong.
    """

    name: str
    title: str
    did: str
    why: str
    rules: tuple[WrongRule, ...]
    words: Callable[[str], str] | None = None
    activation: Callable[[str, str], str | None] = lambda given, detail: None

    @property
    def on_result(self) -> bool:
        """Whether it changes a finished result, as a transposition does: after other mistakes."""
        return any("right" in rule.operands for rule in self.rules)

    @property
    def families(self) -> tuple[str, ...]:
        """The families of the lines in which it occurs."""
        places = (place for rule in self.rules for place in rule.places)
        return tuple(dict.fromkeys(place.family for place in places))

    @property
    def description(self) -> str:
        """Both sentences, with "…" instead of a detail."""
        return self.message("…")

    def message(self, detail: str) -> str:
        """Return the diagnosis: what was done, why it is wrong, and what to check."""
        words = detail if detail in ("…", UNKNOWN) else self._words(detail)
        return f"{self.did.format(detail=words)} {self.why}"

    def _words(self, detail: str) -> str:
        if self.words is not None:
            return self.words(detail)
        return next((r.words for r in self.rules if r.detail == detail and r.words), detail)
