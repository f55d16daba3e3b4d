"""MISCONCEPTIONS, all mistakes that the tutor can name, and one search for those of a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from backprop_explorer.engine.registry import Registry
from backprop_explorer.tutor.mistakes.affine import BACKWARD, FINISHED, PARAMETERS, PENALTIES
from backprop_explorer.tutor.mistakes.cost import COST, OUTPUT_GRADIENT
from backprop_explorer.tutor.mistakes.forward import FORWARD
from backprop_explorer.tutor.mistakes.relations import places_of
from backprop_explorer.tutor.mistakes.rule import Misconception, MistakeSite, WrongRule
from backprop_explorer.tutor.mistakes.slopes import SLOPES
from backprop_explorer.tutor.mistakes.updates import UPDATES

# If two give the same numbers, both are named, in this order. The updates come before the
# gradients: if only new parameters are submitted, a plus in the update is more likely than a wrong
# sign in the cost.
MISCONCEPTIONS: Registry[Misconception] = Registry(
    "misconception",
    *FORWARD,
    *COST,
    *UPDATES,
    *OUTPUT_GRADIENT,
    *SLOPES,
    *BACKWARD,
    *PARAMETERS,
    *FINISHED,
    *PENALTIES,
)
RANKS: Mapping[str, int] = {name: rank for rank, name in enumerate(MISCONCEPTIONS)}

# Prices: for each more common misconception, and for each more common detail of one.
RANK = 0.001
DETAIL = 0.002


class PossibleMistake(NamedTuple):
    """What a line is with a mistake; ``price`` is lower for a more common one, far below 1."""

    misconception: Misconception
    detail: str
    value: Any
    price: float


def alternatives(
    site: MistakeSite, wanted: Callable[[str, str], bool] = lambda name, detail: True
) -> Iterator[PossibleMistake]:
    """Yield the mistakes that are possible in a line, the more common misconceptions first.

    Those that change nothing with these numbers are among them. ``wanted`` tells by name and detail
    which are computed.
    """
    for name, rules in _rules_at(site.forward.op, site.input).items():
        position = 0
        for rule in rules:
            details = [rule.detail] if rule.details is None else list(rule.details(site))
            tried = [(k, each) for k, each in enumerate(details, position) if wanted(name, each)]
            position += len(details)
            if not tried or (values := site.operands(rule)) is None:
                continue
            for k, detail in tried:
                if (value := site.apply(rule, detail, values)) is not None:
                    price = RANK * RANKS[name] + DETAIL * k + rule.doubt_of(detail, site)
                    yield PossibleMistake(MISCONCEPTIONS[name], detail, value, price)


@lru_cache(maxsize=512)
def _rules_at(op: str, at: int | None) -> Mapping[str, Sequence[WrongRule]]:
    """Return the rules for an operation, or its rule of an input, by misconception."""
    places = set(places_of(op, at))
    found = {
        name: [
            rule
            for rule in misconception.rules
            if not places.isdisjoint(rule.places) and (not rule.only or op in rule.only)
        ]
        for name, misconception in MISCONCEPTIONS.items()
    }
    return {name: rules for name, rules in found.items() if rules}


def mistaken(site: MistakeSite, misconception: Misconception, detail: str) -> Any:
    """Return what the line is with a misconception, None if it is not possible in it."""
    for rule in _rules_at(site.forward.op, site.input).get(misconception.name, ()):
        if rule.details is not None or rule.detail == detail:
            values = site.operands(rule)
            value = None if values is None else site.apply(rule, detail, values)
            if value is not None:
                return value
    return None


def confused(
    site: MistakeSite, misconception: Misconception, detail: str
) -> tuple[Any, Any] | None:
    """Return the operand that a mistake takes and the one that is needed, None for others."""
    for rule in _rules_at(site.forward.op, site.input).get(misconception.name, ()):
        if rule.detail == detail and rule.confused is not None:
            taken, needed = map(site.value, rule.confused)
            return None if taken is None or needed is None else (taken, needed)
    return None


def changes_nothing(value: Any, right: Any) -> bool:
    """Whether a mistake cannot be seen in its line with these numbers."""
    if value is right and np.isfinite(right).all():
        return True
    return np.shape(value) == np.shape(right) and bool(
        np.all(np.abs(np.asarray(value) - right) <= 1e-12 * np.abs(right))
    )
