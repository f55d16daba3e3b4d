"""MISCONCEPTIONS, the table of all mistakes that the tutor can name, the more common first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backprop_explorer.engine.registry import Registry
from backprop_explorer.tutor.mistakes.affine import BACKWARD, FINISHED, PARAMETERS, PENALTIES
from backprop_explorer.tutor.mistakes.cost import COST, OUTPUT_GRADIENT
from backprop_explorer.tutor.mistakes.forward import FORWARD
from backprop_explorer.tutor.mistakes.relations import MistakePlace
from backprop_explorer.tutor.mistakes.rule import Misconception, WrongRule
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


def _by_place() -> dict[MistakePlace, dict[str, list[WrongRule]]]:
    found: dict[MistakePlace, dict[str, list[WrongRule]]] = {}
    for misconception in MISCONCEPTIONS.values():
        for rule in misconception.rules:
            for place in rule.places:
                found.setdefault(place, {}).setdefault(misconception.name, []).append(rule)
    return found


# The rules of each misconception that has rules at a place.
BY_PLACE: Mapping[MistakePlace, Mapping[str, Sequence[WrongRule]]] = _by_place()
