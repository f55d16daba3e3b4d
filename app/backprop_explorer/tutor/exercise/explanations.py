"""Find the mistakes that give the values of a program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.names import (
    OF_B,
    OF_W,
    OF_Z,
    activation,
    before_update,
    named,
    weighted_sum,
)
from backprop_explorer.engine.trace import Trace
from backprop_explorer.tutor.checker.evidence import (
    ClippedArray,
    limits_of,
    offset_of,
    with_and_without_penalty,
)
from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.checker.search import comes_after
from backprop_explorer.tutor.checker.variants import Mistake, Variant
from backprop_explorer.tutor.exercise.observed import Array, Observed, Result
from backprop_explorer.tutor.mistakes import Misconception, alternatives, ids
from backprop_explorer.tutor.mistakes.affine import MIN_ENTRIES_OF_OFFSET
from backprop_explorer.tutor.mistakes.search import RANK, RANKS, changes_nothing

# The parts of a score: a wrong result that a mistake gives, or does not give; a recorded value that
# it gives; a right value that is recorded although the mistake makes it wrong.
RESULT, MISSED, VALUE, RECOVERED = 4.0, 4.0, 1.0, 1.5
# Prices, as in the checker's search: a mistake, one in one layer only, or not in the first one.
MISTAKE, ONCE, LATE = 2.0, 0.25, 0.1
# Details that programs give rarely, where another mistake gives the same numbers.
UNLIKELY = frozenset({(ids.BIAS_GRADIENT_NOT_SUMMED, "N times")})
# How many single mistakes are combined with a second one.
COMBINED = 6
MAX_CANDIDATES = 4000


@dataclass(frozen=True, slots=True)
class Explanation:
    """Mistakes, the working with them, and how well it agrees with the program.

    ``results`` counts the wrong results that it gives and that it misses.
    """

    variant: Variant
    score: float
    results: tuple[int, int]
    values: int
    forward: bool = False  # the wrong value of a forward line was computed
    one_gradient: bool = False  # ∂C/∂z is wrong in the expression of one gradient alone

    @property
    def complete(self) -> bool:
        """Whether it gives every wrong result."""
        return self.results[1] == 0 and (self.results[0] > 0 or self.values > 0)


class Explainer:
    """Searches the explanations of one program."""

    def __init__(
        self,
        observed: Observed,
        reference: ReferenceWorking,
        results: Sequence[Result] | None = None,
    ) -> None:
        self.observed = observed
        self.reference = reference
        self._right = Variant(reference)
        results = observed.results if results is None else results
        self._wrong = [
            result
            for result in results
            if result.line in reference.nodes
            and not observed.gives(result, observed.lines[result.line])
        ]
        self._good = [
            result
            for result in results
            if result.line in reference.nodes and result not in self._wrong
        ]
        self._recorded_right: dict[str, bool] = {}
        clipped = [ClippedArray(named(each.line), each.value, 0.0) for each in self._wrong]
        reference.evidence = replace(
            reference.evidence,
            factors=self._factors(),
            offsets=self._offsets(),
            limits=limits_of(clipped, reference.relations.parameters),
        )

    def _factors(self) -> tuple[float, ...]:
        """Return the constants by which the wrong results are off."""
        found = []
        for result in self._wrong:
            wanted = np.asarray(self.observed.shown(result.line, self.observed.lines[result.line]))
            given = result.value
            if given.size != wanted.size or not np.any(wanted):
                continue
            given, wanted = given.ravel(), wanted.ravel()
            at = int(np.abs(wanted).argmax())
            factor = float(given[at] / wanted[at])
            if factor and np.allclose(given, factor * wanted, rtol=1e-7, atol=1e-12):
                found.append(round(factor, 12))
        found = list(dict.fromkeys(found))[:4]
        samples, outputs = self.observed.traces[0].givens["target"].shape
        # Results are no multiples of right ones where ∂C/∂a is: with a penalty, or an update.
        penalized = self.reference.trace.objective.penalized
        if penalized or any(named(each.line).quantity == "updated" for each in self._wrong):
            sizes = (2.0, float(samples), float(outputs), float(samples * outputs))
            found += [each for size in sizes if size > 1 for each in (size, 1.0 / size)]
        return tuple(dict.fromkeys(found))

    def _offsets(self) -> tuple[float, ...]:
        """Return the constants that are added to ∂C/∂W, also in place of its penalty."""
        found = []
        for result in self._wrong:
            if named(result.line).kind != OF_W or result.value.size < MIN_ENTRIES_OF_OFFSET:
                continue
            right = np.asarray(self.observed.lines[result.line])
            for each in with_and_without_penalty(self.reference, named(result.line), right):
                wanted = np.asarray(self.observed.shown(result.line, each))
                if wanted.shape == result.value.shape:
                    bound = self.observed.relative * float(np.abs(wanted).max())
                    found.append(offset_of(result.value, wanted, bound))
        return tuple(dict.fromkeys(each for each in found if each is not None))

    def single(self) -> list[Explanation]:
        """Return the explanations by one mistake, the best first."""
        return sorted(self._one_more(self._right), key=lambda each: -each.score)

    def double(self, single: Explanation) -> list[Explanation]:
        """Return the explanations by this mistake and another one."""
        return list(self._one_more(single.variant))

    def _one_more(self, variant: Variant) -> Iterator[Explanation]:
        seen: set[tuple[str, str, frozenset[str]]] = set()
        for mistake, price in self._candidates(variant):
            key = (*mistake.key, mistake.lines)
            if key in seen or len(seen) > MAX_CANDIDATES:
                continue
            seen.add(key)
            extended = variant.with_mistake(mistake)
            explanation = self._judge(extended, price)
            if explanation is not None:
                yield explanation

    def _candidates(self, variant: Variant) -> Iterator[tuple[Mistake, float]]:
        made = {mistake.name for mistake in variant.mistakes}
        before = sum(_price(mistake) for mistake in variant.mistakes)
        for line in self.reference.nodes:
            right = variant.value(line)
            for site in variant.sites(line):
                for each in alternatives(site, lambda name, detail: name not in made):
                    if changes_nothing(each.value, right):
                        continue
                    price = before + MISTAKE + each.price
                    if (each.misconception.name, each.detail) in UNLIKELY:
                        price += ONCE
                    for lines, extra in self._scopes(each.misconception, site.node, line):
                        yield Mistake(each.misconception.name, each.detail, lines), price + extra

    def _scopes(
        self, misconception: Misconception, node: Node, line: str
    ) -> Iterator[tuple[frozenset[str], float]]:
        """Yield the sets of lines in which a mistake may be made, with extra prices."""
        possible = self.reference.possible_lines(misconception)
        onward = [name for name in possible if comes_after(node, self.reference.nodes[name])]
        late = 0.0 if len(onward) == len(possible) else LATE
        yield frozenset(onward), late
        nodes = self.reference.nodes
        family = nodes[line].operation.family
        own = [n for n in onward if nodes[n].operation.family == family]
        yield frozenset(own), late + LATE
        same = [name for name in own if quantity_of(name) == quantity_of(line)]
        if len(same) < len(own):
            yield frozenset(same), late + 2 * LATE
        layers = self.reference.trace.network.layers
        if node.id.layer is not None:
            f = layers[node.id.layer - 1].activation
            alike = [
                name
                for name in same
                if layers[(self.reference.nodes[name].id.layer or 1) - 1].activation == f
            ]
            yield frozenset(alike), late + 3 * LATE  # a function of this activation
        yield (
            frozenset(n for n in onward if self.reference.nodes[n].id.layer == node.id.layer),
            ONCE,
        )
        yield frozenset([line]), ONCE + 0.02

    def _judge(self, variant: Variant, price: float) -> Explanation | None:
        """Compare the working with the program; None if they have nothing in common."""
        wrong, good = self._wrong, self._good
        if self.observed.run.automatic and all(
            self.reference.nodes[line].role in ("forward", "cost")
            for mistake in variant.mistakes
            for line in mistake.lines
        ):
            # The gradients are those of the wrong forward pass.
            wrong = [each for each in wrong if not named(each.line).gradient_of]
            good = [each for each in good if not named(each.line).gradient_of]
        given = sum(self.observed.gives(each, variant.value(each.line)) for each in wrong)
        # What follows from a forward line may be computed in another way.
        if wrong and not given and not self.is_seen_forward(variant):
            return None
        missed = len(wrong) - given + self._spoilt(variant, good)
        values, recovered = self._values(variant)
        if not given and not values:
            return None
        one_gradient = (
            missed > 0 and given == len(self._wrong) and self._is_for_one_gradient(variant)
        )
        if one_gradient:
            missed, recovered = 0, 0
        score = RESULT * given - MISSED * missed + VALUE * values - RECOVERED * recovered - price
        forward = values > 0 and self.is_seen_forward(variant)
        return Explanation(variant, score, (given, missed), values, forward, one_gradient)

    def _is_for_one_gradient(self, variant: Variant) -> bool:
        """Whether ∂C/∂z is wrong only in the expression for ∂C/∂W, or only in that for ∂C/∂b."""
        (mistake, *more) = variant.mistakes
        (line, *others) = mistake.lines
        if more or others or named(line).kind != OF_Z or len(self._wrong) != 1:
            return False
        wrong = named(self._wrong[0].line)
        return wrong.kind in (OF_W, OF_B) and wrong.layer == named(line).layer

    def is_seen_forward(self, variant: Variant) -> bool:
        """Whether the program computed the wrong value of one forward line, and no right one."""
        (mistake, *more) = variant.mistakes
        line = min(mistake.lines, key=self.reference.order.__getitem__)
        if more or self.reference.nodes[line].role != "forward":
            return False
        if mistake.name == ids.MISSING_ACTIVATION and line in self.reference.nodes:
            # This wrong a is a right z; what the next layer makes of it is not.
            above = weighted_sum((named(line).layer or 0) + 1)
            line = above if above in self.reference.nodes else line
        # A right program may compute it on the way, but not what comes of it.
        prediction = np.asarray(variant.value(activation(self.reference.trace.network.depth)))
        error = prediction - np.asarray(self.reference.givens["target"])
        return any(
            self._is_found_unknown(each) for each in (np.asarray(variant.value(line)), error)
        )

    def _is_found_unknown(self, value: Array) -> bool:
        """Whether a value, its part of the first sample or its first entry is only wrong."""
        keys = self.observed.find(value)
        if value.ndim > 1:
            keys += self.observed.find(value[0])
            if self.observed.is_telling(float(value.flat[0])):
                keys += self.observed.find(value[:1, 0])
        return not all(map(self.observed.is_known, keys))

    def _spoilt(self, variant: Variant, good: Sequence[Result]) -> int:
        """Return how many of the right results would be wrong with the mistakes."""
        first = min(self.reference.order[n] for m in variant.mistakes for n in m.lines)
        return sum(
            self.reference.order[each.line] >= first
            and not self.observed.gives(each, variant.value(each.line))
            for each in good
        )

    def _values(self, variant: Variant) -> tuple[int, int]:
        """Return how many wrong values are recorded, and how many right ones instead of them."""
        values = recovered = 0
        for line in self.reference.nodes:
            value = variant.value(line)
            if changes_nothing(value, self._right.value(line)):
                continue
            if np.any(value) and any(
                not self.observed.is_right_line(key)
                for keys, _ in self.observed.appearances(line, variant)
                for key in keys
            ):
                values += 1
            elif self._is_recorded(line):
                recovered += 1
        return values, recovered

    def _is_recorded(self, line: str) -> bool:
        """Whether the right value of a line was recorded."""
        if line not in self._recorded_right:
            self._recorded_right[line] = any(
                label.name == line and label.factor == 1.0
                for key in self.observed.find(self._right.value(line))
                for label in self.observed.labels[key]
            )
        return self._recorded_right[line]


def explain(
    observed: Observed, traces: Sequence[Trace], results: Sequence[Result] | None = None
) -> list[Explanation]:
    """Return the explanations with at least one value of the program, the best first.

    A second mistake, or one whose derivatives are computed from a, is looked for if there is no
    single one that explains all results.
    """
    found: list[Explanation] = []
    explainers = [Explainer(observed, ReferenceWorking(trace), results) for trace in traces]
    singles = [each.single() for each in explainers]
    found = [each for some in singles for each in some]
    if not any(each.complete for each in found):
        for trace in traces:
            reference = ReferenceWorking(trace, slopes_of_outputs=True)
            found += Explainer(observed, reference, results).single()
    if not any(each.complete for each in found):
        pairs = [
            (explainer, each)
            for explainer, some in zip(explainers, singles, strict=True)
            for each in some[:COMBINED]
        ]
        pairs.sort(key=lambda pair: -pair[1].score)
        for explainer, each in pairs[:COMBINED]:
            found += explainer.double(each)
    # A mistake in the gradient itself is likelier than one in the expression that it is made of.
    plain = any(each.complete and not each.one_gradient for each in found)
    kept = [
        each
        for each in found
        if (each.results[0] or each.values) and not (plain and each.one_gradient)
    ]
    return sorted(kept, key=lambda each: -each.score)[:40]


def quantity_of(line: str) -> str:
    """Return what a line is, without its layer: dC_dz2 → dC_dz."""
    return before_update(line).kind


def _price(mistake: Mistake) -> float:
    return MISTAKE + RANK * RANKS[mistake.name]


def mistakes_in_order(explanation: Explanation, reference: ReferenceWorking) -> Sequence[Mistake]:
    """Return the mistakes in the order of the working."""
    return sorted(
        explanation.variant.mistakes, key=lambda m: min(reference.order[n] for n in m.lines)
    )
