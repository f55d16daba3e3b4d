"""Beam search for the mistakes that give the submitted numbers.

The search reads the submitted lines in the order of the working. A state is one explanation of the
lines read so far: a list of mistakes and the values that they give. A line may follow from a state.
Otherwise the state is extended by one mistake in the lines since the last submitted ones, then by
two at once. If none fits, the line is recorded as unexplained. So a mistake in the output layer is
found from the output layer's lines, and the lines below only have to be consistent with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace

import numpy as np

from backprop_explorer.engine.graph import Node
from backprop_explorer.tutor.checker.reference import (
    Number,
    ReferenceWorking,
    reading_order,
    segment,
)
from backprop_explorer.tutor.checker.submission import Reading, SubmittedLine
from backprop_explorer.tutor.checker.tolerance import SINGLE, Tolerance
from backprop_explorer.tutor.checker.variants import Mistake, Variant
from backprop_explorer.tutor.mistakes import MISCONCEPTIONS, alternatives
from backprop_explorer.tutor.mistakes.cost import sign_apart
from backprop_explorer.tutor.mistakes.search import changes_nothing

# Estimated time of a guess, and of each line that it computes again.
GUESS_SECONDS = 25e-6
LINE_SECONDS = 4e-6
NUMBERS_PER_SECOND = 2e8
MULTIPLICATIONS_PER_SECOND = 2e9
SEARCH_SECONDS = 0.06
# A time limit that has passed: the checker compares numbers and does not search for mistakes.
NO_SEARCH = -1.0
# A large network may take longer: this many times the time of its whole working.
WORKINGS = 12.0


class Budget:
    """The work that is left for the search of one submission, in estimated seconds.

    ``seconds``: for a small network. Less finds fewer combinations of mistakes.
    """

    def __init__(self, reference: ReferenceWorking, seconds: float = SEARCH_SECONDS) -> None:
        self._reference = reference
        self._seconds = {name: self._estimate(name) for name in reference.nodes}
        self.left = seconds + WORKINGS * sum(self._seconds.values())

    def _estimate(self, name: str) -> float:
        """Estimate the time to compute one line, in seconds."""
        node, network = self._reference.nodes[name], self._reference.trace.network
        numbers = float(np.size(self._reference.truth[name]))
        seconds = LINE_SECONDS + numbers / NUMBERS_PER_SECOND
        if node.id.layer is not None and node.op in ("affine", "weight_gradient", "input_gradient"):
            n_in, n_out = network.shapes[node.id.layer - 1]
            samples = self._reference.trace.samples
            seconds += samples * n_in * n_out / MULTIPLICATIONS_PER_SECOND
        return seconds

    def spend(self, first: str, lines: Iterable[str], kept: float = 0.0) -> bool:
        """Subtract the time to recompute those of ``lines`` that come at or after ``first``.

        Returns False if less than ``kept`` seconds are left.
        """
        order = self._reference.order
        at = order[first]
        self.left -= GUESS_SECONDS
        self.left -= sum(self._seconds[line] for line in lines if order[line] >= at)
        return self.left >= kept


BEAM_WIDTH = 40
# The number of states that may be extended by two mistakes at once.
STATES_FOR_PAIRS = 2
# Pairs of mistakes must leave this part of the remaining budget.
RESERVED = 0.5
# The price of a state is the number of its mistakes plus these amounts and the price of each.
REPEATED = 0.3  # the same mistake once more in another layer
ONCE = 0.25  # made in one layer only, although it could be made in others
LATE = 0.1  # not made in the first possible line
ONE_FAMILY = 0.15  # made in one of several families of operations
RECOVERED = 1.2  # a line is correct although the mistakes make it wrong
UNEXPLAINED = 3.0  # no mistake gives the line
# The search for two mistakes at once ends at this price above the first explanation.
PRICE_MARGIN = 0.1

# A value further off than this part of the largest entry is outside every slack: that is a part of
# the largest entry plus the amplified rounding of pinned lines.
FAR, AMPLIFICATION = 0.2, 1e4

# A mistake, its price, and the working that includes it.
Guess = tuple[Mistake, float, Variant]


@dataclass(frozen=True, slots=True)
class SearchState:
    """One explanation of the submitted lines read so far, and its price."""

    variant: Variant
    price: float = 0.0
    unexplained: tuple[str, ...] = ()


@dataclass(eq=False, repr=False)
class Search:
    """The search for one submission. ``unused`` lists unfilled lines, no evidence of a mistake.

    Without ``pairs`` it does not try two mistakes at once. ``coarser`` is the same working with
    more noise: after the search, ``depends`` tells whether a search with it and ``SINGLE`` could
    have another result, because some comparison would.
    """

    reference: ReferenceWorking
    submitted: Mapping[str, SubmittedLine]
    tolerance: Tolerance
    budget: Budget
    unused: frozenset[str] = frozenset()
    _: KW_ONLY
    pairs: bool = True
    coarser: ReferenceWorking | None = None

    def __post_init__(self) -> None:
        self.depends = False
        self._read_before: list[str] = []
        noise = (self.coarser or self.reference).noise
        self._largest_noise = {
            name: float(np.max(noise.get(name, 0.0), initial=0.0)) for name in self.submitted
        }
        self._possible_lines = {
            m.name: self.reference.possible_lines(m) for m in MISCONCEPTIONS.values()
        }
        self._scopes: dict[tuple[str, str, str], list[tuple[frozenset[str], float]]] = {}

    def states(self) -> list[SearchState]:
        """Return the explanations of all submitted lines, the best first."""
        beam = [SearchState(Variant(self.reference))]
        for name in reading_order(self.reference):
            if name in self.submitted:
                beam = self._read(beam, name)
                self._read_before.append(name)
        return [replace(state, variant=_signs_apart(state.variant)) for state in beam]

    def _read(self, beam: Sequence[SearchState], name: str) -> list[SearchState]:
        """Extend every state by one submitted line, with as few new mistakes as possible."""
        following: list[SearchState] = []
        stuck: list[SearchState] = []
        for state in beam:
            if (variant := self._following(state.variant, name)) is not None:
                following.append(replace(state, variant=variant))
            elif self._is_right(name):
                variant = state.variant.with_pinned(name, self.reference.truth[name], None)
                following.append(replace(state, variant=variant, price=state.price + RECOVERED))
            else:
                stuck.append(state)
        # If some states need no new mistake, the others may only repeat a mistake of their own.
        # The same holds for an unused line, which is no evidence of a new mistake.
        unused = name in self.unused
        only_repeated = bool(following) or unused
        tries = [self._one_more(state, name, only_repeated=only_repeated) for state in stuck]
        for extended, _ in tries:
            following += extended
        if self.pairs and not following and not unused:
            for state, (_, guesses) in list(zip(stuck, tries, strict=True))[:STATES_FOR_PAIRS]:
                following += self._two_more(state, name, guesses)
        return _best(following or [self._unexplained(state, name) for state in stuck])

    def _is_right(self, name: str) -> bool:
        right = self.reference.is_right(self.submitted[name], self.tolerance)
        if self.coarser is not None and not right:
            self.depends |= self.coarser.is_right(self.submitted[name], SINGLE)
        return right

    def _match(self, name: str, value: Number, slack: Number) -> Reading | None:
        """Return the reading of a submitted line that equals ``value``, None if none does."""
        given = self.submitted[name]
        reading = given.matches(value, slack, self.tolerance)
        if self.coarser is not None and not self.depends and reading is not given.readings[0]:
            noise = self.coarser.noise.get(name, 0.0)
            if np.shape(noise) != np.shape(value):
                noise = self._largest_noise[name]
            more = noise if slack is None else noise + slack
            self.depends = given.matches(value, more, SINGLE) is not reading
        return reading

    def _following(self, variant: Variant, name: str) -> Variant | None:
        """Return the variant after a line that follows from the lines before it, else None."""
        for position, (value, slack) in enumerate(variant.candidate_values(name)):
            if self._match(name, value, slack) is not None:
                return variant.with_pinned(name, value, slack) if position else variant
        # The line may follow from the submitted numbers, which have fewer digits.
        own = variant
        for before in self._read_before:
            reading = self.submitted[before].reading_shaped_like(self.reference.truth[before])
            if reading is not None:
                own = own.with_pinned(before, reading.value, reading.quantum)
        for value, slack in own.candidate_values(name):
            if (reading := self._match(name, value, slack)) is not None:
                return variant.with_pinned(name, reading.value, reading.quantum)
        return None

    def _gives(self, variant: Variant, name: str) -> bool:
        value = variant.value(name)
        if _is_far(self.submitted[name], value, variant, self._largest_noise[name]):
            return False
        return self._match(name, value, variant.slack(name)) is not None

    def _still_gives(self, variant: Variant, *mistakes: Mistake) -> bool:
        """Whether the lines read before still have the submitted values after new mistakes."""
        order = self.reference.order
        first = order[self._first_line(*mistakes)]
        return all(
            self._gives(variant, before)
            for before in self._read_before
            if order[before] > first and before not in variant.pinned
        )

    def _first_line(self, *mistakes: Mistake) -> str:
        """Return the first line in which a mistake is made."""
        lines = (line for mistake in mistakes for line in mistake.lines)
        return min(lines, key=self.reference.order.__getitem__)

    def _unexplained(self, state: SearchState, name: str) -> SearchState:
        """Record the line as unexplained, and continue from the submitted values."""
        variant = state.variant
        given = self.submitted[name].reading_shaped_like(self.reference.truth[name])
        if given is not None and np.isfinite(given.value).all():
            variant = variant.with_pinned(name, given.value, given.quantum)
            node = self.reference.nodes[name]
            above = node.inputs[0]
            single = len(self.reference.givens["x"]) == 1
            if node.op == "bias_gradient" and single and above not in self.submitted:
                # For one sample ∂C/∂b equals ∂C/∂z.
                variant = variant.with_pinned(above, given.value[None], given.quantum[None])
        return SearchState(variant, state.price + UNEXPLAINED, (*state.unexplained, name))

    def _one_more(
        self, state: SearchState, name: str, *, only_repeated: bool
    ) -> tuple[list[SearchState], list[Guess]]:
        """Return the states with one more mistake that gives the line, and all guesses tried."""
        lines = segment(self.reference, name, {**self.submitted, **state.variant.pinned})
        within = frozenset(lines)
        guesses: list[Guess] = []
        extended: list[SearchState] = []
        fits: dict[tuple[str, str, frozenset[str]], bool] = {}
        for mistake, price in self._candidates(state.variant, lines, only_repeated=only_repeated):
            # The lines outside this segment make no difference yet.
            key = (*mistake.key, mistake.lines & within)
            variant = state.variant.with_mistake(mistake)
            if key not in fits:
                if not self.budget.spend(self._first_line(mistake), lines):
                    break
                fits[key] = self._gives(variant, name)
                guesses.append((mistake, price, variant))
            if fits[key] and self._still_gives(variant, mistake):
                extended.append(SearchState(variant, state.price + price, state.unexplained))
        return extended, guesses

    def _two_more(
        self, state: SearchState, name: str, guesses: Sequence[Guess]
    ) -> list[SearchState]:
        """Return the states with two more mistakes that give the line, the more common first."""
        extended: list[SearchState] = []
        # There are many pairs: without a reserve they would use the whole budget.
        reserve = self.budget.left * RESERVED
        lines = segment(self.reference, name, {**self.submitted, **state.variant.pinned})
        order = sorted(guesses, key=lambda guess: guess[1])
        for total in range(1, 2 * len(order)):
            for at in range(total // 2 + 1, min(total, len(order) - 1) + 1):
                first, second = order[total - at], order[at]
                if first[0].name == second[0].name:
                    continue
                price = state.price + first[1] + second[1]
                if extended and price > extended[0].price + PRICE_MARGIN:
                    return extended
                mistakes = first[0], second[0]
                if not self.budget.spend(self._first_line(*mistakes), lines, reserve):
                    return extended
                variant = first[2].with_mistake(second[0])
                if self._gives(variant, name) and self._still_gives(variant, *mistakes):
                    extended.append(SearchState(variant, price, state.unexplained))
        return extended

    def _candidates(
        self, variant: Variant, lines: Sequence[str], *, only_repeated: bool
    ) -> Iterator[tuple[Mistake, float]]:
        """Yield every mistake that changes one of ``lines``, with its price.

        With ``only_repeated``, only mistakes that ``variant`` has in other lines.
        """
        made = {m.key for m in variant.mistakes}
        at_line = {(m.key, line) for m in variant.mistakes for line in m.lines}
        # Start from the line itself: mistakes near it change fewer lines and are faster to compute.
        for line in reversed(lines):
            right = variant.value(line)

            def wanted(name: str, detail: str, line: str = line) -> bool:
                key = (name, detail)
                return (key, line) not in at_line and not (only_repeated and key not in made)

            for site in variant.sites(line):
                for each in alternatives(site, wanted):
                    if changes_nothing(each.value, right):
                        continue
                    key = (each.misconception.name, each.detail)
                    price = each.price + (REPEATED if key in made else 1.0)
                    for scope, extra in self._scopes_of(key[0], site.node, line):
                        yield Mistake(each.misconception.name, each.detail, scope), price + extra

    def _scopes_of(self, made: str, node: Node, line: str) -> list[tuple[frozenset[str], float]]:
        """Return the sets of lines that a mistake in ``line`` may be made in, with extra prices."""
        if (known := self._scopes.get((made, node.id, line))) is not None:
            return known
        possible, nodes = self._possible_lines[made], self.reference.nodes
        onward = [name for name in possible if comes_after(node, nodes[name])]
        late = 0.0 if len(onward) == len(possible) else LATE
        everywhere = frozenset(onward)
        family = nodes[line].operation.family
        own = frozenset(n for n in onward if nodes[n].operation.family == family)
        here = frozenset(n for n in onward if nodes[n].id.layer == node.id.layer)
        alone = ONCE + (ONE_FAMILY if own != everywhere else 0.0)
        # Of equal sets the first counts.
        scopes: dict[frozenset[str], float] = {everywhere: late}
        for lines, price in ((own, late + ONE_FAMILY), (here, ONCE), (frozenset([line]), alone)):
            scopes.setdefault(lines, price)
        return self._scopes.setdefault((made, node.id, line), [*scopes.items()])


def comes_after(node: Node, other: Node) -> bool:
    """Whether ``other`` is in the same or a later iteration of the loop over the layers."""
    layer, of_other = node.id.layer, other.id.layer
    if layer is None or of_other is None or node.role == "update":
        return True
    return of_other >= layer if node.role == "forward" else of_other <= layer


def _is_far(given: SubmittedLine, value: Number, variant: Variant, noise: float) -> bool:
    """Whether no slack can bridge the distance. Most guesses are far off, and a slack is slow."""
    # This runs thousands of times in a search, on few numbers: arrays' own methods are faster than
    # the functions np.max and np.shape.
    value = np.asarray(value)
    largest = float(np.abs(value).max(initial=0.0))
    if not math.isfinite(largest):
        return False
    bound = (FAR + AMPLIFICATION * variant.coarseness) * largest + 2.0 * noise
    for reading in given.readings:
        if reading.value.shape == value.shape:
            distance = np.abs(reading.value - value) - 2.0 * reading.quantum
            if not float(distance.max(initial=0.0)) > bound:
                return False
    return True


def _signs_apart(variant: Variant) -> Variant:
    """Return the variant with each negative factor of the cost's gradient as sign and factor."""
    mistakes = tuple(
        Mistake(name, detail, mistake.lines)
        for mistake in variant.mistakes
        for name, detail in sign_apart(*mistake.key)
    )
    if len(mistakes) == len(variant.mistakes):
        return variant
    return Variant(variant.reference, mistakes, variant.pinned)


def _best(states: Sequence[SearchState]) -> list[SearchState]:
    kept: dict[tuple[object, ...], SearchState] = {}
    for state in sorted(states, key=lambda s: s.price):
        key = (frozenset((*m.key, m.lines) for m in state.variant.mistakes), state.unexplained)
        kept.setdefault(key, state)
    return list(kept.values())[:BEAM_WIDTH]
