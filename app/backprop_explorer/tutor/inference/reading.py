"""Which line of the working each pasted array is: by its numbers, its name, or its shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.names import (
    activation,
    before_update,
    biases,
    gradient,
    named,
    of_layer,
    single,
    updated,
    weighted_sum,
    weights,
)
from backprop_explorer.tutor.inference.fits import Rates
from backprop_explorer.tutor.inference.givens import GivenPasted
from backprop_explorer.tutor.inference.matching import Match, Numbers, says_little
from backprop_explorer.tutor.inference.pasted import Pasted
from backprop_explorer.tutor.inference.settings import OF_PARAMETERS, Trial
from backprop_explorer.tutor.spellings import LAST, Spelling, known_id, line_ids

Array = NDArray[np.float64]
# Kinds of a parameter before and after the update.
_PARAMETERS = ("W", "b", *(updated(single(each)).kind for each in "Wb"))
How = Literal["numbers", "name", "shape", "given", "helper"]


@dataclass(frozen=True)
class LineRead:
    """How one array was read. ``line`` is None for an array that is no line of the working.

    ``match`` is the layout and factor in which it agrees with the line, None if it does not.
    """

    array: Pasted
    line: str | None
    how: How
    match: Match | None = None


class Reader:
    """Reads the arrays of one pass as lines of ``working``, whose gradients have its factors."""

    def __init__(
        self,
        working: Trial,
        given: GivenPasted,
        rates: Rates,
        arrays: Sequence[Pasted],
        tolerance: float,
    ) -> None:
        self.working = working
        self.tolerance = tolerance
        self.given = given
        self.depth = len(given.layers)
        self.arrays = [a for a in arrays if all(a is not g for g in given.arrays)]
        layers = range(1, self.depth + 1)
        after = [updated(of(k)) for k in layers for of in (weights, biases)]
        self.lines = [*working.values, *after]
        self.matches: dict[int, dict[str, Match]] = {}
        for line, some in (*working.matches.items(), *rates.matches.items()):
            for match in some:
                self.matches.setdefault(id(match.array), {}).setdefault(line, match)
        self.taken: dict[str, LineRead] = {}
        self.shifts = self._shifts()

    def read(self) -> list[LineRead]:
        """Return how each array was read, in order."""
        found: dict[int, LineRead] = {}
        for way in (self._as_chosen, self._by_numbers, self._by_name, self._by_shape):
            before = ""
            for array in self.arrays:
                read = found.get(id(array)) or way(array, before)
                if read is None:
                    continue
                # A guess by shape does not tell what follows it.
                if id(array) in found or way != self._by_shape:
                    before = read.line or before
                if id(array) not in found and read.line is not None:
                    self.taken.setdefault(read.line, read)
                found[id(array)] = read
        return [found[id(a)] for a in self.arrays if id(a) in found]

    def _as_chosen(self, array: Pasted, before: str) -> LineRead | None:
        line = array.chosen
        if line not in self.lines:
            return None
        return LineRead(array, line, "name", self.matches.get(id(array), {}).get(str(line)))

    # ------------------------------------------------------------------ by numbers

    def _by_numbers(self, array: Pasted, before: str) -> LineRead | None:
        """Return the line whose numbers the array has, in preference that of its name.

        Of several lines, the next one after ``before`` counts.
        """
        matches = self.matches.get(id(array), {})
        meant = self._meant(array)
        if says_little(array) and not set(meant) & set(matches):
            matches = {}
        if not matches:
            return LineRead(array, None, "helper") if self._is_helper(array) else None
        own = next((line for line in meant if line in matches), None)
        kinds = {named(line).kind for line in meant if named(line).quantity != "updated"}
        free = [
            line
            for line in self._order(before)
            if line in matches and line not in self.taken and line not in self._claimed
        ]
        line = own or next((n for n in free if named(n).kind in kinds), None)
        if line is not None:
            return LineRead(array, line, "numbers", matches[line])
        if meant and _is_result(meant[0]):
            # Results may have each other's names; one number may be an updated one by chance. The
            # numbers of ∂C/∂z under the name of one are a mistake: a gradient that was not summed.
            kind = OF_PARAMETERS if named(meant[0]).kind in OF_PARAMETERS else _PARAMETERS
            free = [each for each in free if named(each).kind in kind and array.values.size > 1]
        # Numbers that another array has by its own name are a copy.
        if meant and not free and (_is_result(meant[0]) or meant[0] not in self.taken):
            return None
        if free:
            return LineRead(array, free[0], "numbers", matches[free[0]])
        return LineRead(array, next(iter(matches)), "numbers", next(iter(matches.values())))

    @cached_property
    def _claimed(self) -> set[str]:
        """The lines whose numbers an array with their name has."""
        meant = ((array, line) for array in self.arrays for line in self._meant(array)[:1])
        return {line for array, line in meant if line in self.matches.get(id(array), {})}

    def _is_helper(self, array: Pasted) -> bool:
        """Whether the numbers are those of a step between two lines."""
        own = Numbers([array], self.tolerance)
        if array.first is not None and _is_result(array.first.quantity):
            return False
        error, *others = self._helpers
        return bool(own.proportional(error)) or any(own.equal(value) for value in others)

    @cached_property
    def _helpers(self) -> list[Any]:
        """Values that programs print beside the lines: errors, slopes, exponentials, givens."""
        problem, values = self.working.problem, self.working.values
        error = values[activation(self.depth)] - problem.target
        found = [error, error, -error, np.abs(error), error**2, problem.x, problem.target]
        for k, (W, b) in enumerate(problem.layers, start=1):
            z, a = values[weighted_sum(k)], values[activation(k)]
            found += [W, b, a * (1.0 - a), 1.0 - a**2, np.exp(np.minimum(z, 700.0))]
            slope = ACTIVATIONS[self.working.problem.activations[k - 1]].derivative
            if slope is not None:
                found.append(slope(z))
        return found

    # ------------------------------------------------------------------ by name

    def _meant(self, array: Pasted) -> list[str]:
        """Return the lines that a name may stand for, the likeliest first."""
        lines = (self._line(meaning) for meaning in array.meanings)
        return [line for line in dict.fromkeys(lines) if line in self.lines]

    def _line(self, meaning: Spelling) -> str:
        if meaning.quantity in ("C", "x", "target"):
            return meaning.quantity
        layer = meaning.number(self.depth)
        if layer is None:
            layer = 0 if meaning.layer != LAST else self.depth
        elif isinstance(meaning.layer, int):
            layer += self.shifts.get(meaning.quantity, self.shifts[""])
        found = of_layer(meaning.quantity, layer)
        return updated(found) if meaning.updated else found

    def _shifts(self) -> dict[str, int]:
        """Return what to add to the layer of a name, by quantity: "" for all others."""
        first = self.given.layers[0].key
        common = 1 - first[1] if first[0] == 0 and self.given.layers[0].W.name else 0
        votes: dict[str, Counter[int]] = {}
        for array in self.arrays:
            for meaning in array.meanings:
                if not isinstance(meaning.layer, int):
                    continue
                for line in self.matches.get(id(array), {}):
                    name = before_update(line)
                    if name.layer is not None and name.kind == meaning.quantity:
                        shift = name.layer - meaning.layer
                        votes.setdefault(meaning.quantity, Counter())[shift] += 1
        shifts = {
            quantity: max(counts, key=lambda shift: (counts[shift], shift == common))
            for quantity, counts in votes.items()
        }
        return {"": common, **shifts}

    def _by_name(self, array: Pasted, before: str) -> LineRead | None:
        """Return the line of the name of an array that has not the numbers of a line."""
        jacobian = known_id(array.name or "", line_ids(self.depth), self.depth) or ""
        is_jacobian = not array.meanings and named(jacobian).quantity == "jacobian"
        if is_jacobian and jacobian not in self.taken:
            return LineRead(array, jacobian, "name")
        free = [line for line in self._meant(array) if line not in self.taken and line != "C"]
        if array.values.size == 1 and "C" in self._meant(array) and "C" not in self.taken:
            free = ["C", *free]
        fitting = [line for line in free if self._fits(array, line)]
        line = next(iter(fitting or free), None)
        if line is None or (len(array.meanings) > 1 and not fitting):
            return None
        return LineRead(array, line, "name")

    # ------------------------------------------------------------------ by shape

    def _by_shape(self, array: Pasted, before: str) -> LineRead | None:
        """Return the line of its shape that is left, if results are still missing."""
        missing = [line for line in self._results if not self._is_found(line)]
        if not missing or (array.meanings and not self._meant(array)) or array.values.ndim == 0:
            return None
        free = [line for line in self._order(before) if line not in self.taken and line != "C"]
        repeated = id(array) in self.matches
        fitting = [
            line for line in free if self._fits(array, line) and (not repeated or line in missing)
        ]
        if not fitting and repeated:
            # ∂C/∂z again, in the place of ∂C/∂b: it was not summed.
            fitting = [line for line in missing if line == next(iter(free), None)]
        return LineRead(array, fitting[0], "shape") if fitting else None

    def _order(self, before: str) -> list[str]:
        """Return all lines, from the one after ``before`` on."""
        start = self.lines.index(before) + 1 if before in self.lines else 0
        return [*self.lines[start:], *self.lines[:start]]

    @property
    def _results(self) -> Iterator[str]:
        for k, layer in enumerate(self.given.layers, start=1):
            yield gradient(weights(k))
            if layer.b is not None:
                yield gradient(biases(k))

    def covers_all(self) -> bool:
        """Whether the gradient of every parameter, or the updated parameter, was found right."""
        return all(map(self._is_found, self._results))

    def _is_found(self, line: str) -> bool:
        after = updated(named(line).variable)
        return any(name in self.taken and self.taken[name].match for name in (line, after))

    def _fits(self, array: Pasted, line: str) -> bool:
        value = self.working.values.get(before_update(line))
        if value is None:
            of = named(line).variable
            value = self.working.problem.layers[(of.layer or 1) - 1][of.quantity == "b"]
        own, shape = ([n for n in each if n != 1] for each in (array.values.shape, np.shape(value)))
        return own in (shape, shape[::-1])


def _is_result(line: str) -> bool:
    """Whether a line is a gradient of W or b, or an updated one."""
    return named(line).kind in (*OF_PARAMETERS, *_PARAMETERS)
