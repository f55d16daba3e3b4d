"""The classes of the entries of MISCONCEPTIONS: places, operands, wrong rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops import OPS
from backprop_explorer.texts import tutor_mistakes as texts

if TYPE_CHECKING:
    from backprop_explorer.tutor.mistakes.site import Site

# In place of a detail: what was computed is none of the known variants.
UNKNOWN = texts.ANOTHER_FUNCTION
# Operations that belong to a family, but have other mistakes than the rest of it.
_APART = frozenset({"total_cost"})


@dataclass(frozen=True, slots=True)
class Place:
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
def places_of(op: str, at: int | None) -> tuple[Place, ...]:
    """Return the places that an operation, or its backward rule of input ``at``, is."""
    family = OPS[op].family
    if op in _APART or op == family:
        return (Place(op, at),)
    return (Place(op, at), Place(family, at))


@dataclass(frozen=True, slots=True)
class Related:
    """An operand in relation to another one (see ``under``, ``over``, ``gradient_of``, …)."""

    how: Literal["under", "over", "gradient", "again", "updated"]
    operand: Operand
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """What the right rule of the line reads, by position."""

    position: int


# What a wrong rule reads. An ``int`` is an input of the operation by its position, "g" the gradient
# of its result, "result" the result itself. "right" is the line's correct value with the same
# inputs, "penalty" the gradient of a penalty that is added in the line, 0 without one, and "plain"
# the gradient without it, which a line without a penalty does not have. "f" is the entry in
# ACTIVATIONS that the operation is, or that the cost's prediction comes from. "samples" is the
# number of samples, "all" has the right gradients of all parameters, "site" is the Site. A Name is
# that value.
Operand = (
    int
    | Name
    | Related
    | Read
    | Literal["g", "result", "right", "plain", "penalty", "f", "samples", "all", "site"]
)
# A rule that reads one of these computes the finished gradient, its penalty included.
FINISHED = ("right", "plain", "penalty")


def under(operand: Operand) -> Related:
    """The first input of the operation that computes ``operand``: z under a = f(z)."""
    return Related("under", operand)


def over(operand: Operand) -> Related:
    """The result of the first operation of the forward pass that reads ``operand``: a over z."""
    return Related("over", operand)


def gradient_of(operand: Operand) -> Related:
    """The gradient of ``operand``."""
    return Related("gradient", operand)


def again(operand: Operand, steps: int) -> Related:
    """The same quantity where the operation is repeated, ``steps`` later; earlier if negative."""
    return Related("again", operand, steps)


def updated(operand: Operand) -> Related:
    """The value of a parameter after the update."""
    return Related("updated", operand)


@dataclass(frozen=True, slots=True)
class WrongRule:
    """Another rule for the places ``at``: ``compute`` of the values of ``operands``.

    ``compute`` is the name of an operation or a function; it returns None, or raises ValueError, if
    the mistake is not possible with these values. A rule with an operand that the graph does not
    have is not possible, nor, with ``batch``, one for a single sample. ``detail`` names a variant
    of the mistake, ``words`` says it.

    With ``details``, a function of the Site, the rule stands for a variant per detail, which
    ``compute`` gets first. ``doubt``, a number or a function of detail and Site, is added to the
    price of a variant that is less likely than usual, from 0 to 1. ``only`` names the forward
    operations to which the rule applies, all if empty. ``confused`` are the operand that is taken
    and the one that is needed, where the mistake is to take another operand.
    """

    at: Place | tuple[Place, ...]
    compute: str | Callable[..., Any]
    operands: tuple[Operand, ...] = ()
    detail: str = ""
    words: str = ""
    details: Callable[[Site], Iterable[str]] | None = None
    doubt: float | Callable[[str, Site], float] = 0.0
    only: tuple[str, ...] = ()
    batch: bool = False
    confused: tuple[Operand, Operand] | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """The places in which it can be."""
        return (self.at,) if isinstance(self.at, Place) else self.at

    def fits(self, site: Site) -> bool:
        """Whether it is a rule of the site's operation, for one of its places."""
        return not self.only or site.forward.op in self.only

    def details_at(self, site: Site) -> Iterable[str]:
        """Return the details of its variants."""
        return (self.detail,) if self.details is None else self.details(site)

    def doubt_of(self, detail: str, site: Site) -> float:
        """Return how much less likely than usual a variant is."""
        return self.doubt(detail, site) if callable(self.doubt) else self.doubt


def _as_given(given: str, detail: str) -> str | None:
    return None


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
    activation: Callable[[str, str], str | None] = _as_given

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
