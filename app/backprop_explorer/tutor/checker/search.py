"""Which mistakes give the submitted numbers: a search along the lines, in the order of the working.

A state is one way to explain what was seen so far: the mistakes made, and what they make of every
line. Each submitted line either follows from a state, or the state is extended by one mistake in
the lines since the last submitted ones (then by two at once), or by noting that nothing explains
it. So a mistake in the output layer is found from the output layer's lines alone, and what lies
below it only has to be consistent with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from backprop_explorer.engine.backprop import Step
from backprop_explorer.engine.operations import Family
from backprop_explorer.tutor.checker.budget import Budget
from backprop_explorer.tutor.checker.reference import Number, ReferenceWorking
from backprop_explorer.tutor.checker.submission import SubmittedLine
from backprop_explorer.tutor.checker.tolerance import Tolerance
from backprop_explorer.tutor.checker.variants import Mistake, Variant, try_misconception
from backprop_explorer.tutor.misconceptions import MISCONCEPTIONS, Misconception

WIDTH = 40
# So many explanations may be extended by two mistakes at once.
PAIRS_FROM = 2
# The part of what is left to spend that is kept from pairs of mistakes.
KEPT = 0.5
# The price of a state, in mistakes.
AGAIN = 0.3  # the same mistake once more in another layer
HERE = 0.25  # made once only, where it could have been made again
LATE = 0.1  # not made from the first line on
PART = 0.15  # made in one family of several
RANK = 0.001  # a less common mistake
WAY = 0.002  # a less common way of making it
RECOVERED = 1.2  # a line is right that the mistakes say is wrong
UNEXPLAINED = 3.0
# Explanations of two mistakes at once that cost this much more than the first are not looked for.
ALIKE = 0.1

RANKS: Mapping[str, int] = {name: rank for rank, name in enumerate(MISCONCEPTIONS)}


# A mistake, its price, and the working with it.
Guess = tuple[Mistake, float, Variant]


@dataclass(frozen=True, slots=True)
class SearchState:
    """One way to explain the submitted lines so far, and its price."""

    variant: Variant
    price: float = 0.0
    unexplained: tuple[str, ...] = ()


def reading_order(reference: ReferenceWorking) -> list[str]:
    """The lines in order, but ∂C/∂b before ∂C/∂W: fewer mistakes come into question for it."""

    def key(name: str) -> tuple[int, int]:
        if name.startswith("dC_db"):
            return (reference.order[name.replace("dC_db", "dC_dW")], 0)
        return (reference.order[name], 1)

    return sorted(reference.steps, key=key)


def segment(reference: ReferenceWorking, name: str, known: Mapping[str, object]) -> list[str]:
    """The line and the lines before it whose values nobody has seen, in order."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        line = waiting.pop()
        if line in found or (line in known and line != name):
            continue
        found.add(line)
        steps = reference.steps_for(line)
        waiting += [i for step in steps for i in step.inputs if i in reference.steps]
    return sorted(found, key=reference.order.__getitem__)


class Search:
    """The search for one submission. ``unused`` are arrays that were never filled in."""

    def __init__(
        self,
        reference: ReferenceWorking,
        submitted: Mapping[str, SubmittedLine],
        tolerance: Tolerance,
        budget: Budget,
        unused: frozenset[str] = frozenset(),
    ) -> None:
        self.reference = reference
        self.submitted = submitted
        self.tolerance = tolerance
        self.budget = budget
        self.unused = unused
        self._read_before: list[str] = []
        self._possible_lines = {
            m.name: reference.possible_lines(m) for m in MISCONCEPTIONS.values()
        }

    def states(self) -> list[SearchState]:
        """The explanations of all submitted lines, the best first."""
        beam = [SearchState(Variant(self.reference))]
        for name in reading_order(self.reference):
            if name in self.submitted:
                beam = self._read(beam, name)
                self._read_before.append(name)
        return beam

    def _read(self, beam: Sequence[SearchState], name: str) -> list[SearchState]:
        """Every state carried over one submitted line, by the least that explains it."""
        following: list[SearchState] = []
        stuck: list[SearchState] = []
        for state in beam:
            if (variant := self._following(state.variant, name)) is not None:
                following.append(replace(state, variant=variant))
            elif self.reference.is_right(self.submitted[name], self.tolerance):
                variant = state.variant.with_pinned(name, self.reference.truth[name], None)
                following.append(replace(state, variant=variant, price=state.price + RECOVERED))
            else:
                stuck.append(state)
        # Where some go on without a new mistake, the others may only repeat one of their own; and
        # an unfilled array that was not worked with gives no reason to suspect a new one.
        unused = name in self.unused
        again = bool(following) or unused
        tries = [self._one_more(state, name, again=again) for state in stuck]
        for found, _ in tries:
            following += found
        if not following and not unused:
            for state, (_, guesses) in list(zip(stuck, tries, strict=True))[:PAIRS_FROM]:
                following += self._two_more(state, name, guesses)
        return _best(following or [self._unexplained(state, name) for state in stuck])

    def _following(self, variant: Variant, name: str) -> Variant | None:
        """The variant as it goes on from a line that is computed rightly from those before it."""
        given = self.submitted[name]
        for way, (value, slack) in enumerate(variant.candidate_values(name)):
            if given.matches(value, slack, self.tolerance) is not None:
                return variant.with_pinned(name, value, slack) if way else variant
        # Or from the numbers as they were written down, with fewer digits.
        own = variant
        for before in self._read_before:
            reading = self.submitted[before].reading_shaped_like(self.reference.truth[before])
            if reading is not None:
                own = own.with_pinned(before, reading.value, reading.quantum)
        for value, slack in own.candidate_values(name):
            if (reading := given.matches(value, slack, self.tolerance)) is not None:
                return variant.with_pinned(name, reading.value, reading.quantum)
        return None

    def _gives(self, variant: Variant, name: str) -> bool:
        value = variant.value(name)
        given = self.submitted[name]
        return given.matches(value, variant.slack(name), self.tolerance) is not None

    def _still_gives(self, variant: Variant, *mistakes: Mistake) -> bool:
        """Whether the lines that were read before survive new mistakes."""
        order = self.reference.order
        first = order[self._first(*mistakes)]
        return all(
            self._gives(variant, before)
            for before in self._read_before
            if order[before] > first and before not in variant.pinned
        )

    def _first(self, *mistakes: Mistake) -> str:
        """The first line in which a mistake is made."""
        lines = (line for mistake in mistakes for line in mistake.lines)
        return min(lines, key=self.reference.order.__getitem__)

    def _unexplained(self, state: SearchState, name: str) -> SearchState:
        """Go on from the student's number."""
        variant = state.variant
        given = self.submitted[name].reading_shaped_like(self.reference.truth[name])
        if given is not None and np.isfinite(given.value).all():
            variant = variant.with_pinned(name, given.value, given.quantum)
            step = self.reference.steps[name]
            above = step.inputs[0]
            single = len(self.reference.givens["x"]) == 1
            if step.op == "bias_gradient" and single and above not in self.submitted:
                # With one sample ∂C/∂b is ∂C/∂z.
                variant = variant.with_pinned(above, given.value[None], given.quantum[None])
        return SearchState(variant, state.price + UNEXPLAINED, (*state.unexplained, name))

    def _one_more(
        self, state: SearchState, name: str, *, again: bool
    ) -> tuple[list[SearchState], list[Guess]]:
        """The state with one more mistake that gives the line, and all guesses that were made."""
        lines = segment(self.reference, name, {**self.submitted, **state.variant.pinned})
        within = frozenset(lines)
        guesses: list[Guess] = []
        found: list[SearchState] = []
        fits: dict[tuple[str, str, frozenset[str]], bool] = {}
        for mistake, price in self._candidates(state.variant, lines, again=again):
            # Where else it was made too makes no difference yet.
            key = (*mistake.key, mistake.lines & within)
            variant = state.variant.with_mistake(mistake)
            if key not in fits:
                if not self.budget.spend(self._first(mistake), lines):
                    break
                fits[key] = self._gives(variant, name)
                guesses.append((mistake, price, variant))
            if fits[key] and self._still_gives(variant, mistake):
                found.append(SearchState(variant, state.price + price, state.unexplained))
        return found, guesses

    def _two_more(
        self, state: SearchState, name: str, guesses: Sequence[Guess]
    ) -> list[SearchState]:
        """The state with two more mistakes that give the line: the more common ones first."""
        found: list[SearchState] = []
        # There are so many pairs that they would leave nothing for the lines after this one.
        kept = self.budget.left * KEPT
        lines = segment(self.reference, name, {**self.submitted, **state.variant.pinned})
        order = sorted(guesses, key=lambda guess: guess[1])
        for total in range(1, 2 * len(order)):
            for at in range(total // 2 + 1, min(total, len(order) - 1) + 1):
                first, second = order[total - at], order[at]
                if first[0].name == second[0].name:
                    continue
                price = state.price + first[1] + second[1]
                if found and price > found[0].price + ALIKE:
                    return found
                mistakes = first[0], second[0]
                if not self.budget.spend(self._first(*mistakes), lines, kept):
                    return found
                variant = first[2].with_mistake(second[0])
                if self._gives(variant, name) and self._still_gives(variant, *mistakes):
                    found.append(SearchState(variant, price, state.unexplained))
        return found

    def _candidates(
        self, variant: Variant, lines: Sequence[str], *, again: bool
    ) -> Iterator[tuple[Mistake, float]]:
        """Every mistake that changes one of ``lines``, or those made already, with their prices."""
        made = {m.key for m in variant.mistakes}
        at_line = {(m.key, line) for m in variant.mistakes for line in m.lines}
        # From the line itself up: what is near changes least and is computed fastest.
        for line in reversed(lines):
            right = variant.value(line)
            for family, step in self.reference.operations_of(line):
                for misconception in _FAMILIES[family]:
                    context = variant.context_for(line, step)
                    for way, detail in enumerate(misconception.details(context)):
                        key = (misconception.name, detail)
                        if (key, line) in at_line or (again and key not in made):
                            continue
                        value = try_misconception(misconception, context, detail)
                        if value is None or _equal(value, right):
                            continue
                        price = AGAIN if key in made else 1.0
                        price += RANK * RANKS[misconception.name] + WAY * way
                        price += misconception.doubt(context, detail)
                        for scope, extra in self._scopes(misconception, step, line):
                            yield Mistake(misconception, detail, scope), price + extra

    def _scopes(
        self, misconception: Misconception, step: Step, line: str
    ) -> Iterator[tuple[frozenset[str], float]]:
        """Where a mistake found in ``line`` may have been made: from there on, or once."""
        possible = self._possible_lines[misconception.name]
        onward = [name for name in possible if self._goes_on(step, self.reference.steps[name])]
        late = 0.0 if len(onward) == len(possible) else LATE
        everywhere = frozenset(onward)
        yield everywhere, late
        family = self.reference.operations_of(line)[0][0]
        own = frozenset(n for n in onward if self.reference.operations_of(n)[0][0] == family)
        if own != everywhere:
            yield own, late + PART
        here = frozenset(n for n in onward if self.reference.steps[n].layer == step.layer)
        if here not in (everywhere, own):
            yield here, HERE
        if frozenset([line]) not in (everywhere, own, here):
            yield frozenset([line]), HERE + (PART if own != everywhere else 0.0)

    @staticmethod
    def _goes_on(step: Step, other: Step) -> bool:
        """Whether ``other`` comes after ``step`` in a loop over the layers, or in the same turn."""
        if step.layer is None or other.layer is None or step.phase == "update":
            return True
        if step.phase == "forward":
            return other.layer >= step.layer
        return other.layer <= step.layer


_FAMILIES: Mapping[str, tuple[Misconception, ...]] = {
    family: tuple(m for m in MISCONCEPTIONS.values() if family in m.families)
    for family in get_args(Family)
}


def _equal(value: Number, right: Number) -> bool:
    """Whether a mistake changes nothing on these numbers."""
    return np.shape(value) == np.shape(right) and bool(
        np.all(np.abs(value - right) <= 1e-12 * np.abs(right))
    )


def _best(states: Sequence[SearchState]) -> list[SearchState]:
    kept: dict[tuple[object, ...], SearchState] = {}
    for state in sorted(states, key=lambda s: s.price):
        key = (frozenset((*m.key, m.lines) for m in state.variant.mistakes), state.unexplained)
        kept.setdefault(key, state)
    return list(kept.values())[:WIDTH]
