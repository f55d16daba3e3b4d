"""Query parameters: those that several routes share, and the refusal of unknown ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from fastapi import Query

from backprop_explorer.compute.formulas import Formulas as FormulaNotation
from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.texts import api as texts

# Longer names are not compared with the known ones, since that takes time that grows with them.
MAX_NAME = 100

Arrays = Annotated[Literal["lists", "base64"], Query(description="How arrays are written")]
Formulas = Annotated[
    FormulaNotation, Query(description="How formulas are written; none leaves them out")
]


def refuse_unknown(given: Iterable[str], known: frozenset[str]) -> None:
    """Raise UnknownName for the first name of a query parameter that a route does not have.

    Otherwise a misspelt parameter would silently have its default.
    """
    for name in given:
        if name not in known:
            if not known:
                raise InvalidInput("query", texts.NO_QUERY)
            raise UnknownName("query", texts.QUERY_PARAMETER, sorted(known), name[:MAX_NAME])
