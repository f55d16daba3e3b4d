"""Two changes of one statement at once, for mistakes that no single change undoes."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Any

from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.changes.kinds import USUAL_KINDS
from backprop_explorer.tutor.program.changes.places import (
    ExpressionPlace,
    OtherExpression,
    Scope,
    loaded,
    places_of,
)

# What is added to the price of two changes; the changes of a statement that are tried first.
OF_TWO, MAX_FIRST, MAX_SECOND = 0.3, 150, 200
# The least specific names: of two changes the other one gives the name.
_LEAST = (ids.GRADIENT_SCALE, ids.GRADIENT_SIGN, ids.WRONG_OPERAND, ids.OPERAND_TRANSPOSED)


class Pair:
    """A statement in which two expressions are changed, while it is looked at."""

    def __init__(self, value: ast.expr, names: tuple[str, str], price: float) -> None:
        self.value, self.price = value, price
        self.name = next((each for each in names if each not in _LEAST), names[0])

    def change(self) -> OtherExpression:
        """Return the change, which stays when the statement is changed back."""
        value = copy.deepcopy(self.value)
        return OtherExpression(lambda: value, self.name, self.price)


def pairs_of(statement: ast.stmt, scope: Scope) -> Iterator[Pair]:
    """Yield the value of a statement with two changes; it is changed back afterwards."""
    whole: Any = copy.deepcopy(statement)
    if getattr(whole, "value", None) is None:
        return
    first = sorted(_changes(whole, scope), key=lambda each: each[1].price)[:MAX_FIRST]
    for place, change in first:
        with_one = copy.copy(loaded(change.new()))
        place.put(with_one)
        later = sorted(_changes(whole, scope), key=lambda each: each[1].price)[:MAX_SECOND]
        for other, again in later:
            before = other.expression
            other.put(loaded(again.new()))
            price = change.price + again.price + OF_TWO
            yield Pair(whole.value, (change.name, again.name), price)
            other.put(before)
        place.put(place.expression)


def _changes(
    statement: ast.stmt, scope: Scope
) -> Iterator[tuple[ExpressionPlace, OtherExpression]]:
    for place in places_of(statement):
        for kind in USUAL_KINDS if place.kind != "target" else ():
            for change in kind(place, scope):
                yield place, change
